// How long ago, and for how long, as people say it. Pure.

const steps = [
  { seconds: 365.2425 * 86_400, unit: "y" },
  { seconds: 86_400, unit: "d" },
  { seconds: 3600, unit: "h" },
  { seconds: 60, unit: "min" },
  { seconds: 1, unit: "s" },
] as const;

/** The largest whole unit: `0 s`, `59 s`, `3 h`, `400 d`. Days go up to two years. */
export function formatSpan(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const step = steps.find((each) => whole >= each.seconds * (each.unit === "y" ? 2 : 1)) ?? {
    seconds: 1,
    unit: "s",
  };
  return `${Math.floor(whole / step.seconds)} ${step.unit}`;
}

/** `3 h ago`; a moment that has not come yet, since a clock was wrong or is, reads `in 2 d`. */
export function formatAge(moment: Date, now: Date): string {
  const seconds = (now.getTime() - moment.getTime()) / 1000;
  return seconds < 0 ? `in ${formatSpan(-seconds)}` : `${formatSpan(seconds)} ago`;
}
