// A schedule from one run to the next, and its end.
import type { Variant } from "../variant.ts";

export const schedule: readonly Variant[] = [
  {
    name: "successor-last",
    breaks: "queues the next run after the backup",
    cases: ["e2e/schedule-chain: a job that is killed"],
    edits: [
      [
        'const first = await arm(job); if (first === "removed") return ExitCode.done; const result = await backUp();',
        'const result = await backUp(); const first = await arm(job); if (first === "removed") return ExitCode.done;',
      ],
    ],
  },
  {
    name: "removal-unwritten",
    breaks: "does not write down that a schedule was removed",
    cases: ["e2e/schedule-removal: tried 200 times"],
    edits: [["isWritten = (await recordEvent(event, journal)) && isWritten;", "isWritten = event !== null;"]],
  },
  {
    name: "successor-not-withdrawn",
    breaks: "does not look whether its schedule was removed while it queued the next run",
    cases: ["e2e/schedule-removal: tried 200 times"],
    edits: [["if (!wasRemoved(job.schedule, journalOf(job))) return armed; await", "return armed; await"]],
  },
  {
    name: "mount-ignored",
    breaks: "saves into the bare folder where a drive should be mounted",
    cases: ["e2e/schedule-chain: a drive that is not mounted is never written to"],
    edits: [["if (mount !== undefined && !isMounted(mount)) {", "if (false) {"]],
  },
  {
    name: "strange-drive-taken",
    breaks: "begins anew on a drive that holds none of its revisions",
    cases: ["e2e/schedule-places: both serve, once each holds a revision"],
    edits: [
      [
        "if (findReal(destination) === undefined || (await readBeginning(destination, source)) || !hasBegun(job)) return;",
        "return;",
      ],
    ],
  },
  {
    name: "taken-place-followed",
    breaks: "saves what a link leads to that took the place of the file",
    cases: ["e2e/schedule-places: where a link takes its place"],
    edits: [["if (isTaken) throw new (role", "if (false) throw new (role"]],
  },
  {
    name: "twins-fork",
    breaks: "goes on twice where a job was started twice",
    cases: ["e2e/schedule-chain: a job that is started again by hand"],
    edits: [
      ["if (waiting && comparePlanned(toPlanned(waiting), successor) <= 0) return waiting.queued.dueMs;", ""],
      ["await removeJobs((await listToCome(job.schedule)).slice(1));", ""],
    ],
  },
  {
    name: "runs-pile-up",
    breaks: "starts beside a run of the same file that hangs",
    cases: ["e2e/schedule-places: runs do not pile up"],
    edits: [
      [
        'if (state === "held by another") { const what = `an earlier',
        "if (false) { const what = `an earlier",
      ],
    ],
  },
  {
    name: "retry-leaves-gap",
    breaks: "takes the next run out of the queue before the next try is in it",
    cases: ["e2e/schedule-retry: a job that is killed between"],
    edits: [
      [
        "await submitJob(renderJobText(successor.job), successor.startsAtMs);",
        "await removeJobs(await listToCome(job.schedule)); await submitJob(renderJobText(successor.job), successor.startsAtMs);",
      ],
    ],
  },
  {
    name: "due-forgotten",
    breaks: "counts periods from when a run began, and so drifts",
    cases: ["e2e/schedule-calendar: after a week of downtime"],
    edits: [
      [
        "const next = nextOccurrence(parseTimeSpecification(time), { dueMs, anchor }, { nowMs, zone });",
        "const next = nextOccurrence(parseTimeSpecification(time), { dueMs: nowMs, anchor }, { nowMs, zone });",
      ],
    ],
  },
  {
    name: "others-jobs-ended",
    breaks: "ends jobs of others that quote one of its own",
    cases: ["e2e/schedule-removal: jobs of other people"],
    edits: [
      [
        String.raw`const line = /^([^\n]+)\n{1,2}$/.exec(queued.body)?.[1];`,
        String.raw`const line = /(\/bin\/sh -c 'eval[^\n]+)\n*$/.exec(queued.body)?.[1];`,
      ],
    ],
  },
];
