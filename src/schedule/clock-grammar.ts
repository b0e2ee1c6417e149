// Reads a time of day: `2:00am`, `0200`, `8h30`, `2am`, `14`, `noon`, and `utc` behind any of them.
import type { TimeCursor } from "./time-cursor.ts";
import type { Clock } from "./time-specification.ts";
import { months, namedHours } from "./time-words.ts";

// Debian's parsetime.l: [012]?[0-9][:'h,.][0-9]{2}
const separators = [":", "'", "h", ",", "."];

/** Whether a date begins here; only then are digits in front no time of day. */
function seesDate(cursor: TimeCursor): boolean {
  return (
    cursor.sees("5-8") ||
    cursor.sees("1-2", ".", "1-2", ".") ||
    cursor.sees("2", "-", "1-2", "-") ||
    cursor.sees("4", "-", "1-2", "-") ||
    (cursor.sees("1-2") && cursor.peek(1)?.text === "/") ||
    cursor.seesNumberThen("1-2", months)
  );
}

function readDigits(cursor: TimeCursor): { hour: number; minute: number } {
  if (cursor.sees("4")) {
    const digits = cursor.number("4", "a time of day");
    return { hour: Math.floor(digits / 100), minute: digits % 100 };
  }
  const hour = cursor.number("1-2", "an hour, as in '2:00am', '0200' or '14'");
  const separated = separators.some((separator) => {
    const next = cursor.peek();
    return next?.text === separator && next.glued && cursor.peek(1)?.kind === "number";
  });
  if (!separated) return { hour, minute: 0 };
  cursor.take();
  return { hour, minute: cursor.number("2", "two digits of minutes") };
}

function applyHalf(cursor: TimeCursor, hour: number): number {
  const half = cursor.peek()?.text;
  if (half !== "am" && half !== "pm") return hour;
  cursor.take();
  if (hour > 12) throw cursor.impossible(`${hour} is too large an hour for ${half}`);
  return (hour % 12) + (half === "pm" ? 12 : 0);
}

/**
 * The time of day that begins here, or null where a day begins instead. Debian's oddities hold: minute 60 and
 * hour 24 exist; the BSDs' too: a bare hour, and am or pm behind four digits.
 */
export function parseClock(cursor: TimeCursor): Clock | null {
  const named = namedHours.get(cursor.peek()?.text ?? "");
  if (named !== undefined) {
    cursor.take();
    return { hour: named, minute: 0, utc: cursor.accept("utc") };
  }
  if (cursor.peek()?.kind !== "number" || seesDate(cursor)) return null;
  const digits = readDigits(cursor);
  if (digits.hour > 24) throw cursor.impossible(`there is no hour ${digits.hour}`);
  if (digits.minute > 60) throw cursor.impossible(`there is no minute ${digits.minute}`);
  const hour = applyHalf(cursor, digits.hour);
  const utc = cursor.accept("utc");
  return digits.minute === 60 && hour < 24
    ? { hour: hour + 1, minute: 0, utc }
    : { hour, minute: digits.minute, utc };
}
