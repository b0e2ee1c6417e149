// complete (hidden): asked by the scripts of `completions` what could come next on an unfinished command line.
import { defineCommand } from "citty";
import { sourcesOf } from "../backup/catalog.ts";
import { isBroken, isMember } from "../backup/revision.ts";
import * as shared from "../cli/arguments.ts";
import { type CommandTable, describeCommands } from "../cli/command.ts";
import {
  type Completion,
  findCompletion,
  readTyped,
  renderPathReply,
  renderReply,
  shells,
  type Suggestion,
  type TypedPaths,
} from "../cli/completion.ts";
import { formatAge, formatSize } from "../cli/format.ts";
import type { Session } from "../cli/session.ts";
import { ExitCode, Failure } from "../errors.ts";
import { listScheduledSources } from "../schedule/infer-target.ts";
import { openFolder, openRevisions } from "./open-revisions.ts";

/** More than that nobody looks through. */
const mostRevisions = 50;

export const command = defineCommand({
  meta: {
    name: "complete",
    description: "say what could come next on an unfinished command line",
    examples: [{ type: "tinybackup complete bash =li", does: "what bash asks after 'tinybackup li'" }],
    exitCodes: [ExitCode.done, ExitCode.failed],
  },
  args: {
    ...shared.messages,
    shell: { type: "positional", required: true, description: "the shell that asks" },
    word: {
      type: "positional",
      required: false,
      variadic: true,
      description: "the words after the program's name, each behind an equals sign; the last is unfinished",
    },
  },
  async run({ args, data }) {
    const { commands, output }: Session = data;
    const shell = shells.find((each) => each === args.shell);
    if (shell === undefined) throw new Failure(`there are no completions for '${args.shell}'`);
    const [, ...words] = args._;
    const typed = readTyped(shell, words);
    const line = nameCommand(typed.words, commands);
    const completion = findCompletion(line, await describeCommands(commands));
    const found = await findWords(completion);
    output.write(
      found ? renderReply(shell, found, typed, completion.prefix) : renderPathReply(completion.fitting),
    );
    return ExitCode.done;
  },
});

/** With the command's own name in place of an alias. */
function nameCommand([first = "", ...rest]: readonly string[], table: CommandTable): readonly string[] {
  const [name = first] = [...table].find(([, { aliases }]) => aliases?.includes(first)) ?? [];
  return [rest.length === 0 ? first : name, ...rest];
}

/** Undefined where the shell is to look for paths. */
async function findWords({ fitting, typed }: Completion): Promise<readonly Suggestion[] | undefined> {
  switch (fitting) {
    case "revision":
      return findRevisions(typed);
    case "source": {
      const sources = await findSources(typed);
      // A file may be meant of which nothing is known yet, or the folder comes later on the line.
      return sources.length === 0 ? undefined : sources;
    }
    case "file":
    case "folder":
      return undefined;
    default:
      return fitting;
  }
}

async function findRevisions({ sourcefile, destinationdirectory }: TypedPaths): Promise<Suggestion[]> {
  const latest = { word: "latest", meaning: "the newest good one" };
  const opened = await lookQuietly(() =>
    openRevisions({
      sourcefile: sourcefile && expandHome(sourcefile),
      destinationdirectory: destinationdirectory && expandHome(destinationdirectory),
    }),
  );
  const nowMs = Date.now();
  const numbered = (opened?.revisions ?? []).slice(0, mostRevisions).map((revision) => {
    const age = formatAge(revision.takenAtMs, nowMs);
    const size = revision.archive ? formatSize(revision.sizeBytes) : revision.state;
    // Only what counts goes by its number.
    const word = isMember(revision) || isBroken(revision) ? String(revision.number) : revision.file;
    return { word, meaning: `${age}, ${size}` };
  });
  return [latest, ...numbered];
}

/** Those that the folder has revisions of, or without a folder, those that have a schedule. */
async function findSources({ destinationdirectory }: TypedPaths): Promise<Suggestion[]> {
  const sources =
    destinationdirectory === undefined
      ? await listScheduledSources()
      : sourcesOf(
          (await lookQuietly(() =>
            openFolder({ sourcefile: undefined, destinationdirectory: expandHome(destinationdirectory) }),
          )) ?? [],
        );
  return sources.map((word) => ({ word, meaning: "" }));
}

/** Whoever presses Tab wants no message: where nothing can be found, nothing is offered. */
async function lookQuietly<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** The shell has not done it yet. */
function expandHome(path: string): string {
  const home = process.env["HOME"];
  return home !== undefined && /^~(\/|$)/.test(path) ? home + path.slice(1) : path;
}
