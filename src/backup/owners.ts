// Who looks at a folder of revisions, and whose files in it are to be believed.
import { keepsOwners, statPath } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import { identifyMachine } from "../system/machine.ts";

export interface Viewer {
  /** The id of the machine, 32 hex digits. */
  readonly machine: string;
  readonly uid: number;
}

/** Whoever runs this program, on this machine. */
export function currentViewer(): Viewer {
  return { machine: identifyMachine().id, uid: process.geteuid?.() ?? 0 };
}

const WRITABLE_BY_OTHERS = 0o022;
const ROOT = 0;

/**
 * Makes a function that tells whether an owner of files in a folder has no business there. Where others may write to it,
 * that is everybody but the viewer, root and the folder's owner. Where owners are not kept, they prove nothing.
 */
export async function strangersIn(folder: string, { uid }: Viewer): Promise<(owner: number) => boolean> {
  const what = `cannot look into the folder '${folder}'`;
  const facts = await attempt(what, () => statPath(folder));
  const trusted = [uid, ROOT, facts.uid];
  const isShared =
    (facts.mode & WRITABLE_BY_OTHERS) !== 0 && (await attempt(what, () => keepsOwners(folder)));
  return (owner) => isShared && !trusted.includes(owner);
}
