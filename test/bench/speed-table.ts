// The figures as the README shows them, between two marks of a Markdown file.
import { readFileSync, writeFileSync } from "node:fs";
import { renderBytes, renderSeconds } from "./compare.ts";
import { type Cell, describeGathered, type Gathered, PROGRAMS, type Row } from "./gathered.ts";
import { renderTable } from "./table.ts";

const BEGIN = "<!-- speed: written by npm run bench -->";
const END = "<!-- speed ends -->";

/** Puts the tables in the place of those that are between the marks. Throws where the file has none. */
export function writeSpeed(path: string, gathered: Gathered, rows: readonly Row[]): void {
  const text = readFileSync(path, "utf8");
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${path} has no '${BEGIN}' before a '${END}'`);
  writeFileSync(
    path,
    `${text.slice(0, from)}${BEGIN}\n\n${renderSpeed(gathered, rows)}\n\n${text.slice(to)}`,
  );
}

export function renderSpeed(gathered: Gathered, rows: readonly Row[]): string {
  const shared = rows.filter(({ act }) => act !== "manage");
  const columns = PROGRAMS.filter((program) => shared.some(({ cells }) => cells[program] !== undefined));
  return [
    `${describeGathered(gathered)}; behind each time, how many times ours it is:`,
    ...renderTable(
      ["", ...columns],
      shared.map(({ label, cells }) => [
        label,
        ...columns.map((program) => renderTime(cells[program], program)),
      ]),
    ),
    "The memory of the largest process:",
    ...renderTable(
      ["", ...columns],
      shared
        .filter(({ act }) => act === "save")
        .map(({ label, cells }) => [label, ...columns.map((program) => renderPeak(cells[program]))]),
    ),
    ...renderManaging(rows.filter(({ act }) => act === "manage")),
  ].join("\n\n");
}

/** Nothing where that was not measured. */
function renderManaging(rows: readonly Row[]): readonly string[] {
  if (rows.length === 0) return [];
  const cells = rows.map(({ label, cells: { tinybackup } }) => [
    label,
    renderTime(tinybackup, "tinybackup"),
    renderPeak(tinybackup),
  ]);
  return ["Where there is much to look through:", ...renderTable(["", "time", "memory"], cells)];
}

/** The time, and how many times ours that is. */
function renderTime(cell: Cell | undefined, program: string): string {
  if (cell === undefined) return "";
  const time = renderSeconds(cell.seconds);
  return program === "tinybackup" ? `**${time}**` : `${time} (${renderRatio(cell.ratio)}×)`;
}

/** Two digits that tell, as far as they do. */
function renderRatio(ratio: number): string {
  return ratio < 10 ? ratio.toPrecision(2) : String(Math.round(ratio));
}

function renderPeak(cell: Cell | undefined): string {
  return cell?.peakBytes == null ? "" : renderBytes(cell.peakBytes);
}
