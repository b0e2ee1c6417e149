// job: what at(1) starts. It arms its successor, backs up, and writes the result down. Not for people.
import { defineCommand } from "../cli/define.ts";
import { createSession } from "../cli/session.ts";
import { ExitCode } from "../errors.ts";
import { performJob, readStartedJob } from "../schedule/run-job.ts";
import { followScheduled, saveScheduled } from "./scheduled-backup.ts";

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
      () => saveScheduled(job, session, verbose === true),
      (end) => followScheduled(job, end, session),
    );
  },
});
