import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOwnPath, findStartedPath, type Invocation } from "../../../src/system/invocation.ts";

let root = "";
const at = (path: string): string => join(root, path);
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "own path ")));
  for (const folder of ["Cellar/tinybackup/1.2/bin", "bin", "data", "other"])
    mkdirSync(at(folder), { recursive: true });
  for (const file of ["Cellar/tinybackup/1.2/bin/tinybackup", "other/tinybackup", "gone"]) {
    writeFileSync(at(file), "#!/bin/sh\n");
    chmodSync(at(file), 0o755);
  }
  symlinkSync("../Cellar/tinybackup/1.2/bin/tinybackup", at("bin/tinybackup"));
  symlinkSync("Cellar/tinybackup/1.2", at("current"));
  linkSync(at("Cellar/tinybackup/1.2/bin/tinybackup"), at("data/tinybackup"));
  rmSync(at("gone"));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const invoke = (parts: Partial<Invocation>): string =>
  findOwnPath({
    argv0: "tinybackup",
    execPath: at("Cellar/tinybackup/1.2/bin/tinybackup"),
    main: "/$bunfs/root/tinybackup",
    cwd: root,
    searchPath: "/usr/bin",
    ...parts,
  });

describe("the path that a schedule keeps", () => {
  test.each<[string, () => Partial<Invocation>, string]>([
    ["of a package manager's link is the link", () => ({ argv0: at("bin/tinybackup") }), "bin/tinybackup"],
    [
      "found in PATH is the link in PATH",
      () => ({ searchPath: `${at("other")}:${at("bin")}` }),
      "bin/tinybackup",
    ],
    ["found through a relative PATH is absolute", () => ({ searchPath: "bin" }), "bin/tinybackup"],
    [
      "found through an empty PATH entry is in the folder",
      () => ({ searchPath: "", cwd: at("bin") }),
      "bin/tinybackup",
    ],
    ["typed as ./name is absolute", () => ({ argv0: "./tinybackup", cwd: at("data") }), "data/tinybackup"],
    ["typed as a relative path is absolute", () => ({ argv0: "bin/tinybackup" }), "bin/tinybackup"],
    [
      "under a folder that is a link keeps that link",
      () => ({ argv0: at("current/bin/tinybackup") }),
      "current/bin/tinybackup",
    ],
    ["of a copy beside the data is the copy", () => ({ argv0: at("data/tinybackup") }), "data/tinybackup"],
    [
      "called by a made-up name is the file itself",
      () => ({ argv0: "weird" }),
      "Cellar/tinybackup/1.2/bin/tinybackup",
    ],
    [
      "called by the path of another program is the file itself",
      () => ({ argv0: at("other/tinybackup") }),
      "Cellar/tinybackup/1.2/bin/tinybackup",
    ],
  ])("%s", (_, invocation, path) => {
    expect(invoke(invocation())).toBe(at(path));
  });

  test("a way up that leads through no link is left out", () => {
    expect(invoke({ argv0: "../bin/tinybackup", cwd: at("data") })).toBe(at("bin/tinybackup"));
  });

  test("a way up through a link is not shortened to another place", () => {
    const path = invoke({ argv0: "current/../1.2/bin/tinybackup" });
    expect(statSync(path).ino).toBe(statSync(at("Cellar/tinybackup/1.2/bin/tinybackup")).ino);
  });
});

test("a program that was removed while it runs can't be scheduled", () => {
  expect(() => invoke({ argv0: at("gone"), execPath: at("gone") })).toThrow("not at");
});

test("the source can't be scheduled, and says what can", () => {
  expect(() => findOwnPath()).toThrow("only the compiled program can be scheduled");
});

test("a job goes on under the path in its line, though the program there was replaced or is gone", () => {
  const job = { execPath: at("gone"), main: "/$bunfs/root/tinybackup", cwd: "/", searchPath: "/usr/bin" };
  expect(findStartedPath({ ...job, argv0: at("bin/tinybackup") })).toBe(at("bin/tinybackup"));
  expect(findStartedPath({ ...job, argv0: at("gone") })).toBe(at("gone"));
  expect(() => findStartedPath({ ...job, argv0: "tinybackup" })).toThrow("is not at");
});
