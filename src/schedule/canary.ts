// A canary: one harmless job through the real scheduler, to see that jobs of ours really run.
import { randomBytes } from "node:crypto";
import { SchedulerFailure, UsageFailure } from "../errors.ts";
import { type AtFamily, detectPlatform } from "../system/at/platform.ts";
import { listJobs, removeJob, submitJob } from "../system/at/queue.ts";
import { findOwnPath } from "../system/invocation.ts";
import { canaryPath, leaveCanary, takeCanary } from "../system/state-folder.ts";
import { renderCanaryText } from "./job-line.ts";

/** How long after its time a job may start: atrun is called every 30 seconds, five or ten minutes on these systems. */
const patienceSeconds: Readonly<Record<AtFamily, number>> = {
  linux: 90,
  macos: 120,
  openbsd: 120,
  freebsd: 6 * 60,
  netbsd: 11 * 60,
};
/** A job for the next minute must still be queued before it begins. */
const LEAD_SECONDS = 5;
const POLL_MS = 200;

export interface CanaryWatch {
  readonly signal: AbortSignal;
  /** Called as time goes by, with the seconds that are left to wait at most. */
  readonly onWait: (secondsLeft: number) => void;
}

/**
 * Queues a job for the next minute that starts this program, and waits until it has. Returns how many seconds after its
 * time it ran. Throws a SchedulerFailure if it does not come, and takes the job back then, and when it is interrupted.
 */
export async function sendCanary({ signal, onWait }: CanaryWatch): Promise<number> {
  const name = randomBytes(16).toString("hex");
  const due = Math.ceil((Date.now() / 1000 + LEAD_SECONDS) / 60) * 60;
  const line = renderCanaryText(findOwnPath(), name);
  const { id } = await submitJob(line, due);
  const end = due + patienceSeconds[detectPlatform().family];
  try {
    for (;;) {
      if (takeCanary(canaryPath(name))) return Math.max(0, Math.round(Date.now() / 1000 - due));
      signal.throwIfAborted();
      const secondsLeft = end - Date.now() / 1000;
      if (secondsLeft <= 0) break;
      onWait(secondsLeft);
      await Bun.sleep(POLL_MS);
    }
  } finally {
    const waiting = (await listJobs()).find((job) => job.id === id && job.body.trimEnd() === line);
    if (waiting?.state === "queued") await removeJob(waiting);
  }
  throw new SchedulerFailure("the canary did not come back: 'at' took the job, and nothing ran it", {
    hint: detectPlatform().start,
  });
}

/** What the canary job does: it leaves the sign that `sendCanary` waits for. */
export function answerCanary(name: string): void {
  if (!/^[0-9a-f]{32}$/.test(name)) {
    throw new UsageFailure("this is no canary that 'tinybackup doctor' has sent", {
      hint: "tinybackup doctor --canary",
    });
  }
  leaveCanary(canaryPath(name));
}
