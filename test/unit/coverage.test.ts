// What `npm run coverage` counts are statements, and marking them changes nothing of what they do.
import { expect, test } from "bun:test";
import { markStatements } from "../coverage/statements.ts";

const transpiler = new Bun.Transpiler({ loader: "ts" });

/** The lines whose statements a call runs. */
function runMarked(source: string, ...words: readonly unknown[]): { result: unknown; lines: number[] } {
  const { text, lines } = markStatements(source, (place) => `hits.add(${place})`);
  const hits = new Set<number>();
  const code = transpiler.transformSync(text);
  // oxlint-disable-next-line typescript/no-implied-eval, no-new-func
  const result: unknown = new Function("hits", "words", `${code}\nreturn run(...words);`)(hits, words);
  return { result, lines: [...hits].map((place) => lines[place] ?? 0).toSorted((a, b) => a - b) };
}

const source = `function run(count: number): unknown {
  const twice = (one: number) => ({ one: one * 2 });
  if (count > 2) return twice(count);
  else if (count === 2)
    return "two";
  for (const each of [1, 2])
    if (each === count) continue;
  switch (count) {
    case 1:
      return () => (one: number) => one;
    default:
      throw new Error("none");
  }
}`;

test.each([
  [3, { one: 6 }, [2, 2, 3, 3]],
  [2, "two", [2, 3, 4, 5]],
])("of a function that is called with %p, what runs is marked, and no more", (count, result, lines) => {
  expect(runMarked(source, count)).toEqual({ result, lines });
});

test("a branch that was not taken is not marked, and what is returned is as it was", () => {
  const { result, lines } = runMarked(source, 1);
  expect(result).toBeFunction();
  expect(lines).toEqual([2, 3, 4, 6, 7, 7, 8, 10]);
});

test("declarations of types and functions are no statements", () => {
  const { lines, text } = markStatements("export interface A { b: 1 }\nexport const c = 1;\n", () => "m()");
  expect(lines).toEqual([2]);
  expect(text).toContain("m();export const c = 1;");
});
