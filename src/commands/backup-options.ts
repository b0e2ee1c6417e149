// The options of a backup, whoever asks for it: how they are typed, what they are as values, how a scheduled job carries
// them, and the request that they make.
import type { FormatName } from "../backup/archive/frame.ts";
import type { BackupRequest } from "../backup/back-up.ts";
import type { ProofLog } from "../backup/proofs.ts";
import type { ChoiceDefinition, FlagDefinition, TextDefinition } from "../cli/command.ts";
import { parseCount } from "../cli/values.ts";
import { Failure } from "../errors.ts";
import type { Job } from "../schedule/job.ts";

export const keeprevisions = {
  type: "string",
  alias: ["k"],
  valueHint: "N",
  description: "how many revisions to keep, the newest ones; -1 keeps all",
} satisfies TextDefinition;

const formats: FormatName[] = ["zstd", "gzip", "none"];

/** For `run` and `install`. */
export const backupArguments = {
  keeprevisions,
  always: {
    type: "boolean",
    default: false,
    description: "save also what has not changed",
  } satisfies FlagDefinition,
  compress: {
    type: "enum",
    options: formats,
    default: "zstd",
    description: "how a revision is compressed",
  } satisfies ChoiceDefinition<FormatName>,
  noop: {
    type: "boolean",
    default: false,
    description: "say what would be done, and write nothing",
  } satisfies FlagDefinition,
};

export interface BackupOptions {
  /** At least 1; -1 keeps all. Left out: the series' own policy. */
  readonly keeprevisions?: number;
  /** Make a revision also of what has not changed. */
  readonly always: boolean;
  readonly compress: FormatName;
  /** Say what would be done, and write nothing. */
  readonly noop: boolean;
}

/** From the parsed arguments. Throws a UsageFailure where a value is none. */
export function readBackupOptions(
  args: Omit<BackupOptions, "keeprevisions"> & { readonly keeprevisions?: string | undefined },
): BackupOptions {
  const { always, compress, noop, keeprevisions: typed } = args;
  return {
    ...(typed === undefined ? {} : { keeprevisions: parseKeepRevisions(typed) }),
    always,
    compress,
    noop,
  };
}

/** From what a scheduled job carries. Throws a Failure where that is not what `install` writes. */
export function readJobOptions({ run }: Pick<Job, "run">): BackupOptions {
  const { keeprevisions: count, always, compress: name, noop } = run;
  const compress = formats.find((format) => format === name);
  const isCount = typeof count === "number" && Number.isSafeInteger(count) && (count >= 1 || count === -1);
  if ((isCount || count === undefined) && compress !== undefined && typeof noop === "boolean") {
    return { ...(isCount ? { keeprevisions: count } : {}), always: always === true, compress, noop };
  }
  throw new Failure("the options of this job are not such as 'tinybackup install' writes", {
    hint: "install the schedule again: tinybackup statusof all shows it",
  });
}

/** How many revisions to keep: at least 1, or -1 for all of them. Throws a UsageFailure. */
export function parseKeepRevisions(text: string): number {
  if (text === "-1") return -1;
  const hint = "write --keeprevisions=14, or --keeprevisions=-1 to keep all of them";
  return parseCount(text, { name: "--keeprevisions", min: 1, hint });
}

/** @param paths as typed; relative to the current folder */
export function toRequest(
  { source, folder }: Pick<BackupRequest, "source" | "folder">,
  { compress: format, keeprevisions: count, always }: BackupOptions,
  proofs: ProofLog,
): BackupRequest {
  return { source, folder, format, retention: count ? { keeprevisions: count } : undefined, always, proofs };
}
