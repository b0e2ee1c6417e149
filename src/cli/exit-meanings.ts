// The documented exit table in words: for the help, the manual and the README.

import { ExitCode } from "../errors.ts";

export const exitMeanings: Readonly<Record<ExitCode, string>> = {
  [ExitCode.done]: "done",
  [ExitCode.failed]: "failed, and nothing was lost; or nothing matched",
  [ExitCode.usage]: "the command line is wrong; nothing was done",
  [ExitCode.scheduler]: "the scheduler can't be used: at is missing, not permitted, or not running",
  [ExitCode.damaged]: "a revision is damaged",
  [ExitCode.attention]: "a schedule needs attention: overdue, not armed, or its last run failed",
  [ExitCode.unavailable]: "the file or the folder is not there now; a later try may succeed",
};

/** What the kernel adds; no command returns it. */
export const signalMeaning = ["128+n", "ended by signal n, after cleaning up"] as const;
