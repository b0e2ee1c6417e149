// doctor: is everything in place for scheduled backups here, and what to type if not.
import { flag } from "../cli/command.ts";
import { escapeControls } from "../cli/escape.ts";
import { defineCommand } from "../cli/define.ts";
import type { Session } from "../cli/session.ts";
import { ExitCode } from "../errors.ts";
import { diagnose, type Finding, lookAt, sendCanary } from "../schedule/doctor.ts";

const marks = { ok: "ok      ", problem: "PROBLEM ", unknown: "unknown " } as const;

export const command = defineCommand({
  meta: {
    name: "doctor",
    description: "check whether scheduled backups will run here",
    details: [
      "Looks at at(1), your permission to use it, its daemon, this program's own path, the queue, the journal and the time zone; says what to type where something is missing.",
      "With --canary, one harmless job is sent through the real scheduler and waited for, which takes up to a few minutes: no better proof can be had.",
    ],
    examples: {
      "tinybackup doctor --canary": "prove that jobs run",
    },
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.scheduler],
  },
  args: {
    canary: flag("send a job through the real scheduler, and wait for it"),
  },
  async run({ args, data: session }) {
    const findings = await diagnose();
    // A daemon that seems to be down may only be hidden: the canary knows better.
    const usable = !findings.some(
      ({ subject, state }) => state === "problem" && ["at", "permission"].includes(subject),
    );
    if (!session.isJson) for (const finding of findings) tell(finding, session);
    const canary = args.canary && usable ? [await askCanary(session)] : [];
    const all = [...findings, ...canary];
    if (session.isJson) session.output.writeJson({ findings: all });
    else for (const finding of canary) tell(finding, session);
    const problems = all.filter(({ state }) => state === "problem");
    if (problems.length === 0) return ExitCode.done;
    return problems.some(({ subject }) => schedulerSubjects.includes(subject))
      ? ExitCode.scheduler
      : ExitCode.failed;
  },
});

const schedulerSubjects = ["at", "permission", "daemon", "canary"];

async function askCanary({ signal, showStatus }: Session): Promise<Finding> {
  const onWait = (secondsLeft: number) =>
    showStatus(`waiting for the canary job, at most ${Math.ceil(secondsLeft)} s more`);
  const send = async () => `it ran, ${await sendCanary(signal, onWait)} s after its time`;
  const finding = await lookAt("canary", send);
  showStatus(null);
  signal.throwIfAborted();
  return finding;
}

function tell({ subject, state, message, hint }: Finding, { output, isQuiet }: Session): void {
  if (isQuiet && state === "ok") return;
  const lines = [
    `${marks[state]}${subject.padEnd(11)}${message}`,
    ...(hint === null ? [] : [`${" ".repeat(19)}type: ${hint}`]),
  ];
  output.write(lines.map((line) => `${escapeControls(line)}\n`).join(""));
}
