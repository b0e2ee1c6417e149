// Arguments that several commands share, spread into their definitions, so that one name means one thing everywhere.
import type { Arguments, FlagDefinition, PositionalDefinition, TextDefinition } from "./command.ts";

/** The file to back up: `{ sourcefile: { ...sourcefile, required: true } }` where it can't be left out. */
export const sourcefile = {
  type: "string",
  alias: ["f"],
  valueHint: "FILE",
  completes: "file",
  description: "the file that is backed up",
} satisfies TextDefinition;

export const destinationdirectory = {
  type: "string",
  alias: ["d", "destdir"],
  valueHint: "DIR",
  completes: "folder",
  description: "the folder that holds its revisions",
} satisfies TextDefinition;

/** Both, where revisions or schedules may know better than the person has to. */
export const known = {
  sourcefile: {
    ...sourcefile,
    completes: "source",
    description: "the file; may be left out where only one can be meant",
  },
  destinationdirectory: {
    ...destinationdirectory,
    description: "the folder that holds its revisions; may be left out where a schedule makes clear which",
  },
} satisfies Arguments;

export const time = {
  type: "string",
  alias: ["t"],
  valueHint: "TIME",
  completes: ["2:00am", "14:30 mon", "+ 7 minutes"],
  description: "when to run, as for at(1): '2:00am', '14:30 mon', '+ 7 minutes'",
} satisfies TextDefinition;

export const label = {
  type: "string",
  valueHint: "LABEL",
  description: "a label of your own, to tell schedules apart",
} satisfies TextDefinition;

/** Which schedules: see the filters of uninstall and statusof. */
export const filter = {
  type: "positional",
  required: true,
  completes: ["all", "files", "this"],
  description: "which schedules: all, files or this",
} satisfies PositionalDefinition;

/** Beside the filter, what a schedule is known by. */
export const narrowing = {
  sourcefile: { ...sourcefile, completes: "source" },
  destinationdirectory,
  time: { ...time, completes: "time" },
  name: { ...label, completes: "name", description: "only schedules with this label" },
} satisfies Arguments;

export const revision = {
  type: "string",
  valueHint: "REVISION",
  completes: "revision",
  description: "latest, a revision's number or file name, or a time",
} satisfies TextDefinition;

export const json = {
  type: "boolean",
  default: false,
  description: "print one JSON object, for machines",
} satisfies FlagDefinition;

/** Every command takes these three; spread them last: `...messages`. */
export const messages = {
  quiet: { type: "boolean", default: false, description: "print errors and warnings only" },
  verbose: { type: "boolean", default: false, description: "say more of what is done" },
  debug: { type: "boolean", default: false, description: "append a full log to debug.txt in this folder" },
} satisfies Record<string, FlagDefinition>;
