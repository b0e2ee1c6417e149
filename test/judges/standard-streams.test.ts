import { expect, test } from "bun:test";
import { resolve } from "node:path";

const module = JSON.stringify(resolve(import.meta.dir, "../../src/system/streams.ts"));
const target = JSON.stringify(resolve(import.meta.dir, "../../src/system/stream-target.ts"));

function runShell(line: string, script: string): string {
  const program = `import * as streams from ${module}; import { openStream } from ${target}; ${script}`;
  const { stdout, stderr } = Bun.spawnSync(["bash", "-c", line, process.execPath, program]);
  return stdout.toString() + stderr.toString();
}

const big = "new Uint8Array(3_000_000).fill(65)";

// `sleep` shares the pipe, and whoever sets it to non-blocking does so for all.
const nonBlocking = String.raw`(perl -e 'use Fcntl; fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK)'; "$0" -e "$1") | (sleep 0.3; wc -c)`;

test.each([
  ["a slow reader", '"$0" -e "$1" | (sleep 0.3; wc -c)'],
  ["a non-blocking pipe", nonBlocking],
])("every byte reaches %s", (_, line) => {
  expect(runShell(line, `streams.writeFully(1, ${big});`).trim()).toBe("3000000");
  expect(runShell(line, `streams.writeFullyAsync(1, ${big}).then(() => undefined);`).trim()).toBe("3000000");
});

test.each([
  ['"$0" -e "$1" >&-', "true"],
  ['"$0" -e "$1" >&- 0<&-', "true"],
  ['"$0" -e "$1" >/dev/null', "false"],
  ['"$0" -e "$1" 1<>/dev/null', "false"],
  ['"$0" -e "$1" | cat >&2', "false"],
  ['"$0" -e "$1" >/dev/full', "false"],
])("a closed standard output is told from one that goes nowhere: %s", (line, closed) => {
  expect(
    runShell(line, "openStream('-').then(() => 'false', () => 'true').then(streams.writeMessage);"),
  ).toBe(closed);
});

test("a message that nobody can be given is no error", () => {
  expect(runShell('"$0" -e "$1" 2>/dev/full; echo $?', 'streams.writeMessage("x");')).toBe("0\n");
  expect(runShell('"$0" -e "$1" 2>&-; echo $?', 'streams.writeMessage("x");')).toBe("0\n");
});
