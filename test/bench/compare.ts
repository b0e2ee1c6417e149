// What is held against what, and how much it may be. A comparison is made within each round, where a slow moment of the
// machine hits both; what counts is the median of the rounds.
import type { RowPlan } from "./gathered.ts";
import type { Race, Result, Results } from "./measure.ts";

export interface Comparison {
  readonly text: string;
  /** What the program is to reach; undefined where it is for information. */
  readonly atMost?: number | undefined;
  readonly render: (value: number) => string;
  /** One a round; none where somebody is missing, and nothing can be said. */
  readonly values: (results: Results) => readonly number[];
}

/** Who runs side by side, and what is made of it. */
export interface Group extends Race {
  readonly title: string;
  /** What a reader has to know, below the title. */
  readonly note?: string;
  readonly comparisons: readonly Comparison[];
  /** What of it the README shows. */
  readonly rows?: readonly RowPlan[];
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** How many times as long one takes as the other. */
export function ratio(of: string, to: string, atMost?: number): Comparison {
  const values = inPairs(of, to, (one, other) => one / other);
  return { text: `${of} / ${to}`, atMost, render: (value) => value.toFixed(2), values };
}

/** How many seconds longer one takes than the other. */
export function excess(of: string, to: string, atMost?: number): Comparison {
  const values = inPairs(of, to, (one, other) => one - other);
  return { text: `${of} − ${to}`, atMost, render: renderSeconds, values };
}

export function duration(of: string, atMost: number): Comparison {
  return { text: `time of ${of}`, atMost, render: renderSeconds, values: secondsOf(of) };
}

/** The largest that the program's process may become, whatever the size of the file. */
const PEAK_BYTES = 130e6;

export function peak(of: string): Comparison {
  const values = (results: Results) => {
    const bytes = results.get(of)?.peakBytes;
    return bytes === undefined ? [] : [bytes];
  };
  return { text: `memory of ${of}`, atMost: PEAK_BYTES, render: renderBytes, values };
}

/** What was found otherwise than by a clock. */
export function fact(text: string, value: number, atMost: number): Comparison {
  return { text, atMost, render: renderNumber, values: () => [value] };
}

const secondsOf = (name: string) => (results: Results) => samplesOf(results.get(name));

function inPairs(of: string, to: string, compare: (one: number, other: number) => number) {
  return (results: Results): readonly number[] => {
    const ones = samplesOf(results.get(of));
    // Who takes long has fewer rounds.
    return samplesOf(results.get(to))
      .slice(0, ones.length)
      .map((other, round) => compare(ones[round] ?? Number.NaN, other));
  };
}

function samplesOf(result: Result | undefined): readonly number[] {
  return result?.samples.map(({ seconds }) => seconds) ?? [];
}

function renderNumber(number: number): string {
  return Number.isInteger(number) ? String(number) : number.toFixed(2);
}

export function renderSeconds(seconds: number): string {
  return Math.abs(seconds) < 0.2 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}

export function renderBytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
