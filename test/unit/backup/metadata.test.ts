// Who may read a copy, against a model of how the system decides (acl(5), "ACCESS CHECK ALGORITHM"): for every mode and ACL
// of a file, every owner and group of its copy, and every user with every set of groups.
import { describe, expect, test } from "bun:test";
import { narrowMode } from "../../../src/backup/metadata.ts";
import type { AclEntry } from "../../../src/system/attributes.ts";

interface File {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly acl: readonly AclEntry[];
}

interface User {
  readonly uid: number;
  readonly groups: readonly number[];
}

const READ = 4;

function mayRead({ uid, gid, mode, acl }: File, user: User): boolean {
  if (user.uid === uid) return (mode & 0o400) !== 0;
  const mask = acl.find(({ kind }) => kind === "mask")?.permissions ?? 7;
  const named = acl.find(({ kind, name }) => kind === "user" && name === String(user.uid));
  if (named) return (named.permissions & mask & READ) !== 0;
  const ownGroup = acl.find(({ kind, name }) => kind === "group" && name === "")?.permissions ?? mode >> 3;
  const matching = acl
    .filter(({ kind, name }) => kind === "group" && name !== "" && user.groups.includes(Number(name)))
    .map(({ permissions }) => permissions);
  if (user.groups.includes(gid)) matching.push(ownGroup);
  if (matching.length > 0) return matching.some((permissions) => (permissions & mask & READ) !== 0);
  return (mode & READ) !== 0;
}

const bits = [0, READ];
const absentOrBits = [undefined, ...bits];
const groupIds = [10, 20, 30];
const users: readonly User[] = [1, 2, 3].flatMap((uid) =>
  Array.from({ length: 8 }, (_, set) => ({
    uid,
    groups: groupIds.filter((__, index) => set & (1 << index)),
  })),
);

/** Files of user 1 and group 10, which may name the users 1 and 2, and the groups 10 and 20. */
function* listFiles(): Generator<File> {
  for (const owner of bits)
    for (const group of bits)
      for (const other of bits) {
        yield { uid: 1, gid: 10, mode: (owner << 6) | (group << 3) | other, acl: [] };
        for (const acl of listAcls(group))
          for (const mask of bits)
            yield {
              uid: 1,
              gid: 10,
              mode: (owner << 6) | (mask << 3) | other,
              acl: [...acl, { kind: "mask", name: "", permissions: mask }],
            };
      }
}

function* listAcls(group: number): Generator<AclEntry[]> {
  for (const first of absentOrBits)
    for (const second of absentOrBits)
      for (const own of absentOrBits)
        for (const foreign of absentOrBits) {
          const entries = [
            ["user", "1", first],
            ["user", "2", second],
            ["group", "", group],
            ["group", "10", own],
            ["group", "20", foreign],
          ] as const;
          yield entries.flatMap(([kind, name, permissions]) =>
            permissions === undefined ? [] : [{ kind, name, permissions }],
          );
        }
}

describe.each([0, 1, 2, 3])("a copy that belongs to user %d", (uid) => {
  test.each(groupIds)("and group %d is read by nobody who could not read the file", (gid) => {
    for (const file of listFiles()) {
      const copy: File = { uid, gid, mode: narrowMode(file, file.acl, { uid, gid }), acl: [] };
      // Whoever owns the copy had the content in his hands.
      const wider = users.find(
        (user) => mayRead(copy, user) && !mayRead(file, user) && (user.uid !== uid || uid === file.uid),
      );
      if (wider) throw new Error(JSON.stringify({ file, copy, wider }));
    }
  });
});

test("of the same owner and group, without an ACL, it has the file's bits, and never a privilege", () => {
  for (let mode = 0; mode <= 0o7777; mode++)
    expect(narrowMode({ uid: 1, gid: 10, mode }, [], { uid: 1, gid: 10 })).toBe(mode & 0o777);
});

test.each([
  [0o640, 0o600],
  [0o644, 0o644],
  [0o604, 0o600],
  [0o664, 0o644],
  [0o755, 0o755],
  [0o047, 0o044],
])("of another group, a file of mode %o has mode %o", (mode, expected) => {
  expect(narrowMode({ uid: 1, gid: 10, mode }, [], { uid: 1, gid: 20 })).toBe(expected);
});

test("of another owner, nobody has what the file's owner has not", () => {
  expect(narrowMode({ uid: 1, gid: 10, mode: 0o467 }, [], { uid: 2, gid: 10 })).toBe(0o444);
});

test("with an ACL that nobody can read, it is the owner's alone", () => {
  expect(narrowMode({ uid: 1, gid: 10, mode: 0o777 }, null, { uid: 1, gid: 10 })).toBe(0o700);
});
