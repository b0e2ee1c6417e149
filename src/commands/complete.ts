// complete (hidden): asked by the scripts of `completions` what could come next on an unfinished command line.
import { sourcesOf } from "../backup/catalog.ts";
import * as shared from "../cli/arguments.ts";
import { type CommandTable, loadCommands } from "../cli/command-table.ts";
import { defineCommand } from "../cli/command.ts";
import {
  type Candidate,
  findWanted,
  type Given,
  readTyped,
  renderPathReply,
  renderReply,
  shells,
  type Wanted,
} from "../cli/completion.ts";
import { formatAge, formatSize } from "../cli/format.ts";
import { ExitCode, Failure } from "../errors.ts";
import { listScheduledSources } from "../schedule/infer-target.ts";
import { openFolder, openRevisions } from "./open-revisions.ts";

/** More than that nobody looks through. */
const mostRevisions = 50;

export const command = defineCommand({
  name: "complete",
  summary: "say what could come next on an unfinished command line",
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
  examples: [{ type: "tinybackup complete bash =li", does: "what bash asks after 'tinybackup li'" }],
  exitCodes: [ExitCode.done, ExitCode.failed],
  async run(args, { commands, output }) {
    const shell = shells.find((each) => each === args.shell);
    if (shell === undefined) throw new Failure(`there are no completions for '${args.shell}'`);
    const typed = readTyped(shell, args.word);
    const { wanted, prefix } = findWanted(nameCommand(typed.words, commands), await loadCommands(commands));
    const candidates = await findCandidates(wanted);
    output.write(candidates ? renderReply(shell, candidates, typed, prefix) : renderPathReply(wanted.kind));
    return ExitCode.done;
  },
});

/** With the command's own name in place of an alias. */
function nameCommand([first = "", ...rest]: readonly string[], table: CommandTable): readonly string[] {
  const [name = first] = [...table].find(([, { aliases }]) => aliases?.includes(first)) ?? [];
  return [rest.length === 0 ? first : name, ...rest];
}

/** Undefined where the shell is to look for paths. */
async function findCandidates(wanted: Wanted): Promise<readonly Candidate[] | undefined> {
  switch (wanted.kind) {
    case "words":
      return wanted.candidates;
    case "revision":
      return findRevisions(wanted.given);
    case "source": {
      const sources = await findSources(wanted.given);
      // A file may be meant of which nothing is known yet, or the folder comes later on the line.
      return sources.length === 0 ? undefined : sources;
    }
    case "file":
    case "folder":
      return undefined;
  }
}

async function findRevisions({ sourcefile, destinationdirectory }: Given): Promise<Candidate[]> {
  const latest = { word: "latest", meaning: "the newest good one" };
  const opened = await lookQuietly(() =>
    openRevisions({
      sourcefile: sourcefile && expandHome(sourcefile),
      destinationdirectory: destinationdirectory && expandHome(destinationdirectory),
    }),
  );
  const now = new Date();
  const numbered = (opened?.revisions ?? []).slice(0, mostRevisions).map((revision) => {
    const age = formatAge(new Date(revision.takenAtMs), now);
    const size = revision.archive ? formatSize(revision.sizeBytes) : revision.state;
    return { word: String(revision.number), meaning: `${age}, ${size}` };
  });
  return [latest, ...numbered];
}

/** Those that the folder has revisions of, or without a folder, those that have a schedule. */
async function findSources({ destinationdirectory }: Given): Promise<Candidate[]> {
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
