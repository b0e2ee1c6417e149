// `npm run torture`: all cases, whole; or with `-- --variants` the broken programs that they have to catch.
const [first, ...others] = process.argv.slice(2);
const isVariants = first === "--variants";
const words = isVariants
  ? ["test/torture/variants.ts", ...others]
  : [
      "test",
      "--timeout",
      "60000",
      ...(first === undefined ? ["test/torture", "test/exhaustive"] : [first, ...others]),
    ];
process.exitCode = Bun.spawnSync([process.execPath, ...words], {
  env: { ...process.env, ...(isVariants ? {} : { TORTURE: "whole" }) },
  stdio: ["inherit", "inherit", "inherit"],
}).exitCode;
