// A copy must never be readable by more people than its original: a thousand random files, folders, umasks and users, and
// who can read what came of them, tried as each of those users; also while it is being written.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { binary } from "../support/binary.ts";
import { TestFolder } from "../support/folder.ts";
import { holds } from "../support/promises.ts";
import { environment, needRoot, start, tool } from "../support/tools.ts";

setDefaultTimeout(900_000);

const CASES = Number(process.env["CASES"] ?? "1000");
const LANES = 5;
const helper = resolve(import.meta.dir, "../support/readers.py");

beforeAll(() => needRoot("setpriv", "setfacl", "setcap", "getfacl", "python3"));

interface User {
  readonly uid: number;
  /** The first one is the primary group. */
  readonly groups: readonly number[];
}

const root: User = { uid: 0, groups: [0] };
const users: readonly User[] = [
  { uid: 3001, groups: [3101] },
  { uid: 3002, groups: [3102] },
  { uid: 3003, groups: [3103, 3101] },
  { uid: 3004, groups: [3109] },
  { uid: 3005, groups: [3103, 3102] },
];
const groupIds = [0, 3101, 3102, 3103];

/** mulberry32: the same numbers for the same seed. */
function createRandom(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  const pick = <T>(...from: readonly T[]): T => {
    const picked = from[Math.floor(next() * from.length)];
    if (picked === undefined) throw new Error("nothing to pick from");
    return picked;
  };
  return { chance: (share: number): boolean => next() < share, pick };
}
type Random = ReturnType<typeof createRandom>;

const permissions = ["---", "r--", "rw-", "rwx", "--x", "r-x"] as const;

/** Entries for setfacl. */
function pickAcl({ chance, pick }: Random): string {
  const entries = users.filter(() => chance(0.3)).map(({ uid }) => `u:${uid}:${pick(...permissions)}`);
  for (const gid of groupIds.slice(1)) if (chance(0.3)) entries.push(`g:${gid}:${pick(...permissions)}`);
  if (entries.length === 0) entries.push(`u:3004:rwx`);
  if (chance(0.5)) entries.push(`m::${pick(...permissions)}`);
  if (chance(0.5)) entries.push(`g::${pick(...permissions)}`);
  return entries.join(",");
}

interface FolderShape {
  readonly owner: number;
  readonly group: number;
  readonly mode: number;
  /** Default ACL, for setfacl. */
  readonly acl: string | null;
}

interface Case {
  readonly source: Omit<FolderShape, "acl"> & {
    readonly acl: string | null;
    readonly hasCapability: boolean;
  };
  readonly destination: FolderShape;
  readonly elsewhere: FolderShape;
  readonly saver: User;
  readonly restorer: User;
  readonly umask: string;
}

function pickFolder(random: Random): FolderShape {
  const { chance, pick } = random;
  return {
    owner: pick(0, 3001, 3002),
    group: pick(...groupIds),
    mode: chance(0.5) ? 0o2777 : 0o777,
    acl: chance(0.5) ? pickAcl(random) : null,
  };
}

function pickCase(random: Random): Case {
  const { chance, pick } = random;
  const mode = pick(0o600, 0o640, 0o644, 0o660, 0o664, 0o604, 0o444, 0o755, pick(...Array(0o1000).keys()));
  return {
    source: {
      owner: pick(0, 3001, 3002, 3003),
      group: pick(...groupIds),
      mode: mode | (chance(0.3) ? pick(0o4000, 0o2000, 0o6000, 0o1000) : 0),
      acl: chance(0.5) ? pickAcl(random) : null,
      hasCapability: chance(0.1),
    },
    destination: pickFolder(random),
    elsewhere: pickFolder(random),
    saver: pick(root, root, ...users),
    restorer: pick(root, root, ...users),
    umask: pick("000", "022", "027", "077"),
  };
}

/** The process that tries to read as somebody else. */
class Readers {
  readonly #process = Bun.spawn(["python3", helper], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  readonly #output = this.#process.stdout.getReader();

  constructor() {
    this.#send({ users: users.map(({ uid, groups }) => [uid, groups]) });
  }

  #send(request: unknown): void {
    void this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    void this.#process.stdin.flush();
  }

  async #answer(): Promise<unknown> {
    let text = "";
    while (!text.endsWith("\n")) text += Buffer.from((await this.#output.read()).value ?? []).toString();
    return JSON.parse(text);
  }

  /** Of a file, what none of ours may have: the bits of its mode that give a privilege, and whether it has capabilities. */
  async privilegesOf(path: string): Promise<unknown> {
    this.#send({ privileges: path });
    return this.#answer();
  }

  async of(path: string): Promise<number[]> {
    this.#send({ read: [path] });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own helper wrote it
    return ((await this.#answer()) as number[][])[0] ?? [];
  }

  /** Who could read anything in the folders while `act` was at it, and how often a partial was looked at. */
  async while<T>(folders: readonly string[], act: () => Promise<T>) {
    this.#send({ watch: folders });
    const ended = await act();
    this.#send({ read: [] });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own helper wrote it
    const watched = (await this.#answerOfTwo()) as { readers: number[]; looks: number };
    return { ended, ...watched };
  }

  /** The answer to a watch, and then the empty one to what ended it. */
  async #answerOfTwo(): Promise<unknown> {
    let text = "";
    while (text.split("\n").length < 3)
      text += Buffer.from((await this.#output.read()).value ?? []).toString();
    return JSON.parse(text.split("\n")[0] ?? "");
  }

  end(): void {
    this.#process.kill();
  }
}

function makeFolder(path: string, { owner, group, mode, acl }: FolderShape): string {
  mkdirSync(path);
  chownSync(path, owner, group);
  chmodSync(path, mode);
  if (acl !== null) tool("setfacl", "-d", "-m", acl, path);
  return path;
}

function makeSource(path: string, { owner, group, mode, acl, hasCapability }: Case["source"]): string {
  writeFileSync(path, "some content\n");
  chownSync(path, owner, group);
  chmodSync(path, mode);
  if (acl !== null) tool("setfacl", "-m", acl, path);
  if (hasCapability) tool("setcap", "cap_net_raw+ep", path);
  return path;
}

function by({ uid, groups }: User, umask: string): string[] {
  const who = [`--reuid=${uid}`, `--regid=${groups[0]}`, `--groups=${groups.join(",")}`];
  return ["setpriv", ...who, "sh", "-c", `umask ${umask}; exec "$@"`, "sh"];
}

/** One case; returns how much of it could be tried. */
async function tryCase(random: Random, readers: Readers, program: string): Promise<Record<string, number>> {
  const each = pickCase(random);
  using folder = new TestFolder();
  const work = join(folder.root, "work");
  mkdirSync(work);
  const source = makeSource(join(work, "file"), each.source);
  const destination = makeFolder(join(work, "to"), each.destination);
  const elsewhere = makeFolder(join(work, "elsewhere"), each.elsewhere);
  const env = { ...environment, XDG_STATE_HOME: join(folder.root, "state"), HOME: "/" };
  const allowed = await readers.of(source);
  const type = (user: User, ...args: readonly string[]) =>
    readers.while([destination, elsewhere], () =>
      start([...by(user, each.umask), program, ...args], { env, cwd: work }),
    );
  const check = (what: string, found: readonly number[], story: () => unknown): void => {
    const wider = found.filter((uid) => !allowed.includes(uid));
    if (wider.length > 0)
      throw new Error(`${what} can be read by ${wider.join()}: ${JSON.stringify({ each, story: story() })}`);
  };

  const saved = await type(each.saver, "run", "-f", source, "-d", destination);
  check("what is written", saved.readers, () => saved.ended);
  const maySave = each.saver.uid === 0 || allowed.includes(each.saver.uid);
  expect({ each, code: saved.ended.code === 0, err: saved.ended.err }).toEqual({
    each,
    code: maySave,
    err: expect.any(String),
  });
  const [revision] = readdirSync(destination);
  if (!maySave || revision === undefined) return { looks: saved.looks };
  const revisionPath = join(destination, revision);
  const heirs = await readers.of(revisionPath);
  check("the revision", heirs, () => revision);
  expect({ each, privileges: await readers.privilegesOf(revisionPath) }).toEqual({
    each,
    privileges: [0, false],
  });

  const target = join(elsewhere, "back");
  const restored = await type(
    each.restorer,
    "restore",
    "-d",
    destination,
    "--revision",
    revision,
    "--force",
    "--to",
    target,
  );
  check("what is restored", restored.readers, () => restored.ended);
  const mayRestore = each.restorer.uid === 0 || heirs.includes(each.restorer.uid);
  expect({ each, code: restored.ended.code === 0, err: restored.ended.err }).toEqual({
    each,
    code: mayRestore,
    err: expect.any(String),
  });
  if (!mayRestore) return { saved: 1, looks: saved.looks + restored.looks };
  const found = await readers.of(target);
  check("the restored file", found, () => tool("getfacl", "-np", target).toString());
  expect({ each, privileges: await readers.privilegesOf(target) }).toEqual({
    each,
    privileges: [0, false],
  });
  // By root, where nothing stands in the way, it is what it was.
  if (each.restorer.uid === 0) expect({ each, found }).toEqual({ each, found: allowed });
  return { saved: 1, restored: 1, looks: saved.looks + restored.looks };
}

test(
  holds(
    "same-readers",
    "restore-proven",
    "nobody who can't read the file can read a partial, a revision or what is restored; no restore gives a privilege",
  ),
  async () => {
    const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
    using folder = new TestFolder();
    const program = join(folder.root, "program");
    copyFileSync(binary, program);
    chmodSync(program, 0o755);
    const totals: Record<string, number> = {};
    let next = 0;
    const lane = async (): Promise<void> => {
      const readers = new Readers();
      try {
        for (let number = next++; number < CASES; number = next++) {
          try {
            const counts = await tryCase(createRandom(seed + number), readers, program);
            for (const [key, count] of Object.entries(counts)) totals[key] = (totals[key] ?? 0) + count;
          } catch (error) {
            next = CASES;
            throw new Error(`again with SEED=${seed + number}`, { cause: error });
          }
        }
      } finally {
        readers.end();
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: LANES }, lane));
    rmSync(program);
    for (const result of ended) if (result.status === "rejected") throw result.reason;
    // That it is not for nothing that nothing was found.
    expect(totals["saved"]).toBeGreaterThan(CASES / 2);
    expect(totals["restored"]).toBeGreaterThan(CASES / 3);
    expect(totals["looks"]).toBeGreaterThan(CASES);
  },
);
