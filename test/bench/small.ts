// What one notices every hour: starting up, and saving a small file of which fourteen revisions are kept.
import { rmSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { compile } from "../../build.ts";
import { excess, peak, ratio, type Group } from "./compare.ts";
import { makeText } from "./corpus.ts";
import { isInstalled } from "./machine.ts";
import { type Contender, run } from "./measure.ts";
import { findPython } from "./ways.ts";
import type { Bench } from "./workspace.ts";

const MIB = 1 << 20;
const EMPTY = "an empty program compiled with Bun";
const ALWAYS = "`tinybackup run --always`";
const SMALL_BYTES = 10_000;
const KEPT = 14;

async function planEmpty({ space }: Bench): Promise<Contender> {
  const source = space.path("empty.ts");
  const empty = space.path("empty");
  await Bun.write(source, "process.exitCode = 0;\n");
  await compile(source, empty);
  return { name: EMPTY, command: [empty] };
}

const VERSION = { restic: "version", borg: "--version", cp: "--version" } as const;

/** Starting up, and doing nothing. */
export async function* planStart(bench: Bench): AsyncGenerator<Group> {
  const version = "`tinybackup --version`";
  const help = "`tinybackup --help`";
  const others = (["restic", "borg", "cp"] as const).filter(isInstalled).map((program) => ({
    program,
    name: `\`${program} ${VERSION[program]}\``,
    command: [program, VERSION[program]],
  }));
  yield {
    title: "Start",
    contenders: [
      { name: version, command: [bench.binary, "--version"] },
      ...others,
      { name: help, command: [bench.binary, "--help"] },
      await planEmpty(bench),
      ...(isInstalled("node") ? [{ name: "`node -e 0`", command: ["node", "-e", "0"] }] : []),
      { name: "`true`", command: [Bun.which("true") ?? "true"] },
    ],
    comparisons: [excess(version, EMPTY, 0.003), excess(help, EMPTY)],
    rows: [
      {
        act: "start",
        label: "start, and say the version",
        by: {
          tinybackup: version,
          ...Object.fromEntries(others.map(({ program, name }) => [program, name])),
        },
      },
    ],
    rounds: 4 * bench.rounds,
    touchedBytes: 64 * MIB,
  };
}

export async function* planSmall(bench: Bench): AsyncGenerator<Group> {
  const { rounds, space } = bench;
  const file = space.path("ledger.txt");
  await makeText(file, SMALL_BYTES);
  const python = planPython(bench, file);
  const contenders = [
    ...(await planOurs(bench, file)),
    await planEmpty(bench),
    planPipe(bench, file),
    ...(python ? [python] : []),
  ];
  const comparisons = [
    excess(ALWAYS, EMPTY, 0.012),
    ratio(ALWAYS, python?.name ?? "the Python program with logrotate (not installed)", 0.25),
    ...contenders.slice(1, 2).map(({ name }) => excess(name, EMPTY)),
    peak(ALWAYS),
  ];
  const title = `A file of ${SMALL_BYTES / 1000} KB, of which ${KEPT} revisions are kept`;
  const shared = { contenders, comparisons, touchedBytes: 64 * MIB };
  const row = {
    act: "save" as const,
    label: `save ${SMALL_BYTES / 1000} KB again, ${KEPT} kept`,
    by: { tinybackup: ALWAYS, ...(python ? { logrotate: python.name } : {}) },
  };
  yield { ...shared, title: `${title}, back to back`, rounds: 4 * rounds, rows: [row] };
  const withPauses = contenders.filter(({ name }) => [ALWAYS, EMPTY, python?.name].includes(name));
  yield {
    ...shared,
    title: `${title}, two seconds after the last command`,
    contenders: withPauses,
    comparisons: comparisons.slice(0, 2),
    rounds: 2 * rounds,
    pauseMs: 2000,
  };
}

/** A run that adds one and removes one; and one that finds that nothing has changed. */
async function planOurs({ binary, space }: Bench, file: string): Promise<Contender[]> {
  const folder = space.renew("small");
  const command = [binary, "run", "-f", file, "-d", folder];
  const always = [...command, "--always", "-k", String(KEPT)];
  for (let count = 0; count < KEPT; count++) await run({ name: ALWAYS, command: always });
  return [
    { name: ALWAYS, command: always },
    { name: "`tinybackup run`, unchanged", command },
  ];
}

function planPipe({ space }: Bench, file: string): Contender {
  const renew = () => space.renew("piped");
  const script = 'tar cf - -C "$1" "$2" | zstd -q -3 -T0 > "$3" && sync "$3"';
  return {
    name: "`tar c | zstd -3 -T0 > out && sync out`",
    command: ["sh", "-c", script, "sh", dirname(file), basename(file), join(renew(), "out")],
    prepare: () => void renew(),
  };
}

/** The Python program where TINYBACKUP_PY holds its path, else what does as it does; null without Python or logrotate. */
function planPython({ space }: Bench, file: string): Contender | null {
  const python = findPython();
  if (python === null) return null;
  const folder = space.renew("logrotate");
  const program = process.env["TINYBACKUP_PY"];
  const words =
    program === undefined
      ? [resolve(import.meta.dir, "logrotate-way.py"), file, folder]
      : [program, "--run", "--sourcefile", file, "--destdir", folder, "--keeprevisions", String(KEPT)];
  return {
    name:
      program === undefined
        ? "what the Python program does with logrotate"
        : "the Python program with logrotate",
    command: [python, ...words],
    prepare: () => fillAsLogrotate(folder, basename(file)),
  };
}

/** It names by the second, and skips what it finds there: so what it adds is taken away, and fourteen older ones are there. */
function fillAsLogrotate(folder: string, name: string): void {
  for (const old of readdirSync(folder)) rmSync(join(folder, old));
  for (let count = 0; count < KEPT; count++) {
    const seconds = 1.7e9 + count * 86_400;
    const day = new Date(seconds * 1000).toISOString().slice(0, 10);
    const path = join(folder, `${name}-${day}-${seconds}.gz`);
    writeFileSync(path, Bun.gzipSync(Buffer.from(`${count}`)));
    utimesSync(path, seconds, seconds);
  }
}
