// The formats that a revision can be stored in.
import type { Format, FormatName } from "./frame.ts";
import { gzip } from "./gzip.ts";
import { measureHeader } from "./tar.ts";
import { zstd } from "./zstd.ts";

const none: Format = {
  name: "none",
  extension: ".tar",
  suffixBytes: 0,
  isAlignable: false,
  checksum: () => 0,
  encode: async (block) => block,
  encodeStored: (block) => block,
  measureFrame(bytes, blockBytes) {
    const length = blockBytes ?? measureHeader(bytes);
    return length !== undefined && length <= bytes.length ? length : undefined;
  },
  // In memory of its own, as of the other formats.
  decode: async (frame) => new Uint8Array(frame),
  decodeNow: (frame) => frame,
};

const formats: Readonly<Record<FormatName, Format>> = { zstd, gzip, none };

export const formatNamed = (name: FormatName): Format => formats[name];

/** The format of a file by its extension, or undefined if it is none of ours. */
export function formatOfFile(file: string): Format | undefined {
  return Object.values(formats).find((format) => file.endsWith(format.extension));
}
