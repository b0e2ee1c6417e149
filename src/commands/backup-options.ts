// The options of a backup, whoever asks for it: how they are typed, what they are as values, how a scheduled job carries
// them, and the request that they make.
import type { FormatName } from "../backup/archive/frame.ts";
import type { BackupRequest } from "../backup/back-up.ts";
import type { ProofLog } from "../backup/proofs.ts";
import { isRetention } from "../backup/retention-policy.ts";
import { type ChoiceDefinition, flag } from "../cli/command.ts";
import { Failure } from "../errors.ts";
import { type Job, splitRun } from "../schedule/job.ts";
import { readRetention, retentionArguments } from "./retention-options.ts";

const formats: FormatName[] = ["zstd", "gzip", "none"];

/** For `run` and `install`. */
export const backupArguments = {
  ...retentionArguments,
  always: flag("save also what has not changed"),
  "no-share": flag("store every revision whole, also where the disk can store equal parts once"),
  compress: {
    type: "enum",
    options: formats,
    default: "zstd",
    description: "how a revision is compressed",
  } satisfies ChoiceDefinition<FormatName>,
  raw: flag("copy the file as it is, also a database in use"),
  noop: flag("say what would be done, and write nothing"),
};

export interface BackupOptions extends Pick<BackupRequest, "retention" | "always"> {
  /** Revisions are not to share what is equal on the disk. */
  readonly "no-share": boolean;
  readonly compress: FormatName;
  /** Read the file as it is, whatever it holds. */
  readonly raw: boolean;
  /** Say what would be done, and write nothing. */
  readonly noop: boolean;
}

/** From the parsed arguments. Throws a UsageFailure where a value is none. */
export function readBackupOptions(
  args: Omit<BackupOptions, "retention"> & Parameters<typeof readRetention>[0],
): BackupOptions {
  const { always, compress, raw, noop } = args;
  return { retention: readRetention(args), always, "no-share": args["no-share"], compress, raw, noop };
}

/** As a job carries them: flat, by the names of the options. */
export function renderJobOptions({ retention, ...options }: BackupOptions): Job["run"] {
  return { ...retention, ...options };
}

/** From what a scheduled job carries. Throws a Failure where that is not what `install` writes. */
export function readJobOptions({ run }: Pick<Job, "run">): BackupOptions {
  const { always, "no-share": noShare, compress: name, raw, noop } = run;
  const compress = formats.find((format) => format === name);
  const { policy: retention } = splitRun({ run });
  const isPolicy = retention === undefined || isRetention(retention);
  if (isPolicy && compress !== undefined && isFlag(always) && isFlag(noShare) && isFlag(raw) && isFlag(noop))
    return { retention, always, "no-share": noShare, compress, raw, noop };
  throw new Failure("the options of this job are not such as 'tinybackup install' writes", {
    hint: "install the schedule again: tinybackup statusof all shows it",
  });
}

/** @param paths as typed; relative to the current folder */
export function toRequest(
  { source, folder }: Pick<BackupRequest, "source" | "folder">,
  { compress: format, retention, always, "no-share": isWhole, raw: isRaw }: BackupOptions,
  proofs: ProofLog,
): BackupRequest {
  return { source, folder, format, retention, always, mayShare: !isWhole, isRaw, proofs };
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}
