// job: what at(1) starts. It arms its successor, backs up, and writes the result down. Not for people.
import { backUp, planBackup } from "../backup/back-up.ts";
import { toFailure } from "../cli/failure-text.ts";
import { hasRevisions } from "../backup/catalog.ts";
import { defineCommand } from "../cli/define.ts";
import { createSession, type Session } from "../cli/session.ts";
import { ExitCode, quoteWord } from "../errors.ts";
import type { Job } from "../schedule/job.ts";
import { summarizeRemoved } from "../schedule/journal.ts";
import {
  checkPlaces,
  findShifts,
  type JobResult,
  performJob,
  readStartedJob,
  runAlone,
} from "../schedule/run-job.ts";
import { readJobOptions, toRequest } from "./backup-options.ts";
import { tellBackup, tellPlan } from "./backup-report.ts";
import { openProofLog } from "./proof-log.ts";

export const command = defineCommand({
  meta: {
    name: "job",
    description: "run one scheduled job, as at(1) does",
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.changed, ExitCode.scheduler, ExitCode.unavailable],
  },
  args: {
    job: { type: "positional", required: true, description: "the job, as it stands in the queue" },
  },
  async run({ args, data }) {
    const job = readStartedJob(args.job);
    // It speaks as was wished at install.
    const { quiet, verbose } = job.run;
    const wished = { isQuiet: quiet === true, isVerbose: verbose === true, isJson: false };
    const session = createSession({ ...wished, debugFolder: job.debugDirectory }, data);
    return performJob(
      job,
      () => save(job, session),
      (end) => follow(job, end, session),
    );
  },
});

/** Runs the user's own command for such an end. */
async function follow(job: Job, end: JobResult, { report, signal }: Session): Promise<void> {
  if (!job.hooks?.["on-success"] && !job.hooks?.["on-failure"]) return;
  const [{ runAfter }, { newestFinder }] = await Promise.all([
    import("../schedule/hooks.ts"),
    import("./standing.ts"),
  ]);
  const problem = await runAfter(job, end, newestFinder(openProofLog(job), true), signal);
  if (problem) report.warn(problem.message, problem.hint);
}

/** Backs up, and tells what went wrong: what is printed here is mailed by at(1). Prints nothing when all is well. */
async function save(job: Job, session: Session): Promise<JobResult> {
  let revision: string | null = null;
  let removed: JobResult["removed"];
  try {
    return await runAlone(job, async () => {
      for (const { isTaken, message, hint } of findShifts(job))
        if (!isTaken) session.report.warn(message, hint);
      const options = readJobOptions(job);
      const before = job.hooks?.["before"];
      if (before !== undefined && !options.noop)
        await (await import("../schedule/hooks.ts")).runBefore(job, before, session.signal);
      await checkPlaces(job, hasRevisions);
      const request = toRequest({ source: job.source, folder: job.destination }, options, openProofLog(job));
      if (options.noop) {
        tellPlan(await planBackup(request, session), request.proofs, session);
        return { exitCode: ExitCode.done, revision, message: null };
      }
      const result = await backUp(request, session);
      revision = result.revision?.file ?? null;
      removed = summarizeRemoved(result.pruned);
      const { verbose } = job.run;
      const exitCode = tellBackup(result, request.proofs, session, verbose === true);
      return { exitCode, revision, message: result.warnings[0] ?? null, removed };
    });
  } catch (error) {
    const failure = toFailure(error);
    // What was meant instead is for whoever typed it.
    if (failure.instead)
      failure.hint ??= `see how it stands with: tinybackup statusof -f ${quoteWord(job.source)} -d ${quoteWord(job.destination)}`;
    session.report.error(failure);
    const message = error instanceof Error ? error.message : String(error);
    return { exitCode: failure.exitCode, revision, message, removed };
  } finally {
    session.showStatus(null);
  }
}
