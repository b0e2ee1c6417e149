import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { compactProofs, decodeProofs, encodeProofs, type Proof } from "../../../src/schedule/journal.ts";

const folder = "/mnt/usb/saved";
const proven = (file: string, atMs = 1): Proof => ({ path: `${folder}/${file}`, atMs, damage: null });
const damaged = (file: string, atMs = 1): Proof => ({ path: `${folder}/${file}`, atMs, damage: "rot" });

const anyProof = fc
  .record({
    path: fc.constantFrom("/a", "/b c/d", `${folder}/e`, `${folder}/e//equal`, `${folder}//home/me/f`),
    atMs: fc.nat(99),
    damage: fc.option(fc.string()),
  })
  .map((proof): Proof => proof);

const byText = (proofs: readonly Proof[]) => proofs.map((proof) => JSON.stringify(proof)).toSorted();

test("any proofs are read back as they were written, those of a folder in one line", () => {
  fc.assert(
    fc.property(fc.array(anyProof), (proofs) => {
      expect(byText(decodeProofs(encodeProofs(proofs)))).toEqual(byText(proofs));
    }),
  );
  const many = Array.from({ length: 250 }, (_, index) => proven(`file ${index}`));
  const text = encodeProofs(many);
  expect(text.split("\n")).toHaveLength(2);
  expect(decodeProofs(text)).toEqual(many);
});

test.each([
  ["a torn line", '{"event":"read","folder":"/x","files":[["a",1'],
  ["other events", '{"event":"run","atMs":1}\n{"event":"removed","message":"\\"event\\":\\"read\\""}'],
  ["a file without its time", '{"event":"read","folder":"/x","files":[["a"]]}'],
  ["a file without what was found", '{"event":"read","folder":"/x","files":[["a",1]]}'],
  ["a folder that is none", '{"event":"read","folder":1,"files":[["a",1,"rot"]]}'],
  ["damage that is no text", '{"event":"read","folder":"/x","files":[["a",1,{}]]}'],
])("%s is passed over", (_, line) => {
  expect(decodeProofs(`${encodeProofs([proven("a")])}${line}\n${encodeProofs([damaged("b")])}`)).toEqual([
    proven("a"),
    damaged("b"),
  ]);
});

test("cutting them down keeps the last of each, what is damaged first, and 2000 in all", () => {
  expect(
    compactProofs([damaged("a"), proven("a"), proven("b"), damaged("b"), proven("b//equal"), proven("c", 2)]),
  ).toEqual([proven("a"), proven("b//equal"), proven("c", 2), damaged("b")]);
  const rotten = damaged("rotten");
  const many = [rotten, ...Array.from({ length: 3000 }, (_, index) => proven(`file ${index}`))];
  const kept = compactProofs(many);
  expect(kept).toEqual([...many.slice(-1999), rotten]);
  expect(compactProofs(kept)).toEqual(kept);
});
