// How a revision gets its name: what is left out, or comes too early.
import type { Variant } from "../variant.ts";

export const publishing: readonly Variant[] = [
  {
    name: "no-sync",
    breaks: "never waits for the disk",
    cases: ["torture/calls: run: whatever call is spoiled"],
    edits: [
      [
        "return inPool((done) => fs[what](this.fd, (error) => done(error, undefined)));",
        "return Promise.resolve();",
      ],
    ],
  },
  {
    name: "no-sync-of-revision",
    breaks: "does not sync a revision before it gets its name",
    cases: ["torture/calls: run: whatever call is spoiled"],
    edits: [
      [
        "await attempt(`cannot make the new revision durable in '${folder}'`, () => partial.handle.sync());",
        "",
      ],
    ],
  },
  {
    name: "no-sync-of-name",
    breaks: "does not sync the folder after a revision got its name",
    cases: ["torture/calls: run: whatever call is spoiled"],
    edits: [
      [
        "await attempt(`saved '${revision.path}', but cannot make its name durable`, () => syncFolder(folder));",
        "",
      ],
    ],
  },
  {
    name: "named-before-sync",
    breaks: "gives a revision its name before it is on the disk",
    cases: ["torture/calls: run: whatever call is spoiled"],
    edits: [
      [
        "await attempt(`cannot make the new revision durable in '${folder}'`, () => partial.handle.sync());",
        "",
      ],
      [
        "if (!(await giveName(partial.path, path, `cannot publish '${path}'`))) continue;",
        "if (!(await giveName(partial.path, path, `cannot publish '${path}'`))) continue; await partial.handle.sync();",
      ],
    ],
  },
  {
    name: "named-before-read-back",
    breaks: "gives a revision its name before it was read back",
    cases: ["torture/bit-flips: of a large file, a bit that is flipped"],
    edits: [
      ["const archive = await readBack(partial, copy, origin);", ""],
      [
        "if (!(await giveName(partial.path, path, `cannot publish '${path}'`))) continue;",
        "if (!(await giveName(partial.path, path, `cannot publish '${path}'`))) continue; const archive = await readBack(partial, copy, origin);",
      ],
    ],
  },
  {
    name: "named-before-permissions",
    breaks: "writes the permissions after the name",
    cases: ["torture/calls: run: whatever call is spoiled"],
    edits: [
      ["await limitPermissions(partial, copy.body.file);", ""],
      [
        "if (!(await giveName(partial.path, path, `cannot publish '${path}'`))) continue;",
        "if (!(await giveName(partial.path, path, `cannot publish '${path}'`))) continue; await limitPermissions(partial, copy.body.file);",
      ],
    ],
  },
  {
    name: "sync-tried-again",
    breaks: "takes the second sync for an answer where the first one failed",
    cases: ["torture/calls: run: whatever call is spoiled"],
    edits: [
      [
        "return inPool((done) => fs[what](this.fd, (error) => done(error, undefined)));",
        "return inPool((done) => fs[what](this.fd, (error) => error ? fs[what](this.fd, (again) => done(again, undefined)) : done(null, undefined)));",
      ],
    ],
  },
  {
    name: "prune-first",
    breaks: "removes the oldest revision before the new one is there",
    cases: ["torture/calls: run: whatever call is spoiled"],
    edits: [
      [
        "const publishing = { ...request, ...place, retention: { ...retention } };",
        "const publishing = { ...request, ...place, retention: { ...retention } }; for (const { file } of names.slice((retention.keeprevisions ?? Infinity) - 1)) (await import('node:fs')).unlinkSync(`${place.folder}/${file}`);",
      ],
    ],
  },
  {
    name: "short-write-believed",
    breaks: "takes a short write for a whole one",
    cases: ["torture/calls: run: whatever call is spoiled"],
    edits: [["written += bytesWritten;", "written = bytes.length;"]],
  },
  {
    name: "failed-write-believed",
    breaks: "does not hear of a write that fails later",
    cases: ["torture/calls: run: whatever call is spoiled", "torture/calls: run of a large file"],
    edits: [
      [
        "await attempt(this.#what, () => writeAt(this.#handle, bytes, from));",
        "await writeAt(this.#handle, bytes, from).catch(() => undefined);",
      ],
    ],
  },
  {
    name: "name-replaced",
    breaks: "replaces what has the name of a new revision",
    cases: [
      "torture/strangers: what else is there is said",
      "torture/concurrent: all publish, each its own number",
    ],
    edits: [["Promise<void> => linkSync(from, to);", "Promise<void> => renameSync(from, to);"]],
  },
  {
    name: "number-without-lock",
    breaks: "takes its number without the folder's lock",
    cases: ["torture/concurrent: all publish, each its own number", "torture/concurrent: that prune as well"],
    edits: [["await lockFile(lock.fd, LOCK_PATIENCE_MS, signal);", ""]],
  },
  {
    name: "partial-left",
    breaks: "leaves a partial behind where it fails",
    cases: ["torture/calls: run: whatever call is spoiled", "torture/calls: restore: the file is there"],
    edits: [["await discardPartial(partial); throw error;", "throw error;"]],
  },
  {
    name: "abandoned-partial-left",
    breaks: "never removes what a killed run left behind",
    cases: ["torture/calls: run: whatever call is spoiled"],
    edits: [
      ["if (!(await isAbandoned(handle, folder, machine === machineDigits()))) continue;", "continue;"],
    ],
  },
  {
    name: "living-partial-removed",
    breaks: "removes the partial of a run that is still at it",
    cases: ["torture/concurrent: all publish, each its own number", "torture/concurrent: that prune as well"],
    edits: [["if (!(await isAbandoned(handle, folder, machine === machineDigits()))) continue;", ""]],
  },
  {
    name: "others-partial-removed",
    breaks: "removes the partial of another machine, whose lock does not reach here",
    cases: ["torture/accidents: a partial of another machine"],
    edits: [
      [
        'if (lock === "held by another" || (lock === "locked" && isOurs)) return lock === "locked";',
        'if (lock === "held by another" || lock === "locked") return lock === "locked";',
      ],
    ],
  },
];
