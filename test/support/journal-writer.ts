// Run as a process of its own: appends runs and removals to a journal as fast as it can.
import { compactEvents, decodeEvents, encodeEvent } from "../../src/schedule/journal.ts";
import { appendJournalLine } from "../../src/system/state-folder.ts";

const [path = "", writer = ""] = process.argv.slice(2);
const compact = (text: string): string => compactEvents(decodeEvents(text)).map(encodeEvent).join("");
for (let index = 0; index < 100; index += 1) {
  const schedule = `${writer}${index}`;
  const run = {
    event: "run",
    atMs: 1,
    schedule: "same",
    dueMs: 1,
    exitCode: 0,
    revision: null,
    nextMs: null,
  } as const;
  const lines = [
    encodeEvent({ ...run, message: "x".repeat(8000) }),
    encodeEvent({ event: "removed", atMs: 1, schedule, reason: "uninstalled" }),
  ];
  for (const line of lines)
    if (!(await appendJournalLine(path, line, compact))) throw new Error("not written");
}
