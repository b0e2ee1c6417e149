// Reads what `at -l` prints on each system, when asked with TZ=UTC and LC_ALL=C.
import type { AtFamily } from "./platform.ts";

/** A job in the queue of `at`. */
export interface ListedJob {
  /** Decimal; on OpenBSD `<epoch>.<queue>`. Opaque: for `at -c` and `at -r`. */
  readonly id: string;
  /** Seconds since 1970 UTC. */
  readonly due: number;
  /** The queue's letter; null where the system does not show it, or (Debian) while the job runs. */
  readonly queue: string | null;
  readonly state: "queued" | "running";
  /** The login name; null where the system shows none, or the user has none. */
  readonly owner: string | null;
}

type LineReader = (line: string) => ListedJob | null;

const months = "JanFebMarAprMayJunJulAugSepOctNovDec";

// `Tue Nov 24 02:35:00 2026`, with or without a zone before the year (asctime, and FreeBSD's %+).
const datePattern = String.raw`\w{3} (?<month>\w{3}) +(?<day>\d+) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?: UTC)? (?<year>\d{4})`;

function readDate(groups: Readonly<Record<string, string | undefined>>): number | null {
  const number = (name: string) => Number(groups[name]);
  const named = groups["month"] ?? "";
  const month = /^\d+$/.test(named) ? Number(named) - 1 : months.indexOf(named) / 3;
  // NetBSD's %x has two digits for the year.
  const year = number("year") < 100 ? 2000 + number("year") : number("year");
  const time = Date.UTC(year, month, number("day"), number("hour"), number("minute"), number("second"));
  return Number.isInteger(month) && month >= 0 && Number.isFinite(time) ? time / 1000 : null;
}

const readWith =
  (pattern: RegExp, assumedQueue: string | null = null): LineReader =>
  (line) => {
    const groups = pattern.exec(line)?.groups;
    const due = groups === undefined ? null : readDate(groups);
    if (groups === undefined || due === null || groups["id"] === undefined) return null;
    const queue = groups["queue"] ?? assumedQueue;
    const running = queue === "=";
    const owner = groups["owner"]?.trim() || null;
    return {
      id: groups["id"],
      due,
      queue: running ? null : queue,
      state: running ? "running" : "queued",
      owner: owner === "???" ? null : owner,
    };
  };

const readOpenbsd: LineReader = (line) => {
  const [, id, due, queue] = /^((\d+)\.([a-zA-Z]))\t/.exec(line) ?? [];
  if (id === undefined || due === undefined || queue === undefined) return null;
  return { id, due: Number(due), queue, state: "queued", owner: null };
};

const readFreebsd = readWith(
  new RegExp(String.raw`^${datePattern}\t(?<owner>\S+) *(?<queue>[a-zA-Z])\t(?<id>\d+)$`),
);

const readers: Record<AtFamily, readonly LineReader[]> = {
  // `2<TAB>Tue Nov 24 02:35:00 2026 z root`; the owner is missing for a uid without a name.
  linux: [readWith(new RegExp(String.raw`^(?<id>\d+)\t${datePattern} (?<queue>\S)(?: (?<owner>.*))?$`))],
  // No queue and no owner: `-q` chose the queue, and only the caller's own are listed (root sees everybody's).
  macos: [readWith(new RegExp(String.raw`^(?<id>\d+)\t${datePattern}$`), "z")],
  freebsd: [readFreebsd],
  // `02:35:00 11/26/26  root               z        12`
  netbsd: [
    readWith(
      /^(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<month>\d\d)\/(?<day>\d\d)\/(?<year>\d\d) {2}(?<owner>\S+) +(?<queue>[a-zA-Z]) +(?<id>\d+)$/,
    ),
  ],
  openbsd: [readOpenbsd],
};

/** The jobs of a listing, in its order. Headings, and jobs that are done (`(done)`), are left out. */
export function parseListing(family: AtFamily, text: string): ListedJob[] {
  const jobs: ListedJob[] = [];
  for (const line of text.split("\n"))
    for (const read of readers[family]) {
      const job = read(line);
      if (job !== null) jobs.push(job);
    }
  return jobs;
}
