import { expect, test } from "bun:test";
import { findNearest } from "../../src/nearest.ts";

const commands = ["run", "install", "uninstall", "statusof", "status", "list", "restore", "verify", "prune"];

test.each([
  ["rnu", "run"],
  ["instal", "install"],
  ["unistall", "uninstall"],
  ["stat", "statusof"],
  ["ls", undefined],
  ["RESTORE", "restore"],
  ["re-store", "restore"],
  ["backup", undefined],
  ["constructor", undefined],
  ["__proto__", undefined],
  ["", undefined],
  ["--", undefined],
  ["x", undefined],
  ["test", undefined],
  ["resotre", "restore"],
  ["vrify", "verify"],
])("%p stands for %p", (typed, expected) => {
  expect(findNearest(typed, commands)).toBe(expected);
});
