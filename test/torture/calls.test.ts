// Every single system call that a command makes on its files is spoiled in turn: by an error, by kill -9 in its place,
// by a short write or read. After each, the promises must hold, and the next run must work as if nothing had been.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { contentOf, describeFile, needRoot } from "../support/tools.ts";
import {
  type Spoil,
  type Spoiled,
  Tracer,
  changingCalls,
  indispensableCalls,
  judgeOrder,
} from "../support/traced.ts";
import type { Spoiling, TraceRequest, TracedCall } from "../support/tracer.ts";
import { mixedBytes } from "../support/workshop.ts";

setDefaultTimeout(300_000);

const { EACCES, EINVAL, EIO, ENOLCK, ENOSPC, ENOSYS, EOPNOTSUPP, EPERM, ESTALE } = constants.errno;

/** What the system may answer, by call. A call that is not here is met with EIO. */
const answers: Readonly<Record<string, readonly number[]>> = {
  openat: [EACCES],
  pwrite64: [ENOSPC, EIO],
  fsync: [EIO, ENOSPC],
  fallocate: [ENOSPC, EOPNOTSUPP],
  flock: [ENOLCK],
  link: [EIO, EPERM],
  unlink: [EACCES],
};

/** Two stages, so that two programs are at work at a time. */
let lanes: readonly Lane[];

interface Lane {
  readonly stage: Stage;
  readonly tracer: Tracer;
  /** Another file, restored to or replaced. */
  readonly target: string;
}

beforeAll(() => {
  needRoot("tar", "zstd");
  lanes = [prepareLane(), prepareLane()];
});

afterAll(() => lanes.forEach(removeLane));

function removeLane({ stage, tracer }: Lane): void {
  tracer[Symbol.dispose]();
  stage[Symbol.dispose]();
  rmSync(`${stage.root}.pristine`, { recursive: true, force: true });
}

/** Three revisions of the source with different contents, and a fourth content that is not saved yet. */
function prepareLane(
  contents = [6500, 700, 800].map((size) => mixedBytes(size, size)),
  next = mixedBytes(1_500_000),
): Lane {
  const stage = new Stage();
  for (const content of contents) {
    stage.write("notes.txt", content, 0o640);
    const { code } = stage.save();
    expect(code).toBe(0);
  }
  stage.write("notes.txt", next, 0o640);
  mkdirSync(join(stage.root, "elsewhere"));
  cpSync(stage.root, `${stage.root}.pristine`, { recursive: true, preserveTimestamps: true });
  const tracer = new Tracer(`${stage.root}.trace`, { XDG_STATE_HOME: `${stage.root}.state` });
  return { stage, tracer, target: join(stage.root, "elsewhere", "target.txt") };
}

function resetLane({ stage, target }: Lane, hasTarget: boolean): void {
  for (const name of readdirSync(stage.root)) rmSync(join(stage.root, name), { recursive: true });
  // What a read that failed was remembered for is no fault of the next case.
  rmSync(`${stage.root}.state`, { recursive: true, force: true });
  cpSync(`${stage.root}.pristine`, stage.root, { recursive: true, preserveTimestamps: true });
  // A copy has the times, but not an access time that reading would move.
  utimesSync(stage.source, new Date("2001-01-01"), statSync(stage.source).mtime);
  if (hasTarget) stage.write("elsewhere/target.txt", "the present file\n", 0o604);
  else rmSync(target, { force: true });
}

async function runTraced(
  { stage, tracer }: Lane,
  args: readonly string[],
  more: Pick<TraceRequest, "spoil" | "refuse">,
): Promise<Spoiled> {
  const spoiled = await tracer.run([binary, ...args], `${stage.root}/`, more);
  return { ...spoiled, err: withoutNews(spoiled.err) };
}

/** What was said, but for what went as it should. */
function withoutNews(err: string): string {
  return err.replaceAll(/^(unchanged since revision \d [^\n]*|removed 1 old revision)\n/gm, "");
}

function spoilings(calls: readonly TracedCall[]): Spoil[] {
  return calls.flatMap(({ name, path }, place) => {
    const all: Spoiling[] = changingCalls.has(name) || path.endsWith(".partial") ? [{ how: "kill" }] : [];
    for (const errno of answers[name] ?? [EIO]) all.push({ how: "error", errno });
    if (name === "pwrite64" || name === "pread64") all.push({ how: "short" });
    return all.map((spoiling) => ({ ...spoiling, call: place + 1 }));
  });
}

interface Command {
  readonly args: (lane: Lane) => readonly string[];
  readonly hasTarget?: boolean;
  /** Calls that the file system does not know, and what it answers. */
  readonly refuse?: Readonly<Record<string, number>>;
  /** An empty file takes the name before the revision gets it. */
  readonly reserves?: boolean;
  /** Only what comes after the first call of that name is spoiled. */
  readonly from?: string;
  /** What tidies up after a kill; a run unless said otherwise. */
  readonly again?: (lane: Lane) => readonly string[];
  /** Checks what is this command's own, after every spoiled run. */
  readonly expectOutcome: (lane: Lane, spoiled: Spoiled, before: Memory, spoil: Spoil) => void;
}

interface Memory {
  readonly source: unknown;
  readonly revisions: ReadonlyMap<string, string>;
}

function remember({ stage }: Lane): Memory {
  const digests = stage.revisions().map((name) => [name, digest(join(stage.destination, name))] as const);
  return { source: describeFile(stage.source), revisions: new Map(digests) };
}

function digest(path: string): string {
  return Bun.hash(readFileSync(path)).toString();
}

/** What must be true whatever happened. Returns the names of the revisions that are new. */
function expectPromises(
  lane: Lane,
  { trace, err }: Spoiled,
  before: Memory,
  { call, ...spoiling }: Spoil,
): string[] {
  const { stage } = lane;
  expect(describeFile(stage.source)).toEqual(before.source);
  const present = stage.revisions();
  for (const name of present) {
    const known = before.revisions.get(name);
    if (known !== undefined) expect(digest(join(stage.destination, name))).toBe(known);
  }
  const said = /^tinybackup: [^\n]*\n(hint: [^\n]*\n)?$/;
  const spoiled = trace.calls[call - 1]?.name ?? "";
  if (spoiling.how === "kill") expect(trace).toMatchObject({ code: null, signal: 9 });
  else if (spoiling.how === "short") expect(trace.code).toBe(0);
  else if (indispensableCalls.has(spoiled)) expect([1, 5]).toContain(trace.code ?? 0);
  else expect([0, 1, 5]).toContain(trace.code ?? -1);
  if (trace.code !== 0 && trace.code !== null) expect(err).toMatch(said);
  expect(err).not.toContain("internal error");
  return present.filter((name) => !before.revisions.has(name));
}

function listPartials({ stage }: Lane): string[] {
  return [stage.destination, join(stage.root, "elsewhere")].flatMap((folder) =>
    readdirSync(folder).filter((name) => name.endsWith(".partial")),
  );
}

/** A program that was not killed leaves a partial only where its removal was what failed. */
function expectTidy(lane: Lane, { trace, err }: Spoiled, { call, how }: Spoil): void {
  const spoiled = trace.calls[call - 1];
  const isRemoval = spoiled?.path.endsWith(".partial") && ["unlink", "statx"].includes(spoiled.name);
  if (how !== "kill" && !isRemoval) expect(listPartials(lane)).toEqual([]);
  // Whoever is told that all is done is told of what was left.
  if (trace.code === 0 && listPartials(lane).length > 0) expect(err).toContain("warning: the temporary file");
}

async function sweep(command: Command, prepared = lanes): Promise<void> {
  const [first] = prepared;
  if (!first) throw new Error("no lane");
  const { refuse = {}, hasTarget = false, from = "" } = command;
  resetLane(first, hasTarget);
  const clean = await runTraced(first, command.args(first), { refuse });
  expect({ err: clean.err, code: clean.trace.code }).toEqual({ err: "", code: 0 });
  const { calls } = clean.trace;
  const start = from === "" ? 0 : calls.findIndex(({ name }) => name === from) + 1;
  const spoils = spoilings(calls).filter(({ call }) => call > start);
  expect(spoils.length).toBeGreaterThan(20);
  const results = await Promise.allSettled(
    prepared.map(async (lane) => {
      for (let spoil = spoils.shift(); spoil; spoil = spoils.shift()) {
        resetLane(lane, hasTarget);
        const before = remember(lane);
        const spoiled = await runTraced(lane, command.args(lane), { refuse, spoil });
        try {
          expectTidy(lane, spoiled, spoil);
          for (const name of expectPromises(lane, spoiled, before, spoil)) {
            // The one exception: the name was reserved, and the kill came before the rename. Whoever reads it sees that.
            if (command.reserves && spoil.how === "kill" && isEmpty(lane, name))
              rmSync(join(lane.stage.destination, name));
            else expectWhole(lane, name);
          }
          command.expectOutcome(lane, spoiled, before, spoil);
          // After an error nothing is left that a later run would have to see to.
          if (listPartials(lane).length > 0 || spoil.how === "kill") await expectRecovery(lane, command);
        } catch (error) {
          // The other lane ends its case, and begins no other.
          spoils.length = 0;
          const story = JSON.stringify({
            spoil,
            at: spoiled.trace.calls[spoil.call - 1],
            code: spoiled.trace.code,
          });
          throw new Error(`${story}\nit said: ${spoiled.err}${spoiled.out}`, { cause: error });
        }
      }
    }),
  );
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

function isEmpty({ stage }: Lane, name: string): boolean {
  return statSync(join(stage.destination, name)).size === 0;
}

/** A new revision is of the source. */
function expectWhole({ stage }: Lane, name: string): void {
  const content = contentOf(join(stage.destination, name));
  if (!content.equals(readFileSync(stage.source))) throw new Error(`${name} is not what was saved`);
}

/** The next run, of a healthy system. */
async function expectRecovery(lane: Lane, { again = saving.args }: Command): Promise<void> {
  const { stage } = lane;
  const { code, err } = await stage.start(again(lane));
  expect({ code, err: withoutNews(err) }).toEqual({ code: 0, err: "" });
  expect(listPartials(lane)).toEqual([]);
  const verified = await stage.start(["verify", "-d", stage.destination, "--all"]);
  expect(verified).toMatchObject({ code: 0, err: "" });
}

const saving: Command = {
  args: ({ stage }) => ["run", ...stage.paths, "-k", "3"],
  expectOutcome({ stage }, { trace, out }, before) {
    const present = stage.revisions();
    const isNew = (name: string): boolean => !before.revisions.has(name);
    const lost = [...before.revisions.keys()].filter((name) => !present.includes(name));
    // The retention of 3 gives up the oldest one, and only for a newer one.
    expect(lost.length).toBeLessThanOrEqual(present.some(isNew) ? 1 : 0);
    if (lost[0] !== undefined) expect(lost[0]).toContain("-000001-");
    if (trace.code === 0) {
      const published = present.find(isNew) ?? "nothing";
      expect(out).toBe(`${join(stage.destination, published)}\n`);
    }
    if (trace.code === 0) judgeOrder(trace, stage.destination);
  },
};

test(
  holds(
    "whole",
    "durable",
    "interrupted",
    "undisturbed",
    "evidence",
    "run: whatever call is spoiled, no good revision is lost and no bad one is made",
  ),
  () => sweep(saving),
);

test(
  holds(
    "whole",
    "interrupted",
    "run of a large file, most of which is taken over from the newest revision: the same",
  ),
  async () => {
    // As large as it has to be.
    const next = mixedBytes((4 << 20) + 1);
    const contents = [700, 800].map((size) => mixedBytes(size, size));
    next.fill("changed", 3_000_000, 3_000_100);
    const large = [0, 1].map(() => prepareLane([...contents, mixedBytes((4 << 20) + 1)], next));
    try {
      await sweep(saving, large);
    } finally {
      large.forEach(removeLane);
    }
  },
);

test(holds("interrupted", "run without hard links: the same"), () =>
  sweep({ ...saving, refuse: { link: EPERM }, from: "link" }),
);

test(
  holds("interrupted", "run without hard links, and without a rename that refuses to replace: the same"),
  () => sweep({ ...saving, refuse: { link: EPERM, renameat2: EINVAL }, from: "renameat2", reserves: true }),
);

test(
  holds(
    "durable",
    "evidence",
    "run of a large file: a write that fails late is not forgotten, and a hint that is refused changes nothing",
  ),
  async () => {
    const [lane] = lanes;
    if (!lane) throw new Error("no lane");
    const runLarge = (more: Pick<TraceRequest, "spoil" | "refuse">): Promise<Spoiled> => {
      resetLane(lane, false);
      lane.stage.write("notes.txt", randomBytes(40 << 20));
      return runTraced(lane, saving.args(lane), more);
    };
    const hint = "sync_file_range";
    const { trace, err } = await runLarge({ refuse: { [hint]: ENOSYS } });
    expect({ code: trace.code, err }).toEqual({ code: 0, err: "" });
    expect(trace.calls.map(({ name }) => name)).toContain(hint);
    judgeOrder(trace, lane.stage.destination);
    // The runtime's threads do not make their calls in the same order each time: what is spoiled must be a write.
    const begun = trace.calls.findIndex(({ name }) => name === hint);
    const writes = trace.calls.flatMap(({ name }, place) =>
      place > begun && name === "pwrite64" ? [place] : [],
    );
    let spoiled: Spoiled | undefined;
    for (const place of writes.slice(0, 10)) {
      const attempt = await runLarge({ spoil: { call: place + 1, how: "error", errno: ENOSPC } });
      if (attempt.trace.calls[place]?.name === "pwrite64") spoiled = attempt;
      if (spoiled) break;
    }
    if (!spoiled) throw new Error("no late write was spoiled");
    expect(spoiled.trace.code).toBe(1);
    expect(spoiled.err).toContain("no space left on device");
    expect([lane.stage.revisions().length, listPartials(lane)]).toEqual([3, []]);
  },
);

test(holds("nothing-lost", "interrupted", "prune: only what the retention gives up is lost"), () =>
  sweep({
    args: ({ stage }) => ["prune", ...stage.paths, "-k", "1", "--quiet"],
    expectOutcome({ stage }, { trace }, before) {
      const [first = "", second = "", third = ""] = before.revisions.keys();
      const present = stage.revisions();
      expect([[third], [second, third], [first, third], [first, second, third]]).toContainEqual(present);
      if (trace.code === 0 && !trace.calls.some(({ name }) => name === "unlink"))
        expect(present).toHaveLength(3);
    },
  }),
);

type Found = "nothing" | "the present file" | "the newest" | "an older one" | "something else";

function readTarget(target: string): Found {
  if (!existsSync(target)) return "nothing";
  const content = readFileSync(target);
  const mode = statSync(target).mode & 0o777;
  if (content.equals(mixedBytes(800, 800)) && mode === 0o640) return "the newest";
  if (content.equals(mixedBytes(700, 700)) && mode === 0o640) return "an older one";
  return content.toString() === "the present file\n" && mode === 0o604
    ? "the present file"
    : "something else";
}

function restoreArgs({ stage, target }: Lane): readonly string[] {
  return ["restore", ...stage.paths, "--to", target, "--quiet"];
}

/** Where the newest revision can't be read, the one before it is restored, and that is said. */
function expectRestored(
  { target }: Lane,
  { trace, err }: Spoiled,
  otherwise: Found,
  how: Spoil["how"],
): void {
  const found = readTarget(target);
  // A short read or write is nothing unusual: the rest is read or written next.
  expect(how === "short" ? ["the newest"] : ["the newest", "an older one", otherwise]).toContain(found);
  if (trace.code === 0) expect(found).not.toBe(otherwise);
  if (found === "an older one")
    expect(err).toMatch(/^tinybackup: warning: .*-000003-.* is damaged: .* is restored instead\n/);
}

test(holds("restore-proven", "interrupted", "restore: the file is there as it was, or not at all"), () =>
  sweep({
    args: restoreArgs,
    again: (lane) => [...restoreArgs(lane), "--force"],
    expectOutcome(lane, spoiled, before, { how }) {
      expect(lane.stage.revisions()).toEqual([...before.revisions.keys()]);
      expectRestored(lane, spoiled, "nothing", how);
    },
  }),
);

function restoresOver(more: Pick<Command, "refuse" | "from">): Promise<void> {
  return sweep({
    args: (lane) => [...restoreArgs(lane), "--force"],
    again: (lane) => [...restoreArgs(lane), "--force"],
    hasTarget: true,
    ...more,
    expectOutcome(lane, spoiled, before, { how }) {
      expect(lane.stage.revisions()).toEqual([...before.revisions.keys()]);
      const folder = join(lane.stage.root, "elsewhere");
      const names = readdirSync(folder).filter((name) => name.startsWith("target.txt.before-restore-"));
      const second = names.filter((name) => readTarget(join(folder, name)) === "the present file");
      const found = readTarget(lane.target);
      if (found !== "the present file") expect(second).toHaveLength(1);
      // Without hard links there is a moment in which only the second name is there; or, at most, the name is reserved.
      const isReserved = existsSync(lane.target) && statSync(lane.target).size === 0;
      if (more.refuse?.["link"] && (found === "nothing" || isReserved)) expect(how).toBe("kill");
      else expectRestored(lane, spoiled, "the present file", how);
      if (how !== "kill" && spoiled.trace.code !== 0 && found === "the present file")
        expect(names.length).toBeLessThanOrEqual(isPuttingBack(spoiled) ? 1 : 0);
    },
  });
}

/** Whether an error was met by what undoes: then the second name may stay, and nothing is lost by it. */
function isPuttingBack({ trace }: Spoiled): boolean {
  return (
    trace.calls.filter(({ name, path }) => name === "unlink" && path.includes("before-restore")).length > 0
  );
}

test(
  holds(
    "restore-safe",
    "interrupted",
    "restore --force: the present file is there, or the revision, and the present file under its second name",
  ),
  () => restoresOver({}),
);

test("restore --force without names that can be exchanged: the same", () =>
  restoresOver({ refuse: { renameat2: EINVAL }, from: "utimensat" }));

test("restore --force without hard links: the same", () =>
  restoresOver({ refuse: { link: EPERM }, from: "link" }));

test("restore --force without hard links, and without a rename that refuses to replace: the same", () =>
  restoresOver({ refuse: { link: EPERM, renameat2: EINVAL }, from: "link" }));

/** What a disk that fails says, and what a network share says whose server has forgotten it. */
const gone = [EIO, ESTALE];

test.each([
  ["list", ({ stage }) => ["list", ...stage.paths]],
  ["verify", ({ stage }) => ["verify", "-d", stage.destination, "--all", "--quiet"]],
  ["diff", ({ stage }) => ["diff", ...stage.paths]],
  ["a run that only tells", ({ stage }) => ["run", ...stage.paths, "--noop"]],
  ["a run", ({ stage }) => ["run", ...stage.paths]],
] as const satisfies [string, Command["args"]][])(
  holds("evidence", "%s: a disk or a share that is gone is one clear line, whatever call finds that out"),
  async (_, args) => {
    const [first] = lanes;
    if (!first) throw new Error("no lane");
    resetLane(first, false);
    const clean = await runTraced(first, args(first), {});
    const places = clean.trace.calls.flatMap((call, place) => gone.map((errno) => ({ call, place, errno })));
    expect(places.length).toBeGreaterThan(20);
    await Promise.all(
      lanes.map(async (lane) => {
        for (let next = places.shift(); next; next = places.shift()) {
          const { place, errno } = next;
          resetLane(lane, false);
          const spoil = { call: place + 1, how: "error", errno } as const;
          const { trace, err } = await runTraced(lane, args(lane), { spoil });
          const call = trace.calls[place];
          const story = JSON.stringify({ errno, call, code: trace.code, err });
          // One line, and what to do; a line for each revision that could not be read.
          if (
            !/^(tinybackup: [^\n]+\n(hint: [^\n]+\n)?)*$/.test(err) ||
            /internal error|unknown error/.test(err)
          )
            throw new Error(story);
          if (![0, 1, 5, 75].includes(trace.code ?? -1)) throw new Error(story);
          if (call?.name === "close" && ![0, 1].includes(trace.code ?? -1)) throw new Error(story);
          if (trace.code !== 0 && !err.startsWith("tinybackup: ")) throw new Error(story);
        }
      }),
    );
  },
);
