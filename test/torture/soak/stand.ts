// Where the soak takes place: a world with its own clock and queue of `at`, a home, a copy of the program, folders, and drives
// that can be unplugged.
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { getPriority, setPriority } from "node:os";
import { join } from "node:path";
import { TestFolder } from "../../support/folder.ts";
import type { Ended } from "../../support/tools.ts";
import { World } from "../../support/world.ts";

export class Stand extends TestFolder implements AsyncDisposable {
  readonly world: World;
  readonly home: string;
  readonly program: string;
  #offsetMs = 0;
  #zone: string;

  private constructor(world: World, zone: string, binary: string) {
    super();
    this.world = world;
    this.#zone = zone;
    this.home = join(this.root, "home");
    this.program = join(this.root, "bin/tinybackup");
    for (const name of ["home", "bin", "files", "drives", "store"]) mkdirSync(join(this.root, name));
    this.succeed(["cp", binary, this.program]);
  }

  static async create(nowMs: number, zone: string, binary: string): Promise<Stand> {
    const stand = new Stand(await World.create(nowMs / 1000, zone), zone, binary);
    stand.nowMs = nowMs;
    return stand;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
    this[Symbol.dispose]();
  }

  /** What the clock shows. */
  get nowMs(): number {
    return Date.now() + this.#offsetMs;
  }

  set nowMs(ms: number) {
    this.world.setClock(ms / 1000);
    this.#offsetMs = ms - Date.now();
  }

  get zone(): string {
    return this.#zone;
  }

  set zone(zone: string) {
    this.world.setZone(zone);
    this.#zone = zone;
  }

  /**
   * Runs what is due to its end. `at` gives its jobs the lowest priority, at which a year would take hours on a busy machine:
   * here they get that of the soak itself.
   */
  async tick(): Promise<void> {
    const over = new AbortController();
    const ticking = this.world.tick().finally(() => over.abort());
    const own = getPriority();
    const [, first = ""] = /^\/proc\/(\d+)\/root$/.exec(this.world.root) ?? [];
    while (!over.signal.aborted) {
      for (const pid of listDescendants(first)) hurry(pid, own);
      await Bun.sleep(5);
    }
    await ticking;
  }

  hideProgram(): void {
    renameSync(this.program, `${this.program}.away`);
  }

  showProgram(): void {
    renameSync(`${this.program}.away`, this.program);
  }

  /** Types a command of the program. */
  type(words: readonly string[]): Ended {
    return this.world.run([this.program, ...words], { cwd: this.home, env: { HOME: this.home } });
  }

  /** Types a line that the program gave, as a person does. */
  typeLine(line: string): void {
    const { code, err } = this.world.run(["sh", "-c", line], { cwd: this.home, env: { HOME: this.home } });
    if (code !== 0) throw new Error(`${line} ended with ${code}: ${err}`);
  }

  /** How many mails jobs have sent since this was asked last. */
  takeMails(): number {
    const folder = this.world.path("run/mail");
    const names = readdirSync(folder);
    for (const name of names) rmSync(join(folder, name));
    return names.length;
  }

  loseQueue(): void {
    this.succeed(["sh", "-c", "rm -f /var/spool/cron/atjobs/z*"]);
  }

  loseJournal(): void {
    rmSync(join(this.home, ".local/state/tinybackup/journal.jsonl"), { force: true });
  }

  /** Runs what has to go well. */
  succeed(command: readonly string[]): string {
    const { code, out, err } = this.world.run(command);
    if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${err}`);
    return out;
  }

  /** When the jobs start that wait in the queue, sorted. */
  queuedMs(): number[] {
    const waiting = this.world.queue().filter((name) => !name.startsWith("="));
    return waiting
      .map((name) => Number.parseInt(name.slice(6), 16) * 60_000)
      .toSorted((one, other) => one - other);
  }
}

/** A folder to save into. */
export class Place {
  readonly folder: string;
  readonly #stand: Stand;
  readonly #kind: PlaceKind;
  readonly #store: string;
  readonly #others = new Map<string, unknown>();
  isThere = true;
  isFull = false;

  constructor(stand: Stand, name: string, kind: PlaceKind) {
    this.#stand = stand;
    this.#kind = kind;
    this.#store = join(stand.root, "store", name);
    this.folder = join(stand.root, "drives", name);
    mkdirSync(this.folder);
    if (kind === "drive") mkdirSync(this.#store);
    if (kind !== "plain") this.#mount();
  }

  get kind(): PlaceKind {
    return this.#kind;
  }

  /** Where its files are, seen from outside of the world. */
  get path(): string {
    return this.#stand.world.path(this.folder);
  }

  /** What is in it, but for what people put there. */
  names(): string[] {
    return this.isThere ? readdirSync(this.path).filter((name) => !this.#others.has(name)) : [];
  }

  /** A person put something there, or gave it another name: it must stay as it is. */
  hold(name: string): void {
    this.#others.set(name, describe(join(this.path, name)));
  }

  /** Throws where anything of that is not as it was. */
  compareOthers(): void {
    if (!this.isThere) return;
    for (const [name, was] of this.#others)
      if (!Bun.deepEquals(describe(join(this.path, name)), was)) throw new Error(`'${name}' was touched`);
  }

  unplug(): void {
    this.#stand.succeed(["umount", this.folder]);
    this.isThere = false;
  }

  plug(): void {
    if (readdirSync(this.folder).length > 0)
      throw new Error(`the bare folder ${this.folder} was written into`);
    this.#mount();
    this.isThere = true;
  }

  fill(): void {
    const filler = join(this.path, "filler");
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(1 << 20), { flag: "a" });
    } catch {
      // ENOSPC: that is what is wanted.
    }
    if (statSync(filler).size === 0) throw new Error("nothing was filled");
    this.isFull = true;
  }

  makeRoom(): void {
    rmSync(join(this.path, "filler"));
    this.isFull = false;
  }

  #mount(): void {
    const words =
      this.#kind === "drive" ? ["--bind", this.#store] : ["-t", "tmpfs", "-o", "size=2m,mode=755", "tmpfs"];
    this.#stand.succeed(["mount", ...words, this.folder]);
  }
}

/** On the disk itself; a drive that can be unplugged; a small one that can be filled. */
export type PlaceKind = "plain" | "drive" | "small";

function describe(path: string): unknown {
  const { ino, mode, size, mtimeNs } = lstatSync(path, { bigint: true });
  return [ino, mode, size, mtimeNs].map(String);
}

function listDescendants(pid: string): string[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return children === "" ? [] : children.split(" ").flatMap((child) => [child, ...listDescendants(child)]);
  } catch {
    // ENOENT, ESRCH: it has ended meanwhile.
    return [];
  }
}

function hurry(pid: string, priority: number): void {
  try {
    if (getPriority(Number(pid)) !== priority) setPriority(Number(pid), priority);
  } catch {
    // ESRCH: it has ended meanwhile.
  }
}
