// What stays and what goes: restic's rules, and what we do beyond them. Tables for the rules, properties for the rest.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  planRetention,
  type RetainedRevision,
  type RetentionPlan,
  type RetentionView,
} from "../../src/backup/retention.ts";
import { countLimit, hasPeriodRule, periods, type Retention } from "../../src/backup/retention-policy.ts";
import { dayMs, hourMs } from "../../src/time/wall-time.ts";
import { holds } from "../support/promises.ts";
import { ianaZone } from "../support/zones.ts";
import { type Zone, utcZone } from "../../src/time/zone.ts";
import { moment, show } from "../support/local-time.ts";
import { selectAsRestic } from "../support/restic.ts";

/** A revision: its number, when it was taken (UTC), and what is special about it. */
type Line = readonly [number: number, takenAt: string, special?: Partial<RetainedRevision>];

const damaged = { isGood: false };
const holding = (content: string) => ({ sha256: content });
const sized = (sizeBytes: number) => ({ sizeBytes });

function revisionsOf(lines: readonly Line[], zone: Zone = utcZone): RetainedRevision[] {
  return lines.map(([number, takenAt, special]) => ({
    number,
    takenAtMs: moment(zone, takenAt),
    sha256: `content ${number}`,
    sizeBytes: 1000,
    isGood: true,
    ...special,
  }));
}

/** A moment after all others, in UTC. */
const later: RetentionView = { nowMs: Date.UTC(2100, 0), offsetMsAt: () => 0 };

function viewIn(zone: Zone): RetentionView {
  return { nowMs: later.nowMs, offsetMsAt: (instantMs) => zone.offsetMsAt(instantMs) };
}

const keptOf = (plan: RetentionPlan<RetainedRevision>) => plan.keep.map(({ revision }) => revision.number);
const removedOf = (plan: RetentionPlan<RetainedRevision>) =>
  plan.remove.map(({ revision }) => revision.number);

function explain({ keep, remove }: RetentionPlan<RetainedRevision>): string[] {
  return [
    ...keep.map(({ revision: { number }, reasons }) => `${number} stays: ${reasons.join(", ")}`),
    ...remove.map(({ revision: { number }, reason }) => `${number} goes: ${reason}`),
  ];
}

describe("the newest, by number", () => {
  test("stay, and each says why", () => {
    const revisions = revisionsOf([
      [9, "2026-11-23 02:15"],
      [7, "2026-11-22 02:15"],
      [3, "2026-11-21 02:15"],
    ]);
    expect(explain(planRetention(revisions, { keeprevisions: 2 }, later))).toEqual([
      "9 stays: newest 1 of 2",
      "7 stays: newest 2 of 2",
      "3 goes: older than the newest 2",
    ]);
  });

  test(
    holds("damaged", "a damaged or unreadable one takes the place of no good one, and is not removed"),
    () => {
      const revisions = revisionsOf([
        [4, "2026-11-23 02:15", damaged],
        [3, "2026-11-22 02:15"],
        [2, "2026-11-21 02:15", damaged],
        [1, "2026-11-20 02:15"],
      ]);
      expect(explain(planRetention(revisions, { keeprevisions: 1 }, later))).toEqual([
        "4 stays: damaged or unreadable: not counted, not removed",
        "3 stays: newest 1 of 1",
        "2 stays: damaged or unreadable: not counted, not removed",
        "1 goes: older than the newest 1",
      ]);
    },
  );

  test("no time misleads them, and none is complained of", () => {
    const revisions = revisionsOf([
      [4, "1970-01-01 00:01"],
      [3, "2036-01-01 00:00"],
      [2, "1999-01-01 00:00"],
      [1, "2026-11-20 02:15"],
    ]);
    const plan = planRetention(revisions, { keeprevisions: 2 }, later);
    expect([...explain(plan), ...plan.warnings]).toEqual([
      "4 stays: newest 1 of 2",
      "3 stays: newest 2 of 2",
      "2 goes: older than the newest 2",
      "1 goes: older than the newest 2",
    ]);
  });

  test("-1 keeps all, copies too", () => {
    const revisions = revisionsOf([
      [3, "2026-11-23 02:15", holding("a")],
      [2, "2026-11-22 02:15", holding("a")],
      [1, "2026-11-21 02:15"],
    ]);
    expect(planRetention(revisions, { keeprevisions: -1 }, later).remove).toEqual([]);
  });

  test("whatever order they come in", () => {
    const revisions = revisionsOf([
      [1, "2026-11-21 02:15"],
      [3, "2026-11-23 02:15"],
      [2, "2026-11-22 02:15"],
    ]);
    const plan = planRetention(revisions, { keeprevisions: 2 }, later);
    expect([keptOf(plan), removedOf(plan)]).toEqual([[3, 2], [1]]);
  });

  test("where there are none, nothing happens", () => {
    expect(planRetention([], { keeprevisions: 1, "keep-within": "1d" }, later)).toEqual({
      keep: [],
      remove: [],
      warnings: [],
    });
  });
});

describe("restic's documentation", () => {
  // "Suppose you have only made one backup every Sunday for 12 weeks."
  const sundays = Array.from({ length: 12 }, (_, week): RetainedRevision => ({
    number: week + 1,
    takenAtMs: Date.UTC(2019, 8, 1, 11) + week * 7 * dayMs,
    sha256: `${week}`,
    sizeBytes: 1,
    isGood: true,
  })).toReversed();

  test("--keep-daily 4 keeps the last four Sundays", () => {
    const { keep, remove } = planRetention(sundays, { "keep-daily": 4 }, later);
    const days = keep.map(({ revision }) => show(utcZone, revision.takenAtMs).slice(0, 10));
    expect(days).toEqual(["2019-11-17", "2019-11-10", "2019-11-03", "2019-10-27"]);
    expect(keep.map(({ reasons }) => reasons)).toEqual([
      ["daily 1 of 4"],
      ["daily 2 of 4"],
      ["daily 3 of 4"],
      ["daily 4 of 4"],
    ]);
    expect(remove.map(({ reason }) => reason)).toEqual(Array(8).fill("no rule keeps it"));
  });

  // "Suppose you make one backup every day for 100 years." The last seven days hold the ends of two weeks here, of a
  // month and of a year.
  test("--keep-daily 7 --keep-weekly 5 --keep-monthly 12 --keep-yearly 75 of a hundred years of days", () => {
    const days = Array.from({ length: 36_525 }, (_, day): RetainedRevision => ({
      number: day + 1,
      takenAtMs: Date.UTC(1970, 0, 1, 12) + day * dayMs,
      sha256: `${day}`,
      sizeBytes: 1,
      isGood: true,
    })).toReversed();
    const policy = { "keep-daily": 7, "keep-weekly": 5, "keep-monthly": 12, "keep-yearly": 75 };
    const { keep } = planRetention(days, policy, later);
    const count = (rule: string) =>
      keep.filter(({ reasons }) => reasons.some((reason) => reason.startsWith(rule))).length;
    expect(["daily", "weekly", "monthly", "yearly"].map(count)).toEqual([7, 5, 12, 75]);
    expect(keep.length).toBe(7 + 3 + 11 + 74);
  });

  // "If there are not enough snapshots to keep one for each ... option, the oldest snapshot is kept additionally."
  test("the oldest is kept while a rule has count left", () => {
    const revisions = revisionsOf([
      [4, "2026-11-23 18:00"],
      [3, "2026-11-22 18:00"],
      [2, "2026-11-22 12:00"],
      [1, "2026-11-22 06:00"],
    ]);
    expect(explain(planRetention(revisions, { "keep-daily": 3 }, later))).toEqual([
      "4 stays: daily 1 of 3",
      "3 stays: daily 2 of 3",
      "1 stays: oldest daily 3 of 3",
      "2 goes: no rule keeps it",
    ]);
    expect(keptOf(planRetention(revisions, { "keep-daily": 2 }, later))).toEqual([4, 3]);
    expect(keptOf(planRetention(revisions, { "keep-daily": -1 }, later))).toEqual([4, 3, 1]);
    expect(keptOf(planRetention(revisions, { "keep-within-daily": "7d" }, later))).toEqual([4, 3, 1]);
  });

  test("rules overlap: one revision can serve several", () => {
    const revisions = revisionsOf([
      [3, "2026-11-02 12:00"],
      [2, "2026-10-31 12:00"],
      [1, "2026-10-30 12:00"],
    ]);
    const policy = { keeprevisions: 1, "keep-daily": 2, "keep-monthly": 2 };
    expect(explain(planRetention(revisions, policy, later))).toEqual([
      "3 stays: newest 1 of 1, daily 1 of 2, monthly 1 of 2",
      "2 stays: daily 2 of 2, monthly 2 of 2",
      "1 goes: no rule keeps it",
    ]);
  });
});

describe("periods", () => {
  const berlin = ianaZone("Europe/Berlin");

  test.each<[keyof Retention, string, Line[], number[]]>([
    // 31 December 2026 is a Thursday of week 53, 3 January its Sunday.
    [
      "keep-weekly",
      "an ISO week goes on in the new year",
      [
        [4, "2027-01-04 00:00"],
        [3, "2027-01-03 23:59"],
        [2, "2026-12-31 12:00"],
        [1, "2026-12-27 23:59"],
      ],
      [4, 3, 1],
    ],
    [
      "keep-weekly",
      "or begins in the old one",
      [
        [3, "2025-01-01 12:00"],
        [2, "2024-12-30 00:00"],
        [1, "2024-12-29 23:59"],
      ],
      [3, 1],
    ],
    [
      "keep-monthly",
      "a month ends at midnight on the wall",
      [
        [3, "2026-12-01 00:00"],
        [2, "2026-11-30 23:59"],
        [1, "2026-11-01 00:00"],
        [0, "2026-10-31 23:59"],
      ],
      [3, 2, 0],
    ],
    [
      "keep-yearly",
      "so does a year",
      [
        [3, "2027-01-01 00:00"],
        [2, "2026-12-31 23:59"],
        [1, "2025-12-31 23:59"],
      ],
      [3, 2, 1],
    ],
    [
      "keep-daily",
      "a day of 23 hours is one day",
      [
        [4, "2026-03-30 00:00"],
        [3, "2026-03-29 23:59"],
        [2, "2026-03-29 00:00"],
        [1, "2026-03-28 23:59"],
      ],
      [4, 3, 1],
    ],
    [
      "keep-daily",
      "so is one of 25",
      [
        [4, "2026-10-26 00:00"],
        [3, "2026-10-25 23:59"],
        [2, "2026-10-25 00:00"],
        [1, "2026-10-24 23:59"],
      ],
      [4, 3, 1],
    ],
  ])("%s in Berlin: %s", (rule, _title, lines, kept) => {
    expect(keptOf(planRetention(revisionsOf(lines, berlin), { [rule]: 9 }, viewIn(berlin)))).toEqual(kept);
  });

  test("an hour that the clocks show twice is one, as it is to restic", () => {
    const taken = ["2026-10-25T02:10Z", "2026-10-25T01:50Z", "2026-10-25T00:50Z", "2026-10-24T23:50Z"];
    const revisions = taken.map((text, index): RetainedRevision => ({
      number: 4 - index,
      takenAtMs: Date.parse(text),
      sha256: text,
      sizeBytes: 1,
      isGood: true,
    }));
    expect(keptOf(planRetention(revisions, { "keep-hourly": 9 }, viewIn(berlin)))).toEqual([4, 3, 1]);
  });

  test("go by the local clock", () => {
    const lines: Line[] = [
      [2, "2026-11-24 01:00"],
      [1, "2026-11-23 23:00"],
      [0, "2026-11-22 23:00"],
    ];
    const newYork = ianaZone("America/New_York");
    expect(keptOf(planRetention(revisionsOf(lines), { "keep-daily": 2 }, later))).toEqual([2, 1]);
    expect(keptOf(planRetention(revisionsOf(lines), { "keep-daily": 2 }, viewIn(newYork)))).toEqual([2, 0]);
  });

  test("a holiday expires nothing that counts would keep", () => {
    const before = Array.from({ length: 40 }, (_, day): Line => {
      const taken = new Date(Date.UTC(2026, 5, 1, 12) + day * dayMs).toISOString();
      return [day + 1, taken.slice(0, 16).replace("T", " ")];
    }).toReversed();
    for (const policy of [
      { "keep-daily": 7, "keep-hourly": 12 },
      { keeprevisions: 5, "keep-weekly": 3 },
    ]) {
      const kept = keptOf(planRetention(revisionsOf(before), policy, later));
      const afterwards = keptOf(
        planRetention(revisionsOf([[41, "2026-09-20 12:00"], ...before]), policy, later),
      );
      expect(afterwards[0]).toBe(41);
      // The new one takes one place of each rule, as it would have the day after.
      expect(kept.filter((number) => !afterwards.includes(number)).length).toBeLessThanOrEqual(2);
    }
  });
});

describe("keep-within", () => {
  const days = revisionsOf([
    [5, "2026-11-23 12:00"],
    [4, "2026-11-22 12:00"],
    [3, "2026-11-21 12:00"],
    [2, "2026-11-20 12:00"],
    [1, "2026-11-19 12:00"],
  ]);

  test("counts back from the newest, strictly, and from when a state was last the newest", () => {
    // restic would keep 5 and 4, for 3 was taken two days before 5; but it was the newest until 4 came.
    expect(keptOf(planRetention(days, { "keep-within": "2d" }, later))).toEqual([5, 4, 3]);
    expect(keptOf(planRetention(days, { "keep-within": "2d1h" }, later))).toEqual([5, 4, 3, 2]);
    expect(keptOf(planRetention(days, { "keep-within": "47h" }, later))).toEqual([5, 4, 3]);
    expect(keptOf(planRetention(days, { "keep-within": "1h" }, later))).toEqual([5, 4]);
  });

  test("the live state until yesterday is a day old, however long it was", () => {
    const revisions = revisionsOf([
      [3, "2026-11-23 12:00"],
      [2, "2026-11-22 12:00"],
      [1, "2020-01-01 12:00"],
    ]);
    expect(explain(planRetention(revisions, { "keep-within": "25h" }, later))).toEqual([
      "3 stays: within 25h",
      "2 stays: within 25h",
      "1 stays: within 25h",
    ]);
    expect(keptOf(planRetention(revisions, { "keep-within": "24h" }, later))).toEqual([3, 2]);
  });

  test("one of the future is kept, and never counted back from", () => {
    const now = { ...later, nowMs: Date.UTC(2026, 10, 22, 13) };
    expect(keptOf(planRetention(days, { "keep-within": "1d" }, now))).toEqual([5, 4, 3]);
    const early = { ...later, nowMs: Date.UTC(2026, 0) };
    expect(keptOf(planRetention(days, { "keep-within": "1h" }, early))).toEqual([5, 4, 3, 2, 1]);
  });

  test("of periods, it keeps the newest of each", () => {
    const revisions = revisionsOf([
      [6, "2026-11-23 12:00"],
      [5, "2026-11-23 11:00"],
      [4, "2026-11-22 12:00"],
      [3, "2026-11-22 11:00"],
      [2, "2026-11-02 12:00"],
      [1, "2026-11-01 12:00"],
    ]);
    expect(explain(planRetention(revisions, { "keep-within-daily": "2d" }, later))).toEqual([
      "6 stays: daily within 2d",
      "4 stays: daily within 2d",
      "2 stays: daily within 2d",
      "5 goes: no rule keeps it",
      "3 goes: no rule keeps it",
      "1 goes: no rule keeps it",
    ]);
    expect(keptOf(planRetention(revisions, { "keep-within-monthly": "1y" }, later))).toEqual([6, 1]);
  });
});

describe("copies of the same content", () => {
  const copies = revisionsOf([
    [6, "2026-11-23 12:00", holding("b")],
    [5, "2026-11-22 12:00", holding("b")],
    [4, "2026-11-21 12:00", holding("b")],
    [3, "2026-11-20 12:00", holding("a")],
    [2, "2026-11-19 12:00", holding("a")],
    [1, "2026-11-18 12:00", holding("c")],
  ]);

  test("of neighbours only the newest counts; the others stay while there is room, the newest first", () => {
    expect(explain(planRetention(copies, { keeprevisions: 5 }, later))).toEqual([
      "6 stays: newest 1 of 5",
      "5 stays: same content as revision 6, while there is room",
      "4 stays: same content as revision 6, while there is room",
      "3 stays: newest 2 of 5",
      "1 stays: newest 3 of 5",
      "2 goes: same content as revision 3",
    ]);
  });

  test.each<[Retention, number[]]>([
    [{ keeprevisions: 6 }, [6, 5, 4, 3, 2, 1]],
    [{ keeprevisions: 3 }, [6, 3, 1]],
    [{ keeprevisions: 2 }, [6, 3]],
    [{ "keep-daily": 30 }, [6, 3, 1]],
    [{ "keep-within": "1y" }, [6, 3, 1]],
    [{ "keep-within": "1y", keeprevisions: 4 }, [6, 5, 3, 1]],
  ])("by %j", (policy, kept) => {
    expect(keptOf(planRetention(copies, policy, later))).toEqual(kept);
  });

  test("a damaged one between them makes them no strangers", () => {
    const revisions = revisionsOf([
      [4, "2026-11-23 12:00", holding("a")],
      [3, "2026-11-22 12:00", damaged],
      [2, "2026-11-21 12:00", holding("a")],
      [1, "2026-11-20 12:00"],
    ]);
    expect(keptOf(planRetention(revisions, { keeprevisions: 2 }, later))).toEqual([4, 3, 1]);
  });

  test("a state that came back counts again, but not where what was between goes", () => {
    const revisions = revisionsOf([
      [4, "2026-11-23 18:00", holding("a")],
      [3, "2026-11-23 12:00", holding("b")],
      [2, "2026-11-22 18:00", holding("a")],
      [1, "2026-11-21 18:00", holding("c")],
    ]);
    expect(keptOf(planRetention(revisions, { keeprevisions: 3 }, later))).toEqual([4, 3, 2]);
    expect(explain(planRetention(revisions, { "keep-daily": 2 }, later))).toEqual([
      "4 stays: daily 1 of 2",
      "1 stays: daily 2 of 2",
      "3 goes: no rule keeps it",
      "2 goes: same content as revision 4",
    ]);
  });

  test(holds("copies", "fourteen of them push nothing out"), () => {
    const year = Array.from({ length: 12 }, (_, index): Line => [
      12 - index,
      `2026-${String(12 - index).padStart(2, "0")}-01 12:00`,
    ]);
    const same = Array.from({ length: 14 }, (_, index): Line => [
      27 - index,
      `2027-01-${27 - index} 12:00`,
      holding("z"),
    ]);
    const kept = keptOf(planRetention(revisionsOf([...same, ...year]), { keeprevisions: 14 }, later));
    expect(kept).toEqual([27, 26, ...year.map(([number]) => number)]);
  });
});

describe("a drop in size begins a chapter", () => {
  const fell = revisionsOf([
    [7, "2026-11-27 12:00", sized(70)],
    [6, "2026-11-26 12:00", sized(60)],
    [5, "2026-11-25 12:00", sized(50)],
    [4, "2026-11-24 12:00"],
    [3, "2026-11-23 12:00"],
    [2, "2026-11-22 12:00"],
    [1, "2026-11-21 12:00"],
  ]);

  test(holds("shrunk", "and the policy applies to each by itself"), () => {
    expect(explain(planRetention(fell, { keeprevisions: 2 }, later))).toEqual([
      "7 stays: newest 1 of 2",
      "6 stays: newest 2 of 2",
      "4 stays: newest 1 of 2, before it fell to under a tenth",
      "3 stays: newest 2 of 2, before it fell to under a tenth",
      "5 goes: older than the newest 2",
      "2 goes: older than the newest 2",
      "1 goes: older than the newest 2",
    ]);
    expect(keptOf(planRetention(fell, { "keep-monthly": 3 }, later))).toEqual([7, 5, 4, 1]);
    expect(keptOf(planRetention(fell, { "keep-within": "1h" }, later))).toEqual([7, 6, 4, 3]);
  });

  test("but for a person who prunes all is one", () => {
    expect(keptOf(planRetention(fell, { keeprevisions: 2 }, { ...later, asOne: true }))).toEqual([7, 6]);
  });

  test("a tenth is no drop, and neither is a damaged one", () => {
    const almost = revisionsOf([
      [4, "2026-11-24 12:00", sized(100)],
      [3, "2026-11-23 12:00", { sizeBytes: 1, isGood: false }],
      [2, "2026-11-22 12:00"],
      [1, "2026-11-21 12:00"],
    ]);
    expect(keptOf(planRetention(almost, { keeprevisions: 1 }, later))).toEqual([4, 3]);
  });

  test("of several the newest divides", () => {
    const twice = revisionsOf([
      [4, "2026-11-24 12:00", sized(9)],
      [3, "2026-11-23 12:00", sized(99)],
      [2, "2026-11-22 12:00"],
      [1, "2026-11-21 12:00"],
    ]);
    expect(keptOf(planRetention(twice, { keeprevisions: 1 }, later))).toEqual([4, 3]);
  });

  test("where the file has grown again, the one to which it fell still shows the chapters", () => {
    const grown = revisionsOf([
      [8, "2026-11-28 12:00", sized(900)],
      [7, "2026-11-27 12:00", sized(700)],
      [6, "2026-11-26 12:00", sized(500)],
      [5, "2026-11-25 12:00", sized(50)],
      [4, "2026-11-24 12:00"],
      [3, "2026-11-23 12:00"],
      [2, "2026-11-22 12:00"],
    ]);
    expect(explain(planRetention(grown, { keeprevisions: 2 }, later))).toEqual([
      "8 stays: newest 1 of 2",
      "7 stays: newest 2 of 2",
      "5 stays: the file fell to under a tenth here: what was before is kept by itself",
      "4 stays: newest 1 of 2, before it fell to under a tenth",
      "6 goes: older than the newest 2",
      "3 goes: revision 5, to which the file fell, takes its place",
      "2 goes: older than the newest 2",
    ]);
    // A rule with count left needs no place for that.
    expect(keptOf(planRetention(grown, { "keep-daily": 2, "keep-yearly": 1 }, later))).toEqual([
      8, 7, 5, 4, 3,
    ]);
    // Two revisions are too few to show it.
    const single = explain(planRetention(grown, { keeprevisions: 1 }, later));
    expect(single).toEqual([
      "8 stays: newest 1 of 1",
      ...[7, 6, 5, 4, 3, 2].map((number) => `${number} goes: older than the newest 1`),
    ]);
  });
});

describe("where numbers and times disagree", () => {
  const policy: Retention = { "keep-daily": 2 };

  test(
    holds(
      "clock",
      "periods remove nothing while the newest is older than the one before it, and that is said",
    ),
    () => {
      const revisions = revisionsOf([
        [4, "2026-11-20 12:00"],
        [3, "2026-11-23 12:00"],
        [2, "2026-11-22 12:00"],
        [1, "2026-11-21 12:00", damaged],
        [0, "2026-11-20 12:00"],
      ]);
      const plan = planRetention(revisions, { ...policy, keeprevisions: 1 }, later);
      expect([keptOf(plan), removedOf(plan)]).toEqual([[4, 3, 2, 1, 0], []]);
      expect(plan.warnings).toEqual([
        "by its time, revision 4 is older than revision 3 before it: no revision is removed by periods now;" +
          " check the clock of this machine with: date",
      ]);
      const whole = plan.keep.map(({ reasons }) => reasons.join());
      expect(new Set(whole)).toEqual(
        new Set([
          "times and numbers disagree: nothing is removed by periods",
          "damaged or unreadable: not counted, not removed",
        ]),
      );
    },
  );

  test.each<[string, string]>([
    ["the future", "2036-01-01 00:00"],
    ["the past", "1970-01-01 00:00"],
  ])("one of %s further back is left out, and stays until all that is kept is newer", (_title, time) => {
    const revisions = revisionsOf([
      [5, "2026-11-23 12:00"],
      [4, "2026-11-22 12:00"],
      [3, time],
      [2, "2026-11-21 12:00"],
      [1, "2026-11-20 12:00"],
    ]);
    const threeDays = planRetention(revisions, { "keep-daily": 3 }, later);
    expect(explain(threeDays)).toEqual([
      "5 stays: daily 1 of 3",
      "4 stays: daily 2 of 3",
      "3 stays: its time and its number disagree: left out of the periods",
      "2 stays: daily 3 of 3",
      "1 goes: no rule keeps it",
    ]);
    const twoDays = planRetention(revisions, { "keep-daily": 2 }, later);
    expect(explain(twoDays)).toEqual([
      "5 stays: daily 1 of 2",
      "4 stays: daily 2 of 2",
      "3 goes: its time and its number disagree, and all that is kept is newer",
      "2 goes: no rule keeps it",
      "1 goes: no rule keeps it",
    ]);
  });

  test("a clock that begins in 1970 costs no history: that stays while a rule has count left", () => {
    const history = Array.from({ length: 7 }, (_, day): Line => [7 - day, `2026-11-${20 - day} 12:00`]);
    const reset: Line[] = [
      [10, "1970-01-01 03:00"],
      [9, "1970-01-01 02:00"],
      [8, "1970-01-01 01:00"],
    ];
    for (const rules of [{ "keep-daily": 7 }, { "keep-within": "30d" }, { "keep-within-daily": "7d" }]) {
      const plan = planRetention(revisionsOf([...reset, ...history]), rules, { ...later, nowMs: 4 * hourMs });
      expect(keptOf(plan)).toEqual(expect.arrayContaining(history.map(([number]) => number)));
    }
  });

  test("two of one second agree", () => {
    const revisions = revisionsOf([
      [5, "2026-11-23 12:00"],
      [4, "2026-11-23 12:00"],
      [3, "2026-11-22 12:00"],
      [2, "2026-11-22 12:00"],
      [1, "2026-11-21 12:00"],
    ]);
    const plan = planRetention(revisions, policy, later);
    expect([keptOf(plan), plan.warnings]).toEqual([[5, 3], []]);
    expect(plan.remove.map(({ reason }) => reason)).toEqual(Array(3).fill("no rule keeps it"));
  });

  test("the newest is never the odd one, whatever is between", () => {
    const revisions = revisionsOf([
      [6, "2026-11-23 12:00"],
      [5, "2026-11-10 12:00"],
      [4, "2036-01-01 12:00"],
      [3, "2026-11-22 12:00"],
      [2, "2026-11-21 12:00"],
    ]);
    expect(explain(planRetention(revisions, { "keep-daily": 2 }, later))).toEqual([
      "6 stays: daily 1 of 2",
      "5 stays: its time and its number disagree: left out of the periods",
      "4 stays: its time and its number disagree: left out of the periods",
      "3 stays: daily 2 of 2",
      "2 goes: no rule keeps it",
    ]);
  });

  test("an odd one does not prolong a duration for ever", () => {
    const revisions = revisionsOf([
      [4, "2026-11-23 12:00"],
      [3, "2026-11-20 12:00"],
      [2, "2026-11-10 12:00"],
      [1, "2036-01-01 12:00"],
    ]);
    expect(keptOf(planRetention(revisions, { "keep-within": "2d" }, later))).toEqual([4, 3]);
    expect(keptOf(planRetention(revisions, { "keep-within": "5d" }, later))).toEqual([4, 3, 2, 1]);
  });

  test("what a duration holds by its own time stays, also where wrong times outnumber it", () => {
    const revisions = revisionsOf([
      [6, "2026-11-23 12:00"],
      [5, "1970-01-03 12:00"],
      [4, "1970-01-02 12:00"],
      [3, "1970-01-01 12:00"],
      [2, "2026-11-21 12:00"],
      [1, "2026-11-20 12:00"],
    ]);
    expect(keptOf(planRetention(revisions, { "keep-within": "30d" }, later))).toEqual([6, 5, 2, 1]);
  });

  test("nothing is counted back from an odd one", () => {
    const revisions = revisionsOf([
      [5, "2026-11-24 12:00"],
      [4, "1970-01-01 12:00"],
      [3, "2026-11-22 12:00"],
      [2, "2026-11-21 12:00"],
      [1, "2026-11-20 12:00"],
    ]);
    const before = { ...later, nowMs: Date.UTC(2026, 10, 23) };
    expect(keptOf(planRetention(revisions, { "keep-within": "1d" }, before))).toEqual([5, 4, 3, 2]);
  });

  test("a state that came back around an odd one counts, while that stays", () => {
    const revisions = revisionsOf([
      [4, "2026-11-23 12:00", holding("a")],
      [3, "1970-01-01 12:00", holding("b")],
      [2, "2026-11-22 12:00", holding("a")],
      [1, "2026-11-21 12:00", holding("c")],
    ]);
    expect(keptOf(planRetention(revisions, { "keep-daily": 3 }, later))).toEqual([4, 3, 2, 1]);
  });

  test("many odd ones are thinned by the same rules, apart from the others", () => {
    const boots = Array.from({ length: 9 }, (_, boot): Line[] => [
      [3 * (9 - boot), `2026-11-${20 - boot} 18:00`],
      [3 * (9 - boot) - 1, `2026-11-${20 - boot} 12:00`],
      [3 * (9 - boot) - 2, "1970-01-01 00:01"],
    ]);
    expect(explain(planRetention(revisionsOf(boots.flat()), { "keep-daily": 3 }, later)).slice(0, 5)).toEqual(
      [
        "27 stays: daily 1 of 3",
        "25 stays: its time and its number disagree: left out of the periods",
        "24 stays: daily 2 of 3",
        "21 stays: daily 3 of 3",
        "26 goes: no rule keeps it",
      ],
    );
  });

  test("the state before an odd one ended with the next one that is not", () => {
    const revisions = revisionsOf([
      [4, "2026-11-23 12:00"],
      [3, "1970-01-01 00:00"],
      [2, "2026-01-01 12:00"],
      [1, "2025-12-31 12:00"],
    ]);
    expect(keptOf(planRetention(revisions, { "keep-within": "7d" }, later))).toEqual([4, 3, 2]);
  });
});

/** Anything that may have happened to a file and to its clock. */
interface Step {
  readonly gapMs: number;
  readonly jumpMs: number;
  readonly skippedNumbers: number;
  readonly content: number;
  readonly sizeBytes: number;
  readonly isGood: boolean;
}

const gapMs = fc.oneof(
  fc.integer({ min: 0, max: 3 * hourMs }),
  fc.integer({ min: 20 * hourMs, max: 26 * hourMs }),
  fc.integer({ min: 7 * dayMs, max: 300 * dayMs }),
);

function arbitraryStep(wild: boolean): fc.Arbitrary<Step> {
  return fc.record({
    gapMs,
    jumpMs: wild
      ? fc.oneof(
          { weight: 8, arbitrary: fc.constant(0) },
          fc.integer({ min: -400 * dayMs, max: 400 * dayMs }),
        )
      : fc.constant(0),
    skippedNumbers: fc.integer({ min: 0, max: 2 }),
    content: wild ? fc.integer({ min: 0, max: 5 }) : fc.integer(),
    sizeBytes: wild ? fc.constantFrom(1, 8, 60, 100, 500, 1000, 9000) : fc.constant(1),
    isGood: wild ? fc.integer({ min: 0, max: 9 }).map((die) => die > 0) : fc.constant(true),
  });
}

function historyOf(steps: readonly Step[]): RetainedRevision[] {
  let timeMs = Date.UTC(2026, 0, 1);
  let number = 0;
  return steps
    .map((step, index): RetainedRevision => {
      timeMs = Math.max(0, timeMs + step.gapMs + step.jumpMs);
      number += 1 + step.skippedNumbers;
      const sha256 =
        step.content <= 5 && step.content >= 0 ? `${step.content} of ${step.sizeBytes}` : `${index}`;
      return { number, takenAtMs: timeMs, sha256, sizeBytes: step.sizeBytes, isGood: step.isGood };
    })
    .toReversed();
}

const wildHistory = fc.array(arbitraryStep(true), { maxLength: 60, size: "max" }).map(historyOf);
/** Every time later than the one before it, every content new, every size the same. */
const tameHistory = fc
  .array(arbitraryStep(false), { minLength: 1, maxLength: 60, size: "max" })
  .map((steps) => {
    let extra = 0;
    return historyOf(steps)
      .toReversed()
      .map((revision) => {
        extra += 1;
        return { ...revision, takenAtMs: revision.takenAtMs + extra, sha256: `${extra}` };
      })
      .toReversed();
  });

const count = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 6 }) }, fc.constant(-1));
const duration = fc.constantFrom("1h", "36h", "2d", "7d", "1m", "1m14d", "6m", "1y", "1y6m2d12h");
const countRules = {
  keeprevisions: count,
  ...Object.fromEntries(periods.map((period) => [`keep-${period}`, count])),
};
const withinRules = {
  "keep-within": duration,
  ...Object.fromEntries(periods.map((period) => [`keep-within-${period}`, duration])),
};
const hasRule = (policy: object) => Object.keys(policy).length > 0;
const anyPolicy: fc.Arbitrary<Retention> = fc
  .record({ ...countRules, ...withinRules }, { requiredKeys: [] })
  .filter(hasRule);
const countPolicy: fc.Arbitrary<Retention> = fc.record(countRules, { requiredKeys: [] }).filter(hasRule);
const zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"].map(
  ianaZone,
);
const view = fc
  .record({
    zone: fc.constantFrom(...zones),
    nowMs: fc.oneof(fc.constant(later.nowMs), fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2032, 0) })),
    asOne: fc.boolean(),
  })
  .map(({ zone, nowMs, asOne }) => ({ ...viewIn(zone), nowMs, asOne, zone }));

const isOdd = (reasons: readonly string[]) =>
  reasons.some((reason) => reason.includes("left out of the periods"));

describe("whatever happened to the file and to its clock", () => {
  test(
    holds("nothing-lost", "each revision stays or goes, with a reason, and the newest good one stays"),
    () => {
      fc.assert(
        fc.property(wildHistory, anyPolicy, view, (history, policy, seen) => {
          const plan = planRetention(history, policy, seen);
          const [kept, removed] = [keptOf(plan), removedOf(plan)];
          expect([...kept, ...removed].toSorted((a, b) => b - a)).toEqual(
            history.map(({ number }) => number),
          );
          expect(kept).toEqual(kept.toSorted((a, b) => b - a));
          expect(removed).toEqual(removed.toSorted((a, b) => b - a));
          expect(plan.keep.every(({ reasons }) => reasons.length > 0)).toBe(true);
          expect(plan.remove.every(({ revision, reason }) => revision.isGood && reason !== "")).toBe(true);
          const newest = plan.keep.find(({ revision }) => revision.isGood);
          expect(newest?.revision).toBe(history.find(({ isGood }) => isGood));
          expect(isOdd(newest?.reasons ?? [])).toBe(false);
        }),
        { numRuns: 2000 },
      );
    },
  );

  test("what it kept, it would keep again", () => {
    fc.assert(
      fc.property(wildHistory, anyPolicy, view, (history, policy, seen) => {
        const kept = planRetention(history, policy, seen).keep.map(({ revision }) => revision);
        expect(removedOf(planRetention(kept, policy, seen))).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });

  test("the reasons are those that were found among all, also where what stays reads differently", () => {
    const takenMs = Date.UTC(2026, 0, 1, 20);
    const history = [takenMs - 1, takenMs - 72_000_001, takenMs, takenMs].map((takenAtMs, index) => {
      return { number: 4 - index, takenAtMs, sha256: index === 2 ? "1" : "0", sizeBytes: 1, isGood: true };
    });
    const { keep } = planRetention(history, { "keep-weekly": 2 }, { ...later, asOne: true });
    expect(keep[0]?.reasons).toEqual(["weekly 1 of 2"]);
    expect(keep.slice(1).every(({ reasons }) => isOdd(reasons))).toBe(true);
  });

  test("no more stay than twice the policy's count, and as many that are out of order", () => {
    fc.assert(
      fc.property(wildHistory, countPolicy, view, (history, policy, seen) => {
        const plan = planRetention(history, policy, seen);
        if (plan.warnings.length > 0) return;
        const good = plan.keep.filter(({ revision }) => revision.isGood);
        const limit = countLimit(policy) * (seen.asOne ? 1 : 2);
        const misdated = good.filter(({ reasons }) => isOdd(reasons));
        expect(misdated.length).toBeLessThanOrEqual(limit);
        expect(good.length - misdated.length).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 2000 },
    );
  });

  test("damaged ones change nothing for the others", () => {
    fc.assert(
      fc.property(wildHistory, anyPolicy, view, (history, policy, seen) => {
        const good = history.filter(({ isGood }) => isGood);
        const plan = planRetention(history, policy, seen);
        expect(plan.remove).toEqual(planRetention(good, policy, seen).remove);
      }),
    );
  });

  test("the newest distinct states stay by number, whatever the times are", () => {
    fc.assert(
      fc.property(
        wildHistory,
        anyPolicy,
        fc.integer({ min: 1, max: 20 }),
        view,
        (history, policy, newest, seen) => {
          const states = history
            .filter(({ isGood }) => isGood)
            .filter(({ sha256 }, index, good) => sha256 !== good[index - 1]?.sha256);
          const kept = keptOf(planRetention(history, { ...policy, keeprevisions: newest }, seen));
          expect(kept).toEqual(expect.arrayContaining(states.slice(0, newest).map(({ number }) => number)));
        },
      ),
    );
  });

  test("it removes by periods only where the newest is not older than the one before it", () => {
    fc.assert(
      fc.property(wildHistory, anyPolicy, view, (history, policy, seen) => {
        const [newest, before] = history.filter(({ isGood }) => isGood);
        const isHeld = hasPeriodRule(policy) && newest && before && newest.takenAtMs < before.takenAtMs;
        const plan = planRetention(history, policy, seen);
        expect(plan.warnings.length).toBe(isHeld ? 1 : 0);
        if (isHeld) expect(plan.remove).toEqual([]);
      }),
    );
  });
});

describe("where nothing is odd", () => {
  test("it keeps what restic keeps, but that durations go by a state's last moment", () => {
    fc.assert(
      fc.property(tameHistory, anyPolicy, view, (history, policy, seen) => {
        const times = history.map(({ takenAtMs }) => takenAtMs);
        const ageOf = (index: number) => times[Math.max(0, index - 1)] ?? 0;
        const kept = new Set(selectAsRestic(times, policy, { ...seen, ageOf }));
        const expected = history.filter((_, index) => kept.has(index)).map(({ number }) => number);
        expect(keptOf(planRetention(history, policy, seen))).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
  });

  test("and by counts exactly that, on every day of years in every zone", () => {
    const hours = fc.record({
      start: fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2030, 0) }),
      stepMs: fc.constantFrom(hourMs / 2, hourMs, 5 * hourMs, dayMs, 25 * hourMs, 6 * dayMs),
    });
    fc.assert(
      fc.property(hours, countPolicy, view, ({ start, stepMs }, policy, seen) => {
        const times = Array.from({ length: 100 }, (_, index) => start - index * stepMs);
        const history = times.map((takenAtMs, index) => ({
          number: 100 - index,
          takenAtMs,
          sha256: `${index}`,
          sizeBytes: 1,
          isGood: true,
        }));
        const expected = selectAsRestic(times, policy, seen).map((index) => 100 - index);
        expect(keptOf(planRetention(history, policy, seen))).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test("a new revision costs each rule at most one", () => {
    fc.assert(
      fc.property(tameHistory, countPolicy, gapMs, view, (history, policy, gap, seen) => {
        const kept = planRetention(history, policy, seen).keep.map(({ revision }) => revision);
        const [newest] = kept;
        if (newest === undefined) return;
        const next = {
          ...newest,
          number: newest.number + 1,
          takenAtMs: newest.takenAtMs + gap,
          sha256: "new",
        };
        const plan = planRetention([next, ...kept], policy, seen);
        expect(keptOf(plan)).toContain(next.number);
        expect(plan.remove.length).toBeLessThanOrEqual(Object.keys(policy).length);
      }),
      { numRuns: 1000 },
    );
  });

  test("a policy that keeps more keeps all that the lesser one keeps", () => {
    fc.assert(
      fc.property(tameHistory, countPolicy, anyPolicy, view, (history, policy, more, seen) => {
        const lesser = keptOf(planRetention(history, policy, seen));
        // Of a rule that both have, the one of the lesser policy holds.
        const greater = keptOf(planRetention(history, { ...more, ...policy }, seen));
        expect(greater).toEqual(expect.arrayContaining(lesser));
      }),
    );
  });
});

/** Saves a file every six hours for a year, and prunes each time. @returns what is there at the end, newest first */
function live(
  sizeAt: (day: number) => number,
  policy: Retention,
  watch?: (present: readonly RetainedRevision[]) => void,
): RetainedRevision[] {
  let present: RetainedRevision[] = [];
  for (let run = 1; run <= 4 * 365; run += 1) {
    const takenAtMs = Date.UTC(2026, 0, 1) + run * 6 * hourMs;
    const next = { number: run, takenAtMs, sha256: `${run}`, sizeBytes: sizeAt(run / 4), isGood: true };
    const plan = planRetention([next, ...present], policy, { ...later, nowMs: takenAtMs + 1000 });
    present = plan.keep.map(({ revision }) => revision);
    expect(present.length).toBeLessThanOrEqual(2 * countLimit(policy));
    watch?.(present);
  }
  return present;
}

describe("over a year of runs", () => {
  const policies: Retention[] = [
    { keeprevisions: 14 },
    { keeprevisions: 1 },
    { keeprevisions: 2 },
    { "keep-daily": 7, "keep-weekly": 5, "keep-monthly": 12 },
    { keeprevisions: 3, "keep-hourly": 24, "keep-daily": 7 },
  ];

  describe.each(policies)("with %j", (policy) => {
    test("a log that is rotated each week stays within twice the count", () => {
      live((day) => 10 + 1000 * (day % 7), policy);
    });

    test("so does one that is rotated each night", () => {
      live((day) => 10 + 1000 * (day % 1), policy);
    });

    test("and a database that is vacuumed, and grows again", () => {
      live((day) => 100_000 * (1 + (day % 90)) - (day % 90 < 1 ? 99_000 : 0), policy);
    });

    test("and a file that shrinks and shrinks", () => {
      live((day) => Math.ceil(1e12 * Math.exp(-day / 10)), policy);
    });

    test("of one huge day no more than one chapter is left", () => {
      const left = live((day) => (day >= 100 && day < 101 ? 1e9 : 1000), policy);
      expect(left.filter(({ sizeBytes }) => sizeBytes === 1e9).length).toBeLessThanOrEqual(
        countLimit(policy),
      );
    });
  });

  test.each<[Retention, number]>([
    [{ "keep-daily": 7 }, 6],
    [{ "keep-daily": 7, "keep-weekly": 5, "keep-monthly": 12 }, 319],
    [{ "keep-within-daily": "30d", "keep-within-monthly": "1y" }, 330],
  ])(
    "a clock that begins in 1970 at each start neither fills the disk nor costs history: %j",
    (policy, days) => {
      let present: RetainedRevision[] = [];
      const start = Date.UTC(2026, 0, 1);
      for (let run = 1; run <= 5 * 500; run += 1) {
        const takenAtMs = run % 5 === 0 ? 60_000 + run : start + (run * dayMs) / 5;
        const next = { number: run, takenAtMs, sha256: `${run}`, sizeBytes: 1000, isGood: true };
        present = planRetention([next, ...present], policy, { ...later, nowMs: takenAtMs + 1 }).keep.map(
          ({ revision }) => revision,
        );
        expect(present.length).toBeLessThanOrEqual(Math.min(60, 2 * countLimit(policy)));
      }
      const dated = present.filter(({ takenAtMs }) => takenAtMs >= start);
      expect(dated.at(-1)?.takenAtMs).toBeLessThan(start + (500 - days) * dayMs);
    },
  );

  test.each(policies.filter(({ keeprevisions }) => keeprevisions !== 1))(
    "an accident that nobody saw pushes nothing out, also where the file grows again: %j",
    (policy) => {
      let before: number[] = [];
      const left = live(
        (day) => (day < 200 ? 1_000_000 + day : 1000 + 5000 * (day - 200)),
        policy,
        (present) => {
          if (present[0]?.number === 799) before = present.map(({ number }) => number);
        },
      );
      const still = left.filter(({ number }) => number < 800).map(({ number }) => number);
      // The revision to which the file fell may take a place, of the oldest.
      expect(before.slice(0, -1)).toEqual(expect.arrayContaining(still.slice(0, -1)));
      expect(still.length).toBeGreaterThanOrEqual(before.length - 1);
      expect(still[0]).toBe(799);
    },
  );
});

test("ten thousand revisions take a moment, in order or in any disorder", () => {
  let seed = 1;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const disorders: ((index: number) => Partial<RetainedRevision>)[] = [
    () => ({}),
    () => ({ takenAtMs: random() * 1.7e12 }),
    () => ({ sizeBytes: Math.ceil(10 ** (random() * 6)), sha256: `${Math.floor(random() * 5)}` }),
    (index) => ({ takenAtMs: Date.UTC(2026, 0) - index * hourMs - (random() < 0.3 ? random() * 1e11 : 0) }),
  ];
  const policies: Retention[] = [
    { keeprevisions: 14 },
    { "keep-hourly": 5000, "keep-daily": 7, "keep-monthly": 12, "keep-within-weekly": "9y" },
  ];
  const seen = viewIn(ianaZone("Europe/Berlin"));
  for (const disorder of disorders) {
    const revisions = Array.from({ length: 10_000 }, (_, index): RetainedRevision => ({
      number: 10_000 - index,
      takenAtMs: Date.UTC(2026, 0) - index * hourMs,
      sha256: `content ${index}`,
      sizeBytes: 1000,
      isGood: true,
      ...disorder(index),
    }));
    for (const policy of policies) {
      const begin = performance.now();
      planRetention(revisions, policy, seen);
      expect(performance.now() - begin).toBeLessThan(1000);
    }
  }
});
