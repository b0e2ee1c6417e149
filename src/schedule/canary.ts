// A canary: one harmless job through the real scheduler, to see that jobs of ours really run.
import { randomBytes } from "node:crypto";
import { SchedulerFailure, UsageFailure } from "../errors.ts";
import { type AtFamily, detectPlatform } from "../system/at/platform.ts";
import { listJobs, removeJob, submitJob } from "../system/at/queue.ts";
import { findOwnPath } from "../system/invocation.ts";
import { leaveCanary, takeCanary } from "../system/state-folder.ts";
import { renderCanaryText } from "./job-line.ts";

const minuteMs = 60_000;
/** How long after its time a job may start: atrun is called every 30 seconds, five or ten minutes on these systems. */
const patienceMs: Readonly<Record<AtFamily, number>> = {
  linux: 1.5 * minuteMs,
  macos: 2 * minuteMs,
  openbsd: 2 * minuteMs,
  freebsd: 6 * minuteMs,
  netbsd: 11 * minuteMs,
};
/** A job for the next minute must still be queued before it begins. */
const leadMs = 5000;
const pollMs = 200;

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
  const dueMs = Math.ceil((Date.now() + leadMs) / minuteMs) * minuteMs;
  const line = renderCanaryText(findOwnPath(), name);
  const { id } = await submitJob(line, dueMs);
  const endMs = dueMs + patienceMs[detectPlatform().family];
  try {
    for (;;) {
      if (takeCanary(name)) return Math.max(0, Math.round((Date.now() - dueMs) / 1000));
      signal.throwIfAborted();
      const secondsLeft = (endMs - Date.now()) / 1000;
      if (secondsLeft <= 0) break;
      onWait(secondsLeft);
      await Bun.sleep(pollMs);
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
  leaveCanary(name);
}
