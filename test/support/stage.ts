// A stage for schedules: a world with its own clock and queue, the compiled program, a file and a folder to save it in.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programs } from "./binary.ts";
import { World } from "./world.ts";

export const [, [compiled = ""]] = programs[1] ?? ["", []];

/** Seconds since 1970 of a moment in UTC: `at("2026-11-23T12:00")`. */
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
  readonly problems: readonly { readonly message: string; readonly hint: string }[];
  readonly lastRun: {
    readonly at: string;
    readonly exitCode: number;
    readonly revision: string | null;
    readonly message: string | null;
  } | null;
  readonly newest: { readonly file: string; readonly takenAt: string } | null;
}

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface How {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
}

interface Setting {
  readonly now?: number;
  readonly zone?: string;
}

export class Stage {
  readonly world: World;
  readonly folder: string;
  readonly source: string;
  readonly destination: string;
  readonly home: string;

  private constructor(world: World, folder: string) {
    this.world = world;
    this.folder = folder;
    this.source = join(folder, "notes.txt");
    this.destination = join(folder, "saved");
    this.home = join(folder, "home");
    mkdirSync(this.destination);
    mkdirSync(this.home);
    writeFileSync(this.source, "some notes\n");
  }

  static async create({ now = moment("2026-11-23T12:00"), zone = "UTC" }: Setting = {}): Promise<Stage> {
    return new Stage(await World.create(now, zone), mkdtempSync(join(tmpdir(), "tinybackup-stage-")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Types a command. */
  type(args: readonly string[], { env: { PATH, ...env } = {}, ...who }: How = {}): Said {
    // The world itself is entered by a program in PATH.
    const path = PATH === undefined ? [] : ["env", `PATH=${PATH}`];
    const ran = this.world.run([...path, compiled, ...args], { env: { HOME: this.home, ...env }, ...who });
    return { code: ran.exitCode, out: ran.stdout, err: ran.stderr };
  }

  /** Installs the stage's file into its folder, with more words; throws unless that went well. */
  install(more: readonly string[], how: How = {}): Said {
    const said = this.type(["install", "-f", this.source, "-d", this.destination, ...more], how);
    if (said.code !== 0) throw new Error(`install: ${said.err}`);
    return said;
  }

  /** What `statusof` says, as JSON, with its exit code. */
  statusof(words: readonly string[] = ["all"], how: How = {}): { code: number; jobs: Row[] } {
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

  /** The names of the revisions, oldest first. */
  revisions(): string[] {
    return readdirSync(this.destination).toSorted();
  }

  /** When revisions were taken, as it stands in their names: `2026-11-24T02-00`. */
  takenAt(): string[] {
    return this.revisions().map((name) => /-(\d{4}-\d\d-\d\dT\d\d-\d\d)-\d\dZ-/.exec(name)?.[1] ?? name);
  }

  journal(): string {
    const path = join(this.home, ".local/state/tinybackup/journal.jsonl");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }
}
