// A schedule as it must be: when it starts next, how its last run ended, and what that did to the revisions.
import { advance, begin, dayMs, type Due, minuteMs, periodMs, type Rhythm, startOf } from "./calendar.ts";
import { type Policy, wordsOf } from "./retention.ts";
import { type Expected, Series, type Window } from "./series.ts";
import type { Source } from "./source.ts";
import type { Place, Stand } from "./stand.ts";

export interface Plan {
  readonly name: string;
  readonly text: string;
  readonly rhythm: Rhythm;
  readonly policy: Policy;
  readonly always?: true;
  readonly compress?: "gzip" | "none";
  readonly retryMs?: number;
  readonly times?: number;
}

export interface End {
  readonly exitCode: number;
  /** The revision that holds what the file was then. */
  readonly file: string | null;
  readonly window: Window;
  /** The source was missing. */
  readonly isOfSource: boolean;
}

const extensions = { zstd: ".tar.zst", gzip: ".tar.gz", none: ".tar" } as const;

export class Schedule {
  readonly plan: Plan;
  readonly source: Source;
  readonly place: Place;
  readonly series: Series;
  readonly #stand: Stand;
  #due: Due | null = null;
  #timesLeft = Infinity;
  #retryMs: number | undefined;
  installedMs = 0;
  /** null where it is not scheduled. */
  startMs: number | null = null;
  lastRun: End | null = null;
  /** When all was well the last time. */
  goodMs = 0;
  runs = 0;

  constructor(stand: Stand, plan: Plan, source: Source, place: Place) {
    this.#stand = stand;
    this.plan = plan;
    this.source = source;
    this.place = place;
    const { policy, always = false, compress = "zstd" } = plan;
    this.series = new Series(source.path, policy, { always, extension: extensions[compress] });
  }

  get paths(): readonly string[] {
    return ["-f", this.source.path, "-d", this.place.folder];
  }

  /** All of its places are there, so that a person can type commands for it. */
  get isAble(): boolean {
    return this.startMs !== null && this.source.isThere && this.place.isThere;
  }

  /** It waits for a time long after the one that would be its next: it was queued while the clock was wrong. */
  get isFarOff(): boolean {
    const { nowMs, zone } = this.#stand;
    if (this.startMs === null) return false;
    const firstMs = startOf(begin(this.plan.rhythm, nowMs, zone).dueMs, nowMs);
    return this.startMs - firstMs > 2.1 * periodMs(this.plan.rhythm);
  }

  /** Types its installation, and knows what must come of it. */
  install(): void {
    const { isNew } = this.#typeInstall(this.plan.retryMs);
    if (!isNew) throw new Error(`install of ${this.plan.name} changed nothing`);
    this.#beginAnew();
  }

  /** Types the same once more, which must change nothing but what waits for a wrong time. */
  installAgain(): void {
    const { isFarOff } = this;
    const { isNew } = this.#typeInstall(this.#retryMs);
    if (isNew !== isFarOff)
      throw new Error(`install of ${this.plan.name} changed ${isNew ? "what was equal" : "nothing"}`);
    if (isNew) this.#beginAnew();
  }

  /** Types one with another setting in its place. */
  replace(): void {
    const { isNew, replaced } = this.#typeInstall((this.#retryMs ?? 0) + 7 * minuteMs);
    if (!isNew || replaced !== 1)
      throw new Error(`install of ${this.plan.name} replaced ${replaced} schedules`);
    this.#beginAnew();
  }

  #beginAnew(): void {
    const { nowMs, zone } = this.#stand;
    this.#due = begin(this.plan.rhythm, nowMs, zone);
    this.#timesLeft = this.plan.times ?? Infinity;
    this.startMs = startOf(this.#due.dueMs, nowMs);
    this.installedMs = nowMs;
    this.lastRun = null;
  }

  #typeInstall(retryMs: number | undefined): { readonly isNew: boolean; readonly replaced: number } {
    this.#retryMs = retryMs;
    const { plan } = this;
    const more = [
      ...this.#howToSave(),
      ...(retryMs ? [`--retry=${retryMs / minuteMs}min`] : []),
      ...(plan.times ? [`--times=${plan.times}`] : []),
    ];
    const words = [
      "install",
      ...this.paths,
      "-t",
      plan.text,
      `--name=${plan.name}`,
      ...wordsOf(plan.policy),
      ...more,
    ];
    const { code, out, err } = this.#stand.type([...words, "--json"]);
    if (code !== 0 && code !== 4) throw new Error(`install of ${plan.name} ended with ${code}: ${err}`);
    const { changed, replaced }: { changed: boolean; replaced: unknown[] } = JSON.parse(out);
    return { isNew: changed, replaced: replaced.length };
  }

  /** A person types `run`: no matter to the schedule, but to the revisions. */
  saveByHand(): void {
    const { series, source, place } = this;
    const fromMs = this.#stand.nowMs;
    const { code, err } = this.#stand.type(["run", ...this.paths, ...this.#howToSave()]);
    const window = { fromMs, toMs: this.#stand.nowMs + 1000 };
    const { exitCode } = this.#save(window);
    if (code !== exitCode)
      throw new Error(`run of '${source.path}' ended with ${code}, not ${exitCode}: ${err}`);
    if (code === 0) this.goodMs = fromMs;
    series.compare(place.names());
  }

  /** A person restores a revision over the file. */
  restore({ number, sha256, mode }: Expected): void {
    const { code, err } = this.#stand.type(["restore", ...this.paths, `--revision=${number}`, "--force"]);
    if (code !== 0) throw new Error(`restore of '${this.source.path}' ended with ${code}: ${err}`);
    const state = this.source.adopt();
    if (state.sha256 !== sha256 || state.mode !== mode)
      throw new Error(`restored is not what revision ${number} was`);
  }

  #howToSave(): string[] {
    const { always, compress } = this.plan;
    return [...(always ? ["--always"] : []), ...(compress ? [`--compress=${compress}`] : [])];
  }

  uninstall(): void {
    const { code, err } = this.#stand.type(["uninstall", "files", ...this.paths]);
    if (code !== 0) throw new Error(`uninstall of ${this.plan.name} ended with ${code}: ${err}`);
    this.startMs = null;
  }

  /** Its job was started in this while: says what that must have done, and throws where it has not. */
  follow(window: Window, isProgramThere: boolean): void {
    const due = this.#due;
    if (due === null || this.startMs === null) throw new Error("what is not scheduled was started");
    const { zone } = this.#stand;
    const { fromMs } = window;
    if (!isProgramThere) {
      this.startMs = Math.floor(fromMs / minuteMs) * minuteMs + dayMs;
      return;
    }
    this.runs += 1;
    this.lastRun = this.#save(window);
    const isMissing = this.lastRun.exitCode === 75;
    if (this.lastRun.exitCode === 0) this.goodMs = fromMs;
    if (!isMissing) this.#timesLeft -= 1;
    const next = advance(this.plan.rhythm, due, fromMs, zone);
    const regularMs = startOf(next.dueMs, fromMs);
    const againMs = Math.round((fromMs + (this.#retryMs ?? Infinity)) / minuteMs) * minuteMs;
    if (this.#timesLeft === 0) this.startMs = null;
    else if (isMissing && againMs < regularMs) this.startMs = againMs;
    else [this.startMs, this.#due] = [regularMs, next];
  }

  #save(window: Window): End {
    const { place, source, series } = this;
    const end = { file: null, window, isOfSource: false };
    if (!place.isThere) return { ...end, exitCode: 75 };
    const { state } = source;
    if (state === null) return { ...end, exitCode: 75, isOfSource: true };
    if (state.sizeBytes === 0) return { ...end, exitCode: 0 };
    if (series.wants(state)) {
      if (place.isFull) return { ...end, exitCode: 1 };
      series.follow(state, place.names(), window, this.#stand.zone);
    }
    return { ...end, exitCode: 0, file: series.newest?.file ?? null };
  }
}
