import { expect, test } from "bun:test";
import { UsageFailure } from "../../../src/errors.ts";
import { parseJobFilter, type TypedFilter } from "../../../src/schedule/filter.ts";

const nothing: TypedFilter = {
  filter: "all",
  source: undefined,
  destination: undefined,
  time: undefined,
  name: undefined,
};
const files = { source: "/a", destination: "/b" };

test.each<[string, Partial<TypedFilter>, ReturnType<typeof parseJobFilter>]>([
  ["all", {}, { filter: { scope: "all" }, warning: null }],
  ["all with a label", { name: "x" }, { filter: { scope: "all", name: "x" }, warning: null }],
  ["files", { ...files, filter: "same files" }, { filter: { scope: "files", ...files }, warning: null }],
  [
    "this, by the meaning of its time",
    { ...files, filter: "this", time: "2:00am" },
    { filter: { scope: "this", ...files, canonicalTime: "02:00" }, warning: null },
  ],
  [
    "a time that the filter does not look at",
    { ...files, filter: "files", time: "whenever" },
    { filter: { scope: "files", ...files }, warning: "the filter 'files' does not look at -t" },
  ],
])("%s", (_, typed, expected) => {
  expect(parseJobFilter({ ...nothing, ...typed })).toEqual(expected);
});

test.each<[string, Partial<TypedFilter>, string]>([
  ["files without any", { filter: "files" }, "the filter 'files' needs -f FILE and -d DIR"],
  ["files without a folder", { filter: "Files", source: "/a" }, "the filter 'Files' needs -d DIR"],
  ["this without a time", { ...files, filter: "exact" }, "the filter 'exact' needs -t TIME"],
  ["this with a time that is none", { ...files, filter: "this", time: "whenever" }, "whenever"],
  ["all with a file", { source: "/a" }, "whatever their files and folders"],
  ["all with a folder", { destination: "/b" }, "whatever their files and folders"],
  ["no filter", { filter: "some" }, "no such job filter: 'some'"],
])("%s is refused: it must reach neither further nor less far than the person believes", (_, typed, said) => {
  expect(() => parseJobFilter({ ...nothing, ...typed })).toThrow(UsageFailure);
  expect(() => parseJobFilter({ ...nothing, ...typed })).toThrow(said);
});
