import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  compactProofs,
  decodeProofs,
  encodeProofs,
  type ProofEvent,
} from "../../../src/schedule/proof-journal.ts";

const folder = "/mnt/usb/saved";
const proven = (file: string, atMs = 1): ProofEvent => ({ event: "proven", atMs, folder, file, damage: "" });
const damaged = (file: string, atMs = 1): ProofEvent => ({
  event: "damaged",
  atMs,
  folder,
  file,
  damage: "rot",
});
const equal = (file: string, atMs = 1): ProofEvent => ({ event: "equal", atMs, folder, file, damage: "" });
const daily = (source: string, atMs = 1): ProofEvent => ({ event: "daily", atMs, folder, source });

const anyEvent = fc
  .tuple(fc.nat(3), fc.nat(9), fc.nat(99))
  .map(([kind, name, atMs]) =>
    [proven, damaged, equal, daily][kind]?.(kind === 3 ? `/source ${name}` : `file ${name}`, atMs),
  )
  .filter((event) => event !== undefined);

const byText = (events: readonly ProofEvent[]) => events.map((event) => JSON.stringify(event)).toSorted();

test("any proofs are read back as they were written, a hundred files of a folder in one line", () => {
  fc.assert(
    fc.property(fc.array(anyEvent), (events) => {
      expect(byText(decodeProofs(encodeProofs(events)))).toEqual(byText(events));
    }),
  );
  const many = Array.from({ length: 250 }, (_, index) => proven(`file ${index}`));
  const text = encodeProofs(many);
  expect(text.split("\n")).toHaveLength(4);
  expect(decodeProofs(text)).toEqual(many);
});

test.each([
  ["a torn line", '{"event":"proven","folder":"/x","files":[["a",1'],
  ["other events", '{"event":"run","atMs":1}\n{"event":"removed","message":"\\"event\\":\\"proven\\""}'],
  ["a file without its time", '{"event":"proven","folder":"/x","files":[["a"]]}'],
  ["a folder that is none", '{"event":"damaged","folder":"x","files":[["a",1,"rot"]]}'],
  ["damage that is no text", '{"event":"damaged","folder":"/x","files":[["a",1,{}]]}'],
  ["a day without its source", '{"event":"daily","atMs":1,"folder":"/x"}'],
])("%s is passed over", (_, line) => {
  expect(decodeProofs(`${encodeProofs([proven("a")])}${line}\n${encodeProofs([daily("/s")])}`)).toEqual([
    proven("a"),
    daily("/s"),
  ]);
});

test("cutting them down keeps the last of each, what is damaged first, and 2000 in all", () => {
  expect(
    compactProofs([
      damaged("a"),
      proven("a"),
      proven("b"),
      damaged("b"),
      equal("b"),
      daily("/s"),
      daily("/s", 2),
    ]),
  ).toEqual([proven("a"), damaged("b"), equal("b"), daily("/s", 2)]);
  const rotten = damaged("rotten");
  const many = [rotten, ...Array.from({ length: 3000 }, (_, index) => proven(`file ${index}`))];
  const kept = compactProofs(many);
  expect(kept).toEqual([rotten, ...many.slice(-1999)]);
  expect(compactProofs(kept)).toEqual(kept);
});
