// Time zones as ICU knows them: a second opinion beside that of the C library.
import type { Zone } from "../../src/time/zone.ts";

/** A zone by its IANA name, such as `Europe/Berlin`. Throws RangeError for an unknown name. */
export function ianaZone(name: string): Zone {
  const offsetMsAt = (instantMs: number): number => {
    const instant = Temporal.Instant.fromEpochMilliseconds(Math.floor(instantMs));
    return instant.toZonedDateTimeISO(name).offsetNanoseconds / 1e6;
  };
  offsetMsAt(0);
  return { offsetMsAt };
}
