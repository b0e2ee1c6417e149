// What a command is given to work with: the way to tell it to stop, to speak to the person, and to deliver.
import type { Monitor } from "../system/monitor.ts";
import { isTerminal, standardError, standardOutput, writeMessage } from "../system/streams.ts";
import type { CommandTable } from "./command.ts";
import { escapeControls } from "./escape.ts";
import { createOutput, type Output } from "./output.ts";
import { createStatusLine } from "./progress.ts";
import { createReport, type Report, type ReportOptions } from "./report.ts";
import { isDumb, paintMessages, readScreen, type Screen } from "./screen.ts";

/** Everything here may be handed to long work as its Monitor: where a person watches a terminal, one line shows how far
 * it is, and is gone before anything else is written. */
export interface Session extends Monitor {
  /** All commands, for the few that tell about the others. */
  readonly commands: CommandTable;
  readonly report: Report;
  /** The product. */
  readonly output: Output;
  readonly isQuiet: boolean;
  readonly isJson: boolean;
  /** What can be seen of the product. */
  readonly screen: Screen;
  /** Somebody watches the messages, and wants to hear more than what is wrong. */
  readonly isWatched: () => boolean;
  /** Shows what is waited for on the last line of a terminal, where somebody watches; null takes it away. */
  readonly showStatus: (text: string | null) => void;
  /** A path as standard output should have it: raw for a program that reads it, escaped for eyes. */
  readonly renderPath: (path: string) => string;
}

/** A session of the program, or one that speaks otherwise within `outer`. */
export function createSession(
  options: ReportOptions,
  { signal, commands }: Pick<Session, "signal" | "commands">,
): Session {
  const { isQuiet, isJson } = options;
  const { show, clear, progress } = createStatusLine();
  const report = createReport(options, (text) => {
    clear();
    writeMessage(paintMessages(text, readScreen(standardError)));
  });
  let isWatching: boolean | undefined;
  const isWatched = (): boolean => (isWatching ??= !isQuiet && !isJson && isTerminal(standardError));
  const screen = readScreen(standardOutput);
  const hasStatus = (): boolean => isWatched() && !isDumb();
  return {
    signal,
    commands,
    progress: (...work) => (hasStatus() ? progress(...work) : undefined),
    note: (text) => report.trace(text),
    report,
    output: createOutput(clear),
    isQuiet,
    isJson,
    screen,
    isWatched,
    showStatus: (text) => (text === null ? clear() : hasStatus() ? show(text) : undefined),
    renderPath: (path) => (screen.isTerminal ? escapeControls(path) : path),
  };
}
