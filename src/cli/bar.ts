// Amounts as bars, so that one that is out of line meets the eye. Pure.

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** `value` as a bar, where `largest` fills `columns`; something, however little, shows at least a sliver. */
export function renderBar(value: number, largest: number, columns: number): string {
  if (value <= 0 || largest <= 0) return "";
  const parts = Math.max(1, Math.round((Math.min(value, largest) / largest) * columns * 8));
  return "█".repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? "");
}
