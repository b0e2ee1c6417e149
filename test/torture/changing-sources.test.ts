// Somebody else grows, cuts, rewrites, replaces, empties or removes the source just before each system call that a run makes on
// it: what is saved is what it was before, or what it is after that, and never a part of each.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { contentOf, needRoot } from "../support/tools.ts";
import { Tracer } from "../support/traced.ts";
import { type Edit, editFile, type TraceRequest } from "../support/tracer.ts";
import { mixedBytes } from "../support/workshop.ts";
import { isWhole } from "./extent.ts";

setDefaultTimeout(300_000);

let stage: Stage;
let tracer: Tracer;
let source: string;
beforeAll(() => {
  needRoot("tar", "zstd");
  stage = new Stage();
  tracer = new Tracer(`${stage.root}.trace`, { XDG_STATE_HOME: `${stage.root}.state` });
  mkdirSync(join(stage.root, "work"));
  source = join(stage.root, "work/ledger.db");
});
afterAll(() => {
  tracer[Symbol.dispose]();
  stage[Symbol.dispose]();
});

const before = mixedBytes(2_500_000, 7);

/** A run of the source as it was before, and what it made; the edit comes just before one of its calls, if any. */
async function runOver(hasRevision: boolean, spoil?: TraceRequest["spoil"]) {
  for (const name of stage.files()) rmSync(join(stage.destination, name), { recursive: true });
  const args = ["run", "-f", source, "-d", stage.destination];
  if (hasRevision) {
    stage.write("work/ledger.db", before);
    expect(stage.type(args)).toMatchObject({ code: 0 });
  }
  stage.write("work/ledger.db", before);
  const command = [binary, ...args];
  const traced = await tracer.run(command, `${dirname(source)}/`, spoil ? { spoil } : {});
  return { ...traced, saved: stage.revisions() };
}

/** Has that happen before each call in turn. Returns how many there were. */
async function sweep(edit: Edit, hasRevision: boolean): Promise<number> {
  const { calls } = (await runOver(hasRevision)).trace;
  editFile(source, edit);
  const after = existsSync(source) ? readFileSync(source) : before;
  // An emptied file is waited for.
  const step = isWhole ? 1 : edit === "is emptied" ? 9 : 4;
  for (let call = 1; call <= calls.length; call += step) {
    const { trace, err, saved } = await runOver(hasRevision, { call, how: "edit", file: source, edit });
    const contents = saved.map((name) => contentOf(join(stage.destination, name)));
    const isOneState = contents.every((content) => content.equals(before) || content.equals(after));
    const isMarked = saved.some((name) => name.includes(".changed."));
    const isTidy = stage.leftovers().length === 0;
    const story = { call: trace.calls[call - 1], saved, err, code: trace.code, isOneState, isMarked, isTidy };
    const isNothingThere = ["is emptied", "is gone"].includes(edit) && saved.length === 0;
    const code = edit === "is gone" && trace.code === 75 ? 75 : 0;
    expect({ ...story, isSaved: saved.length > 0 || isNothingThere }).toEqual({
      ...story,
      code,
      isOneState: true,
      isMarked: false,
      isTidy: true,
      isSaved: true,
    });
  }
  return calls.length;
}

const edits: readonly Edit[] = ["grows", "is cut", "is written to", "is replaced", "is emptied", "is gone"];

describe.each([
  ["of which there is no revision yet", false],
  ["of which there is one", true],
])("a source %s", (_, hasRevision) => {
  test.each(edits)(holds("one-state", "that %s just before any call"), async (edit) => {
    expect(await sweep(edit, hasRevision)).toBeGreaterThan(10);
  });
});
