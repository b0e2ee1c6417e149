// No compression: the stored bytes are the tar stream itself. The first frame is the tar header, the rest are blocks.
import type { Format } from "./frame.ts";
import { measureHeader } from "./tar-header.ts";

export const none: Format = {
  name: "none",
  extension: ".tar",
  trailerBytes: 0,
  encode: async (block) => block,
  encodeStored: (block) => block,
  measureFrame(bytes, blockBytes) {
    const length = blockBytes ?? measureHeader(bytes);
    return length !== undefined && length <= bytes.length ? length : undefined;
  },
  decode: async (frame) => frame,
  decodeNow: (frame) => frame,
};
