import { expect, test } from "bun:test";
import { formatSize } from "../../../src/cli/format.ts";

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1536, "1.5 KiB"],
  [10 * 1024 - 1, "10 KiB"],
  [10 * 1024, "10 KiB"],
  [1024 * 1024 - 1, "1.0 MiB"],
  [1.2 * 2 ** 30, "1.2 GiB"],
  [512 * 2 ** 20, "512 MiB"],
  [20 * 2 ** 40, "20 TiB"],
  [2 ** 63, "8.0 EiB"],
])("%p bytes are %s", (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
