// Runs before every test file: tests speak UTC and English unless they say otherwise. How long a test may take stands in
// package.json, since Bun 1.4.5 reads no `timeout` from bunfig.toml.
import { FFIType } from "bun:ffi";
import { encode, i32, loader, ptr } from "../../src/system/libc.ts";

const library = loader({
  setenv: { args: [ptr, ptr, i32], returns: i32 },
  tzset: { args: [], returns: FFIType.void },
});

/** Has the runtime and the C library of this process be in a time zone. */
export function setZone(zone: string): void {
  process.env["TZ"] = zone;
  library()?.setenv(encode("TZ"), encode(zone), 1);
  library()?.tzset();
}

setZone("UTC");
process.env["LC_ALL"] = "C.UTF-8";
