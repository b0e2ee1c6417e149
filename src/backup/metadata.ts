// What a revision takes on of its source, and a restored file of its revision: permissions, owner, time, attributes. Never
// so that somebody may read it who could not read the source, and never a privilege.
import { type AclEntry, parseAcl, removeAcl, writeAttributes } from "../system/attributes.ts";
import { type FileFacts, statHandle } from "../system/disk.ts";
import { asFailure, isErrno } from "../system/errno.ts";
import { idOf, setModificationTime } from "../system/libc.ts";
import type { ArchivedFile } from "./archive/tar.ts";
import type { Partial } from "./partial.ts";

/** What a file system without owners or modes (FAT, some network shares), or one's own rights, refuse. */
const REFUSALS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL"];

type Owners = Pick<FileFacts, "uid" | "gid">;

/**
 * The permission bits of a copy that belongs to `copy` and has no ACL: nobody has a permission by them who had not got it
 * by the original's (acl(5)). Where the group is another one, its members are others to the original, and the original's are
 * others to the copy. An owner who is not the copy's, and all whom an ACL names, fall into the copy's group or others as well.
 * The group bits of a file with an ACL are its mask: the group's own entry counts.
 * @param acl null where there is one that can't be read
 */
export function narrowMode(
  original: Owners & Pick<FileFacts, "mode">,
  acl: readonly AclEntry[] | null,
  copy: Owners,
): number {
  const { mode } = original;
  if (acl === null) return mode & 0o700;
  const mask = acl.find(({ kind }) => kind === "mask")?.permissions ?? 7;
  const group = acl.find(({ kind, name }) => kind === "group" && name === "")?.permissions ?? mode >> 3;
  const sharedBy = (kind: string) =>
    acl.reduce((all, entry) => (entry.kind === kind && entry.name ? all & entry.permissions & mask : all), 7);
  const owner = original.uid === copy.uid ? 7 : mode >> 6;
  const users = owner & sharedBy("user");
  const others = mode & users & sharedBy("group");
  return original.gid === copy.gid
    ? (mode & 0o700) | ((group & mask & users & 7) << 3) | (others & 7)
    : (mode & 0o700) | ((group & mask & others & 7) * 0o11);
}

/**
 * Gives a revision the source's permission bits, never wider. Its owner, who could read the source, can read the revision
 * too; root needs no bit for that. Where a file system has no such bits, the mount decides for all files.
 */
export async function limitPermissions({ handle, path }: Partial, source: ArchivedFile): Promise<void> {
  // What the folder hands down is asleep while the mode is 0600; any other mode would wake it.
  removeAcl(handle.fd);
  const owners = await statHandle(handle);
  const mode = narrowMode(source, parseAcl(source.acl), owners) | (owners.uid === 0 ? 0 : 0o400);
  tolerateRefusal(`cannot set the permissions of '${path}'`, () => handle.chmod(mode));
}

/**
 * Gives a restored file what its archive names, as far as this user may: attributes, owner, mode, ACL and modification time.
 * Attributes first, which take the permission to write; the owner before the mode, which a change of owner clears bits of.
 * An ACL is the file's own only where both its owner and its group are.
 * @returns what it is without, each a noun
 */
export async function applyMetadata({ handle, path }: Partial, file: ArchivedFile): Promise<string[]> {
  // As tar does: the name counts where this system knows it, else the number.
  const uid = idOf("user", file.userName) ?? file.uid;
  const gid = idOf("group", file.groupName) ?? file.gid;
  const what = `cannot set the metadata of '${path}'`;
  removeAcl(handle.fd);
  const refused = writeAttributes(handle.fd, { attributes: file.attributes });
  // Whom it is given to may not be allowed to read it himself.
  tolerateRefusal(what, () => handle.chmod(file.mode & 0o700));
  if (!tolerateRefusal(what, () => handle.chown(uid, gid))) {
    const { uid: ownUid } = await statHandle(handle);
    tolerateRefusal(what, () => handle.chown(ownUid, gid));
  }
  const owners = await statHandle(handle);
  // Who had it restored could read the revision.
  const ownMode = owners.uid === uid ? 0 : 0o400;
  const mode = narrowMode({ mode: file.mode, uid, gid }, parseAcl(file.acl), owners) | ownMode;
  tolerateRefusal(what, () => handle.chmod(mode));
  const isOwn = owners.uid === uid && owners.gid === gid;
  if (file.acl !== undefined)
    refused.push(...(isOwn ? writeAttributes(handle.fd, { acl: file.acl }) : ["ACL"]));
  const isTimed = setModificationTime(handle.fd, file.mtimeNs);
  const found = await statHandle(handle);
  const differences = [
    ["owner", found.uid !== uid],
    ["group", found.gid !== gid],
    ["permissions", ((found.mode ^ file.mode) & 0o777) !== 0],
    ["set-user-ID bit", (file.mode & 0o4000) !== 0],
    ["set-group-ID bit", (file.mode & 0o2000) !== 0],
    ["sticky bit", (file.mode & 0o1000) !== 0],
    ["modification time", !isTimed],
  ] as const;
  return [...differences.flatMap(([noun, isWithout]) => (isWithout ? [noun] : [])), ...refused];
}

/** False where the file system, or this user's rights, do not allow it. */
function tolerateRefusal(what: string, act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (isErrno(error, ...REFUSALS)) return false;
    throw asFailure(what, error);
  }
}
