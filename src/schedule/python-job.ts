// The jobs of the Python program of the same name, so that people can move over: shown, and removed by the filters.
import type { Identity } from "./filter.ts";
import type { Job } from "./job.ts";

// What its quote() (shlex.quote, or pipes.quote of Python 2) makes of an argument.
const word = String.raw`([\w@%+=:,./-]+|'[^']*'(?:"'"'[^']*')*)`;
const scriptStart = "export ATJOB_TINYBACKUP_SCRIPT=$(cat <<'SCRIPT'\n";
const command = new RegExp(
  String.raw`\nSCRIPT\)\n${word} - --sourcefile ${word} --destdir ${word} --keeprevisions ${word} --identifier ([0-9a-f_]+) ` +
    String.raw`--run --install --time ${word}(?: --debug >> debug\.txt 2>&1)? <<COMMAND\n\$ATJOB_TINYBACKUP_SCRIPT\nCOMMAND\s*$`,
);

/**
 * The job of the Python program that a job's text is, or null; its time is as typed, any text. Its identifier has to be the
 * md5 chain of just this queue, source, destination and time (get_identifier in tinybackup.py), which nothing else carries
 * by accident. `run` is how ours does the same: it saved whether the file had changed or not.
 */
export function parsePythonJob(body: string): (Identity & Pick<Job, "run">) | null {
  if (!body.startsWith(scriptStart)) return null;
  const words = command.exec(body)?.slice(1);
  if (words === undefined) return null;
  const [, source = "", destination = "", keep, identifier, time = ""] = words.map(unquote);
  const job = { source, destination, time };
  const run = { keeprevisions: Number(keep), always: true };
  return identifier === identify(job) ? { ...job, run } : null;
}

function identify({ source, destination, time }: Identity): string {
  const parts = ["z", source + destination, time];
  return parts.map((_, level) => md5(parts.slice(0, level + 1).join(""))).join("_");
}

const md5 = (text: string): string => new Bun.CryptoHasher("md5").update(text).digest("hex");

const unquote = (text: string): string =>
  text.startsWith("'") ? text.slice(1, -1).replaceAll(`'"'"'`, "'") : text;
