// `npm run torture`: all cases, whole; with `-- --variants` the broken programs that they have to catch; with `-- --only CASE` those
// of the families whose names begin so, and with `-- FILE` a file of tests.
const words = process.argv.slice(2);
const [first = "test/torture", ...others] = words;

function commandOf(): readonly string[] {
  if (first === "--variants") return ["test/torture/variants.ts", ...others];
  if (first.startsWith("--")) return ["test/torture/torture.ts", ...words];
  return ["test", "--timeout", "60000", first, ...(words.length > 0 ? others : ["test/exhaustive"])];
}

process.exitCode = Bun.spawnSync([process.execPath, ...commandOf()], {
  env: { ...process.env, ...(first.startsWith("--") ? {} : { TORTURE: "whole" }) },
  stdio: ["inherit", "inherit", "inherit"],
}).exitCode;
