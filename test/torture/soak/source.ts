// A file that lives: it grows, shrinks, is replaced, vanishes and comes back. What it holds is known here, so that nobody has
// to ask the program what it saved.
import {
  chmodSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";

export interface FileState {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly mode: number;
}

export class Source {
  readonly path: string;
  readonly #random: () => number;
  readonly #baseBytes: number;
  #content: Buffer;
  #mode = 0o640;
  #changes = 0;

  constructor(path: string, baseBytes: number, random: () => number) {
    this.path = path;
    this.#baseBytes = baseBytes;
    this.#random = random;
    this.#content = this.#make(baseBytes);
    this.#write();
  }

  /** null while it is not there. */
  get state(): FileState | null {
    if (!this.isThere) return null;
    const sha256 = new Bun.CryptoHasher("sha256").update(this.#content).digest("hex");
    return { sha256, sizeBytes: this.#content.length, mode: this.#mode };
  }

  get #away(): string {
    return `${this.path}.away`;
  }

  get isThere(): boolean {
    return existsSync(this.path);
  }

  /** A day of work on it, or none. */
  live(): void {
    if (!this.isThere || this.#content.length === 0) return;
    const chance = this.#random();
    if (chance < 0.25) this.#append();
    else if (chance < 0.4) this.#cut();
    else if (chance < 0.55) this.#rewrite();
    else if (chance < 0.7) this.#patch();
    // As many programs do that have nothing new to write. And most files change on few days.
    else if (chance < 0.8) this.#write();
  }

  vanish(): void {
    renameSync(this.path, this.#away);
  }

  comeBack(): void {
    renameSync(this.#away, this.path);
  }

  empty(): void {
    this.#content = Buffer.alloc(0);
    this.#write();
  }

  /** Falls to a thirtieth, or is as long as at first. */
  resize(isSmall: boolean): void {
    this.#content = this.#make(isSmall ? Math.ceil(this.#baseBytes / 30) : this.#baseBytes);
    this.#write();
  }

  /** Another program wrote it: holds it for what it is now. */
  adopt(): FileState {
    this.#content = readFileSync(this.path);
    this.#mode = statSync(this.path).mode & 0o7777;
    const { state } = this;
    if (state === null) throw new Error(`'${this.path}' is not there`);
    return state;
  }

  changeMode(): void {
    this.#mode = this.#mode === 0o640 ? 0o600 : 0o640;
    chmodSync(this.path, this.#mode);
  }

  #append(): void {
    if (this.#content.length > this.#baseBytes * 2.5) return this.#cut();
    this.#content = Buffer.concat([this.#content, this.#make(this.#baseBytes * 0.2)]);
    this.#write();
  }

  #cut(): void {
    this.#content = this.#content.subarray(0, Math.max(this.#baseBytes / 2, this.#content.length * 0.7));
    this.#patch();
  }

  /** A few bytes in the middle, so that no state comes back by itself. */
  #patch(): void {
    this.#content = Buffer.from(this.#content);
    this.#content.write(`[${(this.#changes += 1)}]`, Math.floor(this.#content.length / 2));
    this.#write();
  }

  /** As editors save: a new file with the old name. */
  #rewrite(): void {
    this.#content = this.#make(this.#content.length);
    rmSync(this.path);
    this.#write();
  }

  #make(length: number): Buffer {
    const size = Math.max(16, Math.floor(length));
    const text = Buffer.alloc(size, `${this.path} ${(this.#changes += 1)} ${this.#random()}\n`);
    for (let at = 0; at + 8 < size; at += 64) text.writeUInt32LE(Math.floor(this.#random() * 2 ** 32), at);
    return text;
  }

  #write(): void {
    const path = existsSync(this.#away) ? this.#away : this.path;
    writeFileSync(path, this.#content);
    chmodSync(path, this.#mode);
    // So that no run waits whether somebody is still at it: that has tests of its own.
    utimesSync(path, new Date("2001-01-01"), new Date("2020-02-02T02:02:02Z"));
  }
}
