// A large file is brought back, and what holds it is proven.
import { basename, join } from "node:path";
import { peak, ratio, type Group } from "./compare.ts";
import { UNCHANGED } from "./corpus.ts";
import { dropFromMemory } from "./loop.ts";
import { type Contender, run } from "./measure.ts";
import { FIRST, repositories } from "./peers.ts";
import { onlyFile } from "./save.ts";
import type { Bench } from "./workspace.ts";

const RESTORE = "`tinybackup restore`";
const EXTRACT = "`zstd -dc | tar x && sync`";
const VERIFY = "`tinybackup verify`";
const TEST = "`zstd -t`";

/** A folder with one revision of the corpus, and that. */
async function save({ binary, corpus, space }: Bench): Promise<{ folder: string; archive: string }> {
  corpus.become(UNCHANGED);
  const folder = space.renew("saved");
  await run({ name: "save", command: [binary, "run", "-f", corpus.path, "-d", folder] });
  return { folder, archive: onlyFile(folder) };
}

export async function* planRestore(bench: Bench): AsyncGenerator<Group> {
  const { binary, corpus, rounds, space } = bench;
  const { folder, archive } = await save(bench);
  const target = space.renew("restored");
  const file = join(target, basename(corpus.path));
  // Everybody finds in memory what is to be read.
  const prepare = async (read: string) => {
    space.renew("restored");
    await run({ name: "read", command: ["sh", "-c", 'find "$1" -type f -exec cat {} +', "sh", read] });
  };
  const contenders: Contender[] = [
    {
      name: RESTORE,
      command: [binary, "restore", "-d", folder, "--to", file],
      prepare: () => prepare(folder),
    },
    {
      name: EXTRACT,
      command: ["sh", "-c", 'zstd -q -dc "$1" | tar xf - -C "$2" && sync "$3"', "sh", archive, target, file],
      prepare: () => prepare(folder),
    },
  ];
  const home = space.path("repositories");
  for (const { initialise, save: keep, program, restore } of repositories(home, corpus.path)) {
    await initialise();
    await run(keep(FIRST));
    contenders.push({ ...restore(target), prepare: () => prepare(join(home, program, "repository")) });
  }
  const others = contenders.map(({ name }) => name).filter((name) => name !== RESTORE);
  yield {
    title: "Restore it",
    note: "Into an empty folder, from memory, until it is on the disk.",
    contenders,
    comparisons: [
      ...others.map((name) => ratio(RESTORE, name, name === EXTRACT ? 0.65 : undefined)),
      peak(RESTORE),
    ],
    rounds,
    touchedBytes: 1.5 * corpus.sizeBytes,
  };
}

export async function* planVerify(bench: Bench): AsyncGenerator<Group> {
  const { archive } = await save(bench);
  const prepare = () => dropFromMemory(archive);
  yield {
    title: "Verify it",
    note: "From the disk: nothing of the archive is in memory.",
    contenders: [
      { name: VERIFY, command: [bench.binary, "verify", archive], prepare },
      { name: TEST, command: ["zstd", "-q", "-t", archive], prepare },
      {
        name: "`zstd -dc | openssl dgst -sha256`",
        command: ["sh", "-c", 'zstd -q -dc "$1" | openssl dgst -sha256', "sh", archive],
        prepare,
      },
    ],
    comparisons: [ratio(VERIFY, TEST, 1), ratio(VERIFY, "`zstd -dc | openssl dgst -sha256`"), peak(VERIFY)],
    rounds: bench.rounds,
    touchedBytes: bench.corpus.sizeBytes,
  };
}
