import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { lookInto } from "../../../src/backup/walk.ts";
import { TestFolder } from "../../support/folder.ts";

const [viewer, stranger, root] = [54_321, 12_345, 0];

test.each([
  ["its owner only", 0o700, false],
  ["its owner only, as others may read", 0o755, false],
  ["its group", 0o775, true],
  ["its group, of what is theirs", 0o1770, true],
  ["everybody, of what is theirs", 0o1777, true],
  ["everybody", 0o757, true],
])(
  "in a folder that may be written to by %s, a stranger's file is foreign: %#",
  async (_, mode, isForeign) => {
    using ground = new TestFolder();
    chmodSync(ground.destination, mode);
    const { isStranger } = lookInto(ground.destination, { machine: "", uid: viewer });
    expect(isStranger(stranger)).toBe(isForeign);
    const owner = process.geteuid?.() ?? root;
    expect([viewer, root, owner].map(isStranger)).toEqual([false, false, false]);
  },
);
