// The commands of the Python program's README, and its rules on which modes combine.
import { expect, test } from "bun:test";
import { translateModeFlags } from "../../../src/cli/mode-flags.ts";
import { UsageFailure } from "../../../src/errors.ts";

const paths = ["--sourcefile", "/f", "--destinationdirectory", "/d"];

test.each([
  [
    [...paths, "--install", "--run", "--time", "2:00am"],
    ["install", "--run", "--always", ...paths, "--time", "2:00am"],
  ],
  [
    [...paths, "--uninstall", "--time", "2:00am"],
    ["uninstall", ...paths, "--time", "2:00am"],
  ],
  [
    [...paths, "--run"],
    ["run", "--always", ...paths],
  ],
  [
    ["--statusof", "all"],
    ["statusof", "all"],
  ],
  [
    [...paths, "--uninstall", "jobs with this source and destination"],
    ["uninstall", "jobs with this source and destination", ...paths],
  ],
  [
    ["--install", "-f", "/f", "-d", "/d", "-t", "+1day", "-k", "3"],
    ["install", "--always", "-f", "/f", "-d", "/d", "-t", "+1day", "-k", "3"],
  ],
  [
    ["-i", "-r", "-f", "/f"],
    ["install", "--run", "--always", "-f", "/f"],
  ],
  [
    ["-r", "-i", "-f", "/f"],
    ["install", "--run", "--always", "-f", "/f"],
  ],
  [
    ["-ir", "-f", "/f"],
    ["install", "--run", "--always", "-f", "/f"],
  ],
  [
    ["-irf", "/f"],
    ["install", "--run", "--always", "-f", "/f"],
  ],
  [["-ik5"], ["install", "--always", "-k5"]],
  [
    ["-r", "--noop", "--debug"],
    ["run", "--always", "--noop", "--debug"],
  ],
  [
    ["-u", "all"],
    ["uninstall", "all"],
  ],
  [["-uall"], ["uninstall", "all"]],
  [["--uninstall=ALL"], ["uninstall", "ALL"]],
  [
    ["-s", "same files", "-f", "/f", "-d", "/d"],
    ["statusof", "same files", "-f", "/f", "-d", "/d"],
  ],
  [
    ["--statusof=this job", "-t", "2:00"],
    ["statusof", "this job", "-t", "2:00"],
  ],
  [["-s"], ["statusof"]],
  [
    ["-u", "-t2:00", "-f", "/f", "-d", "/d"],
    ["uninstall", "-t2:00", "-f", "/f", "-d", "/d"],
  ],
  [
    ["--install", "--help"],
    ["install", "--always", "--help"],
  ],
  [
    ["--run", "--", "--install"],
    ["run", "--always", "--", "--install"],
  ],
  [
    ["--uninstall", "-f", "/f", "-d", "/d"],
    ["uninstall", "-f", "/f", "-d", "/d"],
  ],
  [
    ["-r", "saved", "backup", "notes.txt"],
    ["-r", "saved", "backup", "notes.txt"],
  ],
  [["--uninstall="], ["uninstall", ""]],
  [
    ["--run", "-f", "/f", "--always"],
    ["run", "-f", "/f", "--always"],
  ],
])("%j is %j", (typed, translated) => {
  expect(translateModeFlags(typed)).toEqual(translated);
});

test.each([
  [["--sourcefile", "/f"]],
  [["--instal"]],
  [["-x"]],
  [["--install=yes"]],
  [["-"]],
  [["--", "--install"]],
])("%j holds no mode, and stays as it is", (typed) => {
  expect(translateModeFlags(typed)).toEqual(typed);
});

test.each([
  [["--run", "--uninstall", "all"], "the modes '--uninstall' and '--run' exclude each other"],
  [["--run", "--statusof", "all"], "the modes '--statusof' and '--run' exclude each other"],
  [["--install", "--uninstall", "all"], "the modes '--install' and '--uninstall' exclude each other"],
  [["--install", "--statusof", "all", "--run"], "the modes '--install' and '--statusof' exclude each other"],
  [
    ["--uninstall", "all", "--statusof", "all"],
    "the modes '--uninstall' and '--statusof' exclude each other",
  ],
  [["--run", "-r"], "the mode '--run' is given twice"],
  [["--install", "-i", "--run"], "the mode '--install' is given twice"],
])("%j is refused: %s", (typed, message) => {
  expect(() => translateModeFlags(typed)).toThrow(UsageFailure);
  expect(() => translateModeFlags(typed)).toThrow(message);
});
