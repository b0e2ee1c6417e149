// What a command is given to work with: the way to tell it to stop, to speak to the person, and to deliver.
import { join } from "node:path";
import { UsageFailure } from "../errors.ts";
import { isTerminal, openDebugLog, standardError, standardOutput, writeMessage } from "../system/streams.ts";
import type { CommandTable } from "./command-table.ts";
import { escapeControls } from "./escape.ts";
import { createOutput, type Output } from "./output.ts";
import { createStatusLine, noProgress, type Progress, startProgress } from "./progress.ts";
import { createReport, type Report } from "./report.ts";

export interface Session {
  /** Aborted when the person, or the system, wants an end: clean up and throw `signal.reason`. */
  readonly signal: AbortSignal;
  /** All commands, for the few that tell about the others. */
  readonly commands: CommandTable;
  /** Messages. */
  readonly report: Report;
  /** The product. */
  readonly output: Output;
  /** The product is wanted as JSON. */
  readonly isJson: boolean;
  /** Begins a line that tells how far the work is; call its `end` when the work ends, well or not. */
  readonly startProgress: (verb: string, totalBytes?: number) => Progress;
  /** Somebody may be looking at standard output: what is not ours is escaped there. */
  readonly isForEyes: boolean;
  /** Shows what is waited for on the last line of a terminal, where somebody watches; null takes it away. */
  readonly showStatus: (text: string | null) => void;
  /** A path as standard output should have it: raw for a program that reads it, escaped for eyes. */
  readonly renderPath: (path: string) => string;
}

const debugLog = "debug.txt";

/**
 * Builds the session from the options as the gate leaves them (`--quiet`, `--json`).
 * @param logFolder where `--debug` writes, if not the current folder
 */
export function createSession(
  options: readonly string[],
  commands: CommandTable,
  signal: AbortSignal,
  logFolder = "",
): Session {
  const isQuiet = options.includes("--quiet");
  const isVerbose = options.includes("--verbose");
  const isJson = options.includes("--json");
  if (isQuiet && isVerbose) {
    throw new UsageFailure("options '--quiet' and '--verbose' exclude each other", {
      hint: "give one of them",
    });
  }
  const line = createStatusLine();
  const write = (text: string): void => {
    line.clear();
    writeMessage(text);
  };
  const log = options.includes("--debug")
    ? createLog(join(logFolder, debugLog), (reason) => report.warn(reason))
    : undefined;
  const report: Report = createReport({ isQuiet, isVerbose, isJson, write, log });
  const isWatched = (): boolean => !isQuiet && !isJson && isTerminal(standardError);
  const isForEyes = isTerminal(standardOutput);
  const view = { line, columns: readColumns, readSeconds: () => performance.now() / 1000 };
  return {
    signal,
    commands,
    report,
    output: createOutput(line.clear),
    isJson,
    startProgress: (verb, totalBytes) => (isWatched() ? startProgress(verb, totalBytes, view) : noProgress),
    showStatus: (text) => (text === null ? line.clear() : isWatched() ? line.show(text) : undefined),
    isForEyes,
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
