// Where a group works: a folder of its own, and whatever has to be undone when it is over or broken off.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Corpus } from "./corpus.ts";

/** What every group is planned from. */
export interface Bench {
  readonly binary: string;
  /** The help of `run` of that binary: an option that is not in it is not measured. */
  readonly help: string;
  /** At least five, unless one only wants to see that it works. */
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly seed: number;
  readonly corpus: Corpus;
  readonly space: Workspace;
}

export class Workspace {
  readonly folder: string;
  readonly #undo: (() => void)[] = [];

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** An empty folder of that name, whatever was there. */
  renew(name: string): string {
    const path = this.path(name);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Has `act` called when the group is over; the last comes first. */
  defer(act: () => void): void {
    this.#undo.push(act);
  }

  [Symbol.dispose](): void {
    for (const act of this.#undo.splice(0).toReversed()) act();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
