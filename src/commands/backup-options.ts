// The options of a backup, whoever asks for it: how they are typed, how a scheduled job carries them, and the request that
// they make.
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

const flags = ["always", "no-share", "raw", "noop"] as const;

/** By the names of the options, the policy's among them: as a job carries them. */
export type BackupOptions = Job["run"] & { readonly [Name in (typeof flags)[number]]: boolean } & {
  readonly compress: FormatName;
};

function isBackupOptions(run: Job["run"]): run is BackupOptions {
  return (
    flags.every((name) => typeof run[name] === "boolean") && formats.some((name) => name === run["compress"])
  );
}

/** From the parsed arguments. Throws a UsageFailure where a value is none. */
export function readBackupOptions(
  args: Pick<BackupOptions, (typeof flags)[number] | "compress"> & Parameters<typeof readRetention>[0],
): BackupOptions {
  const { always, compress, raw, noop } = args;
  return { ...readRetention(args), always, "no-share": args["no-share"], compress, raw, noop };
}

/** From what a scheduled job carries. Throws a Failure where that is not what `install` writes. */
export function readJobOptions({ run }: Pick<Job, "run">): BackupOptions {
  const { policy } = splitRun({ run });
  if (isBackupOptions(run) && (policy === undefined || isRetention(policy))) return run;
  throw new Failure("the options of this job are not such as 'tinybackup install' writes", {
    hint: "install the schedule again: tinybackup statusof all shows it",
  });
}

/** @param paths as typed; relative to the current folder */
export function toRequest(
  paths: Pick<BackupRequest, "source" | "folder">,
  run: BackupOptions,
  proofs: ProofLog,
): BackupRequest {
  const { compress: format, always, "no-share": isWhole, raw: isRaw } = run;
  const { policy } = splitRun({ run });
  const retention = isRetention(policy) ? policy : undefined;
  return { ...paths, format, retention, always, mayShare: !isWhole, isRaw, proofs };
}
