// Puts questions to Debian's at(1), and reads its answers.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFaketime, needRoot } from "../../support/tools.ts";

export interface Question {
  readonly zoneName: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly text: string;
}

/** The minute at which at(1) would run a job, or how it refused. */
export type Answer =
  | { readonly kind: "time"; readonly instant: number }
  | { readonly kind: "past" }
  | { readonly kind: "garbled" };

function readAnswer(message: string, minutes: ReadonlyMap<number, number>): Answer {
  const job = /^job (\d+) at /m.exec(message)?.[1];
  if (job !== undefined) {
    const minute = minutes.get(Number(job));
    if (minute === undefined) throw new Error(`job ${job} is not in the spool`);
    return { kind: "time", instant: minute * 60_000 };
  }
  if (message.includes("destined in the past")) return { kind: "past" };
  if (message.includes("Garbled time")) return { kind: "garbled" };
  throw new Error(`at(1) said what nobody expected: ${message}`);
}

/** The answers, in the order of the questions. */
export function askDebian(questions: readonly Question[]): Answer[] {
  // Fails where Debian's at(1) can't be asked: to skip would be to claim a proof.
  needRoot("at", "unshare");
  findFaketime("libfaketime.so.1");
  const folder = mkdtempSync(join(tmpdir(), "ask-at-"));
  try {
    const lines = questions.map(({ zoneName, nowMs, text }, number) =>
      [number, zoneName, nowMs / 1000, text].join("\t"),
    );
    writeFileSync(join(folder, "cases"), lines.map((line) => `${line}\n`).join(""));
    const { exitCode, stderr } = Bun.spawnSync([join(import.meta.dir, "ask-at.sh"), folder]);
    if (exitCode !== 0) throw new Error(`ask-at.sh failed: ${stderr.toString()}`);
    // A spool name: the queue, five hexadecimal digits of job number, eight of minutes since 1970.
    const names = readFileSync(join(folder, "jobs"), "utf8").trim().split("\n");
    const minutes = new Map(
      names.map(
        (name) => [Number.parseInt(name.slice(1, 6), 16), Number.parseInt(name.slice(6), 16)] as const,
      ),
    );
    const messages = readFileSync(join(folder, "answers"), "utf8")
      .split(/^# \d+\n/m)
      .slice(1);
    if (messages.length !== questions.length) throw new Error("at(1) left questions unanswered");
    return messages.map((message) => readAnswer(message, minutes));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
