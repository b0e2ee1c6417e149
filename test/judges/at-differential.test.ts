// Every text means what Debian's at(1) makes of it, but for the departures that traps.ts lists.
import { beforeAll, describe, expect, test } from "bun:test";
import { UsageFailure } from "../../src/errors.ts";
import { parseTimeSpecification } from "../../src/time/parse-time.ts";
import { firstOccurrence } from "../../src/time/occurrences.ts";
import type { TimeSpecification } from "../../src/time/specification.ts";
import { renderWall } from "../../src/time/wall-time.ts";
import { wallMsAt } from "../../src/time/zone.ts";
import { type Answer, askDebian } from "./at-differential/debian.ts";
import { generateMoment, type Moment } from "./at-differential/moments.ts";
import { seededRandom } from "./at-differential/random.ts";
import { generateText } from "./at-differential/texts.ts";
import { type Difference, traps } from "./at-differential/traps.ts";

const questionCount = 6000;

function understand(text: string): { specification: TimeSpecification | null; refusal: string } {
  try {
    return { specification: parseTimeSpecification(text), refusal: "" };
  } catch (error) {
    if (!(error instanceof UsageFailure)) throw error;
    return { specification: null, refusal: error.message };
  }
}

function compare(moment: Moment, text: string, debian: Answer): Difference | null {
  const { specification, refusal } = understand(text);
  const ours = specification === null ? null : (firstOccurrence(specification, moment)?.dueMs ?? null);
  const theirs = debian.kind === "time" ? debian.instant : null;
  return ours === theirs ? null : { ...moment, text, debian, specification, refusal, ours };
}

function describeDifference({ zoneName, zone, nowMs, text, debian, ours, refusal }: Difference): string {
  const show = (instant: number): string =>
    `${renderWall(wallMsAt(zone, instant))} (${new Date(instant).toISOString()})`;
  const theirs = debian.kind === "time" ? show(debian.instant) : debian.kind;
  return `'${text}' at ${show(nowMs)} in ${zoneName}: Debian ${theirs}, we ${ours === null ? `refuse ${refusal}` : show(ours)}`;
}

describe("a time text and Debian's at(1)", () => {
  const differences: Difference[] = [];
  let understood = 0;

  beforeAll(() => {
    const random = seededRandom(20_261_123);
    const questions = Array.from({ length: questionCount }, () => {
      const moment = generateMoment(random);
      return { ...moment, text: generateText(random, wallMsAt(moment.zone, moment.nowMs)) };
    });
    const answers = askDebian(questions);
    questions.forEach(({ text, ...moment }, number) => {
      const debian = answers[number] ?? { kind: "garbled" };
      if (debian.kind === "time") understood += 1;
      const difference = compare(moment, text, debian);
      if (difference !== null) differences.push(difference);
    });
  }, 120_000);

  test("most questions have an answer", () => {
    expect(understood).toBeGreaterThan(questionCount / 2);
  });

  test("mean the same instant, but for the listed traps", () => {
    const unexplained = differences.filter(
      (difference) => !traps.some(({ explains }) => explains(difference)),
    );
    expect(unexplained.map(describeDifference)).toEqual([]);
  });

  test.each(traps.map(({ name }, index) => [name, index] as const))("the trap '%s' was seen", (_, index) => {
    const own = differences.filter(
      (difference) => traps.findIndex(({ explains }) => explains(difference)) === index,
    );
    expect(own.length).toBeGreaterThan(0);
  });
});
