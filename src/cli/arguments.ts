// Arguments that several commands share, spread into their definitions, so that one name means one thing everywhere.
import { type Arguments, flag, type FlagDefinition, type PositionalDefinition, valued } from "./command.ts";

/** The file to back up: `{ sourcefile: { ...sourcefile, required: true } }` where it can't be left out. */
export const sourcefile = valued("FILE", "the file that is backed up", { alias: ["f"], completes: "file" });

export const destinationdirectory = valued("DIR", "the folder that holds its revisions", {
  alias: ["d", "destdir"],
  completes: "folder",
});

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

export const time = valued("TIME", "when to run, as for at(1): '2:00am', '14:30 mon', '+ 7 minutes'", {
  alias: ["t"],
  completes: ["2:00am", "14:30 mon", "+ 7 minutes"],
});

export const label = valued("LABEL", "a label of your own, to tell schedules apart");

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

export const revision = valued("REVISION", "latest, a revision's number or file name, or a time", {
  completes: "revision",
});

export const json = flag("print one JSON object, for machines");

/** Every command takes these three: see `defineCommand`. */
export const messages = {
  quiet: flag("print errors and warnings only"),
  verbose: flag("say more of what is done"),
  debug: flag("append a full log to debug.txt in this folder"),
} satisfies Record<string, FlagDefinition>;
