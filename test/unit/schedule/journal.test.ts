import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  compactEvents,
  decodeEvents,
  encodeEvent,
  type JournalEvent,
  type RunEvent,
  scheduleOf,
} from "../../../src/schedule/journal.ts";
import { absolutePath, makeJob } from "../../support/jobs.ts";

const findLast = (events: readonly JournalEvent[], schedule: string, kind: string) =>
  events.findLast((event) => event.event === kind && scheduleOf(event) === schedule);
const id = (digit: number): string => digit.toString(16).padStart(32, "0");
const installed = (schedule: string, atMs = 1): JournalEvent => ({
  event: "installed",
  atMs,
  job: makeJob({ schedule }),
});
const removed = (schedule: string, atMs = 2): JournalEvent => ({
  event: "removed",
  atMs,
  schedule,
  reason: "uninstalled",
});
const ran = (schedule: string, parts: Partial<RunEvent> = {}): RunEvent => ({
  event: "run",
  atMs: 3,
  schedule,
  dueMs: 3,
  exitCode: 0,
  revision: "notes.txt-000001.tar.zst",
  message: null,
  nextMs: 86_403,
  ...parts,
});

test("any event is read back as it was written, each from one line", () => {
  fc.assert(
    fc.property(absolutePath, fc.string(), fc.option(fc.string()), (source, message, revision) => {
      const events = [
        { event: "installed", atMs: 1.5, job: makeJob({ source, timesLeft: 2 }) } as const,
        ran(id(1), { message, revision, nextMs: null }),
        removed(id(1)),
      ];
      const text = events.map(encodeEvent).join("");
      expect(text.split("\n").length).toBe(4);
      expect(decodeEvents(text)).toEqual(events);
    }),
  );
});

test.each([
  ["a torn line", '{"event":"removed","atMs":2,"sch\n'],
  ["a foreign line", "hello\n"],
  ["an empty line", "\n"],
  ["other JSON", '[]\nnull\n1\n"x"\n{}\n'],
  ["an event of a later version", '{"event":"armed","atMs":2}\n'],
  ["an event that lacks a field", '{"event":"run","atMs":2,"schedule":"a"}\n'],
  ["a job that lacks a field", '{"event":"installed","atMs":2,"binary":"/b","job":{"format":1}}\n'],
])("%s is passed over", (_, text) => {
  expect(decodeEvents(`${encodeEvent(ran(id(1)))}${text}${encodeEvent(removed(id(1)))}`)).toEqual([
    ran(id(1)),
    removed(id(1)),
  ]);
});

describe("cutting a journal down", () => {
  test("keeps of an open schedule its installation, its last run and its last good one", () => {
    const bad = ran(id(1), { atMs: 9, exitCode: 75, revision: null });
    const events = [
      installed(id(1)),
      ran(id(1), { atMs: 4 }),
      ran(id(1), { atMs: 5 }),
      { ...bad, atMs: 6 },
      bad,
    ];
    expect(compactEvents(events)).toEqual([installed(id(1)), ran(id(1), { atMs: 5 }), bad]);
  });

  test("keeps of a removed schedule that it was removed", () => {
    expect(compactEvents([installed(id(1)), ran(id(1)), removed(id(1)), ran(id(1))])).toEqual([
      removed(id(1)),
    ]);
  });

  test("keeps the newest thousand removals", () => {
    const events = Array.from({ length: 1500 }, (_, index) => removed(id(index)));
    expect(compactEvents(events)).toEqual(events.slice(500));
  });

  test("changes nothing that is asked of it", () => {
    const event = fc.nat(5).chain((digit) =>
      fc.oneof(
        fc.constant(installed(id(digit))),
        fc.constant(removed(id(digit))),
        fc.nat(3).map((exitCode) => ran(id(digit), { exitCode })),
      ),
    );
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const kept = compactEvents(events);
        for (const [schedule, own] of Map.groupBy(events, scheduleOf)) {
          const isRemoved = own.some(({ event: kind }) => kind === "removed");
          for (const kind of isRemoved ? ["removed"] : ["installed", "run"])
            expect(findLast(kept, schedule, kind)).toEqual(findLast(own, schedule, kind));
        }
        expect(kept.every((each) => events.includes(each))).toBe(true);
      }),
    );
  });
});
