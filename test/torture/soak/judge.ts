// Compares the world with the model: each pass what is queued and which files there are, each week what statusof says and
// what the revisions hold, by tar, zstd and gzip.
import { join } from "node:path";
import type { Row } from "../../support/stage.ts";
import { contentOf } from "../../support/tools.ts";
import { minuteMs } from "./calendar.ts";
import type { Schedule } from "./schedule.ts";
import type { Stand } from "./stand.ts";

/** What of the world concerns all schedules. */
export interface Circumstances {
  readonly isProgramThere: boolean;
  readonly isDaemonUp: boolean;
}

export function compareQueue(stand: Stand, schedules: readonly Schedule[]): void {
  const wanted = schedules.flatMap(({ startMs }) => startMs ?? []).toSorted((one, other) => one - other);
  const found = stand.queuedMs();
  if (Bun.deepEquals(found, wanted)) return;
  const render = (times: readonly number[]) =>
    times.map((ms) => new Date(ms).toISOString().slice(0, 16)).join(" ");
  const lacking = wanted.filter((ms) => !found.includes(ms));
  const extra = found.filter((ms) => !wanted.includes(ms));
  const of = schedules.filter(({ startMs }) => startMs !== null && lacking.includes(startMs));
  const names = of.map(({ plan }) => `${plan.name} (${plan.text})`).join(", ");
  throw new Error(
    `queued is not what must be: lacking [${render(lacking)}] of ${names}; too many [${render(extra)}]`,
  );
}

/** Also that nothing else was left in the folder. */
export function compareFolder({ series, place }: Schedule): void {
  if (!place.isThere) return;
  const names = place.names();
  series.compare(names);
  const partial = names.find((name) => name.startsWith(".tinybackup"));
  if (partial !== undefined && !place.isFull) throw new Error(`'${partial}' was left in ${place.folder}`);
}

/** Has foreign programs open each revision that was not opened yet, or all. */
export function openRevisions(
  { series, place, plan }: Schedule,
  opened: Set<string>,
  isAll: boolean,
): number {
  if (!place.isThere) return 0;
  const revisions = series.held.filter(({ file }) => isAll || !opened.has(join(plan.name, file)));
  for (const { file, sha256, sizeBytes } of revisions) {
    const content = contentOf(join(place.path, file));
    const digest = new Bun.CryptoHasher("sha256").update(content).digest("hex");
    if (digest !== sha256 || content.length !== sizeBytes)
      throw new Error(`'${file}' does not hold what the file was`);
    opened.add(join(plan.name, file));
  }
  return revisions.length;
}

/** What statusof must say of a schedule, as far as the model knows it. */
function expectRow(schedule: Schedule, now: number, { isProgramThere, isDaemonUp }: Circumstances) {
  const { source, place, series, lastRun, startMs } = schedule;
  if (startMs === null) throw new Error("no schedule");
  const isOverdue = startMs < now - 15 * minuteMs;
  const problems = new Set<string>();
  if (isOverdue) problems.add("overdue");
  else if (!isDaemonUp) problems.add("scheduler-down");
  if (!isProgramThere) problems.add("program-missing");
  const { state } = source;
  if (state === null) problems.add("source-missing");
  else if (state.sizeBytes === 0) problems.add("source-empty");
  if (!place.isThere) problems.add("destination-not-mounted");
  // One cause is told once.
  const isExplained = !place.isThere || (lastRun?.isOfSource === true && state === null);
  if (lastRun !== null && lastRun.exitCode !== 0 && !isExplained) problems.add("last-run-failed");
  return {
    state: isOverdue ? "overdue" : "armed",
    next: new Date(startMs).toISOString().replace(".000Z", "Z"),
    problems: [...problems].toSorted(),
    lastRun: lastRun && { exitCode: lastRun.exitCode, revision: lastRun.file },
    newest: place.isThere ? (series.newest?.file ?? null) : null,
  };
}

/** Throws where statusof says anything else than the model. */
export function compareStatus(
  stand: Stand,
  schedules: readonly Schedule[],
  circumstances: Circumstances,
): void {
  const live = schedules.filter(({ startMs }) => startMs !== null);
  const { code, out, err } = stand.type(["statusof", "--json"]);
  if (live.length === 0) {
    if (code !== 1) throw new Error(`statusof of no schedule ended with ${code}`);
    return;
  }
  if (out === "") throw new Error(`statusof ended with ${code}: ${err}`);
  const { jobs }: { jobs: Row[] } = JSON.parse(out);
  if (jobs.length !== live.length)
    throw new Error(`statusof has ${jobs.length} schedules, and there are ${live.length}`);
  let isAttention = false;
  for (const schedule of live) {
    const row = jobs.find(({ name }) => name === schedule.plan.name);
    const wanted = expectRow(schedule, stand.nowMs, circumstances);
    const found = row && {
      state: row.state,
      next: row.next,
      problems: row.problems.map(({ code: kind }) => String(kind)).toSorted(),
      lastRun: row.lastRun && { exitCode: row.lastRun.exitCode, revision: row.lastRun.revision },
      newest: row.newest?.file ?? null,
    };
    isAttention ||= wanted.problems.length > 0;
    if (!Bun.deepEquals(found, wanted, true))
      throw new Error(
        `statusof says of ${schedule.plan.name}\n${JSON.stringify(found)}, and must say\n${JSON.stringify(wanted)}`,
      );
  }
  if (code !== (isAttention ? 6 : 0)) throw new Error(`statusof ended with ${code}`);
}
