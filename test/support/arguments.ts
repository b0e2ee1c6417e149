// Arguments of every kind, for the tests of the gate, the help and the wiring.
import * as shared from "../../src/cli/arguments.ts";
import type { Arguments } from "../../src/cli/command.ts";
import { backupArguments } from "../../src/commands/backup-options.ts";

export const everyKind = {
  sourcefile: { ...shared.sourcefile, required: true },
  destinationdirectory: { ...shared.destinationdirectory, required: true },
  keeprevisions: backupArguments.keeprevisions,
  "keep-daily": backupArguments["keep-daily"],
  time: { type: "string", alias: ["t"], valueHint: "TIME", description: "when to run" },
  compress: backupArguments.compress,
  "dry-run": { type: "boolean", default: false, description: "only say what would be done" },
  ...shared.messages,
} satisfies Arguments;
