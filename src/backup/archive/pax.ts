// The values of a PAX record (pax(1)): what does not fit into a tar record. They are bytes, not all of them text.
import { FormatError } from "./frame.ts";

export type PaxValues = ReadonlyMap<string, Buffer>;

const SPACE = 0x20;
const NEWLINE = 0x0a;

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

/** Reads such rows back, strictly; `length` bytes of them, which are there. */
export function parsePax(rows: Buffer, length: number): PaxValues {
  const pax = new Map<string, Buffer>();
  for (let at = 0; at < length;) {
    const space = rows.indexOf(SPACE, at);
    const digits = rows.toString("latin1", at, Math.max(at, space));
    const end = at + Number(digits);
    const equals = rows.indexOf("=", space);
    const isWhole = /^\d{1,7}$/.test(digits) && equals > space && equals < end && rows[end - 1] === NEWLINE;
    if (!isWhole || end > length) throw noHeader();
    pax.set(rows.toString("utf8", space + 1, equals), rows.subarray(equals + 1, end - 1));
    at = end;
  }
  return pax;
}

export function noHeader(): FormatError {
  return new FormatError("its header is not a tar header");
}
