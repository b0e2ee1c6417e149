// Compares the world with the model: each pass what is queued and which files there are, each week what statusof says and
// what the revisions hold, by tar, zstd and gzip.
import { join } from "node:path";
import type { Row } from "../../support/stage.ts";
import { contentOf } from "../../support/tools.ts";
import { minuteMs, periodMs } from "./calendar.ts";
import type { Schedule } from "./schedule.ts";
import type { Stand } from "./stand.ts";

/** What `at` may take to start a job. */
const patienceMs = 15 * minuteMs;

/** What of the world concerns all schedules. */
export interface Circumstances {
  readonly isProgramThere: boolean;
  readonly isDaemonUp: boolean;
}

export function compareQueue(stand: Stand, schedules: readonly Schedule[]): void {
  const wanted = schedules.flatMap(({ startMs }) => startMs ?? []).toSorted((one, other) => one - other);
  const found = stand.queuedMs();
  if (Bun.deepEquals(found, wanted)) return;
  const lacking = wanted.filter((ms) => !found.includes(ms));
  const extra = found.filter((ms) => !wanted.includes(ms));
  const of = schedules.filter(({ startMs }) => startMs !== null && lacking.includes(startMs));
  const names = of.map(({ plan }) => `${plan.name} (${plan.text})`).join(", ");
  throw new Error(
    `queued is not what must be: lacking [${render(lacking)}] of ${names}; too many [${render(extra)}]`,
  );
}

const render = (times: readonly number[]): string =>
  times.map((ms) => new Date(ms).toISOString().slice(0, 16)).join(" ");

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
  place.compareOthers();
  const revisions = series.held.filter(
    (each) => !series.isDamaged(each) && (isAll || !opened.has(join(plan.name, each.file))),
  );
  for (const { file, sha256, sizeBytes } of revisions) {
    const content = contentOf(join(place.path, file));
    const digest = new Bun.CryptoHasher("sha256").update(content).digest("hex");
    if (digest !== sha256 || content.length !== sizeBytes)
      throw new Error(`'${file}' does not hold what the file was`);
    opened.add(join(plan.name, file));
  }
  return revisions.length;
}

type Found = Pick<Row, "state" | "next"> & {
  readonly problems: readonly string[];
  readonly lastRun: { readonly exitCode: number; readonly revision: string | null } | null;
  readonly newest: string | null;
};

/** What statusof must say of a schedule. */
function expectRow(schedule: Schedule, nowMs: number, circumstances: Circumstances): Found {
  const { place, series, lastRun, startMs } = schedule;
  const timing = expectTiming(schedule, nowMs, circumstances);
  const problems = [...timing, ...expectProblems(schedule, circumstances)];
  if (problems.length === 0 && hasVanished(schedule, nowMs)) problems.push("runs-vanish");
  const state = ["overdue", "not-armed"].find((each) => timing.includes(each)) ?? "armed";
  return {
    state,
    next: startMs === null ? null : new Date(startMs).toISOString().replace(".000Z", "Z"),
    problems: problems.toSorted(),
    lastRun: lastRun && { exitCode: lastRun.exitCode, revision: lastRun.file },
    newest: place.isThere ? (series.newest?.file ?? null) : null,
  };
}

/** What is wrong with the queue. */
function expectTiming(
  { startMs, isFarOff }: Schedule,
  nowMs: number,
  { isDaemonUp }: Circumstances,
): readonly string[] {
  if (startMs === null) return ["not-armed"];
  const isOverdue = startMs < nowMs - patienceMs;
  const far = isFarOff ? ["far-off"] : [];
  return isOverdue ? ["overdue", ...far] : isDaemonUp ? far : ["scheduler-down", ...far];
}

/** What is wrong beside the queue. */
function expectProblems(
  { source, place, series, lastRun }: Schedule,
  { isProgramThere }: Circumstances,
): string[] {
  const { state } = source;
  // One cause is told once.
  const isExplained = !place.isThere || (lastRun?.isOfSource === true && state === null);
  const hasFailed = lastRun !== null && lastRun.exitCode !== 0;
  const problems: readonly (readonly [boolean, string])[] = [
    [!isProgramThere, "program-missing"],
    [state === null, "source-missing"],
    [state?.sizeBytes === 0, "source-empty"],
    [!place.isThere, "destination-not-mounted"],
    [hasFailed && !isExplained, "last-run-failed"],
    [place.isThere && series.hasKnownDamage, "revision-damaged"],
  ];
  return problems.flatMap(([is, code]) => (is ? [code] : []));
}

/** Nothing went well for more than two periods, and no run said why. */
function hasVanished({ plan, goodMs, installedMs, series }: Schedule, nowMs: number): boolean {
  const lastMs = Math.max(goodMs, installedMs, series.newest?.takenMs ?? 0);
  return lastMs > 0 && nowMs - lastMs >= 2.1 * periodMs(plan.rhythm) + patienceMs;
}

/** Throws where statusof says anything else than the model. */
export function compareStatus(
  stand: Stand,
  schedules: readonly Schedule[],
  circumstances: Circumstances,
): void {
  const { nowMs } = stand;
  const wanted = schedules.flatMap((schedule) => {
    const { startMs, isLost, plan } = schedule;
    if (startMs === null && !isLost) return [];
    return [[plan.name, expectRow(schedule, nowMs, circumstances)] as const];
  });
  const { code, out, err } = stand.type(["statusof", "--json"]);
  const isAttention = wanted.some(([, { problems }]) => problems.length > 0);
  const wantedCode = wanted.length === 0 ? 1 : isAttention ? 6 : 0;
  const rows = readRows(out);
  for (const [name, row] of wanted) {
    const found = rows.get(name);
    if (!Bun.deepEquals(found, row, true))
      throw new Error(
        `statusof says of ${name}\n${JSON.stringify(found)}, and must say\n${JSON.stringify(row)}\n${err}`,
      );
  }
  if (rows.size !== wanted.length)
    throw new Error(`statusof has ${rows.size} schedules, and there are ${wanted.length}`);
  if (code !== wantedCode) throw new Error(`statusof ended with ${code}, not with ${wantedCode}: ${err}`);
}

function readRows(out: string): Map<string | null, Found> {
  const { jobs = [] }: { jobs?: Row[] } = out === "" ? {} : JSON.parse(out);
  const rows = jobs.map(({ name, state, next, problems, lastRun, newest }) => {
    const run = lastRun && { exitCode: lastRun.exitCode, revision: lastRun.revision };
    const codes = problems.map(({ code }) => code).toSorted();
    return [name, { state, next, problems: codes, lastRun: run, newest: newest?.file ?? null }] as const;
  });
  return new Map(rows);
}
