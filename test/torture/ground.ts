// Where the families play that need no tracer: a file with revisions of known contents, and commands that must not hang.
import { join } from "node:path";
import { Stage } from "../support/stage.ts";
import { type Ended, environment, tool } from "../support/tools.ts";
import { mixedBytes } from "../support/workshop.ts";
import type { Bench } from "./case.ts";
import { guardSource, judgeDone, judgeFolder, judgeTidy, listRevisions } from "./invariants.ts";

const patienceMs = 60_000;

export interface Told extends Ended {
  readonly maxBytes: number;
}

export class Ground extends Stage {
  /** All that the source has held, the oldest first. */
  readonly contents: Buffer[] = [];
  /** Where what is restored goes. */
  readonly target: string;
  readonly #binary: string;

  constructor(bench: Bench) {
    super([bench.binary]);
    this.#binary = bench.binary;
    this.target = join(this.root, "restored");
  }

  /** Has the source hold something else from now on. */
  change(content = mixedBytes(3000 + 7 * this.contents.length, this.contents.length + 1)): Buffer {
    this.contents.push(content);
    this.write("notes.txt", content, 0o640);
    return content;
  }

  /** A good revision of each of so many new contents. Returns the names of all that are there. */
  fill(count: number): string[] {
    for (let made = 0; made < count; made++) {
      this.change();
      const { code, err } = this.type(["run", ...this.paths, "-k", "20"]);
      if (code !== 0) throw new Error(`a revision could not be made: ${err}`);
    }
    return listRevisions(this.destination);
  }

  /** Types a command, which must end in time and say what it says in sentences. */
  async tell(
    args: readonly string[],
    by: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Told> {
    const child = Bun.spawn([...by, this.#binary, ...args], {
      cwd: this.root,
      env: { ...environment, XDG_STATE_HOME: `${this.root}.state`, ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: patienceMs,
      killSignal: "SIGKILL",
    });
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    const code = await child.exited;
    const told = { code, out, err, maxBytes: child.resourceUsage()?.maxRSS ?? 0 };
    judgeTold(args, told);
    return told;
  }

  /** The present content of the newest revision, its name, as tar and zstd have it. */
  judge(kept: readonly string[] = [], ignored: readonly string[] = []): Map<string, Buffer> {
    return judgeFolder({ folder: this.destination, contents: this.contents, kept, ignored });
  }

  /** A run of a healthy system: it saves what there is, leaves nothing behind, and loses nothing of what must stay. */
  async recover(kept: readonly string[] = [], ignored: readonly string[] = []): Promise<Map<string, Buffer>> {
    const present = this.change();
    const judgeSource = guardSource(this.source);
    const { code, err } = await this.tell(["run", ...this.paths, "-k", "20"]);
    if (code !== 0) throw new Error(`the next run ended with ${code}: ${err}`);
    judgeSource();
    judgeTidy(this.destination);
    const found = this.judge(kept, ignored);
    judgeDone(found, present);
    return found;
  }
}

/** What the program says is sentences, and no failure goes unsaid. */
export function judgeTold(args: readonly string[], { code, err, out }: Ended): void {
  const story = `${args.join(" ")}: ended with ${code}: ${err}${out.slice(0, 300)}`;
  if (code === 137) throw new Error(`it did not end: ${story}`);
  if (code > 128 || ![0, 1, 2, 3, 5, 75].includes(code)) throw new Error(story);
  if (/internal error|unknown error|^ {4}at |undefined|\[object/m.test(err)) throw new Error(story);
  if (code !== 0 && err === "") throw new Error(`it failed and said nothing: ${story}`);
}

/** All that is below a folder, each with what it is, but for some names. */
export function listTree(folder: string, but: readonly string[] = []): string[] {
  const found = tool("find", folder, "-mindepth", "1", "-printf", String.raw`%P\t%y\t%m\t%s\t%T@\t%l\0`);
  return found
    .toString()
    .split("\0")
    .filter((line) => !but.includes(line.split("\t")[0]?.split("/")[0] ?? ""))
    .filter((line) => !/^[^\t]*\td\t/.test(line))
    .toSorted();
}

/** One of several, at random. */
export function pick<T>(random: () => number, all: readonly T[]): T {
  const one = all[Math.floor(random() * all.length)];
  if (one === undefined) throw new Error("there is nothing to choose from");
  return one;
}
