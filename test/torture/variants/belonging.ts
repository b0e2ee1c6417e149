// Whose a revision is, and who may read it.
import type { Variant } from "../variant.ts";

export const belonging: readonly Variant[] = [
  {
    name: "machine-ignored",
    breaks: "takes another machine's revisions for its own",
    cases: ["torture/strangers: keep each its own revisions"],
    edits: [["const otherHost = machine === view.machine ? null : host;", "const otherHost = null;"]],
  },
  {
    name: "path-ignored",
    breaks: "takes the revisions of another file of that name for its own",
    cases: ["torture/concurrent: of eight files with one base name count each for itself"],
    edits: [
      [
        "revision.archive ? revision.source === source : foldStem(revision.stem) === stem;",
        "foldStem(revision.stem) === stem;",
      ],
    ],
  },
  {
    name: "others-removed",
    breaks: "counts and removes whatever has the name of a revision",
    cases: ["torture/strangers: keep each its own revisions"],
    edits: [["(revision) => isMember(revision) || isBroken(revision),", "() => true,"]],
  },
  {
    name: "copies-believed",
    breaks: "counts a copy under another name as a revision of the series",
    cases: ["torture/accidents: a revision that was copied under another name"],
    edits: [['if (!name || !isNamed(name, given)) return "pinned";', ""]],
  },
  {
    name: "strangers-believed",
    breaks: "counts the revisions of somebody who has no business there",
    cases: ["torture/strangers: in a folder that everybody may write to"],
    edits: [["isStranger: (owner) => isShared && !trusted.includes(owner) };", "isStranger: () => false };"]],
  },
  {
    name: "absurd-number-believed",
    breaks: "goes on from whatever number is planted",
    cases: ["torture/strangers: a planted number of absurd size"],
    edits: [
      ["for (const number of unproven) if (number - highest <= MAX_LEAP)", "for (const number of unproven)"],
    ],
  },
  {
    name: "links-followed",
    breaks: "follows a symbolic link that has the name of a revision",
    cases: ["torture/accidents: a link with the name of a revision"],
    edits: [
      [
        "let fd: number; try { fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);",
        "let fd: number; try { fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);",
      ],
    ],
  },
  {
    name: "pipes-waited-for",
    breaks: "waits for whoever writes to a named pipe with the name of a revision",
    cases: ["torture/accidents: a pipe with the name of a revision"],
    edits: [
      [
        "let fd: number; try { fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);",
        "let fd: number; try { fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);",
      ],
    ],
  },
  {
    name: "partial-readable",
    breaks: "lets others read a revision while it is written",
    cases: [
      "torture/interruptions: a partial is for its owner only",
      "e2e/permissions: nobody who can't read the file",
    ],
    edits: [
      [
        "constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600",
        "constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644",
      ],
    ],
  },
  {
    name: "revision-readable",
    breaks: "lets others read the revision of a file that is private",
    cases: ["torture/interruptions: with umask 077", "e2e/permissions: nobody who can't read the file"],
    edits: [
      [
        "const mode = narrowMode(source, parseAcl(source.acl), owners) | (owners.uid === 0 ? 0 : 0o400);",
        "const mode = 0o644;",
      ],
    ],
  },
  {
    name: "list-of-folder-kept",
    breaks: "keeps the access list that a folder hands down to what is saved in it",
    cases: ["e2e/permissions: nobody who can't read the file"],
    edits: [["removeAcl(handle.fd); const owners", "const owners"]],
  },
  {
    name: "mask-taken-for-group",
    breaks: "gives the group what the mask of an access list allows to others",
    cases: ["e2e/permissions: nobody who can't read the file"],
    edits: [
      [
        'const group = acl.find(({ kind, name }) => kind === "group" && name === "")?.permissions ?? mode >> 3;',
        "const group = mode >> 3;",
      ],
    ],
  },
];
