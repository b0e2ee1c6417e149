// job: what at(1) starts. It arms its successor, backs up, and writes the result down. Not for people.
import { backUp, type BackupRequest, planBackup } from "../backup/back-up.ts";
import { recordOfPublished } from "../backup/revision-record.ts";
import { defineCommand } from "../cli/command.ts";
import { exitCodeOf } from "../cli/failure-text.ts";
import { createSession, type Session } from "../cli/session.ts";
import { parseKeepRevisions } from "../cli/values.ts";
import { watchWork } from "../cli/work.ts";
import { ExitCode, SchedulerFailure } from "../errors.ts";
import type { Job } from "../schedule/job.ts";
import { type JobResult, performJob, readStartedJob, requireMount } from "../schedule/run-job.ts";
import { version } from "../version.ts";
import { tellBackup, tellIntention } from "./backup-report.ts";

export const command = defineCommand({
  name: "job",
  summary: "run one scheduled job, as at(1) does",
  args: {
    job: { type: "positional", required: true, description: "the job, as it stands in the queue" },
  },
  examples: [],
  exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.scheduler, ExitCode.unavailable],
  async run(args, outer) {
    const job = readStartedJob(args.job);
    const options = ["quiet", "verbose", "debug"].flatMap((name) =>
      job.run[name] === true ? [`--${name}`] : [],
    );
    const session = createSession(options, outer.commands, outer.signal, job.debugDirectory);
    const { result, armingFailure } = await performJob(job, () => save(job, session));
    if (armingFailure) {
      throw new SchedulerFailure(
        `the next run of '${job.source}' could not be queued: ${armingFailure.message}`,
        {
          hint: "see what to type with: tinybackup statusof all",
          cause: armingFailure,
        },
      );
    }
    return result?.exitCode ?? ExitCode.done;
  },
});

/** Backs up, and tells what went wrong: what is printed here is mailed by at(1). Prints nothing when all is well. */
async function save(job: Job, session: Session): Promise<JobResult<ExitCode>> {
  let revision: string | null = null;
  try {
    requireMount(job);
    const { keeprevisions = -1, compress, verify, noop, verbose } = job.run;
    const request: BackupRequest = {
      source: job.source,
      folder: job.destination,
      format: compress === "gzip" || compress === "none" ? compress : "zstd",
      verify: verify !== false,
      retention: { newest: parseKeepRevisions(String(keeprevisions)) },
      toolVersion: version,
    };
    if (noop === true) {
      tellIntention(await planBackup(request), session);
      return { exitCode: ExitCode.done, revision, message: null };
    }
    const result = await watchWork(session, (watch) => backUp(request, watch));
    revision = result.revision?.file ?? null;
    const isQuiet = verbose !== true;
    tellBackup(result, result.revision && recordOfPublished(result.revision), isQuiet, session);
    return { exitCode: ExitCode.done, revision, message: result.warnings[0] ?? null };
  } catch (error) {
    session.report.failure(error);
    return {
      exitCode: exitCodeOf(error),
      revision,
      message: error instanceof Error ? error.message : String(error),
    };
  }
}
