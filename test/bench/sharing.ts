// What ten revisions take where the file system can store once what is equal, and whether other programs read them.
import { statfsSync } from "node:fs";
import { type Comparison, fact, type Group } from "./compare.ts";
import { UNCHANGED } from "./corpus.ts";
import { mountLoop } from "./loop.ts";
import { isInstalled, whyNoMounts } from "./machine.ts";
import { run } from "./measure.ts";
import type { Bench } from "./workspace.ts";

const REVISIONS = 10;
const TYPES = ["btrfs", "xfs"] as const;

export async function* planSharing(bench: Bench): AsyncGenerator<Group> {
  const group = { contenders: [], rounds: bench.rounds, touchedBytes: 0 };
  for (const type of TYPES) {
    const title = `${REVISIONS} revisions on ${type}, twenty changes each`;
    const why = whyNoMounts(`mkfs.${type}`);
    yield why === null
      ? { ...group, title, comparisons: await measureSpace(bench, type) }
      : { ...group, title, comparisons: [], note: `Not measured: ${why}.` };
  }
}

async function measureSpace(bench: Bench, type: (typeof TYPES)[number]): Promise<Comparison[]> {
  const { binary, corpus, space } = bench;
  const disk = mountLoop(space, type, 8 * corpus.sizeBytes);
  const folder = disk.renew("saved");
  const before = await measureUsed(folder);
  const saved: Saved[] = [];
  const used: number[] = [];
  for (let count = 0; count < REVISIONS; count++) {
    corpus.become(count === 0 ? UNCHANGED : corpus.twentyUpTo(count));
    const digest = print(['openssl dgst -sha256 -r < "$1"', corpus.path]);
    const path = print(['"$2" run -f "$1" -d "$3"', corpus.path, binary, folder]);
    saved.push({ path, digest });
    used.push((await measureUsed(folder)) - before);
  }
  const [one = Number.NaN] = used;
  const readers = ["tar", "bsdtar"].filter(isInstalled);
  return [
    fact(`space of ${REVISIONS} / space of one`, (used.at(-1) ?? Number.NaN) / one, 1.4),
    ...readers.map((reader) =>
      fact(`revisions that \`${reader} -xOf\` reads wrong`, saved.filter(isReadWrong(reader)).length, 0),
    ),
  ];
}

interface Saved {
  readonly path: string;
  /** Of what the file was, as openssl says it. */
  readonly digest: string;
}

const isReadWrong =
  (reader: string) =>
  ({ path, digest }: Saved) =>
    print(['"$2" -xOf "$1" | openssl dgst -sha256 -r', path, reader]) !== digest;

/** What a line of shell prints, given its arguments. Throws if it fails. */
function print([script = "", ...words]: readonly string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["sh", "-c", script, "sh", ...words]);
  if (exitCode !== 0) throw new Error(`${script}: ${stderr.toString()}`);
  return stdout.toString().trim();
}

async function measureUsed(folder: string): Promise<number> {
  await run({ name: "sync", command: ["sync", "-f", folder] });
  const { blocks, bfree, bsize } = statfsSync(folder);
  return (blocks - bfree) * bsize;
}
