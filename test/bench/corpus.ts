// What is saved: real, mixed data that every system has, changed in few places or in all; and other kinds of files.
import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, utimesSync, writeSync } from "node:fs";
import { makeRandom, run } from "./measure.ts";

const FOLDERS = ["/usr/lib", "/usr/share"];
const MIB = 1 << 20;

/** Where a file differs from what it was at first: what is changed twice is as before. */
export interface Change {
  readonly name: string;
  readonly offsets: readonly number[];
}

const CHANGED_BYTES = 64;
export const UNCHANGED: Change = { name: "unchanged", offsets: [] };

/** The large file, in one of the states that groups ask for. Each state is the same in every run of one seed. */
export class Corpus {
  readonly path: string;
  readonly sizeBytes: number;
  readonly #seed: number;
  #state = UNCHANGED;

  constructor(path: string, sizeBytes: number, seed: number) {
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.#seed = seed;
  }

  /** Changes the file in place, as an editor of images or a database does. */
  become(state: Change): void {
    if (state.name === this.#state.name) return;
    const file = openSync(this.path, "r+");
    try {
      for (const offset of [...this.#state.offsets, ...state.offsets]) invert(file, offset);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.#state = state;
  }

  /** Twenty places, other ones in each round. */
  twenty(round: number): Change {
    const random = makeRandom(this.#seed + round);
    const offsets = Array.from({ length: 20 }, () => Math.floor(random() * (this.sizeBytes - CHANGED_BYTES)));
    return { name: `twenty of ${round}`, offsets };
  }

  /** What has changed when the twenty places of each round up to this one have. */
  twentyUpTo(round: number): Change {
    const rounds = Array.from({ length: round }, (_, index) => this.twenty(index + 1));
    return { name: `twenty up to ${round}`, offsets: rounds.flatMap(({ offsets }) => offsets) };
  }

  /** No two hundred and fifty-six KiB are as they were. */
  everywhere(): Change {
    const step = 256 << 10;
    const offsets = Array.from({ length: Math.floor(this.sizeBytes / step) }, (_, part) => part * step);
    return { name: "everywhere", offsets };
  }
}

function invert(file: number, offset: number): void {
  const bytes = Buffer.alloc(CHANGED_BYTES);
  readSync(file, bytes, 0, bytes.length, offset);
  for (const [index, byte] of bytes.entries()) bytes[index] = byte ^ 0xff;
  writeSync(file, bytes, 0, bytes.length, offset);
}

/** Writes a tar of the system's libraries and shared data to `path`, cut or repeated to `sizeBytes`; says what it is. */
export async function makeCorpus({ path, sizeBytes }: Corpus): Promise<string> {
  // Sorted and undated where tar can do that, so that one system gives one corpus.
  const sorted = '"$tar" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner';
  const script = `
    tar=tar; $tar --sort=name -cf /dev/null /dev/null 2>/dev/null && pack='${sorted}' || pack=tar
    while [ "$(wc -c < "$1")" -lt "$2" ]; do
      eval "$pack -cf - ${FOLDERS.join(" ")}" 2>/dev/null | head -c "$(($2 - $(wc -c < "$1")))" >> "$1"
    done`;
  await Bun.write(path, "");
  await run({ name: "corpus", command: ["sh", "-c", script, "sh", path, String(sizeBytes)] });
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hash.update(chunk);
  return `${sizeBytes / MIB} MiB: a tar of ${FOLDERS.join(" and ")}, cut or repeated to that size; SHA-256 ${hash.digest("hex").slice(0, 16)}…`;
}

/** Bytes that no compressor makes smaller. */
export async function makeIncompressible(path: string, sizeBytes: number): Promise<void> {
  const script =
    'openssl enc -aes-128-ctr -pass pass:bench -nosalt -in /dev/zero 2>/dev/null | head -c "$2" > "$1"';
  await run({ name: "incompressible", command: ["sh", "-c", script, "sh", path, String(sizeBytes)] });
}

/** A file that is all hole but for a MiB at each end. */
export function makeSparse(path: string, sizeBytes: number): void {
  const file = openSync(path, "w");
  const random = makeRandom(1);
  const bytes = Buffer.from(Array.from({ length: MIB }, () => Math.floor(random() * 256)));
  ftruncateSync(file, sizeBytes);
  writeSync(file, bytes, 0, MIB, 0);
  writeSync(file, bytes, 0, MIB, sizeBytes - MIB);
  closeSync(file);
}

/** A text file of so many bytes, such as one would have backed up every hour; last written to long ago. */
export async function makeText(path: string, sizeBytes: number): Promise<void> {
  const lines: string[] = [];
  for (let length = 0; length < sizeBytes; length += lines.at(-1)?.length ?? 0) {
    lines.push(`${lines.length}\t${Bun.hash(String(lines.length)).toString(36)}\tan entry\n`);
  }
  await Bun.write(path, lines.join("").slice(0, sizeBytes));
  utimesSync(path, 1.7e9, 1.7e9);
}
