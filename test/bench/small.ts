// What one notices every hour: starting up, a small file, a folder with many revisions. Whole processes.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { compile } from "../../build.ts";
import { renderTrailer } from "../../src/backup/archive/trailer.ts";
import { readRevisions } from "../../src/backup/catalog.ts";
import { isMember, renderRevisionName } from "../../src/backup/revision.ts";
import { isInstalled } from "./machine.ts";
import { run, type Group } from "./measure.ts";

interface Place {
  readonly binary: string;
  readonly folder: string;
  readonly file: string;
  readonly rounds: number;
}

const MANY = 10_000;

/** Starting up, and doing nothing. */
export async function planStarting({ binary, folder, rounds }: Omit<Place, "file">): Promise<Group> {
  const source = join(folder, "empty.ts");
  const empty = join(folder, "empty");
  await Bun.write(source, "process.exitCode = 0;\n");
  await compile(source, empty);
  const against = "an empty program compiled with Bun";
  return {
    title: "Start",
    rounds,
    isSettled: false,
    contenders: [
      { name: "`tinybackup --version`", command: [binary, "--version"], against },
      { name: "`tinybackup --help`", command: [binary, "--help"], against },
      { name: against, command: [empty] },
      ...(isInstalled("node") ? [{ name: "`node -e 0`", command: ["node", "-e", "0"], against }] : []),
      { name: "`true`", command: [Bun.which("true") ?? "true"], against },
    ],
  };
}

/** @param python the path of the Python program, if it is to be compared with */
export function planSmall({ binary, folder, file, rounds }: Place, python: string | undefined): Group {
  const target = join(folder, "small");
  const other = join(folder, "small-other");
  for (const path of [target, other]) mkdirSync(path, { recursive: true });
  const pipe = 'tar cf - -C "$1" "$2" | zstd -q -3 -T0 > "$3" && sync "$3"';
  const small = file.slice(dirname(file).length + 1);
  const ours = [binary, "run", "-f", file, "-d", target, "--always"];
  const prepare = () => {
    rmSync(other, { recursive: true });
    mkdirSync(other);
  };
  const against = "`tar c | zstd -3 -T0 > out && sync out`";
  const withPython = {
    name: "the Python program, with logrotate",
    command: ["python3", python ?? "", "--run", "--sourcefile", file, "--destinationdirectory", other],
    // It names by the second, and skips what it finds there.
    prepare,
    against: "`tinybackup run --always`",
  };
  return {
    title: "Save one small file, keeping 14 revisions",
    rounds,
    isSettled: false,
    contenders: [
      { name: "`tinybackup run --always`", command: ours, against },
      { name: against, command: ["sh", "-c", pipe, "sh", dirname(file), small, join(other, "out")], prepare },
      ...(python === undefined ? [] : [withPython]),
    ],
  };
}

/** A folder with ten thousand revisions of one file. */
export async function planMany({ binary, folder, file, rounds }: Place): Promise<Group> {
  const target = join(folder, "many");
  mkdirSync(target);
  await run({ name: "save", command: [binary, "run", "-f", file, "-d", target] });
  const [first] = (await readRevisions(target, file)).filter(isMember);
  if (!first) throw new Error("nothing was saved");
  const { format, trailer } = first.archive;
  const beforeTrailer = readFileSync(first.path).subarray(0, trailer.trailerAt);
  for (let number = 2; number <= MANY; number++) {
    const takenAtMs = first.takenAtMs + number * 1000;
    const end = renderTrailer(format, { ...trailer, number, takenAtMs });
    const name = renderRevisionName({ ...first, format: format.name, number, takenAtMs });
    writeFileSync(join(target, name), Buffer.concat([beforeTrailer, end]));
  }
  const where = ["-f", file, "-d", target];
  const keep = ["-k", String(MANY)];
  return {
    title: `A folder with ${MANY} revisions`,
    rounds,
    isSettled: true,
    contenders: [
      { name: "`tinybackup list`", command: [binary, "list", ...where] },
      {
        name: `\`tinybackup run -k ${MANY} --always\` (one is added, one removed)`,
        command: [binary, "run", ...where, ...keep, "--always"],
      },
      {
        name: `\`tinybackup prune -k ${MANY} --dry-run\``,
        command: [binary, "prune", ...where, ...keep, "--dry-run"],
      },
      { name: "`ls -l`", command: ["ls", "-l", target] },
    ],
  };
}
