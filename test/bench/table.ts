// Results as Markdown.
import type { Group, Result } from "./measure.ts";

const MIB = 1 << 20;

/** A heading and a table; ratios below 1 are faster than what they are compared with. */
export function renderGroup({ title, rounds }: Group, results: readonly Result[]): string {
  const rows = results.map((result) => [
    result.name.replaceAll("|", "\\|"),
    renderSeconds(result.medianSeconds),
    renderSeconds(result.fastestSeconds),
    result.ratio === undefined ? "" : `**${result.ratio.toFixed(2)}**`,
    result.against?.replaceAll("|", "\\|") ?? "",
    renderSeconds(result.cpuSeconds),
    result.peakBytes === undefined ? "?" : `${Math.round(result.peakBytes / MIB)} MiB`,
  ]);
  const header = ["", "median", "fastest", "ratio", "to", "CPU time", "peak memory"];
  const rule = renderRow(header.map((_, column) => (column === 0 || column === 4 ? "---" : "---:")));
  return [
    `### ${title}`,
    `${rounds} rounds`,
    [renderRow(header), rule, ...rows.map(renderRow)].join("\n"),
  ].join("\n\n");
}

function renderRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function renderSeconds(seconds: number): string {
  return seconds < 0.2 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}
