// A temporary folder with a folder in it to save into: the ground that a stage and a workshop stand on.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class TestFolder implements Disposable {
  readonly root: string;
  /** The folder to save into: `saved`. */
  readonly destination: string;

  constructor() {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), "tinybackup-test-")));
    chmodSync(this.root, 0o755);
    this.destination = join(this.root, "saved");
    mkdirSync(this.destination);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Writes a file under the root and returns its path. */
  write(name: string, content: string | Uint8Array, mode = 0o644): string {
    const path = join(this.root, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    // Old enough for the program not to wait until a change would show, and with an access time that reading moves.
    utimesSync(path, new Date("2001-01-01"), new Date("2020-02-02T02:02:02.222Z"));
    return path;
  }

  /** Names of all that lies in the destination, sorted. */
  files(): string[] {
    return readdirSync(this.destination).toSorted();
  }
}
