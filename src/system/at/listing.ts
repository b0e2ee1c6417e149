// Reads what `at -l` prints on each system, when asked with TZ=UTC and LC_ALL=C.
import type { AtFamily } from "./platform.ts";

/** A job in the queue of `at`. */
export interface ListedJob {
  /** Decimal; on OpenBSD `<epoch>.<queue>`. Opaque: for `at -c` and `at -r`. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly dueMs: number;
  /** The queue's letter; null where the system does not show it, or (Debian) while the job runs. */
  readonly queue: string | null;
  readonly state: "queued" | "running";
  /** The login name; null where the system shows none, or the user has none. */
  readonly owner: string | null;
}

const months = "JanFebMarAprMayJunJulAugSepOctNovDec";

// `Tue Nov 24 02:35:00 2026`, with or without a zone before the year (asctime, and FreeBSD's %+).
const asctime = String.raw`\w{3} (?<month>\w{3}) +(?<day>\d+) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?: UTC)? (?<year>\d{4})`;

/** A line of each listing, by the names of its fields. What has no such line is no job: headings, and `(done)`. */
const lines: Readonly<Record<AtFamily, RegExp>> = {
  // `2<TAB>Tue Nov 24 02:35:00 2026 z root`; the owner is missing for a uid without a name.
  linux: new RegExp(String.raw`^(?<id>\d+)\t${asctime} (?<queue>\S)(?: (?<owner>.*))?$`),
  // No queue and no owner: `-q` chose the queue, and only the caller's own are listed (root sees everybody's).
  macos: new RegExp(String.raw`^(?<id>\d+)\t${asctime}$`),
  freebsd: new RegExp(String.raw`^${asctime}\t(?<owner>\S+) *(?<queue>[a-zA-Z])\t(?<id>\d+)$`),
  // `02:35:00 11/26/26  root               z        12`
  netbsd:
    /^(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<month>\d\d)\/(?<day>\d\d)\/(?<year>\d\d) {2}(?<owner>\S+) +(?<queue>[a-zA-Z]) +(?<id>\d+)$/,
  openbsd: /^(?<id>(?<epoch>\d+)\.(?<queue>[a-zA-Z]))\t/,
};

/** The jobs of a listing, in its order. */
export function parseListing(family: AtFamily, text: string): ListedJob[] {
  return text.split("\n").flatMap((line) => {
    const { id, queue = "z", owner, ...date } = lines[family].exec(line)?.groups ?? {};
    const dueMs = readDateMs(date);
    if (id === undefined || dueMs === null) return [];
    const isRunning = queue === "=";
    return {
      id,
      dueMs,
      queue: isRunning ? null : queue,
      state: isRunning ? "running" : "queued",
      owner: owner === "???" ? null : owner?.trim() || null,
    };
  });
}

function readDateMs(fields: Readonly<Record<string, string | undefined>>): number | null {
  if (fields["epoch"] !== undefined) return Number(fields["epoch"]) * 1000;
  const read = (name: string) => Number(fields[name]);
  const named = fields["month"] ?? "";
  const month = /^\d+$/.test(named) ? Number(named) - 1 : months.indexOf(named) / 3;
  // NetBSD's %x has two digits for the year.
  const year = read("year") < 100 ? 2000 + read("year") : read("year");
  const timeMs = Date.UTC(year, month, read("day"), read("hour"), read("minute"), read("second"));
  return Number.isInteger(month) && month >= 0 && Number.isFinite(timeMs) ? timeMs : null;
}
