// Extended attributes and POSIX ACLs of an open file. No path is used: what is met is the file that is open.
import { encode, i32, i64_fast, idOf, loader, nameOf, ptr, u32, u64 } from "./libc.ts";

export interface Attributes {
  /** Full name -> base64 of the value; undefined where there are none. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  /** A line an entry, as getfacl(1) and GNU tar write it; undefined where it says no more than the mode does. */
  readonly acl?: string | undefined;
}

/** One entry of a POSIX ACL (acl(5)). */
export interface AclEntry {
  readonly kind: "user" | "group" | "mask" | "other";
  /** A name or a number; empty for the owner, the file's own group, the mask and the others. */
  readonly name: string;
  /** r 4, w 2, x 1. */
  readonly permissions: number;
}

const isLinux = process.platform === "linux";
const isMac = process.platform === "darwin";
const isFreeBsd = process.platform === "freebsd";
/** FreeBSD: files hold two sets of attributes, and this one is the users'. */
const EXTATTR_NAMESPACE_USER = 1;
const USER = "user.";
const CAPABILITY = "security.capability";
const ACL = "system.posix_acl_access";
/** All of them together, so that they fit into the header of an archive. */
const MAX_BYTES = 512 << 10;

// macOS has a position and options where Linux has flags, or nothing: it overlooks the zeros that it is given too many.
const readingCalls = loader({
  flistxattr: { args: [i32, ptr, u64, i32], returns: i64_fast },
  fgetxattr: { args: [i32, ptr, ptr, u64, u32, i32], returns: i64_fast },
});
const writingCalls = loader({
  fsetxattr: { args: [i32, ptr, ptr, u64, u32, i32], returns: i32 },
  fremovexattr: { args: [i32, ptr, i32], returns: i32 },
});
const callsOfFreeBsd = loader({
  extattr_list_fd: { args: [i32, i32, ptr, u64], returns: i64_fast },
  extattr_get_fd: { args: [i32, i32, ptr, ptr, u64], returns: i64_fast },
  extattr_set_fd: { args: [i32, i32, ptr, ptr, u64], returns: i64_fast },
});
const aclCallsOfMac = loader({
  acl_init: { args: [i32], returns: ptr },
  acl_set_fd: { args: [i32, ptr], returns: i32 },
  acl_free: { args: [ptr], returns: i32 },
});

/**
 * Reads what belongs to the file's owner: `user.*` on Linux and FreeBSD, all but the system's own on macOS; on Linux its
 * capability as well (capabilities(7)). `leftOut` names what could not be read, or would be too much. Where a file system
 * has no such things, there are none.
 */
export function readAttributes(fd: number): Attributes & { readonly leftOut: readonly string[] } {
  const names = listNames(fd);
  const found: [string, string][] = [];
  const leftOut: string[] = [];
  let room = MAX_BYTES;
  for (const name of names.filter((each) => isSettable(each) || each === CAPABILITY)) {
    const value = readValue(fd, name);
    const bytes = Buffer.byteLength(name) + (value?.length ?? 0);
    if (!value || bytes > room) leftOut.push(name);
    else {
      found.push([name, value.toString("base64")]);
      room -= bytes;
    }
  }
  const acl = isLinux && names.includes(ACL) ? readValue(fd, ACL) : undefined;
  return {
    attributes: found.length > 0 ? Object.fromEntries(found) : undefined,
    acl: acl && renderAcl(acl),
    leftOut,
  };
}

/**
 * Sets attributes and an ACL, and returns the names of what was refused: by the file system, or because it is not the
 * owner's to give, as a capability. `user.*` takes the permission to write to the file.
 */
export function writeAttributes(fd: number, { attributes = {}, acl }: Attributes): string[] {
  const refused = Object.entries(attributes)
    .filter(([name, value]) => !isSettable(name) || !writeValue(fd, name, Buffer.from(value, "base64")))
    .map(([name]) => name);
  if (acl === undefined) return refused;
  const encoded = isLinux ? encodeAcl(parseAcl(acl) ?? []) : undefined;
  return encoded && writeValue(fd, ACL, encoded) ? refused : [...refused, "ACL"];
}

/** Removes an ACL, as the folder hands one down to a new file. What the mode says stays: where it had a mask, that. */
export function removeAcl(fd: number): void {
  if (isLinux) writingCalls()?.fremovexattr(fd, encode(ACL), 0);
  const mac = isMac ? aclCallsOfMac() : null;
  const none = mac?.acl_init(0);
  if (!mac || !none) return;
  mac.acl_set_fd(fd, none);
  mac.acl_free(none);
}

/** Whether an attribute may be set by who owns the file. macOS keeps some for itself, and refuses or overlooks them. */
function isSettable(name: string): boolean {
  return isMac
    ? !/^(?:com\.apple\.(?:macl|provenance|rootless|system)|security|system|trusted)\b/.test(name)
    : name.startsWith(USER);
}

/** The full names; those that are not UTF-8 are left out. */
function listNames(fd: number): readonly string[] {
  const list = readSized((into, bytes) =>
    isFreeBsd
      ? callsOfFreeBsd()?.extattr_list_fd(fd, EXTATTR_NAMESPACE_USER, into, bytes)
      : readingCalls()?.flistxattr(fd, into, bytes, 0),
  );
  const names = isFreeBsd ? splitCounted(list) : list?.toString().split("\0").slice(0, -1);
  return names?.filter((name) => !name.includes("\ufffd")) ?? [];
}

/** FreeBSD: a byte that says the length, and so many of a name. */
function splitCounted(list: Buffer = Buffer.alloc(0)): readonly string[] {
  const end = 1 + (list[0] ?? 0);
  return list.length === 0 ? [] : [USER + list.toString("utf8", 1, end), ...splitCounted(list.subarray(end))];
}

/** The name as the calls take it. */
const encodeName = (name: string): Buffer => encode(isFreeBsd ? name.slice(USER.length) : name);

function readValue(fd: number, name: string): Buffer | undefined {
  const own = encodeName(name);
  return readSized((into, bytes) =>
    isFreeBsd
      ? callsOfFreeBsd()?.extattr_get_fd(fd, EXTATTR_NAMESPACE_USER, own, into, bytes)
      : readingCalls()?.fgetxattr(fd, own, into, bytes, 0, 0),
  );
}

/** Asks how long the answer is, then for the answer; undefined where there is none. */
function readSized(
  ask: (into: Buffer | null, bytes: number) => number | bigint | undefined,
): Buffer | undefined {
  const bytes = Number(ask(null, 0) ?? -1);
  if (bytes <= 0) return bytes === 0 ? Buffer.alloc(0) : undefined;
  const answer = Buffer.alloc(bytes);
  const bytesRead = Number(ask(answer, bytes));
  return bytesRead < 0 ? undefined : answer.subarray(0, bytesRead);
}

function writeValue(fd: number, name: string, value: Buffer): boolean {
  // An empty one has no address: then the byte behind it is not looked at.
  const bytes = Buffer.concat([value, Buffer.alloc(1)]);
  const own = encodeName(name);
  const result = isFreeBsd
    ? callsOfFreeBsd()?.extattr_set_fd(fd, EXTATTR_NAMESPACE_USER, own, bytes, value.length)
    : writingCalls()?.fsetxattr(fd, own, bytes, value.length, 0, 0);
  return Number(result ?? -1) === (isFreeBsd ? value.length : 0);
}

/** What the system stores (linux/posix_acl_xattr.h): a version, then of each entry its tag, permissions and id. */
const ACL_VERSION = 2;
const ENTRY_BYTES = 8;
const NO_ID = 0xffffffff;
/** Tag of the one that belongs to the file, tag of one that has a name. In this order the system wants them. */
const tags = { user: [1, 2], group: [4, 8], mask: [0x10, 0x10], other: [0x20, 0x20] } as const;
const kinds = ["user", "group", "mask", "other"] as const;

/** Undefined where it says no more than the mode, or is not of a kind that is known. */
function renderAcl(stored: Buffer): string | undefined {
  if (stored.length < 4 || stored.readUInt32LE(0) !== ACL_VERSION) return undefined;
  const lines: string[] = [];
  for (let at = 4; at + ENTRY_BYTES <= stored.length; at += ENTRY_BYTES) {
    const tag = stored.readUInt16LE(at);
    const kind = kinds.find((each) => tags[each].some((known) => known === tag));
    if (!kind) return undefined;
    const name = stored.readUInt32LE(at + 4) === NO_ID ? "" : renderName(kind, stored.readUInt32LE(at + 4));
    const bits = stored.readUInt16LE(at + 2);
    const permissions = ["r", "w", "x"].map((letter, index) => (bits & (4 >> index) ? letter : "-")).join("");
    lines.push(`${kind}:${name}:${permissions}\n`);
  }
  return lines.length > 3 ? lines.join("") : undefined;
}

/** The name where the system knows one that stands for itself in such a text, else the number. */
function renderName(kind: AclEntry["kind"], id: number): string {
  const name = nameOf(kind === "user" ? kind : "group", id);
  return name !== undefined && /^[A-Za-z_][\w.-]*\$?$/.test(name) ? name : String(id);
}

/** The entries of an ACL in the text that GNU tar writes, none where there is no text; null if that is none. */
export function parseAcl(text: string | undefined): readonly AclEntry[] | null {
  if (text === undefined) return [];
  const entries: AclEntry[] = [];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const match = /^(?:(user|group):([^:\s,#]*)|(mask|other):):([r-])([w-])([x-])$/.exec(line);
    const kind = kinds.find((each) => each === (match?.[1] ?? match?.[3]));
    if (!match || !kind) return null;
    const bits = match.slice(4).map((letter) => (letter === "-" ? "0" : "1"));
    entries.push({ kind, name: match[2] ?? "", permissions: parseInt(bits.join(""), 2) });
  }
  return entries;
}

/** Undefined where there are none, or this system does not know one of the names. */
function encodeAcl(entries: readonly AclEntry[]): Buffer | undefined {
  if (entries.length === 0) return undefined;
  const stored = Buffer.alloc(4 + ENTRY_BYTES * entries.length);
  const rows = entries.map(({ kind, name, permissions }) => {
    const [own, named] = tags[kind];
    return { tag: name === "" ? own : named, permissions, id: name === "" ? NO_ID : parseName(kind, name) };
  });
  let at = stored.writeUInt32LE(ACL_VERSION);
  for (const { tag, permissions, id } of rows.toSorted((one, other) => one.tag - other.tag)) {
    if (id === undefined) return undefined;
    at = stored.writeUInt16LE(tag, at);
    at = stored.writeUInt16LE(permissions, at);
    at = stored.writeUInt32LE(id, at);
  }
  return stored;
}

function parseName(kind: AclEntry["kind"], name: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name) < NO_ID ? Number(name) : undefined;
  return idOf(kind === "user" ? kind : "group", name);
}
