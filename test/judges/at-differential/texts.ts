// Writes time texts by the grammar of at(1), most of them about the moment at which they are asked.
import { dateOf, dayMs, minuteMs } from "../../../src/time/wall-time.ts";
import type { Random } from "./random.ts";

const pad = (number: number): string => String(number).padStart(2, "0");

function writeNumericClock(random: Random, wall: number): string {
  const near = new Date(wall + (random.below(7) - 3) * minuteMs);
  const [hour, minute] = random.pick([
    [near.getUTCHours(), near.getUTCMinutes()],
    [near.getUTCHours(), near.getUTCMinutes()],
    [random.below(25), random.below(61)],
    [random.below(24), random.pick([0, 15, 30, 45])],
    [random.pick([0, 1, 2, 3, 24]), random.pick([0, 15, 30])],
  ]);
  const forms = [
    () => `${pad(hour)}${pad(minute)}`,
    () => `${hour}${random.pick([":", "'", "h", ",", "."])}${pad(minute)}`,
    () =>
      `${(hour % 12) + (hour % 12 === 0 ? 12 : 0)}:${pad(minute)}${random.pick(["", " "])}${hour % 24 < 12 ? "am" : "PM"}`,
    () => `${hour}:${pad(minute)}`,
    () => `${(hour % 12) + 1}${random.pick(["am", "pm", " Am"])}`,
    // The BSDs' own.
    () => random.pick([`${hour}`, `${pad((hour % 12) + 1)}${pad(minute)}am`]),
  ] as const;
  const weighted = [0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 5] as const;
  return (forms[random.pick(weighted)] ?? forms[0])();
}

function writeClock(random: Random, wall: number): string {
  const clock =
    random.below(7) === 0 ? random.pick(["noon", "midnight", "Teatime"]) : writeNumericClock(random, wall);
  return random.below(14) === 0 ? `${clock} utc` : clock;
}

const weekdays = ["sun", "monday", "TUE", "wednesday", "thu", "Friday", "sat"] as const;
const months = ["jan", "feb", "march", "Apr", "may", "june", "jul", "AUG", "september", "oct", "nov", "dec"];

function writeDate(random: Random, wall: number): string {
  const near = dateOf(wall + (random.below(5) - 2) * dayMs);
  const other = {
    year: 2024 + random.below(8),
    month: 1 + random.below(12),
    day: random.pick([1, 28, 29, 30, 31, 1 + random.below(31)]),
  };
  const { year, month, day } = random.pick([near, other]);
  const name = months[month - 1] ?? "jan";
  const shortYear = pad(year % 100);
  return random.pick([
    `${name} ${day}`,
    `${name} ${day}`,
    `${day} ${name}`,
    `${day} ${name}`,
    `${name} ${day} ${random.pick([year, year, 1066])}`,
    `${name} ${day}, ${year}`,
    `${day} ${name} ${shortYear}`,
    `${month}/${day}/${random.pick([year, shortYear])}`,
    `${day}.${month}.${random.pick([year, shortYear])}`,
    `${random.pick([year, shortYear])}-${month}-${pad(day)}`,
    `${random.pick([pad(month), month])}${pad(day)}${random.pick([year, shortYear])}`,
    `${month}/${day}`,
  ]);
}

function writeDay(random: Random, wall: number): string {
  switch (random.below(6)) {
    case 0:
      return random.pick(["today", "tomorrow"]);
    case 1:
      return `next ${random.pick(["minute", "hour", "day", "week", "month", "year"])}`;
    case 2:
      return `${random.pick(["", "", "next "])}${random.pick(weekdays)}`;
    case 3:
      return random.pick(weekdays);
    default:
      return writeDate(random, wall);
  }
}

function writeStep(random: Random): string {
  const count = random.pick([0, 1, 1, 1, 2, 3, 7, 24, 30, 60, 90, random.below(100), random.below(400)]);
  const unit = random.pick([
    "minute",
    "minutes",
    "min",
    "hour",
    "hours",
    "hours",
    "day",
    "days",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "mo",
  ]);
  const space = random.pick([" ", " ", ""]);
  return `${random.pick(["+", "+", "+", "+", "-"])}${space}${count}${space}${unit}`;
}

/** A text, given what the clock on the wall shows. */
export function generateText(random: Random, wall: number): string {
  const clock = (): string => writeClock(random, wall);
  const day = (): string => writeDay(random, wall);
  const step = (): string => writeStep(random);
  switch (random.below(12)) {
    case 0:
      return clock();
    case 1:
      // About a month, in minutes.
      return random.below(4) === 0 ? `${clock()} + ${random.pick([43_200, 44_640])} minutes` : clock();
    case 2:
    case 3:
      return `now ${step()}`;
    case 4:
      return day();
    case 5:
      return `${clock()} ${step()}`;
    case 6:
      return `${day()} ${step()}`;
    case 7:
      return `${clock()} ${day()} ${step()}`;
    case 8:
      return random.pick([
        "now",
        step(),
        "nonsense",
        "2:00am 3:00am",
        "nov 30 + 3 months",
        "29 feb + 7 months",
        "30 jan + 60 days",
        `${day()} ${clock()}`,
      ]);
    default:
      return `${clock()} ${day()}`;
  }
}
