import { expect, test } from "bun:test";
import { renderTable } from "../../../src/cli/table.ts";

const columns = [{ title: "NUMBER", align: "right" }, { title: "FILE" }, { title: "STATE" }] as const;

test("columns are aligned, numbers to the right, and no line ends in a space", () => {
  expect(
    renderTable(columns, [
      ["1", "a.txt", "ok"],
      ["12345678", "文件.txt", ""],
      ["3", "a\nb\u001b", "damaged"],
    ]),
  ).toBe(
    [
      "  NUMBER  FILE      STATE",
      "       1  a.txt     ok",
      "12345678  文件.txt",
      String.raw`       3  a\nb\x1b  damaged`,
      "",
    ].join("\n"),
  );
});

test("what goes on with nothing takes no line", () => {
  const screen = { columns: 8, paint: (_: unknown, text: string) => text };
  expect(
    renderTable(
      [{ title: "NUMBER" }, { title: "SAME AS" }],
      [
        ["1", ""],
        ["2", "1"],
      ],
      screen,
    ),
  ).toBe("NUMBER\n  SAME\n  AS\n1\n2\n  1\n");
});

test("a table without rows is its heading", () => {
  expect(renderTable(columns, [])).toBe("NUMBER  FILE  STATE\n");
});

const wide = [
  { title: "NUMBER", align: "right" },
  { title: "", extraFrom: 0 },
  { title: "TAKEN" },
  { title: "STATE" },
  { title: "PROVEN", extraFrom: 100 },
] as const;
const row = ["1", "#########", "2026-11-23 02:15:07", "ok", "2 d ago"];

test.each<[number, readonly string[]]>([
  [
    Number.POSITIVE_INFINITY,
    ["NUMBER             TAKEN                STATE", "     1  #########  2026-11-23 02:15:07  ok"],
  ],
  [
    100,
    [
      "NUMBER             TAKEN                STATE  PROVEN",
      "     1  #########  2026-11-23 02:15:07  ok     2 d ago",
    ],
  ],
  [40, ["NUMBER  TAKEN                STATE", "     1  2026-11-23 02:15:07  ok"]],
  [30, ["NUMBER  TAKEN", "  STATE", "     1  2026-11-23 02:15:07", "  ok"]],
  [12, ["NUMBER", "  TAKEN", "  STATE", "     1", "  2026-11-23", "  02:15:07", "  ok"]],
])("%p columns hold all that has to be told, and more where there is room", (room, lines) => {
  const screen = { columns: room, paint: (_: unknown, text: string) => text };
  expect(renderTable(wide, [row], screen)).toBe(`${lines.join("\n")}\n`);
});

const tint = () => "green" as const;

test("colour changes no column", () => {
  const screen = {
    columns: 80,
    paint: (_: unknown, text: string) => (text === "" ? "" : `\u001b[1m${text}\u001b[0m`),
  };
  const coloured = columns.map((column) => ({ ...column, tint }));
  const rows = [
    ["1", "a.txt", "ok"],
    ["12", "文件.txt", ""],
  ];
  expect(Bun.stripANSI(renderTable(coloured, rows, screen))).toBe(renderTable(columns, rows));
});
