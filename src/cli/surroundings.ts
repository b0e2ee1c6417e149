// What the program finds and leaves around it, beside its arguments: for the manual.

import type { Described } from "./help.ts";

export const files: readonly Described[] = [
  {
    term: "DIR/FILE-NUMBER-TIME-DIGEST.tar.zst",
    meaning:
      "a revision: the file's name, the revision's number, the second (in UTC) at which reading began, and the first 12 digits of the SHA-256 of the content. It ends in .tar.gz or .tar where --compress says so. What does not have exactly this form is never touched: rename a revision to keep it for ever",
  },
  {
    term: "DIR/.tinybackup-*.partial",
    meaning: "a revision that is being written; where its writer was killed, a later run removes it",
  },
  {
    term: "$XDG_STATE_HOME/tinybackup/journal.jsonl",
    meaning:
      "what was scheduled, what ended, and what came of each run, a line each; ~/.local/state/tinybackup/journal.jsonl by default. What is scheduled at this moment stands in the queue of at(1), not here",
  },
  {
    term: "debug.txt",
    meaning: "the log that --debug appends to, in the folder where the command was typed",
  },
];

export const environment: readonly Described[] = [
  {
    term: "TZ",
    meaning:
      "the time zone of the times that are shown and typed; without it, the system's. A schedule keeps the one that it was installed with",
  },
  {
    term: "XDG_STATE_HOME",
    meaning: "the folder that the journal's folder is in; it must be an absolute path",
  },
];
