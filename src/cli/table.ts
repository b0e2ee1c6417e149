// Rows of text in aligned columns. Pure.
import { escapeControls } from "./escape.ts";

export interface Column {
  readonly title: string;
  /** Numbers and sizes stand to the right. */
  readonly align?: "right";
}

/** A heading and a line for each row, columns two spaces apart, no space at a line's end. Cells are escaped, since a
 * newline in a name would break the table; wide characters count as the two columns that they take. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows].map((cells) => cells.map(escapeControls));
  const widths = columns.map((_, place) =>
    Math.max(...lines.map((cells) => Bun.stringWidth(cells[place] ?? ""))),
  );
  const rendered = lines.map((cells) =>
    columns
      .map(({ align }, place) => {
        const cell = cells[place] ?? "";
        const space = " ".repeat((widths[place] ?? 0) - Bun.stringWidth(cell));
        return align === "right" ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd(),
  );
  return `${rendered.join("\n")}\n`;
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** `value` as a bar, where `largest` fills `columns`; something, however little, shows at least a sliver. */
export function renderBar(value: number, largest: number, columns: number): string {
  if (value <= 0 || largest <= 0) return "";
  const parts = Math.max(1, Math.round((Math.min(value, largest) / largest) * columns * 8));
  return "█".repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? "");
}
