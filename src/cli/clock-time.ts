// Moments on the clock on the wall. Pure but for the time zone, which is the process's own.

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}

/** `2026-11-23 02:15:07` in local time. */
export function formatLocalTime(moment: Date): string {
  const date = [pad(moment.getFullYear(), 4), pad(moment.getMonth() + 1), pad(moment.getDate())].join("-");
  const time = [pad(moment.getHours()), pad(moment.getMinutes()), pad(moment.getSeconds())].join(":");
  return `${date} ${time}`;
}
