// Runs before every test file: tests speak UTC and English unless they say otherwise. How long a test may take stands in
// package.json, since Bun 1.4.5 reads no `timeout` from bunfig.toml.
import { setTimeZone } from "../../src/system/libc.ts";

setTimeZone("UTC");
process.env["LC_ALL"] = "C.UTF-8";
