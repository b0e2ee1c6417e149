// What a time text means, for people: its canonical form, its rhythm, its next instants.
import { UsageFailure } from "../errors.ts";
import { renderCanonical } from "./canonical.ts";
import { calendarOf } from "./environment-zone.ts";
import { parseTimeSpecification } from "./parse-time.ts";
import { previewTimes } from "./preview-times.ts";
import { describeRecurrence } from "./time-specification.ts";

export interface Preview {
  readonly time: string;
  readonly canonical: string;
  /** `daily`, `every 7 minutes`, `once`. */
  readonly recurs: string;
  /** Milliseconds since 1970. */
  readonly next: readonly number[];
}

/** Previews a text in the zone of this process. Throws a UsageFailure for one that is not understood, or has passed. */
export function describePreview(
  time: string,
  { now, count }: { readonly now: number; readonly count: number },
): Preview {
  const specification = parseTimeSpecification(time);
  const next = previewTimes(specification, { now, count, calendar: calendarOf(process.env["TZ"]) });
  if (next.length === 0) {
    throw new UsageFailure(`the time '${time}' has passed: it would never run`, {
      hint: "name one that is still to come",
    });
  }
  return { time, canonical: renderCanonical(specification), recurs: describeRecurrence(specification), next };
}
