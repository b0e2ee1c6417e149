// A large file is saved for the first time, with gzip.
import { peak, ratio, type Group } from "./compare.ts";
import { UNCHANGED } from "./corpus.ts";
import { isInstalled } from "./machine.ts";
import { describePipe, PIGZ, planCheckedPipe } from "./peers.ts";
import type { Bench } from "./workspace.ts";

export function* planGzip({ binary, corpus, rounds, space }: Bench): Generator<Group> {
  corpus.become(UNCHANGED);
  const renew = () => space.renew("saved");
  const name = "`tinybackup run --compress gzip`";
  const command = [binary, "run", "-f", corpus.path, "-d", renew(), "--compress", "gzip"];
  const pipes = isInstalled("pigz") ? [planCheckedPipe(corpus.path, PIGZ, renew)] : [];
  yield {
    title: "First run with gzip",
    note: describePipe(PIGZ),
    contenders: [{ name, command, prepare: () => void renew() }, ...pipes],
    comparisons: [...pipes.map((pipe) => ratio(name, pipe.name)), peak(name)],
    rounds,
    touchedBytes: 1.5 * corpus.sizeBytes,
  };
}
