// A job as one line of shell that sh, dash, bash, zsh, fish, csh and tcsh all read alike, and back again.
//
// Why it looks as it does: every shell agrees on single quotes around printable ASCII that holds no single quote
// (none can stand inside), no exclamation mark (csh expands history there), no newline (csh), and no backslash
// followed by a backslash or a quote (fish). So all data is encoded into that alphabet, and what decides is left to
// one /bin/sh. Its script is an argument of itself, so that the script can write the line down again.
import { jobEnvironmentNames } from "../system/at/command.ts";
import { parseJson } from "../system/json.ts";
import { decodeJob, encodeJob, type Job } from "./job.ts";

// `env -i` in front of both programs: a login shell that read its start-up files, and the `TZ=UTC` that `at` was
// given, change nothing. The program comes behind `sh -c exec`, since env takes a path with `=` for an assignment.
// 126 and 127 are what a shell says of a program that is not there or can't be executed; the program itself never
// ends with them. An empty file would run as an empty script, and end the chain with success.
// The clock is UTC's while the line re-queues itself, because `now + 1 day` is wrong across a clock change (Debian
// shifts it by the hour); the words are apart, because as one word it means "now" on the BSDs and macOS.
const passed = jobEnvironmentNames.map((name) => `\${${name}+${name}="$${name}"}`).join(" ");
const lineScript = [
  `e() { env -i ${passed} "$@"; }`,
  `cd /`,
  `b=$(printf %bx "$2")`,
  `b=\${b%x}`,
  `if [ -f "$b" ] && [ -s "$b" ] && [ -x "$b" ]; then e /bin/sh -c "exec \\"\\$0\\" job \\"\\$1\\"" "$b" "$3"; r=$?; else r=127; fi`,
  `case $r in 126|127) ;; *) exit $r;; esac`,
  `printf "tinybackup: %s is not there or can not be executed; this job tries again in a day\\n" "$2" >&2`,
  `printf "/bin/sh -c \\047eval \\"\\$1\\"\\047 tinybackup \\047%s\\047 \\047%s\\047 \\047%s\\047 </dev/null\\n" "$1" "$2" "$3" | e TZ=UTC at -q z now + 1 day`,
].join("; ");

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** JSON in the alphabet that all shells agree on: `\uXXXX` is the only escape in it. */
function renderJson(data: unknown): string {
  const short: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
  return JSON.stringify(data)
    .replaceAll(/\\([^u])/g, (_, escape: string) => escapeUnit(short[escape] ?? escape))
    .replaceAll(/[^ -~]|['!]/g, escapeUnit);
}

/** A path in the same alphabet; what is not in it is written as `\0ooo`, which printf's `%b` turns back into a byte. */
function renderPath(path: string): string {
  const bytes = Buffer.from(path).toString("latin1");
  return bytes.replaceAll(
    /[^ -~]|['!\\]/g,
    (byte) => `\\0${byte.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}

function parsePath(encoded: string): string {
  const bytes = encoded.replaceAll(/\\0([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8) & 0xff),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}

const beginning = `/bin/sh -c 'eval "$1"' tinybackup '${lineScript}' `;

function renderLine(binary: string, data: unknown): string {
  return `${beginning}'${renderPath(binary)}' '${renderJson(data)}' </dev/null`;
}

/** The job as one line, without a newline. */
export const renderJobText = (job: Job): string => renderLine(job.binary, encodeJob(job));

/** The line of a canary: it starts the program at `binary`, as a job does, and `sign` is a file with what that says. */
export function renderCanaryText(binary: string, sign: string): string {
  const script = `b=$(printf %bx "$1"); f=$(printf %bx "$2"); f=\${f%x}; umask 077; mkdir -p "\${f%/*}"; exec "\${b%x}" --version > "$f"`;
  return `/bin/sh -c '${script}' tinybackup '${renderPath(binary)}' '${renderPath(sign)}' </dev/null`;
}

/**
 * The job that a line is, or null unless the line is exactly ours: rendering what was read must give the same line
 * again, to the character. Looking like ours, or quoting ours, is not enough.
 */
export function parseJobText(line: string): Job | null {
  if (!line.startsWith(beginning)) return null;
  const [, path, json] = /^'([^']*)' '([^']*)' <\/dev\/null$/.exec(line.slice(beginning.length)) ?? [];
  if (path === undefined || json === undefined) return null;
  const [binary, data] = [parsePath(path), parseJson(json)];
  return data !== undefined && renderLine(binary, data) === line ? decodeJob(data, binary) : null;
}
