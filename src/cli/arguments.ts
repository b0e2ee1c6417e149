// Arguments that several commands share, spread into their definitions, so that one name means one thing everywhere.
import { type Arguments, flag, type FlagDefinition, type PositionalDefinition, valued } from "./command.ts";

export const sourcefile = valued("FILE", "the file that is backed up", { alias: ["f"], completes: "file" });

export const destinationdirectory = valued("DIR", "the folder that holds its revisions", {
  alias: ["d", "destdir"],
  completes: "folder",
});

/** Both, where they can't be left out; by their places too. */
export const places = {
  sourcefile: { ...sourcefile, required: true, isPlaced: true },
  destinationdirectory: { ...destinationdirectory, required: true, isPlaced: true },
} satisfies Arguments;

/** Both, where revisions or schedules may know better than the person has to. */
export const known = {
  sourcefile: {
    ...sourcefile,
    isPlaced: true,
    completes: "source",
    description: "the file; may be left out where only one can be meant",
  },
  destinationdirectory: {
    ...destinationdirectory,
    description: "the folder that holds its revisions; may be left out where a schedule makes clear which",
  },
} satisfies Arguments;

/** How a bare word looks that names a revision and no file. */
const revisionWord =
  "\\d{1,15}|latest|previous|oldest|today|yesterday|\\d{1,2}:\\d\\d|\\d{4}-\\d\\d-\\d\\d(?:[ T].*)?|.* ago";

export const time = valued("TIME", "when to run, as for at(1): '2:00am', '14:30 mon', '+ 7 minutes'", {
  alias: ["t"],
  completes: ["2:00am", "14:30 mon", "+ 7 minutes"],
});

export const label = valued("LABEL", "a label of your own, to tell schedules apart");

export const filter = {
  type: "positional",
  required: false,
  completes: ["all", "files", "this"],
  fits: /^(?:all|all backup jobs|queue|(?:same )?files|jobs .*|this(?: job| time)?|exact|identical|time)$/i,
  description: "which schedules: all, files or this",
} satisfies PositionalDefinition;

/** Beside the filter, what a schedule is known by. */
export const narrowing = {
  sourcefile: { ...sourcefile, completes: "source" },
  destinationdirectory,
  time: { ...time, completes: "time" },
  name: { ...label, completes: "name", description: "only schedules with this label" },
} satisfies Arguments;

export const revision = valued(
  "REVISION",
  "latest, previous, oldest, a number, a file name, or a time: yesterday, 9:26, '2 days ago', a date",
  {
    completes: "revision",
    fits: new RegExp(`^(?:${revisionWord})$`, "i"),
  },
);

export const against = {
  type: "positional",
  completes: "revision",
  fits: new RegExp(`^(?:${revisionWord}|.*\\.(?:tar|zst|gz))$`, "i"),
  required: false,
  description: "a second revision, to compare the first with; without it, the file as it is now",
} satisfies PositionalDefinition;

/** Every command takes these: see `defineCommand`. */
export const messages = {
  json: flag("print one JSON object, for machines"),
  quiet: flag("print errors and warnings only"),
  verbose: flag("say more of what is done"),
  debug: flag("append a full log to debug.txt in this folder"),
} satisfies Record<string, FlagDefinition>;
