// What a command is given to work with: the way to tell it to stop, to speak to the person, and to deliver.
import { join } from "node:path";
import type { Monitor } from "../system/monitor.ts";
import { isTerminal, openDebugLog, standardError, standardOutput, writeMessage } from "../system/streams.ts";
import type { CommandTable } from "./command.ts";
import { escapeControls } from "./escape.ts";
import { createOutput, type Output } from "./output.ts";
import { createProgress, createStatusLine } from "./progress.ts";
import { createReport, type Report } from "./report.ts";

/** Everything here may be handed to long work as its Monitor: where a person watches a terminal, one line shows how far
 * it is, and is gone before anything else is written. */
export interface Session extends Monitor {
  /** All commands, for the few that tell about the others. */
  readonly commands: CommandTable;
  /** Messages. */
  readonly report: Report;
  /** The product. */
  readonly output: Output;
  readonly isQuiet: boolean;
  /** The product is wanted as JSON. */
  readonly isJson: boolean;
  /** Somebody may be looking at standard output: what is not ours is escaped there. */
  readonly isForEyes: boolean;
  /** Shows what is waited for on the last line of a terminal, where somebody watches; null takes it away. */
  readonly showStatus: (text: string | null) => void;
  /** A path as standard output should have it: raw for a program that reads it, escaped for eyes. */
  readonly renderPath: (path: string) => string;
}

/** How a session speaks. */
export interface SessionOptions {
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  readonly isJson: boolean;
  /** Where the log of `--debug` is written, empty for the current folder; undefined without `--debug`. */
  readonly debugFolder: string | undefined;
}

const debugLog = "debug.txt";

/** A session of the program, or one that speaks otherwise within `outer`. */
export function createSession(
  { isQuiet, isVerbose, isJson, debugFolder }: SessionOptions,
  outer: Pick<Session, "signal" | "commands">,
): Session {
  const line = createStatusLine();
  const write = (text: string): void => {
    line.clear();
    writeMessage(text);
  };
  const log =
    debugFolder === undefined
      ? undefined
      : createLog(join(debugFolder, debugLog), (reason) => report.warn(reason));
  const report: Report = createReport({ isQuiet, isVerbose, isJson, write, log });
  let isWatching: boolean | undefined;
  const isWatched = (): boolean => (isWatching ??= !isQuiet && !isJson && isTerminal(standardError));
  const progress = createProgress({ line, columns: readColumns, readMs: () => performance.now() });
  const isForEyes = isTerminal(standardOutput);
  return {
    signal: outer.signal,
    commands: outer.commands,
    progress: (...work) => (isWatched() ? progress(...work) : undefined),
    note: (text) => report.trace(text),
    report,
    output: createOutput(line.clear),
    isQuiet,
    isJson,
    isForEyes,
    showStatus: (text) => (text === null ? line.clear() : isWatched() ? line.show(text) : undefined),
    renderPath: (path) => (isForEyes ? escapeControls(path) : path),
  };
}

/** A terminal that does not know its width says 0. */
function readColumns(): number {
  return process.stderr.columns || 80;
}

/** Opens the log when the first line is written. Where it can't be written the work goes on, after one warning. */
function createLog(path: string, warn: (reason: string) => void): (text: string) => void {
  let append: ((text: string) => void) | undefined;
  let isGivenUp = false;
  return (text) => {
    if (isGivenUp) return;
    try {
      append ??= openDebugLog(path);
      append(text);
    } catch (error) {
      isGivenUp = true;
      warn(`cannot write '${path}': ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}
