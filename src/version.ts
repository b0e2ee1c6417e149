// The version: written once, in package.json, and embedded in the binary by the build.

export { version } from "../package.json" with { type: "json" };
