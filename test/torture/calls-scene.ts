// Where system calls are spoiled: a file, its revisions and what is remembered of them, put back as they were before each case.
import { cpSync, existsSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { type Ended, environment, start } from "../support/tools.ts";
import { type Spoil, type Spoiled, Tracer, changingCalls, indispensableCalls } from "../support/traced.ts";
import type { TraceRequest, TracedCall } from "../support/tracer.ts";
import type { Bench, Case } from "./case.ts";
import { guardSource, judgeFolder, listPartials, listRevisions } from "./invariants.ts";

const { errno } = constants;

/** What the system may answer, by call. A call that is not here is met with EIO. */
const answers: Readonly<Record<string, readonly (keyof typeof errno)[]>> = {
  openat: ["EACCES", "EMFILE", "EIO"],
  read: ["EIO", "ESTALE"],
  pread64: ["EIO", "EINTR"],
  pwrite64: ["ENOSPC", "EIO", "EDQUOT"],
  write: ["ENOSPC", "EIO"],
  fsync: ["EIO", "ENOSPC"],
  fdatasync: ["EIO"],
  ftruncate: ["EIO", "ENOSPC"],
  fallocate: ["ENOSPC", "EOPNOTSUPP"],
  flock: ["ENOLCK"],
  link: ["EIO", "EPERM", "EEXIST", "EMLINK", "ENOSPC"],
  rename: ["EIO", "EXDEV"],
  renameat2: ["EINVAL", "EIO"],
  unlink: ["EACCES", "EIO", "EBUSY"],
  mkdir: ["EACCES", "EROFS"],
  statx: ["EACCES", "EIO", "ESTALE"],
  fchmod: ["EPERM", "EIO"],
  fchown: ["EPERM"],
  utimensat: ["EPERM"],
  fsetxattr: ["EOPNOTSUPP", "ENOSPC"],
  flistxattr: ["EOPNOTSUPP", "EIO"],
  fremovexattr: ["EOPNOTSUPP", "ENODATA"],
  sync_file_range: ["ENOSYS", "EIO"],
  fadvise64: ["ENOSYS"],
  ioctl: ["EOPNOTSUPP", "ENOTTY"],
  copy_file_range: ["EXDEV", "EIO"],
};

/** A way to spoil a call, and what the case is called. */
interface Plan {
  readonly name: string;
  readonly spoil: Spoil;
}

/** Every way to spoil each of these calls. */
function planSpoils(calls: readonly TracedCall[]): Plan[] {
  return calls.flatMap(({ name, path }, place) => {
    const call = place + 1;
    const of = (how: string): string => `${String(call).padStart(3, "0")}-${name}-${how}`;
    const plans = (answers[name] ?? ["EIO"]).map((answer) => planError(of(answer), call, errno[answer]));
    if (changingCalls.has(name) || path.endsWith(".partial"))
      plans.push({ name: of("kill"), spoil: { how: "kill", call } });
    if (["read", "write", "pwrite64", "pread64"].includes(name))
      plans.push({ name: of("short"), spoil: { how: "short", call } });
    return plans;
  });
}

function planError(name: string, call: number, answer: number): Plan {
  return { name, spoil: { how: "error", errno: answer, call } };
}

export interface SceneSetting {
  /** What revisions hold, the oldest first. */
  readonly contents: readonly Uint8Array[];
  /** What the source holds then. */
  readonly source: Uint8Array;
  /** What another file holds, restored to or replaced; it is not there if left out. */
  readonly target?: string;
}

/** What the present file of a target is, where there is one. */
export const targetMode = 0o604;
export const sourceMode = 0o640;

export class Scene {
  readonly binary: string;
  readonly setting: SceneSetting;
  readonly source: string;
  readonly destination: string;
  /** Another file, restored to. */
  readonly target: string;
  readonly #root: string;
  readonly #tracer: Tracer;

  private constructor(bench: Bench, setting: SceneSetting) {
    this.binary = bench.binary;
    this.setting = setting;
    this.#root = bench.makeFolder();
    this.source = join(this.#root, "play/notes.txt");
    this.destination = join(this.#root, "play/saved");
    this.target = join(this.#root, "play/elsewhere/target.txt");
    this.#tracer = new Tracer(join(this.#root, "trace"), this.#env);
  }

  static async create(bench: Bench, setting: SceneSetting): Promise<Scene> {
    const scene = new Scene(bench, setting);
    for (const folder of ["play/saved", "play/elsewhere"])
      mkdirSync(join(scene.#root, folder), { recursive: true });
    for (const content of [...setting.contents, setting.source]) {
      if (existsSync(scene.source)) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { code, err } = await scene.type(["run", ...scene.paths, "-k", "3"]);
        if (code !== 0) throw new Error(`the scene could not be made: ${err}`);
      }
      writeFileSync(scene.source, content, { mode: sourceMode });
      utimesSync(scene.source, new Date("2001-01-01"), new Date("2020-02-02T02:02:02.222Z"));
    }
    if (setting.target !== undefined) writeFileSync(scene.target, setting.target, { mode: targetMode });
    cpSync(join(scene.#root, "play"), join(scene.#root, "pristine"), {
      recursive: true,
      preserveTimestamps: true,
    });
    return scene;
  }

  get #env(): Record<string, string> {
    return { XDG_STATE_HOME: join(this.#root, "play/state") };
  }

  get paths(): readonly string[] {
    return ["-f", this.source, "-d", this.destination];
  }

  [Symbol.dispose](): void {
    this.#tracer[Symbol.dispose]();
  }

  /** Puts everything back as it was at first. */
  reset(): void {
    const play = join(this.#root, "play");
    rmSync(play, { recursive: true, force: true });
    cpSync(join(this.#root, "pristine"), play, { recursive: true, preserveTimestamps: true });
    // An access time that reading would move.
    utimesSync(this.source, new Date("2001-01-01"), statSync(this.source).mtime);
  }

  /** Types a command of the program, and nothing is spoiled. */
  type(args: readonly string[]): Promise<Ended> {
    return start([this.binary, ...args], { env: { ...environment, ...this.#env } });
  }

  trace(args: readonly string[], more: Pick<TraceRequest, "spoil" | "refuse">): Promise<Spoiled> {
    return this.#tracer.run([this.binary, ...args], `${this.#root}/play/`, more);
  }

  /** All that a revision may hold here. */
  get contents(): readonly Uint8Array[] {
    return [...this.setting.contents, this.setting.source];
  }
}

export interface Outcome extends Spoiled {
  readonly spoil: Spoil;
  /** The revisions that there are, with what they hold. */
  readonly found: ReadonlyMap<string, Buffer>;
  /** The names of the revisions that were there before. */
  readonly before: readonly string[];
}

export interface Command {
  readonly name: string;
  readonly scene: SceneSetting;
  readonly args: (scene: Scene) => readonly string[];
  /** Calls that this file system does not know, and what it answers. */
  readonly refuse?: Readonly<Record<string, number>>;
  /** What a healthy system does after it, and tidies up by; a run unless said otherwise. */
  readonly again?: (scene: Scene) => readonly string[];
  /** The revisions, of those before, that may be gone. */
  readonly mayGo?: (outcome: Outcome) => readonly string[];
  /** Throws what broke that is this command's own. */
  readonly judge?: (scene: Scene, outcome: Outcome) => void;
  /** Codes with which it may end where a call fails. */
  readonly codes?: readonly number[];
}

/** The cases of a command: each of its calls spoiled in each way, until there is none any more. */
export async function* spoilCalls(bench: Bench, command: Command, share = 1): AsyncGenerator<Case> {
  const scene = await Scene.create(bench, command.scene);
  try {
    scene.reset();
    const clean = await scene.trace(command.args(scene), command);
    if (clean.trace.code !== 0) throw new Error(`${command.name} fails unspoiled: ${clean.err}`);
    const { refuse = {} } = command;
    const plans = planSpoils(clean.trace.calls).filter(({ spoil }) => {
      const call = clean.trace.calls[spoil.call - 1];
      return call !== undefined && !(call.name in refuse);
    });
    for (const { name, spoil } of plans) {
      if (bench.isBounded && bench.random() > share) continue;
      yield {
        name: `${command.name}/${name}`,
        async run() {
          await spoilOne(scene, command, spoil);
        },
      };
    }
    yield { name: `${command.name}/later`, run: () => spoilLater(scene, command, clean.trace.calls.length) };
  } finally {
    scene[Symbol.dispose]();
  }
}

/** Goes on behind the last call that was seen, until the fault does not happen any more. */
async function spoilLater(scene: Scene, command: Command, seen: number): Promise<void> {
  for (let call = seen + 1, hasMore = true; hasMore; call++) {
    // oxlint-disable-next-line no-await-in-loop -- until there is none
    hasMore = (await spoilOne(scene, command, { how: "error", errno: errno.EIO, call })) >= call;
  }
}

/** Spoils one call, and judges. Returns how many calls there were. */
async function spoilOne(scene: Scene, command: Command, spoil: Spoil): Promise<number> {
  const { refuse = {} } = command;
  scene.reset();
  const before = listRevisions(scene.destination);
  const judgeSource = guardSource(scene.source);
  const spoiled = await scene.trace(command.args(scene), { refuse, spoil });
  const { calls } = spoiled.trace;
  const call = calls[spoil.call - 1];
  try {
    judgeSource();
    judgeEnd(spoiled, spoil, call, command.codes ?? [0, 1, 5, 75]);
    const found = judgeFolder({ folder: scene.destination, contents: scene.contents });
    const outcome: Outcome = { ...spoiled, spoil, found, before };
    const mayGo = command.mayGo?.(outcome) ?? [];
    const lost = before.filter((name) => !found.has(name) && !mayGo.includes(name));
    if (lost.length > 0) throw new Error(`a good revision is lost: ${lost.join(", ")}`);
    judgeLeft(scene, outcome, call);
    command.judge?.(scene, outcome);
    if (spoiled.trace.code !== 0 || !isTidy(scene)) await judgeRecovery(scene, command);
    judgeSource();
  } catch (error) {
    const story = JSON.stringify({ spoil, call, code: spoiled.trace.code });
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}\n${story}\nit said: ${spoiled.err}${spoiled.out}`, { cause: error });
  }
  return calls.length;
}

/** Whether it ended as it may, and said why. */
function judgeEnd(
  { trace, err }: Spoiled,
  spoil: Spoil,
  call: TracedCall | undefined,
  codes: readonly number[],
): void {
  const { code } = trace;
  if (call !== undefined && spoil.how === "kill") {
    if (trace.signal !== 9) throw new Error(`it was to be killed, and ended with ${code}`);
    return;
  }
  judgeCode(code, spoil, call, codes);
  const said =
    /^((tinybackup: |hint: |unchanged since |removed |restored |the file that was there is now )[^\n]*\n)*$/;
  if (!said.test(err) || err.includes("internal error")) throw new Error("what it says is no message");
  if (code !== 0 && !/^tinybackup: /m.test(err)) throw new Error("it failed and did not say why");
}

function judgeCode(
  code: number | null,
  spoil: Spoil,
  call: TracedCall | undefined,
  codes: readonly number[],
): void {
  if (call === undefined || spoil.how === "short") {
    if (code !== 0) throw new Error(`it ended with ${code} though nothing failed`);
    return;
  }
  const mustFail = isIndispensable(call) && !isRepeated(spoil);
  if (!codes.includes(code ?? -1) || (code === 0 && mustFail)) throw new Error(`it ended with ${code}`);
}

/** What was interrupted is called again. */
function isRepeated(spoil: Spoil): boolean {
  return spoil.how === "error" && spoil.errno === errno.EINTR;
}

/** The journal is a log: no backup depends on it. */
function isIndispensable({ name, path }: TracedCall): boolean {
  return indispensableCalls.has(name) && !path.includes("/state/");
}

/** Whoever was not killed tidies up, unless just that failed; and then says so. */
function judgeLeft(scene: Scene, { spoil, trace, err }: Outcome, call: TracedCall | undefined): void {
  if (spoil.how === "kill" || isTidy(scene)) return;
  const isRemoval = call?.path.endsWith(".partial") === true && ["unlink", "statx"].includes(call.name);
  if (!isRemoval || (trace.code === 0 && !err.includes("warning: the temporary file")))
    throw new Error("it left a temporary file behind, and did not say so");
}

function isTidy(scene: Scene): boolean {
  return [scene.destination, dirname(scene.target)].every((folder) => listPartials(folder).length === 0);
}

/** The next run, of a healthy system. */
async function judgeRecovery(scene: Scene, { again }: Command): Promise<void> {
  const args = again?.(scene) ?? ["run", ...scene.paths, "-k", "3"];
  const { code, err } = await scene.type(args);
  if (code !== 0) throw new Error(`the next one ended with ${code}: ${err}`);
  if (!isTidy(scene)) throw new Error("the next one left a temporary file");
  const found = judgeFolder({ folder: scene.destination, contents: scene.contents });
  const newest = [...found.keys()].at(-1) ?? "";
  if (args[0] === "run" && found.get(newest)?.equals(scene.setting.source) !== true)
    throw new Error(`the next run said done, and ${newest} does not hold the source`);
}
