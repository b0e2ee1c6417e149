// The values of a PAX record (pax(1)): what does not fit into a tar record. They are bytes, not all of them text.
import { FormatError } from "./frame.ts";

/** Bytes as a text of one character each: the runtime cuts texts ten times faster than it cuts bytes. */
export type PaxValues = ReadonlyMap<string, string>;

/** Rows of `LENGTH KEY=VALUE\n`, where the length counts itself. */
export function renderPax(pax: Readonly<Record<string, string | Buffer>>): Buffer {
  const rows = Object.entries(pax).map(([key, value]) => {
    const row = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from("\n")]);
    let bytes = row.length + 1;
    while (bytes < row.length + String(bytes).length) bytes++;
    return Buffer.concat([Buffer.from(String(bytes)), row]);
  });
  return Buffer.concat(rows);
}

/** Reads such rows back, strictly: all that `rows` holds, which is bytes as one character each. */
export function parsePax(rows: string): PaxValues {
  const pax = new Map<string, string>();
  for (let at = 0; at < rows.length;) {
    const space = rows.indexOf(" ", at);
    const digits = rows.slice(at, Math.max(at, space));
    const end = at + Number(digits);
    const equals = rows.indexOf("=", space);
    const isWhole = /^\d{1,7}$/.test(digits) && equals > space && equals < end && rows[end - 1] === "\n";
    if (!isWhole || end > rows.length) throw noHeader();
    pax.set(decodeText(rows.slice(space + 1, equals)), rows.slice(equals + 1, end - 1));
    at = end;
  }
  return pax;
}

/** The text that bytes, one character each, are the UTF-8 of. */
export function decodeText(bytes: string): string {
  return /[\x80-\xff]/.test(bytes) ? Buffer.from(bytes, "latin1").toString() : bytes;
}

export const noHeader = (): FormatError => new FormatError("its header is not a tar header");
