// The options of a backup, whoever asks for it: how they are typed, what they are as values, how a scheduled job carries
// them, and the request that they make.
import type { FormatName } from "../backup/archive/frame.ts";
import type { BackupRequest } from "../backup/back-up.ts";
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
  keeprevisions: { ...keeprevisions, default: "14" },
  compress: {
    type: "enum",
    options: formats,
    default: "zstd",
    description: "how a revision is compressed",
  } satisfies ChoiceDefinition<FormatName>,
  verify: {
    type: "boolean",
    default: true,
    description: "do not read the revision back to prove it",
  } satisfies FlagDefinition,
  noop: {
    type: "boolean",
    default: false,
    description: "say what would be done, and write nothing",
  } satisfies FlagDefinition,
};

export interface BackupOptions {
  /** At least 1; -1 keeps all. */
  readonly keeprevisions: number;
  readonly compress: FormatName;
  readonly verify: boolean;
  /** Say what would be done, and write nothing. */
  readonly noop: boolean;
}

/** From the parsed arguments. Throws a UsageFailure where a value is none. */
export function readBackupOptions(
  args: Omit<BackupOptions, "keeprevisions"> & { readonly keeprevisions: string },
): BackupOptions {
  const { compress, verify, noop } = args;
  return { keeprevisions: parseKeepRevisions(args.keeprevisions), compress, verify, noop };
}

/** From what a scheduled job carries. Throws a Failure where that is not what `install` writes. */
export function readJobOptions({ run }: Pick<Job, "run">): BackupOptions {
  const { keeprevisions: count, compress: name, verify, noop } = run;
  const compress = formats.find((format) => format === name);
  const isCount = typeof count === "number" && Number.isSafeInteger(count) && (count >= 1 || count === -1);
  if (isCount && compress !== undefined && typeof verify === "boolean" && typeof noop === "boolean") {
    return { keeprevisions: count, compress, verify, noop };
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
  { compress: format, verify, keeprevisions: count }: BackupOptions,
): BackupRequest {
  return { source, folder, format, verify, retention: { keeprevisions: count } };
}
