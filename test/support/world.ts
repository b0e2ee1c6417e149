// A world with its own clock and its own queue of `at`, in which days of a schedule pass in seconds: the real `at`,
// the real `atd`, the real program. Needs root, `at` and libfaketime, and says so; it never passes by skipping.
import {
  chmodSync,
  chownSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { type Ended, findFaketime, needRoot, run, start } from "./tools.ts";

const spool = "var/spool/cron/atjobs";
// A schedule that loops would never end.
const defaultPasses = 1000;
const searchPath = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
const patienceMs = 100_000;

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  readonly uid?: number;
}

const checkout = resolve(import.meta.dir, "../..");

/** A path of this checkout as somebody sees it who may not go where the checkout is. */
function reachable(word: string): string {
  return word.startsWith(`${checkout}/`) ? `/run/project${word.slice(checkout.length)}` : word;
}

export class World {
  readonly #holder: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #pid: number;
  /** The world's root folder, seen from outside. */
  readonly root: string;

  private constructor(holder: Bun.Subprocess<"pipe", "pipe", "inherit">) {
    this.#holder = holder;
    const children = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8").trim();
    this.#pid = Number(children);
    this.root = `/proc/${children}/root`;
  }

  /** Makes a world whose clock shows `now` (seconds since 1970), in `zone`, with the daemon said to be up. */
  static async create(now: number, zone = "UTC"): Promise<World> {
    needRoot("at", "unshare", "nsenter");
    const holder = Bun.spawn(
      ["unshare", "-m", "-p", "-f", "--mount-proc", "--kill-child", "--propagation", "private"].concat([
        join(import.meta.dir, "world.sh"),
        findFaketime("libfaketime.so.1"),
        checkout,
      ]),
      { stdin: "pipe", stdout: "pipe", stderr: "inherit" },
    );
    const { value } = await holder.stdout.getReader().read();
    if (
      !Buffer.from(value ?? [])
        .toString()
        .startsWith("ready")
    )
      throw new Error("the test world could not be made; see the messages above");
    const world = new World(holder);
    world.setZone(zone);
    world.setClock(now);
    world.startDaemon();
    return world;
  }

  /** Ends the world with everything that runs in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Its first process ends with its input, and the kernel ends the others with it.
    await this.#holder.stdin.end();
    await this.#holder.exited;
  }

  /** Sets the clock of everything that starts from now on. It goes on from there at its usual pace. */
  setClock(seconds: number): void {
    const offset = seconds - Date.now() / 1000;
    writeFileSync(this.path("etc/faketimerc"), `${offset < 0 ? "" : "+"}${offset.toFixed(3)}\n`);
  }

  setZone(zone: string): void {
    rmSync(this.path("etc/localtime"), { force: true });
    symlinkSync(`/usr/share/zoneinfo/${zone}`, this.path("etc/localtime"));
    writeFileSync(this.path("etc/timezone"), `${zone}\n`);
  }

  /** A stand-in that `at` finds and signals; `tick` does the work. */
  startDaemon(): void {
    void this.start(["bash", "-c", "trap '' HUP; echo $$ >/run/atd.pid; exec -a atd sleep 100000"]);
    while (readIfThere(this.path("run/atd.pid")) === "") Bun.sleepSync(2);
  }

  stopDaemon(): void {
    this.run(["sh", "-c", "kill $(cat /run/atd.pid); rm /run/atd.pid"]);
  }

  /** Runs a command in the world to its end. */
  run(command: readonly string[], options?: RunOptions): Ended {
    return run(...this.enter(command, options));
  }

  /** The same without waiting for its end. */
  start(command: readonly string[], options?: RunOptions): Promise<Ended> {
    return start(...this.enter(command, options));
  }

  /**
   * What to spawn for a command to be run in the world. The environment is exactly the given one, and PATH. Somebody
   * else has to come from outside, by `uid`: libfaketime fails a process whose identity changes, which setpriv and
   * `exec at` in bash do.
   */
  enter(
    command: readonly string[],
    { cwd = "/", env = {}, uid, ...more }: RunOptions = {},
  ): Parameters<typeof run> {
    const who = uid === undefined ? [] : ["-S", String(uid), "-G", String(uid)];
    const into = ["nsenter", "-t", String(this.#pid), "-m", "-p", ...who, `--wd=${this.path(cwd)}`, "--"];
    const words = uid === undefined ? command : command.map(reachable);
    return [[...into, ...words], { ...more, env: { PATH: searchPath, ...env } }];
  }

  /** Runs what is due by the world's clock, and waits until every job has ended and its mail is written. */
  async tick(): Promise<void> {
    const { code, err } = this.run(["/usr/sbin/atd", "-s"]);
    if (code !== 0) throw new Error(`atd: ${err}`);
    await this.rest();
  }

  /** Waits until every job has ended: only then the daemon takes it out of the queue. */
  async rest(): Promise<void> {
    const end = performance.now() + patienceMs;
    while (this.#listProcesses().length > 0) {
      if (performance.now() > end) {
        const names = this.#listProcesses().map(({ name }) => name);
        throw new Error(`jobs still run: ${names.join(", ")}`);
      }
      await Bun.sleep(5);
    }
  }

  /** How many processes of this name run in the world. */
  count(name: string): number {
    return this.#listProcesses().filter((process) => process.name === name).length;
  }

  /** Kills the world's processes of this name, with no chance to clean up. */
  kill(name: string): void {
    const pids = this.#listProcesses().filter((process) => process.name === name);
    this.run(["sh", "-c", `kill -9 ${pids.map(({ pid }) => pid).join(" ")}`]);
  }

  /** What runs in the world beside its first process and the stand-in for the daemon. */
  #listProcesses(): { readonly pid: string; readonly name: string }[] {
    const standing = new Set(["1", readIfThere(this.path("run/atd.pid")).trim()]);
    return readdirSync(this.path("proc"))
      .filter((pid) => /^\d+$/.test(pid) && !standing.has(pid))
      .map((pid) => ({ pid, name: readIfThere(this.path(`proc/${pid}/comm`)).trim() }))
      .filter(({ name }) => name !== "");
  }

  /** The instant of the next job in the queue, in seconds, or null: the name of a job's file holds its minute. */
  nextDue(): number | null {
    const minutes = this.queue()
      .filter((name) => !name.startsWith("="))
      .map((name) => Number.parseInt(name.slice(6), 16));
    return minutes.length === 0 ? null : Math.min(...minutes) * 60;
  }

  /**
   * Lets time pass until `end`, stopping at each instant at which a job is due (`lateSeconds` after it). Returns those
   * instants. Throws after `passes`, since a schedule that loops would never end.
   */
  async passUntil(end: number, { lateSeconds = 0, passes = defaultPasses } = {}): Promise<number[]> {
    const instants: number[] = [];
    for (let due = this.nextDue(); due !== null && due <= end; due = this.nextDue()) {
      if (instants.length >= passes)
        throw new Error(`${passes} passes, and the queue still has a job for ${due}`);
      instants.push(due);
      this.setClock(due + lateSeconds);
      await this.tick();
    }
    this.setClock(end);
    return instants;
  }

  /** The names of the files in the queue: `=` in front while a job runs. */
  queue(): string[] {
    return readdirSync(this.path(spool)).filter((name) => !name.startsWith("."));
  }

  /** Queues the only job once more for each line, with that in the place of its own: as `at` would, started for each. */
  queueLike(own: string, lines: readonly string[]): void {
    const [first = ""] = this.queue();
    const pathOf = (name: string): string => this.path(join(spool, name));
    const { uid, gid, mode } = statSync(pathOf(first));
    const text = readFileSync(pathOf(first), "utf8");
    for (const [index, line] of lines.entries()) {
      const path = pathOf(first[0] + inHex(index + 2) + first.slice(6));
      writeFileSync(
        path,
        text.replace(own, () => line),
      );
      chownSync(path, uid, gid);
      chmodSync(path, mode);
    }
    writeFileSync(pathOf(".SEQ"), inHex(lines.length + 1));
  }

  /** What jobs printed, oldest first. */
  mails(): string[] {
    const folder = this.path("run/mail");
    return readdirSync(folder)
      .filter((name) => !name.startsWith("."))
      .toSorted()
      .map((name) => readFileSync(join(folder, name), "utf8"));
  }

  /** A path in the world, seen from outside. */
  path(inside: string): string {
    return join(this.root, inside);
  }
}

/** A number as the queue writes it. */
function inHex(number: number): string {
  return number.toString(16).padStart(5, "0");
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // ENOENT, ESRCH: a process that ended while we looked.
    return "";
  }
}
