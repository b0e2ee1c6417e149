// Ages, moments and sizes as people read them.
import { localOffsetMs } from "../system/invocation.ts";

const steps = [
  { seconds: 365.2425 * 86_400, unit: "y" },
  { seconds: 86_400, unit: "d" },
  { seconds: 3600, unit: "h" },
  { seconds: 60, unit: "min" },
  { seconds: 1, unit: "s" },
] as const;

/** The largest whole unit, and under ten of them the next one too: `59 s`, `1 h 59 min`, `3 h`, `14 h`, `400 d`. Days go up to
 * two years. */
export function formatSpan(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const place = steps.findIndex((each) => whole >= each.seconds * (each.unit === "y" ? 2 : 1));
  const [step = steps[4], next] = steps.slice(place);
  const count = Math.floor(whole / step.seconds);
  const rest = next && count < 10 ? Math.floor((whole - count * step.seconds) / next.seconds) : 0;
  return `${count} ${step.unit}${rest > 0 ? ` ${rest} ${next?.unit}` : ""}`;
}

/** `3 h ago`; a moment that has not come yet, since a clock was wrong or is, reads `in 2 d`. */
export function formatAge(momentMs: number, nowMs: number): string {
  const seconds = (nowMs - momentMs) / 1000;
  return seconds < 0 ? `in ${formatSpan(-seconds)}` : `${formatSpan(seconds)} ago`;
}

/** `2026-11-23 02:15:07` in local time. */
export function formatLocalTime(momentMs: number): string {
  return new Date(momentMs + localOffsetMs(momentMs))
    .toISOString()
    .replace("T", " ")
    .slice(0, -".999Z".length);
}

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;

/** `0 B`, `1023 B`, `1.5 KiB`, `512 MiB`: binary units, three digits at most before the point, one behind it
 * under ten. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // From 1023.5 on it would be rounded to 1024.
  while (unit < units.length - 1 && (unit === 0 ? value >= 1024 : value >= 1023.5)) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return `${digits} ${units[unit]}`;
}
