// What a revision takes on of its source, and a restored file of its revision: permissions, owner and time.
import { statHandle } from "../system/disk.ts";
import { asFailure, isErrno } from "../system/errno.ts";
import { groupIdOf, setModificationTime, userIdOf } from "../system/libc.ts";
import type { ArchivedFile } from "./archive/tar.ts";
import type { Partial } from "./partial.ts";

const PERMISSION_BITS = 0o777;
/** What a file system without owners or modes (FAT, some network shares), or one's own rights, refuse. */
const REFUSALS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL"];

/**
 * Gives a revision the source's permission bits, never wider. Where the revision has another group, its members are
 * others to the source, and the source's are others to the revision: then both get only what group and others have in
 * common. The owner, who could read the source, can read the revision too; root needs no bit for that. Where a file
 * system has no such bits, the mount decides for all files.
 */
export async function limitPermissions({ handle, path }: Partial, source: ArchivedFile): Promise<void> {
  const { gid, uid } = await statHandle(handle);
  const common = (source.mode >> 3) & source.mode & 0o007;
  const shared = gid === source.gid ? source.mode & 0o077 : (common << 3) | common;
  const mode = (source.mode & 0o700) | shared | (uid === 0 ? 0 : 0o400);
  await tolerateRefusal(`cannot set the permissions of '${path}'`, () => handle.chmod(mode));
}

/**
 * Gives a restored file the owner, mode and modification time that its archive names, as far as this user may. Owner
 * first, because a change of owner clears bits of the mode; then the mode, and the time last.
 */
export async function applyMetadata({ handle, path }: Partial, file: ArchivedFile): Promise<void> {
  // As tar does: the name counts where this system knows it, else the number.
  const uid = (file.userName === undefined ? undefined : userIdOf(file.userName)) ?? file.uid;
  const gid = (file.groupName === undefined ? undefined : groupIdOf(file.groupName)) ?? file.gid;
  const what = `cannot set the metadata of '${path}'`;
  const isOwner = await tolerateRefusal(what, () => handle.chown(uid, gid));
  // set-user-ID and the like are given only together with the owner that they were meant for.
  await tolerateRefusal(what, () => handle.chmod(isOwner ? file.mode : file.mode & PERMISSION_BITS));
  if (!setModificationTime(handle.fd, file.mtimeNs)) {
    // Without the C library's call: as exactly as the runtime can, which is to about 100 ns.
    const mtime = new Date(Number(file.mtimeNs / 1_000_000n));
    await tolerateRefusal(what, () => handle.utimes(mtime, mtime));
  }
}

/** False where the file system, or this user's rights, do not allow it. */
async function tolerateRefusal(what: string, act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (isErrno(error, ...REFUSALS)) return false;
    throw asFailure(what, error);
  }
}
