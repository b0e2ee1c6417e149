// What a person, or a machine, is told of a backup that would be made: --noop.

import { escapeControls } from "./escape.ts";
import type { Session } from "./session.ts";
import { formatSize } from "./size.ts";

/** What a backup would do now, as the backup itself reports it. */
interface Intention {
  readonly source: string;
  readonly folder: string;
  readonly sizeBytes: number;
  /** null where nothing would be saved, since the file is empty. */
  readonly number: number | null;
  readonly pruned: readonly string[];
}

/** Tells it as the product, for nothing else is produced. */
export function tellIntention(intention: Intention, { output, isJson }: Session): void {
  const { source, folder, sizeBytes, number, pruned } = intention;
  if (isJson) {
    output.writeJson({ revision: null, pruned, warnings: [], skipped: number === null ? "empty" : "noop" });
    return;
  }
  if (number === null) {
    output.write(`would save nothing: '${escapeControls(source)}' is empty\n`);
    return;
  }
  const names = `'${escapeControls(source)}' (${formatSize(sizeBytes)}) into '${escapeControls(folder)}'`;
  output.write(`would save ${names} as revision ${number}\n`);
  for (const file of pruned) output.write(`would then remove '${escapeControls(file)}'\n`);
}
