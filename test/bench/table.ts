// Results as Markdown.
import { type Comparison, renderBytes, renderSeconds, type Spread, spreadOf, type Group } from "./compare.ts";
import type { Results } from "./measure.ts";

/** A comparison and what came of it; null where somebody was missing. */
export interface Finding {
  readonly group: string;
  readonly comparison: Comparison;
  readonly spread: Spread | null;
}

export function findAll({ title, comparisons }: Group, results: Results): Finding[] {
  return comparisons.map((comparison) => {
    const values = comparison.values(results);
    return { group: title, comparison, spread: values.length === 0 ? null : spreadOf(values) };
  });
}

/** A heading, what each took, and how they compare; ratios below 1 are faster than what they are compared with. */
export function renderGroup(
  { title, note, rounds, contenders }: Group,
  results: Results,
  findings: readonly Finding[],
): string {
  const times = contenders.map(({ name }) => {
    const { samples = [], peakBytes } = results.get(name) ?? {};
    const { median, least, most } = spreadOf(samples.map(({ seconds }) => seconds));
    const cpu = spreadOf(samples.map(({ cpuSeconds }) => cpuSeconds)).median;
    const memory = peakBytes === undefined ? "?" : renderBytes(peakBytes);
    const spread = `${renderSeconds(least)} – ${renderSeconds(most)}`;
    return [name, renderSeconds(median), spread, renderSeconds(cpu), memory];
  });
  const parts = [
    `### ${title}`,
    ...(note === undefined ? [] : [note]),
    ...(times.length === 0 ? [] : [`${rounds} rounds`]),
    ...renderTable(["", "median", "least – most", "CPU time", "peak memory"], times),
    ...renderTable(
      ["compared", "median", "least – most", "at most", ""],
      findings.map((each) => renderFinding(each)),
    ),
  ];
  return parts.join("\n\n");
}

/** Every comparison that has a bound, and whether it is kept. */
export function renderSummary(findings: readonly Finding[]): string {
  const bounded = findings.filter(({ comparison }) => comparison.atMost !== undefined);
  const rows = bounded.map((finding) => [finding.group, ...renderFinding(finding)]);
  const missed = bounded.filter((finding) => judge(finding) === "NOT MET").length;
  return [
    "## What it is to reach",
    `${bounded.length} bounds, ${missed} not met`,
    ...renderTable(["group", "compared", "median", "least – most", "at most", ""], rows),
  ].join("\n\n");
}

function renderFinding(finding: Finding): string[] {
  const { comparison, spread } = finding;
  const { text, atMost, render } = comparison;
  const measured =
    spread === null
      ? ["not measured", ""]
      : [`**${render(spread.median)}**`, `${render(spread.least)} – ${render(spread.most)}`];
  return [text, ...measured, atMost === undefined ? "" : render(atMost), judge(finding)];
}

function judge({ comparison: { atMost }, spread }: Finding): string {
  if (atMost === undefined || spread === null) return "";
  return spread.median <= atMost ? "ok" : "NOT MET";
}

const TEXTS = new Set(["", "compared", "group"]);

/** A table, nothing where there are no rows. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const rule = header.map((head) => (TEXTS.has(head) ? "---" : "---:"));
  return [[header, rule, ...rows].map(renderRow).join("\n")];
}

function renderRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
