// A revision on its way back.
import type { Variant } from "../variant.ts";

export const restoring: readonly Variant[] = [
  {
    name: "restored-unproven",
    breaks: "restores what is damaged as if it were whole",
    cases: ["torture/bit-flips: none a bit that is flipped at any reading of it"],
    edits: [
      [
        'await writeContent(request.revision, partial, monitor).catch(orDamaged(request.revision, "restored"));',
        "await writeContent(request.revision, partial, monitor).catch(() => undefined);",
      ],
    ],
  },
  {
    name: "restored-before-sync",
    breaks: "gives a restored file its name before it is on the disk",
    cases: ["torture/power-cuts: the power goes once it is done"],
    edits: [["await partial.handle.sync(); monitor", "monitor"]],
  },
  {
    name: "restored-name-unsynced",
    breaks: "does not sync the folder that a file was restored to",
    cases: ["torture/power-cuts: the power goes once it is done"],
    edits: [
      [
        "await attempt(`restored '${target}', but cannot make its name durable`, () => syncFolder(folder));",
        "",
      ],
    ],
  },
  {
    name: "present-file-replaced",
    breaks: "restores over a file that then is gone",
    cases: ["e2e/restoring-over: a file that holds"],
    edits: [
      [
        "const beside = await listBeside(partial, target);",
        "if (mayReplace) { await renameOver(partial.path, target); return moved; } const beside = await listBeside(partial, target);",
      ],
    ],
  },
  {
    name: "force-not-needed",
    breaks: "replaces a file without being told to",
    cases: ["torture/accidents: a file that is there"],
    edits: [
      ["if (!typed.force) throw alreadyThere(target);", ""],
      [
        "const moved = await nameRestored(partial, target, request.force, what);",
        "const moved = await nameRestored(partial, target, true, what);",
      ],
    ],
  },
  {
    name: "old-log-left",
    breaks: "leaves the log of another database beside the restored one",
    cases: ["e2e/restoring-over: a database"],
    edits: [['const BESIDE = ["-shm", "-wal", "-journal"];', "const BESIDE = [];"]],
  },
  {
    name: "privileges-restored",
    breaks: "restores bits that let others run a file as its owner",
    cases: ["e2e/permissions: nobody who can't read the file"],
    edits: [
      [
        "const mode = narrowMode({ mode: file.mode, uid, gid }, parseAcl(file.acl), owners) | ownMode;",
        "const mode = file.mode | ownMode;",
      ],
    ],
  },
  {
    name: "older-one-untold",
    breaks: "restores an older revision and calls that done",
    cases: ["torture/damaged: passes over several"],
    edits: [
      ["return chosen.passed.length > 0 ? ExitCode.damaged : outcome.exitCode;", "return outcome.exitCode;"],
    ],
  },
];
