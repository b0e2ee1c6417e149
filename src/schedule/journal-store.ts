// The journal as events, in its place on the disk.
import { appendJournalLine, locateJournal, readJournalText } from "../system/journal-file.ts";
import { compactEvents, decodeEvents, encodeEvent, type JournalEvent } from "./journal.ts";

/** Writes an event down, and says whether it is on the disk. Never throws: a log is no reason to stop a backup. */
export function recordEvent(event: JournalEvent, path = locateJournal()): Promise<boolean> {
  return appendJournalLine(path, encodeEvent(event), (text) =>
    compactEvents(decodeEvents(text)).map(encodeEvent).join(""),
  );
}

/** What is written down, oldest first; null where there is a journal that can't be read. */
export function readEvents(path = locateJournal()): JournalEvent[] | null {
  const text = readJournalText(path);
  return text === null ? null : decodeEvents(text);
}

/** Whether a schedule was removed: what a job asks after it armed its successor. An unreadable journal says no. */
export function wasRemoved(schedule: string, path = locateJournal()): boolean {
  // Parsing only the lines that name the schedule keeps a job of every two minutes cheap.
  const lines = (readJournalText(path) ?? "").split("\n").filter((line) => line.includes(schedule));
  return decodeEvents(lines.join("\n")).some(
    (event) => event.event === "removed" && event.schedule === schedule,
  );
}
