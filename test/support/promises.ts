// What the README promises, and which tests hold each of it: docs/promises.md is made of this. A test that holds a promise says
// so in its name's place: `test(holds("whole", "a bit that is flipped is noticed"), …)`.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dir, "../..");

/** Each a sentence of the README's chapter on it, in its order, by a name for the tests. */
export const promises = {
  undisturbed: "Your file is never disturbed: it is not modified, nor is anything beside it.",
  "access-time": "Its access time stays as it was, wherever the system can leave it so.",
  unlocked: "It is not locked, but for the moment in which an SQLite database is copied.",
  whole: "A revision that has its final name is whole and proven.",
  "read-back":
    "Before it has that name it was read back, from the disk and not from memory, and compared with what was read from your file.",
  durable: "After exit code 0 it would survive a power cut.",
  interrupted:
    "No error, no signal and no full disk leaves less than that, or anything that the next run does not tidy up.",
  "one-state":
    "A file that changes while it is read is saved as one state, or marked as none, and that is said.",
  database: "An SQLite database in use is saved with what its log holds.",
  "nothing-lost":
    "No good revision is lost, but by the policy that you chose, and only after what stays was proven.",
  copies: "Copies of one state push out no other.",
  damaged: "What is damaged does not count, and stays.",
  planted:
    "What was copied, renamed or planted does not count, and neither does what belongs to another file, machine or user.",
  clock: "A clock that is wrong, or was, loses nothing.",
  shrunk:
    "What was before a sudden drop in size, or before the file was emptied, is not pushed out by what comes after it.",
  "same-readers": "Nobody can read a copy who could not read the file.",
  "restore-safe": "What `restore` replaces keeps a second name, and nothing is replaced without `--force`.",
  "restore-proven":
    "What `restore` gives back is proven, as it was, with its mode, times, attributes and holes, and never with more rights.",
  alive: "A schedule does not die silently: each run arms the next one before anything that can fail.",
  "one-successor": "It never runs twice at once, nor is it ever in the queue twice for long.",
  calendar: "It keeps to the calendar of your zone, also after downtime and when the clocks change.",
  removed: "A schedule that you end has ended, also while it runs, and nobody else's job is touched.",
  "right-place":
    "It writes into no bare folder whose drive is not there, and follows no link that took a place of yours.",
  truth: "`statusof` says the truth about what is armed, and what is not.",
  plain: "Every revision outlives the program: `tar` opens it, and needs nothing of ours.",
  evidence:
    'It never says "ok" without evidence: what went wrong is one line, what to type, and an exit code that scripts can trust.',
  "read-again": "A run a day reads an old revision again, and what is damaged is told from then on.",
  quiet: "When all is well, a scheduled run prints nothing.",
  strict: "Nothing mistyped is ignored.",
  bounded: "Its memory is bounded, whatever the file's size.",
} as const;

export type PromiseName = keyof typeof promises;

/** The name of a test that holds these promises. */
export function holds(...words: readonly [...promises: PromiseName[], name: string]): string {
  return words.at(-1) ?? "";
}

interface Holder {
  /** From the root. */
  readonly file: string;
  readonly name: string;
}

/** The tests of each promise, by file. */
export function findHolders(): ReadonlyMap<string, readonly Holder[]> {
  const files = [...new Bun.Glob("test/**/*.test.ts").scanSync(root)].toSorted();
  const all = files.flatMap((file) => {
    const text = readFileSync(resolve(root, file), "utf8");
    return Array.from(text.matchAll(/\bholds\(((?:\s*"(?:[^"\\]|\\.)*",?)+)\s*\)/g), ([, list = ""]) => {
      const words = Array.from(list.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, word = ""]) => word);
      const name = JSON.parse(`"${words.at(-1) ?? ""}"`);
      return words.slice(0, -1).map((promise) => ({ promise, file, name: String(name) }));
    }).flat();
  });
  return Map.groupBy(all, ({ promise }) => promise);
}

/** The page that lists each promise with its tests. */
export function renderPromises(): string {
  const holders = findHolders();
  const chapters = Object.entries(promises).map(([promise, sentence]) => {
    const tests = (holders.get(promise) ?? []).map(
      ({ file, name }) => `- ${name.replaceAll("`", "'")} ([${file.slice("test/".length)}](../${file}))`,
    );
    return `## ${sentence}\n\n${tests.join("\n")}\n`;
  });
  return `${HEADING}\n${chapters.join("\n")}`;
}

const HEADING = `# What holds the promises

Each sentence of [what the README promises](../README.md#what-it-promises), and the tests that hold it. This page is made from
the tests (\`npm run docs\`); a promise without a test, and a page that is not theirs, fail the build.
`;
