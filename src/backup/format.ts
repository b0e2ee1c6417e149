// The formats that a revision can be stored in.
import { gzip } from "./format-gzip.ts";
import { none } from "./format-none.ts";
import { zstd } from "./format-zstd.ts";
import type { Format, FormatName } from "./frame.ts";

const formats: Readonly<Record<FormatName, Format>> = { zstd, gzip, none };

/** The format of that name. */
export function formatNamed(name: FormatName): Format {
  return formats[name];
}

/** The format of a file by its extension, or undefined if it is none of ours. */
export function formatOfFile(file: string): Format | undefined {
  return Object.values(formats).find((format) => file.endsWith(format.extension));
}
