// The source: how it is read, and what is taken for one state of it.
import type { Variant } from "../variant.ts";

export const reading: readonly Variant[] = [
  {
    name: "change-unseen",
    breaks: "does not look whether the source changed while it was read",
    cases: [
      "torture/changing-sources: a source of which there is no revision yet that is written to just",
      "torture/changing-sources: a source of which there is no revision yet that is cut just",
    ],
    edits: [['if (reading.isStill) return "whole";', 'return "whole";']],
  },
  {
    name: "growth-unproven",
    breaks: "believes of a source that grew that the rest of it stayed as it was",
    cases: [
      "torture/busy-sources: a program that counts",
      "torture/changing-sources: a source of which there is no revision yet that is cut just",
    ],
    edits: [['if ((aheadSha256 ?? again) !== sha256) return "changed";', ""]],
  },
  {
    name: "change-unmarked",
    breaks: "saves halves of two states as if they were one",
    cases: ["torture/busy-sources: is saved with exit code 3"],
    edits: [['const isChanged = copy.state !== "whole";', "const isChanged = false;"]],
  },
  {
    name: "change-untold",
    breaks: "ends with 0 where the source kept changing",
    cases: ["torture/busy-sources: is saved with exit code 3"],
    edits: [
      ["return revision?.isChanged === true ? ExitCode.changed : ExitCode.done;", "return ExitCode.done;"],
    ],
  },
  {
    name: "empty-saved",
    breaks: "saves a source that was emptied",
    cases: ["torture/busy-sources: is waited for a few seconds"],
    edits: [
      ["if (!look.isEmpty && isOver) return look;", "if (isOver) return look;"],
      ["if (facts.sizeBytes === 0 && request.folder !== null) return null;", ""],
    ],
  },
  {
    name: "emptied-skipped-at-once",
    breaks: "does not wait for a saver that empties the file before it writes it",
    cases: ["torture/busy-sources: that gets content meanwhile"],
    edits: [
      [
        "if (look.isEmpty && (restsMs > PATIENCE_MS || measureAge(last.ctimeNs) > LONG_EMPTY_MS)) return null;",
        "if (look.isEmpty) return null;",
      ],
    ],
  },
  {
    name: "short-read-believed",
    breaks: "takes a short read for the end of the source",
    cases: ["torture/calls: restore: the file is there"],
    edits: [
      [
        "const bytesRead = await handle.read(buffer, filled, buffer.length - filled, position + filled); if (bytesRead === 0) break; filled += bytesRead;",
        "filled += await handle.read(buffer, filled, buffer.length - filled, position + filled); break;",
      ],
    ],
  },
  {
    name: "unchanged-by-its-times",
    breaks: "takes a source with the same size and time for the same",
    cases: ["torture/accidents: a file that is rewritten in its old size and time"],
    edits: [
      [
        "if (!earlier) return (await hashUnchanged(reading, monitor)) === trailer.sha256;",
        "if (!earlier) return file.mtimeNs === reading.file.mtimeNs || (await hashUnchanged(reading, monitor)) === trailer.sha256;",
      ],
    ],
  },
  {
    name: "access-time-moved",
    breaks: "moves the access time of the source",
    cases: [
      "torture/calls: run: whatever call is spoiled",
      "e2e/sqlite: nothing beside a database is created",
    ],
    edits: [
      ["const noAccessTime = (constants.O_NOATIME as number | undefined) ?? 0;", "const noAccessTime = 0;"],
    ],
  },
  {
    name: "any-kind-read",
    breaks: "reads whatever is in the place of a file",
    cases: ["e2e/sources: what is no regular file is refused"],
    edits: [['if (kind === "file") return; const isFolder', "return; const isFolder"]],
  },
  {
    name: "log-of-database-ignored",
    breaks: "saves a database without what its log holds",
    cases: ["e2e/sqlite: left by a crash is saved with its log"],
    edits: [
      ["const isAtRest = async () => isRaw || isDatabaseAtRest(path);", "const isAtRest = async () => true;"],
    ],
  },
];
