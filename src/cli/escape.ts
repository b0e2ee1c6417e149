// Names as they may be shown: nothing in a file's name can move the cursor, colour the screen, end a line, or
// turn the reading direction. Pure.

const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

// Controls (C0, DEL, C1), lone surrogates, line and paragraph separators, and the invisible marks that turn the
// reading direction.
const unsafe = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** `text` on one line, with what is unsafe to show as `\n`, `\x1b`, `\u202e`. A backslash stays as it is, so
 * that escaping twice changes nothing; the result is for eyes, not to be read back. */
export function escapeControls(text: string): string {
  return text.replaceAll(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    return named[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`);
  });
}

/** One line of JSON, in which what is unsafe to show is written as JSON itself writes it: to a program it says the same. */
export function encodeJson(value: unknown): string {
  const escaped = JSON.stringify(value).replaceAll(
    unsafe,
    (character) => String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, "0"),
  );
  return `${escaped}\n`;
}

/** Lines of bytes (latin1) as a terminal may have them: only tabs and line ends are left of what could move the cursor, and
 * bytes that are no UTF-8 are shown as `\xe9`. */
export function escapeLines(bytes: string): string {
  return bytes.replaceAll(/[^\t\n]+/g, (part) => {
    const text = Buffer.from(part, "latin1").toString();
    if (Buffer.from(text).toString("latin1") === part) return escapeControls(text);
    const escaped = escapeControls(part);
    return escaped.replaceAll(/[\u00a0-\u00ff]/g, (byte) => String.raw`\x` + byte.charCodeAt(0).toString(16));
  });
}
