// Sizes in bytes as people read them. Pure.

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
