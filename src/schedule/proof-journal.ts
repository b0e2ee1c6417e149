// What the journal remembers of revisions: which were read whole, and what was found. Lines that are torn, foreign or of a
// later version are passed over. Pure.
import { isAbsolutePath, isOneOf, isShaped, isText, parseJson } from "../system/json.ts";

/** Instants are milliseconds since 1970. */
export type ProofEvent = FoundEvent | DailyEvent;

interface FoundEvent {
  /** Read whole, with that outcome; or found equal to the source. */
  readonly event: "proven" | "damaged" | "equal";
  readonly atMs: number;
  readonly folder: string;
  readonly file: string;
  /** What is wrong with it; empty where it was good. */
  readonly damage: string;
}

/** The one old revision of the day was about to be read whole. */
interface DailyEvent {
  readonly event: "daily";
  readonly atMs: number;
  readonly folder: string;
  readonly source: string;
}

/** A line holds what was found of several files of one folder: each its name, the instant, and what is wrong with it. */
interface FoundLine extends Pick<FoundEvent, "event" | "folder"> {
  readonly files: readonly (readonly [file: string, atMs: number, damage?: string])[];
}

const FILES_A_LINE = 100;

/** Lines of JSON, each with its newline. */
export function encodeProofs(events: readonly ProofEvent[]): string {
  const lines: (DailyEvent | FoundLine)[] = events.filter((event) => event.event === "daily");
  const found = Map.groupBy(
    events.filter((event) => event.event !== "daily"),
    ({ event, folder }) => JSON.stringify({ event, folder }),
  );
  for (const all of found.values()) {
    for (let from = 0; from < all.length; from += FILES_A_LINE) {
      const part = all.slice(from, from + FILES_A_LINE);
      const files = part.map(({ file, atMs, damage }) =>
        damage === "" ? ([file, atMs] as const) : ([file, atMs, damage] as const),
      );
      lines.push(...part.slice(0, 1).map(({ event, folder }) => ({ event, folder, files })));
    }
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

const isDaily = isShaped<DailyEvent>({
  event: isOneOf("daily"),
  atMs: Number.isFinite,
  folder: isAbsolutePath,
  source: isAbsolutePath,
});

const isFound = isShaped<FoundLine>({
  event: isOneOf("proven", "damaged", "equal"),
  folder: isAbsolutePath,
  files: (value) => Array.isArray(value) && value.every(isFileEntry),
});

function isFileEntry(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [file, atMs, damage = ""]: readonly unknown[] = value;
  return isText(file) && Number.isFinite(atMs) && typeof damage === "string";
}

const NAMED = /"event":"(proven|damaged|equal|daily)"/;

/** The proofs in a journal's text, in its order. */
export function decodeProofs(text: string): ProofEvent[] {
  return text.split("\n").flatMap((line): ProofEvent[] => {
    const data = NAMED.test(line) ? parseJson(line) : undefined;
    if (isDaily(data)) return [data];
    if (!isFound(data)) return [];
    const { event, folder, files } = data;
    return files.map(([file, atMs, damage = ""]) => ({ event, atMs, folder, file, damage }));
  });
}

/** How many are kept of a journal that has grown too long. */
const KEPT_PROOFS = 2000;

/** The last of each revision and of each series; of these what was found damaged, and then the newest. */
export function compactProofs(events: readonly ProofEvent[]): ProofEvent[] {
  const last = new Map<string, ProofEvent>();
  for (const event of events) {
    const about = event.event === "daily" ? event.source : event.file;
    const kind = event.event === "damaged" ? "proven" : event.event;
    const key = [event.folder, about, kind].join("\0");
    last.delete(key);
    last.set(key, event);
  }
  const kept = [...last.values()];
  const damaged = kept.filter(({ event }) => event === "damaged").slice(-KEPT_PROOFS);
  const others = kept.filter(({ event }) => event !== "damaged");
  const room = KEPT_PROOFS - damaged.length;
  const wanted = new Set([...damaged, ...others.slice(Math.max(0, others.length - room))]);
  return kept.filter((event) => wanted.has(event));
}
