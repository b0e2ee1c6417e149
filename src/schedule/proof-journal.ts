// What the journal remembers of revisions: when each was last read whole, and what was found. Lines that are torn, foreign
// or of a later version are passed over. Pure.
import { type Checked, isListOf, isOneOf, isShaped, isString, isText, parseJson } from "../system/json.ts";

export interface Proof {
  /** Absolute. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** What is wrong with it; null where it was good. */
  readonly damage: string | null;
}

const isEntry = (value: unknown): value is readonly [file: string, atMs: number, damage: string | null] =>
  Array.isArray(value) && isText(value[0]) && Number.isFinite(value[1]) && isOneOf(isString, null)(value[2]);

/** A line holds what was found of files of one folder, which is "" for the root. */
const isProofLine = isShaped({ event: isOneOf("read"), folder: isString, files: isListOf(isEntry) });

/** A line of JSON for each folder, with its newline. */
export function encodeProofs(proofs: readonly Proof[]): string {
  const byFolder = Map.groupBy(proofs, ({ path }) => path.slice(0, path.lastIndexOf("/")));
  const lines = [...byFolder].map(([folder, all]): Checked<typeof isProofLine> => {
    const files = all.map(({ path, atMs, damage }) => [path.slice(folder.length + 1), atMs, damage] as const);
    return { event: "read", folder, files };
  });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** The proofs in a journal's text, in its order. */
export function decodeProofs(text: string): Proof[] {
  return text.split("\n").flatMap((line) => {
    const data = line.startsWith('{"event":"read"') ? parseJson(line) : undefined;
    if (!isProofLine(data)) return [];
    return data.files.map(([file, atMs, damage]) => ({ path: `${data.folder}/${file}`, atMs, damage }));
  });
}

/** How many are kept of a journal that has grown too long. */
const KEPT_PROOFS = 2000;

/** The last of each file; of these what was found damaged, and then the newest. */
export function compactProofs(proofs: readonly Proof[]): Proof[] {
  const last = new Map<string, Proof>();
  for (const proof of proofs) {
    last.delete(proof.path);
    last.set(proof.path, proof);
  }
  const isDamaged = ({ damage }: Proof) => Number(damage !== null);
  return [...last.values()].toSorted((one, other) => isDamaged(one) - isDamaged(other)).slice(-KEPT_PROOFS);
}
