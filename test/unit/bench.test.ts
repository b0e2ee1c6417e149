// What the README shows of the speed is what was measured, and nothing of another machine's.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { renderChart } from "../bench/chart.ts";
import { ratio } from "../bench/compare.ts";
import { type Gathered, listRows, makeRow, openGathered, readGathered } from "../bench/gathered.ts";
import type { Results } from "../bench/measure.ts";
import { writeSpeed } from "../bench/speed-table.ts";

const results: Results = new Map([
  ["ours", makeResult([2, 4, 3], 80e6)],
  ["theirs", makeResult([1, 6, 6], 5e6)],
  // Took so long that it was run once.
  ["long", makeResult([20], undefined)],
]);

function makeResult(seconds: readonly number[], peakBytes: number | undefined) {
  return { samples: seconds.map((each) => ({ seconds: each, cpuSeconds: each })), peakBytes };
}

const saved = makeRow(
  { act: "save", label: "save <&>", by: { tinybackup: "ours", "tar | zstd": "theirs", restic: "long" } },
  results,
);
const listed = makeRow({ act: "manage", label: "`list`", by: { tinybackup: "ours" } }, results);
const machine = "one core of nobody";

function inFolder(act: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("a row", () => {
  test("holds medians, and the median of what each round says for a ratio", () => {
    expect(saved.cells.tinybackup).toEqual({ seconds: 3, ratio: 1, rounds: 3, peakBytes: 80e6 });
    expect(saved.cells["tar | zstd"]).toEqual({ seconds: 6, ratio: 1.5, rounds: 3, peakBytes: 5e6 });
  });

  test("compares who took long by the rounds that it had", () => {
    expect(saved.cells.restic).toEqual({ seconds: 20, ratio: 10, rounds: 1, peakBytes: null });
    expect(ratio("ours", "long").values(results)).toEqual([0.1]);
  });

  test("knows nothing of who is not installed", () => {
    expect(Object.keys(saved.cells)).toEqual(["tinybackup", "tar | zstd", "restic"]);
    expect(ratio("ours", "absent").values(results)).toEqual([]);
  });
});

describe("what is gathered", () => {
  test("a group measured again takes the place of what it was, and others stay", () => {
    inFolder((folder) => {
      const path = join(folder, "bench.json");
      const first = openGathered(path, { machine, isQuick: false });
      first("many", [listed]);
      first("mixed", [listed]);
      openGathered(path, { machine, isQuick: false })("mixed", [saved]);
      expect(listRows(readGathered(path), ["many", "mixed", "absent"])).toEqual([saved, listed]);
    });
  });

  test.each([
    { machine: "another", isQuick: false },
    { machine, isQuick: true },
  ])("figures of $machine (quick: $isQuick) are not put beside measured ones of one core", (other) => {
    inFolder((folder) => {
      const path = join(folder, "bench.json");
      openGathered(path, { machine, isQuick: false })("mixed", [saved]);
      const before = readFileSync(path, "utf8");
      expect(() => openGathered(path, other)).toThrow("remove it, or name another by --results");
      expect(readFileSync(path, "utf8")).toBe(before);
    });
  });
});

describe("the tables", () => {
  const gathered: Gathered = { machine, isQuick: false, groups: {} };

  test("come in the place of those between the marks, and touch nothing else", () => {
    inFolder((folder) => {
      const path = join(folder, "README.md");
      const marks = ["<!-- speed: written by npm run bench -->", "<!-- speed ends -->"];
      writeFileSync(path, `before\n${marks[0]}\nold\n${marks[1]}\nbehind\n`);
      writeSpeed(path, gathered, [saved, listed]);
      const once = readFileSync(path, "utf8");
      expect(once.startsWith(`before\n${marks[0]}\n\nMedians, on ${machine}`)).toBe(true);
      expect(once.endsWith(`\n\n${marks[1]}\nbehind\n`)).toBe(true);
      expect(once).not.toContain("old");
      expect(once).toContain("| save <&> | **3.00 s** | 6.00 s (1.5×) | 20.00 s (10×) |");
      expect(once).toContain("| save <&> | 80 MB | 5 MB |  |");
      expect(once).toContain("| `list` | **3.00 s** | 80 MB |");
      writeSpeed(path, gathered, [saved, listed]);
      expect(readFileSync(path, "utf8")).toBe(once);
    });
  });

  test("go nowhere without marks", () => {
    inFolder((folder) => {
      const path = join(folder, "README.md");
      writeFileSync(path, "no marks\n");
      expect(() => writeSpeed(path, gathered, [saved])).toThrow("speed ends");
      expect(readFileSync(path, "utf8")).toBe("no marks\n");
    });
  });
});

describe("the chart", () => {
  const svg = renderChart([saved, listed], machine);

  test("shows who takes part, and what is saved with its time; and not what only one program does", () => {
    for (const text of ["tinybackup", "tar | zstd", "restic", "save &lt;&amp;&gt;   3.00 s", machine]) {
      expect(svg).toContain(`>${text}</text>`);
    }
    expect(svg).not.toContain("list");
    expect(svg).not.toContain(">borg</text>");
  });

  test("has another colour where dark is wanted for each that it paints with", () => {
    const [style = "", ...rest] = svg.split("</style>");
    const painted = rest.join("").matchAll(/(?:fill|stroke)="(#[\da-f]+)"(?![^>]*stroke-width="0")/g);
    const colors = [...new Set([...painted].map(([, color]) => color))];
    expect(colors.length).toBeGreaterThan(4);
    for (const color of colors) expect(style).toContain(`[fill="${color}"]{fill:#`);
  });

  test("loads nothing from elsewhere", () => {
    expect(svg.replaceAll(/xmlns(:xlink)?="[^"]*"/g, "")).not.toMatch(/https?:|href|<script/);
  });

  test("is drawn alike each time, so that a new one differs by its figures", () => {
    expect(renderChart([saved, listed], machine)).toBe(svg);
  });
});

test("the README has the place for them", () => {
  const readme = readFileSync(resolve(import.meta.dir, "../../README.md"), "utf8");
  expect(readme).toMatch(/\]\(docs\/speed\.svg\)/);
  expect(readme).toMatch(/<!-- speed: written by npm run bench -->[^]*<!-- speed ends -->/);
});
