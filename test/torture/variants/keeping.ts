// What retention keeps, and what it goes by.
import type { Variant } from "../variant.ts";

export const keeping: readonly Variant[] = [
  {
    name: "no-chapters",
    breaks: "lets an accident push out what was before it",
    cases: ["torture/accidents: a file that lost its content"],
    edits: [["view.asOne === true ? -1 :", "true ? -1 :"]],
  },
  {
    name: "copies-counted",
    breaks: "lets copies of one state push out other states",
    cases: ["torture/accidents: copies of one state"],
    edits: [
      [
        "if (of?.sha256 === sha256) copies.push({ revision, of });",
        "if (false) copies.push({ revision, of });",
      ],
    ],
  },
  {
    name: "ordered-by-times",
    breaks: "goes by the clock where the numbers say otherwise",
    cases: ["e2e/keeping: two clocks that disagree lose nothing"],
    edits: [
      [
        "const ordered = revisions.toSorted((one, other) => other.number - one.number);",
        "const ordered = revisions.toSorted((one, other) => other.takenAtMs - one.takenAtMs);",
      ],
    ],
  },
  {
    name: "wrong-clock-believed",
    breaks: "removes by periods while the clock is wrong",
    cases: ["e2e/keeping: two clocks that disagree lose nothing"],
    edits: [["if (describeDisagreement(good, policy).length > 0) {", "if (false) {"]],
  },
  {
    name: "changed-counted",
    breaks: "lets revisions of a file that kept changing push out good ones",
    cases: ["torture/busy-sources: pushes no clean revision out"],
    edits: [
      [
        "series.filter((each) => each.isChanged === isChanged).map(retained)",
        "(isChanged ? [] : series).map(retained)",
      ],
    ],
  },
  {
    name: "policy-forgotten",
    breaks: "falls back to the default where the series has a policy",
    cases: ["torture/concurrent: --keeprevisions lowered from 14 to 3"],
    edits: [
      [
        "const retention = wished ?? own ?? defaultRetention;",
        "const retention = wished ?? defaultRetention;",
      ],
    ],
  },
  {
    name: "one-too-few",
    breaks: "keeps one revision less than it was told to",
    cases: ["torture/concurrent: --keeprevisions lowered from 14 to 3"],
    edits: [
      [
        "policy.keeprevisions === -1 ? Infinity : (policy.keeprevisions ?? 0);",
        "policy.keeprevisions === -1 ? Infinity : (policy.keeprevisions ?? 0) - 1;",
      ],
    ],
  },
  {
    name: "removal-unsynced",
    breaks: "does not sync the folder after a removal",
    cases: ["torture/calls: run: whatever call is spoiled"],
    edits: [["if (removed.length > 0) await syncFolder(folder);", ""]],
  },
  {
    name: "absence-is-failure",
    breaks: "calls it a failure where a drive is not there",
    cases: [
      "torture/accidents: a folder that is not there",
      "e2e/sources: what is no regular file is refused",
    ],
    edits: [["if (NOT_THERE.includes(code)) return", "if (false) return"]],
  },
];
