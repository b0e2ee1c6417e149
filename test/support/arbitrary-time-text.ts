// Time texts of every form, for properties: each is understood.
import * as fc from "fast-check";

const spaces = fc.constantFrom(" ", "  ", "\t");
const join = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(spaces, ...parts).map(([space, ...texts]) => texts.filter((text) => text !== "").join(space));

const pad = (number: number): string => String(number).padStart(2, "0");
const hour = fc.integer({ min: 0, max: 24 });
const minute = fc.integer({ min: 0, max: 60 }).map(pad);
const half = fc.constantFrom("am", "pm", "AM", " Pm");
const halfHour = fc.integer({ min: 0, max: 12 });

const clock = fc.oneof(
  fc.tuple(hour, fc.constantFrom(":", "'", "h", ",", "."), minute).map((parts) => parts.join("")),
  fc.tuple(hour.map(pad), minute).map((parts) => parts.join("")),
  fc.tuple(halfHour, half).map((parts) => parts.join("")),
  fc.tuple(halfHour, fc.constant(":"), minute, half).map((parts) => parts.join("")),
  fc.constantFrom("noon", "Midnight", "TEATIME"),
);

const month = fc.constantFrom("jan", "February", "mar", "APR", "may", "june", "dec");
const day = fc.integer({ min: 1, max: 28 });
const year = fc.oneof(fc.integer({ min: 2026, max: 2090 }), fc.integer({ min: 10, max: 69 }));
const weekday = fc.constantFrom("sun", "Monday", "tue", "wednesday", "thu", "fri", "SAT");
const monthNumber = fc.integer({ min: 1, max: 12 });
const unit = fc.constantFrom(
  ..."minute minutes min m hour hours hr h day days d week weeks w month months mo year years y".split(" "),
);

const date = fc.oneof(
  join(month, day.map(String)),
  join(day.map(String), month),
  join(month, day.map(String), year.map(String)),
  fc.tuple(month, day, year).map(([name, number, of]) => `${name} ${number}, ${of}`),
  join(day.map(String), month, year.map(String)),
  fc.tuple(monthNumber, day, year).map((parts) => parts.join("/")),
  fc.tuple(day, monthNumber, year).map((parts) => parts.join(".")),
  fc.tuple(year, monthNumber, day).map((parts) => parts.join("-")),
  fc.tuple(monthNumber, day.map(pad), year).map((parts) => parts.join("")),
  fc.tuple(monthNumber, day).map((parts) => parts.join("/")),
  fc.constantFrom("feb 29", "29 feb", "feb 29 2028", "2/29/28"),
);

const named = fc.oneof(
  date,
  weekday,
  join(fc.constant("next"), weekday),
  join(fc.constant("next"), unit),
  fc.constantFrom("today", "Tomorrow"),
);

const step = fc
  .tuple(
    fc.constantFrom("+", "+", "-"),
    fc.constantFrom("", " "),
    fc.integer({ min: 1, max: 90 }),
    fc.constantFrom("", " "),
    unit,
  )
  .map((parts) => parts.join(""));
const plus = step.map((text) => text.replace("-", "+"));

const timed = fc.oneof(clock, join(clock, fc.constant("utc")));

// Before the name of a month, a bare number is the day.
const bareHour = fc.oneof(hour.map(String), join(hour.map(String), weekday), join(hour.map(String), step));

/** Any text that parseTimeSpecification takes. */
export const timeText: fc.Arbitrary<string> = fc.oneof(
  timed,
  bareHour,
  join(timed, named),
  join(timed, named, step),
  join(timed, step),
  named,
  join(date, step),
  join(named, plus),
  plus,
  join(fc.constant("now"), plus),
);
