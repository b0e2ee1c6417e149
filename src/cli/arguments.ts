// Arguments that several commands share, spread into their definitions, so that one name means one thing everywhere.

import type { ChoiceDefinition, FlagDefinition, PositionalDefinition, TextDefinition } from "./definition.ts";

/** The file to back up: `{ sourcefile: { ...sourcefile, required: true } }` where it can't be left out. */
export const sourcefile = {
  type: "string",
  alias: ["f"],
  valueHint: "FILE",
  description: "the file that is backed up",
} as const satisfies TextDefinition;

export const destinationdirectory = {
  type: "string",
  alias: ["d", "destdir"],
  valueHint: "DIR",
  description: "the folder that holds its revisions",
} as const satisfies TextDefinition;

/** Where the schedules may know better than the person has to. */
export const knownDestination = {
  ...destinationdirectory,
  description: "the folder that holds its revisions; may be left out where a schedule makes clear which",
} as const satisfies TextDefinition;

export const keeprevisions = {
  type: "string",
  alias: ["k"],
  valueHint: "N",
  description: "how many revisions to keep, the newest ones; -1 keeps all",
} as const satisfies TextDefinition;

export const compress = {
  type: "enum",
  options: ["zstd", "gzip", "none"],
  default: "zstd",
  description: "how a revision is compressed",
} as const satisfies ChoiceDefinition;

export const verify = {
  type: "boolean",
  default: true,
  description: "do not read the revision back to prove it",
} as const satisfies FlagDefinition;

export const time = {
  type: "string",
  alias: ["t"],
  valueHint: "TIME",
  description: "when to run, as for at(1): '2:00am', '14:30 mon', '+ 7 minutes'",
} as const satisfies TextDefinition;

export const label = {
  type: "string",
  valueHint: "LABEL",
  description: "a label of your own, to tell schedules apart",
} as const satisfies TextDefinition;

/** Which schedules: see the filters of uninstall and statusof. */
export const filter = {
  type: "positional",
  required: true,
  description: "which schedules: all, files or this",
} as const satisfies PositionalDefinition;

export const revision = {
  type: "string",
  valueHint: "REVISION",
  description: "latest, a revision's number, or a time",
} as const satisfies TextDefinition;

export const to = {
  type: "string",
  valueHint: "PATH",
  description: "where to write the file; - is standard output",
} as const satisfies TextDefinition;

export const force = {
  type: "boolean",
  default: false,
  description: "replace an existing file",
} as const satisfies FlagDefinition;

export const all = {
  type: "boolean",
  default: false,
  description: "every revision",
} as const satisfies FlagDefinition;

export const dryRun = {
  type: "boolean",
  default: false,
  description: "only say what would be done",
} as const satisfies FlagDefinition;

export const noop = {
  type: "boolean",
  default: false,
  description: "say what would be done, and write nothing",
} as const satisfies FlagDefinition;

export const json = {
  type: "boolean",
  default: false,
  description: "print one JSON object, for machines",
} as const satisfies FlagDefinition;

/** Every command takes these three; spread them last: `...messages`. */
export const messages = {
  quiet: { type: "boolean", default: false, description: "print errors and warnings only" },
  verbose: { type: "boolean", default: false, description: "say more of what is done" },
  debug: { type: "boolean", default: false, description: "append a full log to debug.txt in this folder" },
} as const satisfies Record<string, FlagDefinition>;
