import { expect, test } from "bun:test";
import { createStatusLine, renderProgress } from "../../../src/cli/progress.ts";

const MiB = 2 ** 20;
const state = { phase: "saving", doneBytes: 512 * MiB, totalBytes: 1.2 * 2 ** 30, elapsedMs: 1650 };

test.each([
  [state, 80, "saving   41%  512 MiB / 1.2 GiB  310 MiB/s  0:03 left"],
  [state, 20, "saving   41%  512 M"],
  [state, 0, ""],
  [{ ...state, totalBytes: 0 }, 80, "saving  512 MiB  310 MiB/s"],
  [{ ...state, doneBytes: 0 }, 80, "saving    0%  0 B / 1.2 GiB"],
  [{ ...state, doneBytes: 0, totalBytes: 0, elapsedMs: 0 }, 80, "saving  0 B"],
  [{ ...state, doneBytes: 2 * 2 ** 30 }, 80, "saving  100%  2.0 GiB / 1.2 GiB  1.2 GiB/s  0:00 left"],
  [
    { ...state, doneBytes: MiB, totalBytes: 8192 * MiB },
    80,
    "saving    0%  1.0 MiB / 8.0 GiB  621 KiB/s  3:45:16 left",
  ],
])("%j in %p columns", (given, columns, text) => {
  expect(renderProgress(given, columns)).toBe(text);
});

test("the line appears after half a second, ten times a second at most, and is gone in the end", () => {
  let nowMs = 100_000;
  const written: string[] = [];
  const { progress, clear } = createStatusLine({
    write: (text) => void written.push(text),
    readColumns: () => 80,
    readMs: () => nowMs,
  });
  for (let step = 0; step < 100; step += 1) {
    nowMs = 100_000 + step * 10;
    progress("saving", step, 100);
  }
  expect(written[0]).toStartWith("\r\u001b[Ksaving   50%");
  expect(written.length).toBeGreaterThanOrEqual(4);
  expect(written.length).toBeLessThanOrEqual(6);
  progress("verifying", 0, 100);
  expect(written.at(-1)).toBe("\r\u001b[K");
  const { length } = written;
  clear();
  expect(written).toHaveLength(length);
});
