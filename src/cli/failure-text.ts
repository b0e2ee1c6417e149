// The words in which a person, or a machine, is told of a failure. Pure.
import { Failure, Interruption } from "../errors.ts";
import { encodeJson, escapeControls } from "./escape.ts";

/** Any thrown thing as a Failure: ours as it is, a mistake of the program as an internal error. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Failure(`internal error: ${what}`, {
    hint: "this is a mistake in tinybackup; run it again with --debug, and report it with debug.txt",
    cause: error,
  });
}

/** Of anything thrown, one line that says what happened, and one that says what to type; or one line of JSON. Ends with a
 * newline. */
export function renderFailure(thrown: unknown, isJson: boolean): string {
  const failure = toFailure(thrown);
  if (isJson) {
    const code = failure instanceof Interruption ? failure.shellCode : failure.exitCode;
    const error = { code, message: failure.message, hint: failure.hint ?? null };
    return encodeJson({ error });
  }
  return renderSentence(`tinybackup: ${failure.message}`, failure.hint);
}

export function renderWarning(message: string, hint: string | undefined, isJson: boolean): string {
  if (isJson) return encodeJson({ warning: { message, hint: hint ?? null } });
  return renderSentence(`tinybackup: warning: ${message}`, hint);
}

function renderSentence(sentence: string, hint: string | undefined): string {
  const line = `${escapeControls(sentence)}\n`;
  return hint === undefined ? line : `${line}hint: ${escapeControls(hint)}\n`;
}

/** The stacks of an error and of its causes, for the debug log. */
export function renderStack(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? String(error);
  return error.cause === undefined ? own : `${own}\ncaused by: ${renderStack(error.cause)}`;
}
