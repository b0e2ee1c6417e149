import { expect, test } from "bun:test";
import { firstSteps, renderFirstWords } from "../../../src/cli/help.ts";
import { describeCommand, findCommand } from "../../../src/cli/command.ts";
import { hasFlag, splitCommandLine } from "../../../src/cli/command-line.ts";
import { checkCommandLine } from "../../../src/cli/parse.ts";
import { commands } from "../../../src/main.ts";

test("the first words fit the smallest terminal, and name three commands", () => {
  const lines = renderFirstWords().split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(Object.keys(firstSteps)).toHaveLength(3);
});

test.each(Object.keys(firstSteps))("'%s' can be typed", async (type) => {
  const [program, word = "", ...args] = type.split(" ");
  expect(program).toBe("tinybackup");
  const entry = findCommand(commands, word);
  if (!entry) throw new Error(`there is no command ${word}`);
  const { command } = await entry.load();
  const line = splitCommandLine(args, describeCommand(command));
  expect(hasFlag(line, "help")).toBe(false);
  expect(checkCommandLine(line)).not.toEqual([]);
});
