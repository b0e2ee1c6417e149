// Writes a specification in one way only: two texts mean the same exactly when their canonical texts are equal.
import type { Clock, Day, Period, TimeSpecification } from "./time-specification.ts";

const weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

function pad(number: number, length = 2): string {
  return String(number).padStart(length, "0");
}

function renderClock({ hour, minute, utc }: Clock): string {
  return `${pad(hour)}:${pad(minute)}${utc ? " utc" : ""}`;
}

function renderDay(day: Day): string {
  if (day.kind === "today") return "today";
  if (day.kind === "weekday") return `${day.next ? "next " : ""}${weekdayNames[day.weekday] ?? ""}`;
  if (day.kind === "month-day") return `${monthNames[day.month - 1] ?? ""} ${day.day}`;
  if (day.kind === "date") return `${pad(day.year, 4)}-${pad(day.month)}-${pad(day.day)}`;
  return "";
}

function renderStep(sign: "+" | "-", { count, unit }: Period): string {
  return `${sign} ${count} ${unit}${count === 1 ? "" : "s"}`;
}

/**
 * The canonical text, which parses back to an equal specification. `2:00am` and `0200` are both `02:00`;
 * `+1day`, `now + 1 day`, `tomorrow` and `next day` are all `now + 1 day`.
 */
export function renderCanonical({ clock, day, ahead, every, back }: TimeSpecification): string {
  // A period and a step back stand together only in `next week - 2 days`, where the period has no number.
  const next = ahead ?? (back === null ? null : every);
  const beginning = [
    clock === null ? "" : renderClock(clock),
    renderDay(day),
    next === null ? "" : `next ${next.unit}`,
  ].filter((part) => part !== "");
  const steps = [
    ...(every === null || next === every ? [] : [renderStep("+", every)]),
    ...(back === null ? [] : [renderStep("-", back)]),
  ];
  return [...(beginning.length === 0 ? ["now"] : beginning), ...steps].join(" ");
}
