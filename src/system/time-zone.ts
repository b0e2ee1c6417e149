// The time zone of this process, as the C library knows it, and so date(1) and at(1): to the runtime a rule of POSIX, a path
// and an empty TZ are UTC, and a zone file in /etc is any zone with the same times.
import { UsageFailure } from "../errors.ts";
import { readTextIfThere } from "./exists.ts";
import { localOffsetMs } from "./libc.ts";

export { setTimeZone } from "./libc.ts";

/** Local time: that of TZ, or else of /etc/localtime. */
export const localZone = { offsetMsAt: localOffsetMs };

/**
 * The user's own zone, undefined where TZ is not set. To the C library an empty one means UTC; the runtime lists it among
 * the names, and gives no value for it.
 */
export function readTimeZone(environment: Readonly<NodeJS.ProcessEnv> = process.env): string | undefined {
  return environment["TZ"] || (Object.keys(environment).includes("TZ") ? "UTC" : undefined);
}

/** Throws a UsageFailure where TZ names no zone. */
export function checkTimeZone(): void {
  const timeZone = readTimeZone();
  if (isTimeZone(timeZone)) return;
  throw new UsageFailure(`the variable TZ names no time zone: '${timeZone}'`, {
    hint: "unset TZ, or set it to a name such as Europe/Berlin, which the package tzdata brings",
  });
}

/** Whether a value of TZ, or none, is what the C library knows: all else it takes for UTC without a word. */
export function isTimeZone(timeZone: string | undefined): boolean {
  return timeZone === undefined || rule.test(timeZone) || isZoneFile(timeZone.replace(/^:/, ""));
}

const name = String.raw`(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)`;
const offset = String.raw`[+-]?(?:[01]?\d|2[0-4])(?::[0-5]\d){0,2}`;
const day = String.raw`(?:M(?:0?[1-9]|1[0-2])\.[1-5]\.[0-6]|J?(?:[12]?\d?\d|3[0-5]\d|36[0-5]))`;
const change = String.raw`,${day}(?:/[+-]?(?:1[0-6]\d|\d{1,2})(?::[0-5]\d){0,2})?`;
/** As POSIX has it, `CET-1CEST,M3.5.0,M10.5.0/3`; and what needs no file. */
const rule = new RegExp(`^(?:UTC|GMT|${name}${offset}(?:${name}(?:${offset})?(?:${change}${change})?)?)$`);

/** Where C libraries look, those of Alpine and NixOS too. */
const folders = ["/usr/share/zoneinfo", "/share/zoneinfo", "/etc/zoneinfo"];

function isZoneFile(file: string): boolean {
  const own = process.env["TZDIR"] ?? "";
  const paths = file.startsWith("/") ? [file] : [own, ...folders].map((folder) => `${folder}/${file}`);
  return paths.some((path) => readTextIfThere(path).startsWith("TZif"));
}

/** `UTC+01:00`: how far the clocks on the wall are ahead. */
export function describeOffset(nowMs: number): string {
  const minutes = Math.round(localOffsetMs(nowMs) / 60_000);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) =>
    String(part).padStart(2, "0"),
  );
  return `UTC${minutes < 0 ? "-" : "+"}${hours}:${rest}`;
}
