import { expect, test } from "bun:test";
import * as shared from "../../../src/cli/arguments.ts";
import { type Arguments, describeCommand, listCommandWords } from "../../../src/cli/command.ts";
import { backupArguments } from "../../../src/commands/backup-options.ts";
import { commands } from "../../../src/main.ts";
import { findFaults } from "../../support/hygiene.ts";

const { messages, known, narrowing, places, ...rest } = shared;
const { json: force } = messages;

test("the shared arguments can stand in one command", () => {
  expect(findFaults(narrowing)).toEqual([]);
  expect(findFaults({ ...rest, ...backupArguments, ...messages })).toEqual([]);
  expect(findFaults({ ...rest, ...known, ...messages })).toEqual([]);
  expect(findFaults({ ...rest, ...places, ...messages })).toEqual([]);
});

test("no word stands for two commands, and no command's arguments are at odds", async () => {
  const words = listCommandWords(commands);
  expect(new Set(words).size).toBe(words.length);
  for (const [name, { load, isHidden }] of commands) {
    const { command } = await load();
    const description = describeCommand(command);
    expect(description.name).toBe(name);
    expect(findFaults(command.args)).toEqual([]);
    if (!isHidden) expect(Object.keys(description.examples).length).toBeGreaterThan(0);
  }
});

test.each([
  [{ dryRun: force }, "dryRun: not a word in kebab-case"],
  [{ cache: force, "no-cache": force }, "cache: has a negation"],
  [{ help: force }, "help: is taken"],
  [{ sourcefile: shared.sourcefile, force: { ...force, alias: ["f"] } }, "f: is taken"],
  [{ sourcefile: { ...shared.sourcefile, alias: ["f", "s"] } }, "sourcefile: two letters"],
  [{ force: { ...force, description: "" } }, "force: no plain description"],
] as readonly (readonly [Arguments, string])[])("%j is found to be wrong", (args, fault) => {
  expect(findFaults(args)).toEqual([fault]);
});
