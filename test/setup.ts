// Runs before every test file: tests speak UTC and English unless they say otherwise.
import { setDefaultTimeout } from "bun:test";

process.env["TZ"] = "UTC";
process.env["LC_ALL"] = "C.UTF-8";

// Bun reads no `timeout` from bunfig.toml, and its own five seconds are too few on a busy machine.
setDefaultTimeout(60_000);
