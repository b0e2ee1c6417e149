// The commands, in the order in which the help lists them. Each is loaded when it is asked for.

import type { CommandTable } from "../cli/command-table.ts";

export const commands: CommandTable = new Map([
  ["run", { load: () => import("./run.ts") }],
  ["list", { load: () => import("./list.ts") }],
  ["restore", { load: () => import("./restore.ts") }],
  ["diff", { load: () => import("./diff.ts") }],
  ["verify", { load: () => import("./verify.ts") }],
  ["prune", { load: () => import("./prune.ts") }],
  ["completions", { load: () => import("./completions.ts") }],
  ["complete", { isHidden: true, load: () => import("./complete.ts") }],
]);
