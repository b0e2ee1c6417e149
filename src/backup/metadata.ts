// Gives a restored file the owner, mode and modification time that its archive names, as far as this user may.
import { attempt, isErrno } from "../system/errno.ts";
import { groupIdOf, setModificationTime, userIdOf } from "../system/libc.ts";
import type { ArchivedFile } from "./archive/tar.ts";
import type { Partial } from "./partial.ts";

const PERMISSION_BITS = 0o777;
/** What a file system without owners or modes (FAT, some network shares), or one's own rights, refuse. */
const REFUSALS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL"];

/** Owner first, because a change of owner clears bits of the mode; then the mode, and the time last. */
export async function applyMetadata({ handle, path }: Partial, file: ArchivedFile): Promise<void> {
  // As tar does: the name counts where this system knows it, else the number.
  const uid = (file.userName === undefined ? undefined : userIdOf(file.userName)) ?? file.uid;
  const gid = (file.groupName === undefined ? undefined : groupIdOf(file.groupName)) ?? file.gid;
  const what = `cannot set the metadata of '${path}'`;
  const own = await tolerated(what, () => handle.chown(uid, gid));
  // set-user-ID and the like are given only together with the owner that they were meant for.
  await tolerated(what, () => handle.chmod(own ? file.mode : file.mode & PERMISSION_BITS));
  if (!setModificationTime(handle.fd, file.mtimeNs)) {
    // Without the C library's call: as exactly as the runtime can, which is to about 100 ns.
    const mtime = new Date(Number(file.mtimeNs / 1_000_000n));
    await tolerated(what, () => handle.utimes(mtime, mtime));
  }
}

async function tolerated(what: string, act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (isErrno(error, ...REFUSALS)) return false;
    return attempt(what, () => Promise.reject(error));
  }
}
