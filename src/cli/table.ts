// Rows of text in aligned columns. Pure.
import { escapeControls } from "./escape.ts";
import type { Screen, Tint } from "./screen.ts";

export interface Column {
  readonly title: string;
  /** Numbers and sizes stand to the right. */
  readonly align?: "right";
  /** Shown only on screens of at least so many columns, and where there is room for it. */
  readonly extraFrom?: number;
  readonly tint?: (cell: string) => Tint | undefined;
}

/**
 * A heading and a line for each row, columns two spaces apart, no space at a line's end. Cells are escaped, since a newline in
 * a name would break the table; wide characters count as the two columns that they take. Where the screen is too narrow,
 * each row goes on in further lines, and so does the heading: nothing is cut, and no word broken.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  screen: Pick<Screen, "columns" | "paint"> = plain,
): string {
  const titles = columns.map(({ title }) => title);
  const lines = [titles, ...rows].map((cells) => cells.map(escapeControls));
  const measured = columns.map((column, place) => {
    const width = Math.max(...lines.map((cells) => Bun.stringWidth(cells[place] ?? "")));
    return { ...column, place, width };
  });
  const folds = foldColumns(dropExtra(measured, screen.columns), screen.columns);
  const rendered = lines.flatMap((cells, row) =>
    folds.flatMap((fold, number) => renderFold(fold, number > 0, cells, row === 0, screen)),
  );
  return `${rendered.join("\n")}\n`;
}

const plain: Pick<Screen, "columns" | "paint"> = {
  columns: Number.POSITIVE_INFINITY,
  paint: (_, text) => text,
};
/** Between two columns, and in front of what goes on. */
const GAP = "  ";
/** Where nobody looks, what most would see is shown, in lines as long as it takes. */
const USUAL_COLUMNS = 80;

interface Measured extends Column {
  readonly place: number;
  readonly width: number;
}

const widthOf = (columns: readonly Measured[]): number =>
  columns.reduce((sum, { width }) => sum + width + GAP.length, -GAP.length);

/** Leaves out what there is no room for, the last first. */
function dropExtra(columns: readonly Measured[], room: number): readonly Measured[] {
  const most = Number.isFinite(room) ? room : USUAL_COLUMNS;
  let left = columns.filter(({ extraFrom = 0 }) => extraFrom <= most);
  while (widthOf(left) > room) {
    const last = left.findLastIndex(({ extraFrom }) => extraFrom !== undefined);
    if (last === -1) break;
    left = left.toSpliced(last, 1);
  }
  return left;
}

/** As many lines as the columns need, each column in the first that has room. */
function foldColumns(columns: readonly Measured[], room: number): readonly (readonly Measured[])[] {
  const folds: Measured[][] = [];
  for (const column of columns) {
    const last = folds.at(-1);
    const indent = folds.length > 1 ? GAP.length : 0;
    if (last && indent + widthOf([...last, column]) <= room) last.push(column);
    else folds.push([column]);
  }
  return folds;
}

function renderFold(
  fold: readonly Measured[],
  isContinued: boolean,
  cells: readonly string[],
  isHeading: boolean,
  { columns, paint }: Pick<Screen, "columns" | "paint">,
): readonly string[] {
  const indent = isContinued ? GAP : "";
  const padded = fold.map(({ align, place, width, tint }) => {
    const cell = cells[place] ?? "";
    const space = " ".repeat(width - Bun.stringWidth(cell));
    const painted = paint(isHeading ? "dim" : tint?.(cell), cell);
    return align === "right" ? space + painted : painted + space;
  });
  const line = (indent + padded.join(GAP)).trimEnd();
  if (line === "" && isContinued) return [];
  // More than there is room for is one column alone.
  return Bun.stringWidth(line) > columns
    ? Bun.wrapAnsi(line.trimStart(), columns - indent.length)
        .split("\n")
        .map((part) => indent + part)
    : [line];
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** `value` as a bar, where `largest` fills `columns`; something, however little, shows at least a sliver. */
export function renderBar(value: number, largest: number, columns: number, isUnicode: boolean): string {
  if (value <= 0 || largest <= 0) return "";
  const share = (Math.min(value, largest) / largest) * columns;
  if (!isUnicode) return "#".repeat(Math.max(1, Math.round(share)));
  const parts = Math.max(1, Math.round(share * 8));
  return "█".repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? "");
}
