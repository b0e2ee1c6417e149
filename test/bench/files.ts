// Five files, from a small one to one that is mostly holes: each is saved, verified and restored by all that can.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { duration, peak, ratio, type Comparison, type Group } from "./compare.ts";
import { makeIncompressible, makeSparse, makeText, UNCHANGED } from "./corpus.ts";
import type { RowPlan } from "./gathered.ts";
import { dropFolderFromMemory } from "./loop.ts";
import { type Contender, run } from "./measure.ts";
import { describePipe, PIPE, planCheckedPipe, RUN, SAVE, ZSTD } from "./peers.ts";
import { planWays, type Way } from "./ways.ts";
import type { Bench } from "./workspace.ts";

const MIB = 1 << 20;

interface Kind {
  /** As it is called behind its size. */
  readonly what: string;
  readonly sizeBytes: (isQuick: boolean) => number;
  /** Makes the file at that path, and returns where it is. */
  readonly make: (bench: Bench, path: string, sizeBytes: number) => Promise<string> | string;
  /** What is written at most. */
  readonly touchedBytes: (sizeBytes: number) => number;
  /** What a save is to be of others'. */
  readonly saveBounds?: ReadonlyMap<string, number>;
  readonly verifyAtMost?: number;
  readonly restoreAtMost?: number;
  readonly saveSeconds?: number;
  readonly isSparse?: boolean;
}

const largeBytes = (isQuick: boolean) => (isQuick ? 64 : 1024) * MIB;

const text = (sizeBytes: number): Kind => ({
  what: "of text",
  sizeBytes: () => sizeBytes,
  make: async (_, path, bytes) => {
    await makeText(path, bytes);
    return path;
  },
  touchedBytes: () => 32 * MIB,
});

const KINDS = {
  "1kib": text(1024),
  "10mib": text(10 * MIB),
  mixed: {
    what: "of mixed data",
    sizeBytes: largeBytes,
    make: ({ corpus }) => {
      corpus.become(UNCHANGED);
      return corpus.path;
    },
    touchedBytes: (sizeBytes) => 1.5 * sizeBytes,
    saveBounds: new Map([
      [PIPE, 0.78],
      [SAVE.restic, 0.38],
      [SAVE.borg, 0.6],
    ]),
    verifyAtMost: 1,
    restoreAtMost: 0.65,
  },
  incompressible: {
    what: "incompressible",
    sizeBytes: largeBytes,
    make: async (_, path, bytes) => {
      await makeIncompressible(path, bytes);
      return path;
    },
    touchedBytes: (sizeBytes) => 1.5 * sizeBytes,
  },
  sparse: {
    what: "of holes",
    sizeBytes: (isQuick) => (isQuick ? 4 : 20) * 1024 * MIB,
    make: (_, path, bytes) => {
      makeSparse(path, bytes);
      return path;
    },
    touchedBytes: () => 64 * MIB,
    saveSeconds: 10,
    isSparse: true,
  },
} satisfies Readonly<Record<string, Kind>>;

/** The groups of one file: saved, verified, restored. */
export function planFile(name: keyof typeof KINDS): (bench: Bench) => AsyncGenerator<Group> {
  return (bench) => planKind(KINDS[name], bench);
}

async function* planKind(kind: Kind, bench: Bench): AsyncGenerator<Group> {
  const { isQuick, rounds, space } = bench;
  const sizeBytes = kind.sizeBytes(isQuick);
  const source = await kind.make(bench, join(space.renew("source"), "file"), sizeBytes);
  const pipe = kind.isSparse ? ({ ...ZSTD, tar: "tar cS" } as const) : ZSTD;
  const kept = { source, isSparse: kind.isSparse ?? false, pipe, target: space.renew("restored") };
  const ways = planWays(bench, kept);
  const what = `${renderSize(sizeBytes)} ${kind.what}`;
  const shared = { rounds, touchedBytes: kind.touchedBytes(sizeBytes) };
  yield {
    ...planSave(kind, ways, what),
    ...shared,
    note: describePipe(pipe),
    contenders: [
      ...ways.map(({ save, empty }) => ({ ...save, prepare: empty })),
      ...(kind.saveBounds === undefined ? [] : [planCheckedPipe(source, pipe, () => space.renew("checked"))]),
    ],
  };
  rmSync(space.path("checked"), { recursive: true, force: true });
  yield {
    ...planComparisons("verify", ways, what, kind.verifyAtMost),
    ...shared,
    note: "From the disk: nothing of what is saved is in memory.",
    contenders: ways.flatMap(planVerify),
  };
  yield {
    ...planComparisons("restore", ways, what, kind.restoreAtMost),
    ...shared,
    note: "Into an empty folder, from memory, until it is on the disk.",
    contenders: ways.flatMap((way) => planRestore(way, bench, kind)),
  };
}

type Plan = Pick<Group, "title" | "comparisons" | "rows">;

function planSave({ saveBounds, saveSeconds }: Kind, ways: readonly Way[], what: string): Plan {
  const others = new Set([...(saveBounds?.keys() ?? []), ...ways.slice(1).map(({ save }) => save.name)]);
  const limit: Comparison[] = saveSeconds === undefined ? [] : [duration(RUN, saveSeconds)];
  return {
    title: `Save ${what}`,
    rows: [planRow("save", ways, what)],
    comparisons: [...[...others].map((name) => ratio(RUN, name, saveBounds?.get(name))), peak(RUN), ...limit],
  };
}

/** The bound, where there is one, is that to the pipe. */
function planComparisons(
  act: "verify" | "restore",
  ways: readonly Way[],
  what: string,
  atMost?: number,
): Plan {
  const [ours = "", ...others] = ways.flatMap((way) => way[act]?.name ?? []);
  const pipe = ways.find(({ program }) => program === "tar | zstd")?.[act]?.name;
  return {
    title: `${act === "verify" ? "Verify" : "Restore"} ${what}`,
    rows: [planRow(act, ways, what)],
    comparisons: [...others.map((name) => ratio(ours, name, name === pipe ? atMost : undefined)), peak(ours)],
  };
}

function planRow(act: "save" | "verify" | "restore", ways: readonly Way[], what: string): RowPlan {
  const by = Object.fromEntries(ways.map((way) => [way.program, way[act]?.name]));
  return { act, label: `${act} ${what}`, by };
}

function planVerify({ folder, verify }: Way): Contender[] {
  return verify === null ? [] : [{ ...verify, prepare: () => dropFolderFromMemory(folder) }];
}

/** Everybody finds in memory what is to be read; of a file with holes there is next to nothing to read. */
function planRestore({ folder, restore }: Way, { space }: Bench, { isSparse }: Kind): Contender[] {
  if (restore === null) return [];
  const read = ["sh", "-c", 'find "$1" -type f -exec cat {} +', "sh", folder];
  const prepare = async () => {
    space.renew("restored");
    if (!isSparse) await run({ name: "read", command: read });
  };
  return [{ ...restore, prepare }];
}

function renderSize(bytes: number): string {
  const units = ["KiB", "MiB", "GiB"];
  const unit = Math.min(Math.floor(Math.log2(bytes) / 10), units.length);
  return `${bytes / 2 ** (10 * unit)} ${units[unit - 1] ?? ""}`;
}
