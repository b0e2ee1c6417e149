// oxlint-disable no-console -- what it prints is the report
// The compiled program under systematic faults: `npm run torture`. One line a case, a count at the end, and exit 1 where one
// failed, with the command that repeats it.
//
//   bun test/torture/torture.ts [--bounded] [--only FAMILY[/CASE]]... [--seed N] [--lanes N] [--binary FILE] [--stop] [--list]
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Told, torture } from "./frame.ts";

const { values } = parseArgs({
  options: {
    bounded: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    seed: { type: "string", default: String(Math.floor(Date.now() / 1000)) },
    lanes: { type: "string", default: String(availableParallelism()) },
    binary: { type: "string" },
    stop: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});

const { binary = (await import("../support/binary.ts")).binary, seed, bounded, list } = values;
const begin = performance.now();

function report({ name, failure }: Told): void {
  if (list) console.log(name);
  else if (failure === null) console.log(`ok ${name}`);
  else {
    const [first, ...others] = failure.message.trim().split("\n");
    console.log([`FAILED ${name}: ${first}`, ...others].join("\n    "));
    const words = [bounded ? " --bounded" : "", ` --only ${name} --seed ${seed}`];
    console.log(`    repeat: npm run torture --${words.join("")}`);
  }
}

const { cases, failures } = await torture({
  binary: resolve(binary),
  isBounded: bounded,
  only: values.only,
  seed: Number(seed),
  lanes: Number(values.lanes),
  stopsAtFailure: values.stop,
  isListing: list,
  onCase: report,
});
const seconds = ((performance.now() - begin) / 1000).toFixed(0);
if (!list) console.log(`${cases - failures} ok, ${failures} failed, in ${seconds} s, seed ${seed}`);
if (cases === 0) console.error(`no case is called ${values.only.join(" or ")}`);
process.exitCode = failures > 0 || cases === 0 ? 1 : 0;
