// The figures as a picture: for each thing to do, how many times as long as tinybackup others take.
import { ScatterChart, type ScatterSeriesOption } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { renderSeconds } from "./compare.ts";
import { type Program, PROGRAMS, type Row } from "./gathered.ts";

use([ScatterChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

/** Each colour with what stands for it where the reader's screen is dark. */
const INK = ["#1f2328", "#e6edf3"] as const;
const FAINT = ["#d1d9e0", "#3d444d"] as const;
const PAPER = ["#fffffe", "#0d1117"] as const;
const OURS = ["#cf222e", "#ff7b72"] as const;

const CROSS = "path://M0 2L2 0L5 3L8 0L10 2L7 5L10 8L8 10L5 7L2 10L0 8L3 5Z";

/** Told apart by their shapes as well. */
const MARKS: Readonly<Partial<Record<Program, { symbol: string; colors: readonly [string, string] }>>> = {
  "tar | zstd": { symbol: "circle", colors: ["#0969da", "#4493f8"] },
  logrotate: { symbol: "triangle", colors: ["#9a6700", "#d29922"] },
  restic: { symbol: "rect", colors: ["#8250df", "#ab7df8"] },
  borg: { symbol: "diamond", colors: ["#1a7f37", "#3fb950"] },
  cp: { symbol: CROSS, colors: ["#59636e", "#9198a1"] },
};

const WIDTH = 860;
const ROW_HEIGHT = 26;
const TOP = 96;
const BOTTOM = 56;

/** An SVG of the rows in which others take part, in their order; light or dark as the reader's screen is. */
export function renderChart(rows: readonly Row[], subtitle: string): string {
  const shown = rows.filter(({ cells }) => cells.tinybackup && Object.keys(cells).length > 1);
  const powers = listPowers(shown);
  const chart = init(null, null, {
    renderer: "svg",
    ssr: true,
    width: WIDTH,
    height: TOP + ROW_HEIGHT * shown.length + BOTTOM,
  });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: PAPER[0],
      textStyle: { fontFamily: "system-ui, sans-serif" },
      title: {
        text: "How long others take, tinybackup being 1",
        subtext: subtitle,
        left: 16,
        top: 10,
        itemGap: 6,
        textStyle: { color: INK[0], fontSize: 16 },
        subtextStyle: { color: INK[0] },
      },
      legend: { top: 62, left: 12, itemGap: 18, itemWidth: 12, itemHeight: 12, textStyle: { color: INK[0] } },
      grid: { left: 276, right: 32, top: TOP, bottom: BOTTOM },
      xAxis: {
        type: "log",
        logBase: 2,
        min: powers.at(0) ?? 1,
        max: powers.at(-1) ?? 1,
        name: "← faster than tinybackup      times as long      slower →",
        nameLocation: "middle",
        nameGap: 32,
        nameTextStyle: { color: INK[0] },
        axisLabel: { color: INK[0], formatter: renderTimes, customValues: powers },
        axisTick: { customValues: powers },
        axisLine: { show: false },
        splitLine: { lineStyle: { color: FAINT[0] } },
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: shown.map(({ label, cells }) => `${label}   ${renderSeconds(cells.tinybackup?.seconds ?? 0)}`),
        axisLabel: { color: INK[0], interval: 0 },
        axisTick: { show: false },
        axisLine: { lineStyle: { color: FAINT[0] } },
      },
      series: planSeries(shown),
    });
    return paintDark(strip(chart.renderToSVGString()));
  } finally {
    chart.dispose();
  }
}

/** The powers of two from below the least ratio to above the greatest. */
function listPowers(rows: readonly Row[]): number[] {
  const logs = rows.flatMap(({ cells }) => Object.values(cells).map(({ ratio }) => Math.log2(ratio)));
  const [from, to] = [Math.floor(Math.min(-1, ...logs)), Math.ceil(Math.max(1, ...logs))];
  return Array.from({ length: to - from + 1 }, (_, index) => 2 ** (from + index));
}

function planSeries(rows: readonly Row[]): ScatterSeriesOption[] {
  const line = { color: OURS[0], type: "solid" as const, width: 2 };
  const ours: ScatterSeriesOption = {
    name: "tinybackup",
    type: "scatter",
    data: rows.map((_, index) => [1, index]),
    symbol: "roundRect",
    symbolSize: 7,
    itemStyle: { color: OURS[0] },
    silent: true,
    markLine: { symbol: "none", label: { show: false }, lineStyle: line, data: [{ xAxis: 1 }] },
  };
  const others = PROGRAMS.flatMap((program): ScatterSeriesOption[] => {
    const mark = MARKS[program];
    const data = rows.flatMap(({ cells }, index) => {
      const ratio = cells[program]?.ratio;
      return ratio === undefined ? [] : [[ratio, index]];
    });
    if (mark === undefined || data.length === 0) return [];
    const itemStyle = { color: mark.colors[0], opacity: 0.9 };
    return [
      { name: program, type: "scatter", data, symbol: mark.symbol, symbolSize: 11, itemStyle, silent: true },
    ];
  });
  return [ours, ...others];
}

function renderTimes(ratio: number): string {
  return ratio >= 1 ? `${ratio}×` : `1⁄${Math.round(1 / ratio)}×`;
}

/** Has each colour be its dark one where dark is wanted. What shows SVG without styles shows the light ones. */
function paintDark(svg: string): string {
  const pairs = [INK, FAINT, PAPER, OURS, ...Object.values(MARKS).map(({ colors }) => colors)];
  const rules = pairs.map(
    ([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
  );
  const style = `<style>\n@media (prefers-color-scheme:dark){\n${rules.join("\n")}\n}\n</style>`;
  return svg.replace(/^<svg [^>]*>/, (start) => `${start}\n${style}`);
}

/** Without what is for a mouse, or for whoever would go on drawing: that has other names each time. */
function strip(svg: string): string {
  const still = svg.replaceAll(/ (?:ecmeta_\w+|class|pointer-events)="[^"]*"/g, "");
  return `${still.replace(/<style >[^]*<\/style>\s*/, "").trim()}\n`;
}
