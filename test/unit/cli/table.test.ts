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

test("a table without rows is its heading", () => {
  expect(renderTable(columns, [])).toBe("NUMBER  FILE  STATE\n");
});
