// Who looks at a folder of revisions, and whose files in it are to be believed.
import { isWhere, statFolder } from "../system/disk.ts";
import { attemptNow } from "../system/errno.ts";
import { identifyMachine } from "../system/machine.ts";

export interface Viewer {
  /** The id of the machine, 32 hex digits. */
  readonly machine: string;
  readonly uid: number;
}

export const currentViewer = (): Viewer => ({ machine: identifyMachine().id, uid: process.geteuid?.() ?? 0 });

const WRITABLE_BY_OTHERS = 0o022;
const ROOT = 0;

export interface View {
  readonly folder: string;
  readonly machine: string;
  /** Whether an owner of files in it has no business there. */
  readonly isStranger: (owner: number) => boolean;
}

/**
 * Where others may write to a folder, everybody is a stranger there but the viewer, root and the folder's owner. Where
 * owners are not kept, they prove nothing.
 */
export function lookInto(folder: string, { machine, uid }: Viewer): View {
  const facts = attemptNow(`cannot look into the folder '${folder}'`, () => statFolder(folder));
  const trusted = [uid, ROOT, facts.uid];
  const isShared = (facts.mode & WRITABLE_BY_OTHERS) !== 0 && !isWhere("owners are mapped", folder);
  return { folder, machine, isStranger: (owner) => isShared && !trusted.includes(owner) };
}
