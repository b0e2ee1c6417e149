// The commands, in the order in which the help lists them. Each is loaded when it is asked for.

import type { CommandTable } from "../cli/command-table.ts";

export const commands: CommandTable = new Map([
  ["install", { load: () => import("./install.ts") }],
  ["statusof", { aliases: ["status"], load: () => import("./statusof.ts") }],
  ["uninstall", { load: () => import("./uninstall.ts") }],
  ["preview", { load: () => import("./preview.ts") }],
  ["run", { load: () => import("./run.ts") }],
  ["list", { load: () => import("./list.ts") }],
  ["restore", { load: () => import("./restore.ts") }],
  ["verify", { load: () => import("./verify.ts") }],
  ["prune", { load: () => import("./prune.ts") }],
  ["doctor", { load: () => import("./doctor.ts") }],
  ["canary", { isHidden: true, load: () => import("./canary.ts") }],
  ["job", { isHidden: true, load: () => import("./job.ts") }],
]);
