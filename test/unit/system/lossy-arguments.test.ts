import { expect, test } from "bun:test";
import { refuseLossyArgument } from "../../../src/system/invocation.ts";

const lossy = "caf\u{FFFD}";

function raw(...texts: readonly (string | Uint8Array)[]): Uint8Array[] {
  return texts.map((text) => (typeof text === "string" ? Buffer.from(text) : text));
}

test("only what did not arrive as it was typed is refused", () => {
  const latin = Uint8Array.of(0x63, 0x61, 0x66, 0xe9);
  refuseLossyArgument(["run", "plain"], raw("run", "plain"));
  refuseLossyArgument(["run", lossy], raw("run", lossy));
  expect(() => refuseLossyArgument(["run", lossy], raw("run", latin))).toThrow(`argument '${lossy}' is not`);
  expect(() => refuseLossyArgument([lossy, lossy], raw(lossy, latin))).toThrow("is not valid UTF-8");
});

test("where the system does not show the bytes, what may be wrong is refused", () => {
  refuseLossyArgument(["run", "plain"], undefined);
  expect(() => refuseLossyArgument(["run", lossy], undefined)).toThrow("is not valid UTF-8");
});
