import { expect, test } from "bun:test";
import { isUtf8, paintMessages, wantsColour } from "../../../src/cli/screen.ts";

test.each([
  ["a terminal", true, { TERM: "xterm" }, true],
  ["a pipe", false, { TERM: "xterm" }, false],
  ["a terminal that knows letters only", true, { TERM: "dumb" }, false],
  ["a terminal of which nothing is known", true, {}, false],
  ["who wants none", true, { TERM: "xterm", NO_COLOR: "1" }, false],
  ["whose wish for none is empty", true, { TERM: "xterm", NO_COLOR: "" }, true],
  ["who wants none, the older way", true, { TERM: "xterm", CLICOLOR: "0" }, false],
  ["who wants it in a pipe", false, { CLICOLOR_FORCE: "1" }, true],
  ["who does not want it forced", false, { TERM: "xterm", CLICOLOR_FORCE: "0" }, false],
  ["who wants both", true, { TERM: "xterm", CLICOLOR_FORCE: "1", NO_COLOR: "1" }, false],
])("%s: colour %p %j is %p", (_, isSeen, environment, isColoured) => {
  expect(wantsColour(isSeen, environment)).toBe(isColoured);
});

test.each([
  [{}, false],
  [{ LANG: "C" }, false],
  [{ LANG: "de_DE" }, false],
  [{ LANG: "de_DE.UTF-8" }, true],
  [{ LANG: "de_DE.utf8" }, true],
  [{ LANG: "C", LC_CTYPE: "en_US.UTF-8" }, true],
  [{ LANG: "en_US.UTF-8", LC_ALL: "C" }, false],
  [{ LANG: "en_US.UTF-8", LC_ALL: "" }, true],
])("by %j, more than ASCII can be shown: %p", (environment, isUnicode) => {
  expect(isUtf8(environment)).toBe(isUnicode);
});

const paint = (tint: string | undefined, text: string) => `<${tint}>${text}</>`;

test("of a message the words that say what it is are in colour, and no others", () => {
  const screen = { paint, columns: 80, isTerminal: true, isUnicode: true };
  const text = "tinybackup: warning: it is odd\nhint: see why\na hint: none\ntinybackup: it failed\n";
  expect(paintMessages(text, screen)).toBe(
    "<yellow>tinybackup: warning: </>it is odd\n<cyan>hint: </>see why\na hint: none\n<red>tinybackup: </>it failed\n",
  );
});
