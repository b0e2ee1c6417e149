// The stage of the end-to-end tests: a file, a folder to save it in, and the program at work there; for schedules with a
// world around it that has its own clock and its own queue of `at`.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseRevisionName } from "../../src/backup/revision.ts";
import { binary } from "./binary.ts";
import { TestFolder } from "./folder.ts";
import { type Ended, asNobody, environment, readScreen, run, start } from "./tools.ts";
import { World } from "./world.ts";

const placeWarning =
  /^tinybackup: warning: [^\n]*'\/tmp\/[^\n]*(on the file's own disk|for temporary files|among temporary files)[^\n]*\n/gm;

/** How a command is run. */
interface How {
  /** What it is started by: `["setpriv", "--reuid=65534", …]`. */
  readonly by?: readonly string[];
  /** The stage's folder unless said. */
  readonly cwd?: string;
  /** Added to the stage's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Who types it; in a world only. */
  readonly uid?: number;
}

export class Stage extends TestFolder {
  /** The file to save: `notes.txt`, mode 0640, some kilobytes. */
  readonly source: string;
  /** `-f SOURCE -d DESTINATION`, as most commands want them. */
  readonly paths: readonly string[];
  readonly #program: readonly string[];
  readonly #state: string;

  /** The program is the compiled one unless another form is given. */
  constructor(program: readonly string[] = [binary]) {
    super();
    this.#program = program;
    // Beside the stage, where nobody counts what is there.
    this.#state = `${this.root}.state`;
    this.source = this.write("notes.txt", "a line of notes\n".repeat(200), 0o640);
    this.paths = ["-f", this.source, "-d", this.destination];
  }

  /** Runs any command to its end. */
  run(command: readonly string[], how?: How): Ended {
    return run(...this.prepare(command, how));
  }

  /**
   * Types a command of the program. What `install` warns of wherever a stage is, below /tmp and all on one disk, is left out
   * of what it says; test/e2e/schedule-places.test.ts has that.
   */
  type(args: readonly string[], how?: How): Ended {
    const ended = this.run([...this.#program, ...args], how);
    return { ...ended, err: ended.err.replaceAll(placeWarning, "") };
  }

  /** What somebody sees who types it at a terminal so many columns wide, which knows colours if `env` has them. */
  watch(args: readonly string[], columns = 80, env: How["env"] = {}): string {
    const words = [...this.#program, ...args].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
    const line = `stty cols ${columns}; ${words.join(" ")}`;
    const { out } = this.run(["script", "-qec", line, "/dev/null"], {
      env: { TERM: "xterm", NO_COLOR: "1", ...env },
    });
    return readScreen(out);
  }

  /** The same as nobody, with a copy of the program that everybody may run, wherever this checkout is. */
  typeAsNobody(args: readonly string[], how: How = {}): Ended {
    const copy = join(this.root, "program");
    copyFileSync(binary, copy);
    chmodSync(copy, 0o755);
    return this.run([copy, ...args], { ...how, by: asNobody });
  }

  /** The same as `type` without waiting for its end, for several at a time. */
  start(args: readonly string[], how?: How): Promise<Ended> {
    return start(...this.prepare([...this.#program, ...args], how));
  }

  /** What to spawn for a command to be run here. */
  protected prepare(
    command: readonly string[],
    { by = [], cwd = this.root, env = {} }: How = {},
  ): Parameters<typeof run> {
    return [[...by, ...command], { cwd, env: { ...environment, XDG_STATE_HOME: this.#state, ...env } }];
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    rmSync(this.#state, { recursive: true, force: true });
  }

  /** `tinybackup run` of the source into the destination, which makes a revision also of what has not changed. */
  save(...more: readonly string[]): Ended {
    return this.type(["run", ...this.paths, "--always", ...more]);
  }

  /** What the program remembers of what was typed here: the journal's text. */
  journal(): string {
    const path = join(this.#state, "tinybackup/journal.jsonl");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** A shell script in which `tinybackup` is the program, SOURCE and SAVED the two paths. */
  shell(script: string, how: How = {}): Ended {
    const env = { ...how.env, BINARY: binary, SOURCE: this.source, SAVED: this.destination };
    return this.run(["bash", "-c", `tinybackup() { "$BINARY" "$@"; }; ${script}`], { ...how, env });
  }

  /** Names of all revisions in the destination, sorted. */
  revisions(): string[] {
    return this.files().filter((name) => parseRevisionName(name) !== null);
  }

  /** Names of what else is there. */
  leftovers(): string[] {
    return this.files().filter((name) => parseRevisionName(name) === null);
  }
}

/** Seconds since 1970 of a moment in UTC: `moment("2026-11-23T12:00")`. */
export const moment = (text: string): number => Date.parse(`${text}Z`) / 1000;
export const minute = 60;
export const hour = 3600;
export const day = 86_400;

/** A schedule as `statusof --json` shows it. */
export interface Row {
  readonly id: string;
  readonly program: string;
  readonly source: string;
  readonly destination: string;
  readonly time: string;
  readonly name: string | null;
  readonly next: string | null;
  readonly state: string;
  readonly problems: readonly { readonly code: string; readonly message: string; readonly hint: string }[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly lastRun: {
    readonly at: string;
    readonly exitCode: number;
    readonly revision: string | null;
    readonly message: string | null;
  } | null;
  readonly newest: { readonly file: string; readonly takenAt: string } | null;
}

interface Setting {
  /** What the world's clock shows at first, in seconds since 1970. */
  readonly now?: number;
  readonly zone?: string;
}

/** A stage in a world. The environment is a HOME of its own, and what a test adds. */
export class WorldStage extends Stage implements AsyncDisposable {
  readonly world: World;
  readonly home: string;

  private constructor(world: World) {
    super();
    this.world = world;
    this.home = join(this.root, "home");
    mkdirSync(this.home);
  }

  static async create({ now = moment("2026-11-23T12:00"), zone = "UTC" }: Setting = {}): Promise<WorldStage> {
    return new WorldStage(await World.create(now, zone));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
    this[Symbol.dispose]();
  }

  protected override prepare(
    command: readonly string[],
    { by = [], cwd = this.root, env = {}, ...who }: How = {},
  ): Parameters<typeof run> {
    // The world itself is entered by a program in PATH.
    const { PATH, ...others } = env;
    const path = PATH === undefined ? [] : ["env", `PATH=${PATH}`];
    return this.world.enter([...by, ...path, ...command], {
      cwd,
      env: { HOME: this.home, ...others },
      ...who,
    });
  }

  /**
   * Installs the stage's file into its folder, with more words; throws unless that went well. Every run makes a revision,
   * though nothing changes.
   */
  install(more: readonly string[], how?: How): Ended {
    const ended = this.type(["install", ...this.paths, "--always", ...more], how);
    if (ended.code !== 0) throw new Error(`install: ${ended.err}`);
    return ended;
  }

  /** What `statusof` says, as JSON, with its exit code. */
  statusof(words: readonly string[] = ["all"], how?: How): { code: number; jobs: Row[] } {
    const { code, out, err } = this.type(["statusof", ...words, "--json"], how);
    if (out === "") throw new Error(`statusof: ${err}`);
    const { jobs }: { jobs: Row[] } = JSON.parse(out);
    return { code, jobs };
  }

  /** The one schedule that there is. */
  only(): Row {
    const { jobs } = this.statusof();
    const [job] = jobs;
    if (job === undefined || jobs.length > 1) throw new Error(`${jobs.length} schedules`);
    return job;
  }

  /** When revisions were taken, as it stands in their names: `2026-11-24T02-00`. */
  takenAt(): string[] {
    return this.files().map((name) => /-(\d{4}-\d\d-\d\dT\d\d-\d\d)-\d\dZ-/.exec(name)?.[1] ?? name);
  }

  override journal(): string {
    const path = join(this.home, ".local/state/tinybackup/journal.jsonl");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }
}
