// A schedule as it must be: when it starts next, how its last run ended, and what that did to the revisions.
import { advance, begin, dayMs, type Due, minuteMs, periodMs, type Rhythm, startOf } from "./calendar.ts";
import { type Policy, wordsOf } from "./retention.ts";
import { type Expected, Series, type Window } from "./series.ts";
import type { FileState, Source } from "./source.ts";
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
  /** Whether it has something to say, which `at` mails; null where the model does not know. */
  readonly isLoud: boolean | null;
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
  /** Its job was lost with the queue, and it was not installed again yet. */
  isLost = false;
  /** Its installation stands in the journal: nobody else knows of one that is not in the queue. */
  isWritten = false;
  /** When all was well the last time. */
  goodMs = 0;
  runs = 0;

  constructor(stand: Stand, plan: Plan, source: Source, place: Place) {
    this.#stand = stand;
    this.plan = plan;
    this.source = source;
    this.place = place;
    const { always = false, compress = "zstd" } = plan;
    const readClock = (): number => stand.nowMs;
    this.series = new Series(source.path, { always, extension: extensions[compress], readClock });
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
    // Of one that ends after so many runs, fewer may be left than are typed.
    const isOther = this.isFarOff || this.#timesLeft !== (this.plan.times ?? Infinity);
    const { isNew } = this.#typeInstall(this.#retryMs);
    if (isNew !== isOther)
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
    this.isLost = false;
    this.isWritten = true;
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
    const { exitCode } = this.#save(window, series.inForce);
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
  follow(window: Window, isProgramThere: boolean): boolean | null {
    const due = this.#due;
    if (due === null || this.startMs === null) throw new Error("what is not scheduled was started");
    const { zone } = this.#stand;
    const { fromMs } = window;
    if (!isProgramThere) {
      this.startMs = Math.floor(fromMs / minuteMs) * minuteMs + dayMs;
      return true;
    }
    this.runs += 1;
    this.lastRun = this.#save(window, this.plan.policy);
    const isMissing = this.lastRun.exitCode === 75;
    if (this.lastRun.exitCode === 0) this.goodMs = fromMs;
    if (!isMissing) this.#timesLeft -= 1;
    const next = advance(this.plan.rhythm, due, fromMs, zone);
    const regularMs = startOf(next.dueMs, fromMs);
    const againMs = Math.round((fromMs + (this.#retryMs ?? Infinity)) / minuteMs) * minuteMs;
    if (this.#timesLeft === 0) this.startMs = null;
    else if (isMissing && againMs < regularMs) this.startMs = againMs;
    else [this.startMs, this.#due] = [regularMs, next];
    return this.lastRun.isLoud;
  }

  #save(window: Window, policy: Policy): End {
    const { place, source, series } = this;
    const end = { file: null, window, isOfSource: false, isLoud: true };
    if (!place.isThere) return { ...end, exitCode: 75 };
    const { state } = source;
    if (state === null) return { ...end, exitCode: 75, isOfSource: true };
    if (state.sizeBytes === 0) return { ...end, exitCode: 0 };
    if (series.wants(state, policy) && place.isFull) return { ...end, exitCode: 1 };
    const isLoud = this.#keepUp(state, policy, window);
    return { ...end, exitCode: 0, file: series.newest?.file ?? null, isLoud };
  }

  /** The file was saved, or is held already. Returns whether there is something to tell. */
  #keepUp(state: FileState, policy: Policy, window: Window): boolean | null {
    const { place, series } = this;
    const { zone } = this.#stand;
    if (series.hasHiddenDamage) series.learn(this.#listDamaged(), window.fromMs);
    const wants = series.wants(state, policy);
    const isFall = wants && state.sizeBytes * 10 < (series.newest?.sizeBytes ?? 0);
    if (wants) series.follow(state, policy, place.names(), window);
    series.tidy(place.names(), zone);
    if (isFall || series.hasKnownDamage) return true;
    return series.isInOrder ? false : null;
  }

  #listDamaged(): ReadonlySet<string> {
    const { code, out, err } = this.#stand.type(["list", ...this.paths, "--json"]);
    if (code !== 0) throw new Error(`list of '${this.source.path}' ended with ${code}: ${err}`);
    const { revisions }: { revisions: { file: string; state: string }[] } = JSON.parse(out);
    return new Set(revisions.filter(({ state }) => state === "damaged").map(({ file }) => file));
  }

  /** Its job is not in the queue any more. */
  lose(): void {
    if (this.startMs !== null) this.isLost = true;
    this.startMs = null;
  }

  /** Types what statusof says to type where a schedule is not armed. */
  revive(hint: string): void {
    this.#stand.typeLine(hint);
    this.#beginAnew();
  }

  /** What was written down is lost. */
  forget(): void {
    this.isWritten = false;
    this.lastRun = null;
    this.goodMs = 0;
    this.installedMs = 0;
    this.series.forget();
  }
}
