// What a torture is made of: cases, told one line each, and families of them, a file each.

export interface Case {
  /** One word or several with hyphens or slashes, the same in every run: by it the case is repeated. */
  readonly name: string;
  /** Throws what broke. */
  readonly run: () => Promise<void>;
}

/** What a family is given to work with. */
export interface Bench {
  /** The compiled program under torture. */
  readonly binary: string;
  /** Whether only the part is wanted that takes seconds. */
  readonly isBounded: boolean;
  /** From 0 to below 1; the same in each case whenever it is repeated with the same seed, whatever ran before it. */
  readonly random: () => number;
  /** A new empty folder, removed at the end: of the case, where it is made in one. */
  readonly makeFolder: () => string;
}

/** The cases in their order. Each runs before the next one is asked for. */
export type Family = (bench: Bench) => AsyncIterable<Case> | Iterable<Case>;
