import { expect, test } from "bun:test";
import { UsageFailure } from "../../../src/errors.ts";
import { readJobFilter, type TypedFilter } from "../../../src/schedule/filter.ts";

const files = { sourcefile: "/a", destinationdirectory: "/b" };
const found = { source: "/a", typed: "/a", destination: "/b", typedDestination: "/b" };

test.each<[string, Partial<TypedFilter>, Awaited<ReturnType<typeof readJobFilter>>]>([
  ["all", {}, { filter: { scope: "all" }, warning: null }],
  ["all with a label", { name: "x" }, { filter: { scope: "all", name: "x" }, warning: null }],
  ["files", { ...files, filter: "same files" }, { filter: { scope: "files", ...found }, warning: null }],
  [
    "this",
    { ...files, filter: "this", time: "2:00am" },
    { filter: { scope: "this", ...found, time: "2:00am" }, warning: null },
  ],
  [
    "a time that the filter does not look at",
    { ...files, filter: "files", time: "whenever" },
    { filter: { scope: "files", ...found }, warning: "the filter 'files' does not look at -t" },
  ],
])("%s", async (_, typed, expected) => {
  expect(await readJobFilter({ filter: "all", ...typed })).toEqual(expected);
});

test.each<[string, Partial<TypedFilter>, string]>([
  ["files without any", { filter: "files" }, "the filter 'files' needs -f FILE and -d DIR"],
  ["files without a folder", { filter: "Files", sourcefile: "/a" }, "the filter 'Files' needs -d DIR"],
  ["this without a time", { ...files, filter: "exact" }, "the filter 'exact' needs -t TIME"],
  ["this with a time that is none", { ...files, filter: "this", time: "whenever" }, "whenever"],
  ["all with a file", { sourcefile: "/a" }, "whatever their files and folders"],
  ["all with a folder", { destinationdirectory: "/b" }, "whatever their files and folders"],
  ["no filter", { filter: "some" }, "no such job filter: 'some'"],
])(
  "%s is refused: it must reach neither further nor less far than the person believes",
  async (_, typed, said) => {
    const failure = await readJobFilter({ filter: "all", ...typed }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageFailure);
    expect(failure).toMatchObject({ message: expect.stringContaining(said) });
  },
);
