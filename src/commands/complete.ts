// complete (hidden): asked by the scripts of `completions` what could come next on an unfinished command line.
import { sourcesOf } from "../backup/catalog.ts";
import { handleOf } from "../backup/revision.ts";
import { describeCommands } from "../cli/command.ts";
import {
  type Completion,
  findCompletion,
  renderReply,
  splitTyped,
  type Suggestion,
} from "../cli/completion.ts";
import { formatAge, formatSize } from "../cli/format.ts";
import { defineCommand } from "../cli/define.ts";
import { ExitCode, Failure } from "../errors.ts";
import { listScheduled } from "../schedule/infer-target.ts";
import { openFolder, openRevisions } from "./open-revisions.ts";
import { openProofLog } from "./proof-log.ts";

/** More than that nobody looks through. */
const mostRevisions = 50;

export const command = defineCommand({
  meta: {
    name: "complete",
    description: "say what could come next on an unfinished command line",
    examples: {
      "tinybackup complete 'tinybackup li' =li": "what bash asks after 'tinybackup li'",
    },
    exitCodes: [ExitCode.done, ExitCode.failed],
  },
  args: {
    line: { type: "positional", required: true, description: "the command line up to where one types" },
    replaced: {
      type: "positional",
      required: false,
      description: "what of its last word bash replaces, behind an equals sign",
    },
  },
  async run({ args, data: { commands, output } }) {
    const [, ...words] = splitTyped(args.line);
    const [replaced] = args.replaced === undefined ? [] : splitTyped(args.replaced.slice(1));
    const completion = findCompletion(words, await describeCommands(commands));
    output.write(renderReply(await findWords(completion), completion.prefix, words.at(-1) ?? "", replaced));
    return ExitCode.done;
  },
});

/** What fits; a file or a folder the shell is to look for itself. */
async function findWords({ fitting, typed }: Completion): Promise<readonly Suggestion[] | "file" | "folder"> {
  const sourcefile = expandHome(typed.sourcefile);
  const destinationdirectory = expandHome(typed.destinationdirectory);
  if (typeof fitting !== "string" || fitting === "file" || fitting === "folder") return fitting;
  if (fitting === "revision") return findRevisions({ sourcefile, destinationdirectory });
  const known =
    fitting !== "source" || destinationdirectory === undefined
      ? await listScheduled(fitting)
      : sourcesOf((await orNothing(openFolder({ sourcefile: undefined, destinationdirectory }))) ?? []);
  // A file may be meant of which nothing is known yet, or the folder comes later on the line.
  if (fitting === "source" && known.length === 0) return "file";
  return known.map((word) => ({ word, meaning: "" }));
}

async function findRevisions(typed: Parameters<typeof openRevisions>[0]): Promise<Suggestion[]> {
  const opened = await orNothing(openRevisions(typed, openProofLog()));
  const nowMs = Date.now();
  const numbered = (opened?.revisions ?? []).slice(0, mostRevisions).map((revision) => {
    const age = formatAge(revision.takenAtMs, nowMs);
    const size = revision.archive ? revision.sizeBytes : null;
    const what = size === null ? revision.state : formatSize(size);
    return { word: handleOf(revision), meaning: `${age}, ${what}` };
  });
  return [{ word: "latest", meaning: "the newest good one" }, ...numbered];
}

/** Whoever presses Tab wants no message: where nothing can be found, nothing is offered. */
async function orNothing<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** The shell has not done it yet. */
function expandHome(path: string | undefined): string | undefined {
  const home = process.env["HOME"];
  return home !== undefined && path !== undefined && /^~(\/|$)/.test(path) ? home + path.slice(1) : path;
}
