// The backup of a schedule, with all that it carries: what a job does at its time, and a person at any.
import { backUp, planBackup } from "../backup/back-up.ts";
import { hasRevisions } from "../backup/catalog.ts";
import { toFailure } from "../cli/failure-text.ts";
import type { Session } from "../cli/session.ts";
import { ExitCode, type Failure, typePlaces } from "../errors.ts";
import type { Job } from "../schedule/job.ts";
import { summarizeRemoved } from "../schedule/journal.ts";
import { checkPlaces, findShifts, type JobResult, runAlone } from "../schedule/run-job.ts";
import { readJobOptions, toRequest } from "./backup-options.ts";
import { tellBackup, tellPlan } from "./backup-report.ts";
import { openProofLog } from "./proof-log.ts";

/**
 * Backs up, and tells what went wrong; where all is well nothing, unless `isPathWished`. Never throws: `tellFailure` gets what
 * stopped it.
 */
export async function saveScheduled(
  job: Job,
  session: Session,
  isPathWished: boolean,
  tellFailure: (failure: Failure) => void = session.report.error,
): Promise<JobResult> {
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
      const exitCode = tellBackup(result, request.proofs, session, isPathWished);
      return { exitCode, revision, message: result.warnings[0] ?? null, removed };
    });
  } catch (error) {
    const failure = toFailure(error);
    // What was meant instead is for whoever typed it.
    if (failure.instead)
      failure.hint ??= `see how it stands with: tinybackup statusof ${typePlaces(job.source, job.destination)}`;
    tellFailure(failure);
    const message = error instanceof Error ? error.message : String(error);
    return { exitCode: failure.exitCode, revision, message, removed };
  } finally {
    session.showStatus(null);
  }
}

/** Runs the user's own command for such an end. */
export async function followScheduled(job: Job, end: JobResult, { report, signal }: Session): Promise<void> {
  if (!job.hooks?.["on-success"] && !job.hooks?.["on-failure"]) return;
  const [{ runAfter }, { newestFinder }] = await Promise.all([
    import("../schedule/hooks.ts"),
    import("./standing.ts"),
  ]);
  const problem = await runAfter(job, end, newestFinder(openProofLog(job), true), signal);
  if (problem) report.warn(problem.message, problem.hint);
}
