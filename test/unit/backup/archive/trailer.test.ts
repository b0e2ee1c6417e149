// The end of an archive: what it says is read back, and nothing that is not just as it was written is believed.
import { describe, expect, test } from "bun:test";
import { formatNamed } from "../../../../src/backup/archive/formats.ts";
import { FormatError } from "../../../../src/backup/archive/frame.ts";
import {
  digestSource,
  parseTrailer,
  renderTrailer,
  TAIL_BYTES,
  type Trailer,
  updateCrc,
} from "../../../../src/backup/archive/trailer.ts";

const trailer: Trailer = {
  sha256: "0123456789abcdef".repeat(4),
  sourceDigest: digestSource("/home/me/notes.txt"),
  sizeBytes: 1000,
  dataBytes: 1000,
  trailerAt: 700,
  headerCrc32: 17,
  storedCrc32: 2 ** 32 - 1,
  machine: "0".repeat(32),
  host: "höst",
  number: 42,
  takenAtMs: Date.parse("2026-11-23T02:15:07Z"),
  retention: { keeprevisions: 14, "keep-within": "1y", always: false },
  isChanged: false,
};

const damaged = "its end is damaged";

describe.each(["zstd", "gzip", "none"] as const)("%s", (name) => {
  const format = formatNamed(name);
  const rendered = renderTrailer(format, trailer);
  const whole = trailer.trailerAt + rendered.length;
  const parse = (tail: Uint8Array, archiveBytes = whole) => parseTrailer(format, tail, archiveBytes);

  test("is read back, with more in front of it or alone, whatever it says", () => {
    expect(rendered.length).toBeLessThan(TAIL_BYTES);
    expect(parse(rendered)).toEqual(trailer);
    expect(parse(Buffer.concat([Buffer.alloc(TAIL_BYTES - rendered.length, 1), rendered]))).toEqual(trailer);
    for (const change of [
      { isChanged: true },
      { retention: {} },
      { sizeBytes: 0, dataBytes: 0 },
      { dataBytes: 512 },
    ]) {
      const other = { ...trailer, ...change };
      const bytes = renderTrailer(format, other);
      expect(parse(bytes, trailer.trailerAt + bytes.length)).toEqual(other);
    }
  });

  test("is refused in an archive of another length, and where it is cut short", () => {
    for (const bytes of [whole - 1, whole + 1, 0]) expect(() => parse(rendered, bytes)).toThrow(damaged);
    for (const bytes of [1, 100, rendered.length - 1])
      expect(() => parse(rendered.subarray(bytes), whole - bytes)).toThrow(FormatError);
    for (const bytes of [0, 1, 100])
      expect(() => parse(rendered.subarray(0, bytes), bytes)).toThrow(FormatError);
  });

  test("is refused with any bit flipped", () => {
    const missed: number[] = [];
    for (let bit = 0; bit < 8 * rendered.length; bit++) {
      const spoiled = Buffer.from(rendered);
      spoiled[bit >> 3] = (spoiled[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        parse(spoiled);
        missed.push(bit);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    }
    expect(missed).toEqual([]);
  });

  test.each<[string, Partial<Record<keyof Trailer, unknown>>]>([
    ["a digest that is too short", { sha256: "0".repeat(63) }],
    ["a digest that is too long", { sha256: "0".repeat(65) }],
    ["a digest with other signs", { sha256: `${"0".repeat(63)}g` }],
    ["a digest that is a number", { sha256: 0 }],
    ["a digest of the source that is too short", { sourceDigest: "0".repeat(31) }],
    ["a negative size", { sizeBytes: -1 }],
    ["half a byte", { sizeBytes: 0.5 }],
    ["a place that is a text", { trailerAt: "700" }],
    ["a checksum that is none", { headerCrc32: null }],
    ["no checksum of what is stored", { storedCrc32: undefined }],
    ["an id of another length", { machine: "0".repeat(33) }],
    ["no host", { host: 7 }],
    ["no number", { number: "42" }],
    ["no moment", { takenAtMs: null }],
    ["a moment that no calendar has", { takenAtMs: 8.64e15 + 1 }],
    ["a policy that is none", { retention: "14" }],
    ["a policy with more in it than options", { retention: { keeprevisions: { to: 14 } } }],
    ["no word on whether it changed", { isChanged: 1 }],
  ])("is refused with %s", (__, change) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- just that is refused
    const bytes = renderTrailer(format, { ...trailer, ...change } as Trailer);
    expect(() => parse(bytes, trailer.trailerAt + bytes.length)).toThrow(damaged);
  });

  test("has room for so much, and no more", () => {
    const room = (host: string) => renderTrailer(format, { ...trailer, host });
    // 1024 bytes in all, with the words in front and the checksum, of ten digits at most.
    const long = Array.from({ length: 800 }, (__, length) => "x".repeat(length)).findLast((host) => {
      try {
        room(host);
        return true;
      } catch {
        return false;
      }
    });
    const bytes = room(long ?? "");
    expect(parse(bytes, trailer.trailerAt + bytes.length).host).toBe(long ?? "");
    expect(() => room(`${long}xx`)).toThrow("its end would be too long");
    expect((long ?? "").length).toBeGreaterThan(300);
  });
});

test("digests and checksums are those of everybody", () => {
  expect(digestSource("abc")).toBe("ba7816bf8f01cfea414140de5dae2223");
  expect(updateCrc(Buffer.from("123456789"))).toBe(0xcb_f4_39_26);
  expect(updateCrc(Buffer.from("6789"), updateCrc(Buffer.from("12345")))).toBe(0xcb_f4_39_26);
});
