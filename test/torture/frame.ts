// Runs families of torture: one case after the other, several families at a time.
import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench, Case } from "./case.ts";
import { families } from "./families.ts";

export interface TortureRequest {
  readonly binary: string;
  readonly isBounded: boolean;
  /** Families (`calls`) and beginnings of cases' full names (`calls/run-first`); all if there is none. */
  readonly only: readonly string[];
  readonly seed: number;
  /** How many families are at work at a time. */
  readonly lanes: number;
  /** Whether the first case that fails ends it. */
  readonly stopsAtFailure: boolean;
  /** Whether cases are told only, and not run. */
  readonly isListing?: boolean;
  readonly onCase: (told: Told) => void;
}

export interface Told {
  /** `family/name`. */
  readonly name: string;
  readonly failure: Error | null;
}

/** Runs what is asked for. Returns how many cases ran, and how many of them failed. */
export async function torture(request: TortureRequest): Promise<{ cases: number; failures: number }> {
  const total = { cases: 0, failures: 0 };
  const waiting = [...families.keys()].filter((family) => isWanted(family, request.only));
  const tell = (told: Told): void => {
    total.cases++;
    if (told.failure) total.failures++;
    request.onCase(told);
  };
  const isOver = (): boolean => request.stopsAtFailure && total.failures > 0;
  const work = async (): Promise<void> => {
    for (let family = waiting.shift(); family !== undefined && !isOver(); family = waiting.shift()) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other in a lane
      await tortureFamily(family, request, tell, isOver);
    }
  };
  await Promise.all(Array.from({ length: request.lanes }, work));
  return total;
}

/** Whether something of a family is wanted, or the case of that full name is. */
function isWanted(name: string, only: readonly string[]): boolean {
  const isFamily = !name.includes("/");
  return (
    only.length === 0 ||
    only.some((wanted) => name.startsWith(wanted) || (isFamily && wanted.startsWith(`${name}/`)))
  );
}

async function tortureFamily(
  family: string,
  request: TortureRequest,
  tell: (told: Told) => void,
  isOver: () => boolean,
): Promise<void> {
  const folders: string[] = [];
  let random = createRandom(`${request.seed} ${family}`);
  const familys = random;
  const bench: Bench = {
    binary: request.binary,
    isBounded: request.isBounded,
    random: () => random(),
    makeFolder() {
      const folder = realpathSync(mkdtempSync(join(tmpdir(), "tinybackup-torture-")));
      chmodSync(folder, 0o755);
      folders.push(folder);
      return folder;
    },
  };
  try {
    const load = families.get(family);
    if (!load) throw new Error("there is no such family");
    const { family: makeCases } = await load();
    for await (const each of makeCases(bench)) {
      const name = `${family}/${each.name}`;
      if (!isWanted(name, request.only)) continue;
      random = createRandom(`${request.seed} ${name}`);
      // What the family made for itself stays until its end.
      const made = folders.length;
      tell({ name, failure: request.isListing === true ? null : await runCase(each) });
      random = familys;
      for (const folder of folders.splice(made)) rmSync(folder, { recursive: true, force: true });
      if (isOver()) break;
    }
  } catch (error) {
    tell({ name: `${family}/-`, failure: asError(error) });
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

async function runCase({ run }: Case): Promise<Error | null> {
  try {
    await run();
    return null;
  } catch (error) {
    return asError(error);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Mulberry32. */
function createRandom(seed: string): () => number {
  let state = Bun.hash.xxHash32(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
