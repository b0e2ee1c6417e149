// The shell script that `at` makes of a job: a preamble of its own, then what was queued. The preamble is read
// strictly from the front, so that nothing in a job's text or environment can pass for another job's beginning.

/** A job's file, taken apart. Characters are bytes (latin1), since `at` escapes values byte by byte. */
export interface JobFile {
  /** Who queued it: `at` itself wrote this, and no user can write to the spool. */
  readonly uid: number;
  /** What was queued, and the newline that `at` adds. */
  readonly body: string;
}

// Debian, Fedora, macOS and FreeBSD all descend from one program. macOS and FreeBSD pad the mail name.
const heading = /#!\/bin\/sh\n# atrun uid=(\d+) gid=\d+\n# mail +\S+ +-?\d+\n/y;
const umask = /umask [0-7]+\n/y;
// A newline in a value is written as a quoted newline; everything else that is special has a backslash.
const value = String.raw`(?:[^\\"\n;]+|\\[^\n]|"\n")*`;
const variable = new RegExp(String.raw`(?:export )?[^=\n ]+=${value}(?:; export [^\n]+)?\n`, "y");
const folder = new RegExp(
  String.raw`cd ${value} \|\| \{\n\t echo 'Execution directory inaccessible' >&2\n\t exit 1\n\}\n`,
  "y",
);
// macOS only.
const oldFolder = /(?:unset OLDPWD|OLDPWD=[^\n]*; export OLDPWD)\n/y;
// Fedora hands the job to the login shell this way.
const hereDocument = /\$\{SHELL:-\/bin\/sh\} << '(marcinDELIMITER[0-9a-f]+)'\n/y;

/** Takes a job's file apart, or null for a text that no known `at` wrote. */
export function parseJobFile(text: string): JobFile | null {
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match !== null) position = pattern.lastIndex;
    return match;
  };
  const uid = take(heading)?.[1];
  if (uid === undefined) return null;
  take(umask);
  while (take(folder) === null) if (take(variable) === null) return null;
  take(oldFolder);
  const delimiter = take(hereDocument)?.[1];
  const rest = text.slice(position);
  if (delimiter === undefined) return { uid: Number(uid), body: rest };
  const end = `\n${delimiter}\n`;
  return rest.endsWith(end) ? { uid: Number(uid), body: `${rest.slice(0, -end.length)}\n` } : null;
}

/**
 * The text of one job as it is. While Debian's daemon starts a job, its file has two names in the queue, and `at -c`
 * prints it twice.
 */
export function undouble(text: string): string {
  const half = text.slice(0, text.length / 2);
  return half + half === text ? half : text;
}

/**
 * Splits the output of `at -c` for several ids into one text for each, or null when it can't be done for certain.
 * Every job's file has one heading, so as many headings as ids means one for each: more means that some job's own
 * text holds what looks like a heading.
 */
export function splitJobFiles(text: string, count: number): string[] | null {
  const starts = [...text.matchAll(/^#!\/bin\/sh\n# atrun uid=\d+ gid=\d+\n/gm)].map(({ index }) => index);
  if (starts.length !== count || starts[0] !== 0) return null;
  return starts.map((start, index) => text.slice(start, starts[index + 1]));
}
