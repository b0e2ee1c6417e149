// The revisions that a folder must hold of a file: a model that is told of each run, and compared with the folder's names.
import { basename } from "node:path";
import { type Held, keep, type Policy } from "./retention.ts";
import type { FileState } from "./source.ts";

export interface Expected extends Held {
  readonly file: string;
  readonly mode: number;
}

/** Between which instants a run was at work. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const pattern = /^(.+)-(\d{6,})-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z-([0-9a-f]{12})\.tar(\.zst|\.gz|)$/;

export class Series {
  readonly policy: Policy;
  readonly always: boolean;
  readonly extension: string;
  readonly #base: string;
  /** Newest first. */
  #held: readonly Expected[] = [];
  /** The highest number that there ever was. */
  #last = 0;
  made = 0;
  removed = 0;

  constructor(source: string, policy: Policy, how: { readonly always: boolean; readonly extension: string }) {
    this.#base = basename(source);
    this.policy = policy;
    this.always = how.always;
    this.extension = how.extension;
  }

  get held(): readonly Expected[] {
    return this.#held;
  }

  get newest(): Expected | null {
    return this.#held[0] ?? null;
  }

  /** Whether a run makes a revision of such a file. */
  wants(state: FileState): boolean {
    const { newest } = this;
    return this.always || newest?.sha256 !== state.sha256 || newest.mode !== state.mode;
  }

  /**
   * A run has made a revision of this state, whose name tells when, and removed what the policy gives up. Throws where the
   * folder has no such revision.
   */
  follow(state: FileState, names: readonly string[], window: Window, zone: string): void {
    const number = this.#last + 1;
    const file = names.find((name) => this.#numberOf(name) === number);
    if (file === undefined) throw new Error(`there is no revision ${number}`);
    const takenMs = timeOf(file);
    if (takenMs < Math.floor(window.fromMs / 1000) * 1000 || takenMs > window.toMs)
      throw new Error(`'${file}' has not the time of its run`);
    this.#last = number;
    this.made += 1;
    const all = [{ number, file, takenMs, ...state }, ...this.#held];
    this.#held = this.#isInOrder(all) ? keep(all, this.policy, zone) : this.#keepOdd(all, names, zone);
    this.removed += all.length - this.#held.length;
  }

  /** Rules by periods have nothing to say of times that contradict the order; the number of the newest does. */
  #isInOrder(all: readonly Expected[]): boolean {
    return Object.keys(this.policy).join("") === "last" || all.every((each) => !isOdd(each, all));
  }

  /**
   * A clock was wrong: nothing goes while the newest is the odd one, and later nothing that the policy keeps without the odd
   * ones. What else stays is the program's own affair.
   */
  #keepOdd(all: readonly Expected[], names: readonly string[], zone: string): readonly Expected[] {
    const [newest, previous] = all;
    const isHeldBack = newest !== undefined && previous !== undefined && newest.takenMs < previous.takenMs;
    const straight = all.filter((each) => !isOdd(each, all));
    const wanted = isHeldBack ? all : keep(straight, this.policy, zone);
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
