// The evidence: what is read back, compared, and remembered.
import type { Variant } from "../variant.ts";

export const proof: readonly Variant[] = [
  {
    name: "read-back-uncompared",
    breaks: "does not compare what it reads back with what it wrote",
    cases: ["torture/bit-flips: of a large file, a bit that is flipped"],
    edits: [
      ["if (updateCrc(memory.subarray(from, Math.min(from + bytes, filled))) !== crc32)", "if (false)"],
    ],
  },
  {
    name: "read-back-from-memory",
    breaks: "reads back what the system has in memory, not what is on the disk",
    cases: ["torture/bit-flips: of a large file, a bit that is flipped"],
    edits: [["dropCachedPages(this.#handle.fd); for", "for"]],
  },
  {
    name: "blocks-unproven",
    breaks: "does not compare the stored bytes and the content with their checksums",
    cases: [
      "torture/bit-flips: none a bit that is flipped",
      "torture/bit-flips: a bit that is flipped anywhere",
    ],
    edits: [
      ["if (stored.crc32 !== trailer.storedCrc32)", "if (false)"],
      ["if (hash && hash.digest() !== trailer.sha256)", "if (false)"],
    ],
  },
  {
    name: "trailer-unproven",
    breaks: "believes whatever the end of an archive says",
    cases: ["torture/bit-flips: a bit that is flipped anywhere"],
    edits: [
      ["if (!isIntact || trailer.trailerAt + written.length !== archiveBytes) throw damagedEnd();", ""],
    ],
  },
  {
    name: "header-unproven",
    breaks: "does not compare the header with its checksum",
    cases: ["torture/bit-flips: a bit that is flipped anywhere"],
    edits: [["if (updateCrc(head.subarray(0, contentAt)) !== trailer.headerCrc32)", "if (false)"]],
  },
  {
    name: "no-proof-before-deletion",
    breaks: "does not read the newest revision that stays before it removes others",
    cases: ["torture/bit-flips: a revision that has rotted"],
    edits: [["if (!newest) return plan; const proven", "return plan; const proven"]],
  },
  {
    name: "damaged-counted",
    breaks: "counts a damaged revision as one that is kept",
    cases: ["torture/bit-flips: a revision that has rotted"],
    edits: [["isGood: archive !== null, revision };", "isGood: true, revision };"]],
  },
  {
    name: "damage-forgotten",
    breaks: "forgets what it found damaged",
    cases: ["torture/bit-flips: a revision that has rotted"],
    edits: [
      ["const reason = isMember(revision) ? proofs.damageOf(revision.path) : null;", "const reason = null;"],
    ],
  },
  {
    name: "old-never-proven",
    breaks: "never reads the old revisions again",
    cases: ["torture/accidents: an old revision that rots"],
    edits: [
      [
        "if (!oldest || isSameDay(oldestMs, nowMs) || !(await proofs.beginDaily(series))) return null;",
        "return null;",
      ],
    ],
  },
  {
    name: "newest-never-proven-again",
    breaks: "says of a rotten revision for ever that nothing changed since",
    cases: ["torture/bit-flips: a revision that has rotted"],
    edits: [["return nowMs - (lastProofMs(revision, proofs, nowMs) ?? -Infinity) > dayMs;", "return false;"]],
  },
  {
    name: "future-proof-believed",
    breaks: "believes a proof of the future",
    cases: ["torture/accidents: a revision of the future"],
    edits: [["].filter((momentMs) => momentMs <= nowMs);", "].filter((momentMs) => momentMs < Infinity);"]],
  },
  {
    name: "bomb-unfolded",
    breaks: "unpacks blocks of any size",
    cases: ["torture/accidents: a bomb"],
    edits: [["if (contentSize(view, sizeFlag) > blocks * BLOCK_BYTES)", "if (false)"]],
  },
];
