// The revisions that a folder must hold of a file: a model that is told of each run, and compared with the folder's names.
import { basename } from "node:path";
import { dayMs } from "./calendar.ts";
import { type Held, keep, type Policy } from "./retention.ts";
import type { FileState } from "./source.ts";

export interface Expected extends Held {
  readonly file: string;
  readonly mode: number;
  /** What was in force when it was made. */
  readonly policy: Policy;
}

/** Between which instants a run was at work. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const pattern = /^(.+)-(\d{6,})-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z-([0-9a-f]{12})\.tar(\.zst|\.gz|)$/;

export class Series {
  readonly always: boolean;
  readonly #readClock: () => number;
  readonly extension: string;
  readonly #base: string;
  /** Newest first. */
  #held: readonly Expected[] = [];
  readonly #damaged = new Map<string, { foundMs: number; readonly days: Set<number> }>();
  /** The highest number that there ever was. */
  #last = 0;
  made = 0;
  removed = 0;

  constructor(
    source: string,
    how: { readonly always: boolean; readonly extension: string; readonly readClock: () => number },
  ) {
    this.#base = basename(source);
    this.#readClock = how.readClock;
    this.always = how.always;
    this.extension = how.extension;
  }

  get held(): readonly Expected[] {
    return this.#held;
  }

  get newest(): Expected | null {
    return this.#held.find((each) => !this.#isKnown(each)) ?? null;
  }

  /** Whether a revision was damaged, and a run has found that: it is told from then on, and not counted. */
  get hasKnownDamage(): boolean {
    return this.#held.some((each) => this.#isKnown(each));
  }

  get hasHiddenDamage(): boolean {
    return this.#held.some((each) => this.isDamaged(each) && !this.#isKnown(each));
  }

  isDamaged({ file }: Expected): boolean {
    return this.#damaged.has(file);
  }

  /** What was found in a future, since the clock was wrong, counts for nothing until then. */
  #isKnown({ file }: Expected): boolean {
    return (this.#damaged.get(file)?.foundMs ?? Infinity) <= this.#readClock();
  }

  damage({ file }: Pick<Expected, "file">): void {
    this.#damaged.set(file, { foundMs: Infinity, days: new Set() });
  }

  /**
   * A run was there at this time, and these are known to be damaged now. Each day one of them is read, so that it takes as
   * many days as there are revisions, and some that were made meanwhile.
   */
  learn(known: ReadonlySet<string>, atMs: number): void {
    for (const each of this.#held) {
      const damage = this.#damaged.get(each.file);
      if (!damage || this.#isKnown(each)) continue;
      if (known.has(each.file)) damage.foundMs = atMs;
      damage.days.add(Math.floor(atMs / dayMs));
      if (!this.#isKnown(each) && damage.days.size > 2 * this.#held.length + 2)
        throw new Error(`no run has found that '${each.file}' is damaged`);
    }
  }

  /** What was found is lost. */
  forget(): void {
    for (const { file } of this.#held) if (this.#damaged.has(file)) this.damage({ file });
  }

  /** It was given another name. */
  give(revision: Expected): void {
    this.#held = this.#held.filter((each) => each !== revision);
  }

  /** What is in force for whoever asks for none. */
  get inForce(): Policy {
    return this.#held[0]?.policy ?? { last: 14 };
  }

  /** Whether a run makes a revision of such a file. A policy that no revision holds yet would be forgotten. */
  wants(state: FileState, policy: Policy): boolean {
    const { newest } = this;
    if (newest === null || this.always || !Bun.deepEquals(policy, this.inForce)) return true;
    return newest.sha256 !== state.sha256 || newest.mode !== state.mode;
  }

  /**
   * A run has made a revision of this state, whose name tells when. Throws where the folder has no such revision.
   */
  follow(state: FileState, policy: Policy, names: readonly string[], window: Window): void {
    const number = this.#last + 1;
    const file = names.find((name) => this.#numberOf(name) === number);
    if (file === undefined) throw new Error(`there is no revision ${number}`);
    const takenMs = timeOf(file);
    if (takenMs < Math.floor(window.fromMs / 1000) * 1000 || takenMs > window.toMs)
      throw new Error(`'${file}' has not the time of its run`);
    this.#last = number;
    this.made += 1;
    this.#held = [{ number, file, takenMs, policy, ...state }, ...this.#held];
  }

  /** A run has removed what the policy gives up. What it knows to be damaged is neither counted nor removed. */
  tidy(names: readonly string[], zone: string): void {
    const good = this.#held.filter((each) => !this.#isKnown(each));
    const kept = new Set(this.isInOrder ? keep(good, this.inForce, zone) : this.#keepOdd(good, names, zone));
    const before = this.#held.length;
    this.#held = this.#held.filter((each) => kept.has(each) || this.#isKnown(each));
    this.removed += before - this.#held.length;
  }

  /** Rules by periods have nothing to say of times that contradict the order; the number of the newest does. */
  get isInOrder(): boolean {
    return (
      Object.keys(this.inForce).join("") === "last" || this.#held.every((each) => !isOdd(each, this.#held))
    );
  }

  /**
   * A clock was wrong: nothing goes while the newest is the odd one, and later nothing that the policy keeps without the odd
   * ones. What else stays is the program's own affair.
   */
  #keepOdd(all: readonly Expected[], names: readonly string[], zone: string): readonly Expected[] {
    const [newest, previous] = all;
    const isHeldBack = newest !== undefined && previous !== undefined && newest.takenMs < previous.takenMs;
    const straight = all.filter((each) => !isOdd(each, all));
    const wanted = isHeldBack ? all : keep(straight, this.inForce, zone);
    const lost = wanted.find(({ file }) => !names.includes(file));
    if (lost) throw new Error(`'${lost.file}' was removed while the times disagree`);
    return all.filter(({ file }) => names.includes(file));
  }

  /** Throws where the folder holds anything else of this file. */
  compare(names: readonly string[]): void {
    const found = names.filter((name) => this.#numberOf(name) !== null).toSorted();
    const wanted = this.#held.map(({ file }) => file).toSorted();
    if (!Bun.deepEquals(found, wanted)) {
      const lacking = wanted.filter((name) => !found.includes(name));
      const extra = found.filter((name) => !wanted.includes(name));
      throw new Error(`the folder lacks [${lacking.join(" ")}] and has too many of [${extra.join(" ")}]`);
    }
    for (const { number, takenMs, sha256, file } of this.#held) {
      const time = new Date(takenMs).toISOString().slice(0, 19).replaceAll(":", "-");
      const name = `${this.#base}-${String(number).padStart(6, "0")}-${time}Z-${sha256.slice(0, 12)}${this.extension}`;
      if (file !== name) throw new Error(`'${file}' is not '${name}'`);
    }
  }

  #numberOf(name: string): number | null {
    const [, base, number] = pattern.exec(name) ?? [];
    return base === this.#base ? Number(number) : null;
  }
}

/** A newer one has an earlier time. @param all newest first */
const isOdd = ({ number, takenMs }: Expected, all: readonly Expected[]): boolean =>
  all.some((newer) => newer.number > number && newer.takenMs < takenMs);

function timeOf(file: string): number {
  const [, , , date, hour, minute, second] = pattern.exec(file) ?? [];
  return Date.parse(`${date}T${hour}:${minute}:${second}Z`);
}
