// The lines in which two texts differ, as `diff -u` shows them and `patch` reads them. Pure.

import { structuredPatch } from "diff";
import { escapeControls } from "./escape.ts";

/** A text, and how the header names it. */
export interface Side {
  readonly text: Uint8Array;
  /** The file's name, and what state of it this is. */
  readonly name: string;
  readonly label: string;
}

/** Longer than that nobody waits for a list of lines. */
const patienceMs = 3000;

/**
 * The unified diff, byte for byte what the texts hold, whatever their encoding. Undefined if they differ so much that
 * finding the smallest set of changes takes too long.
 */
export function renderUnifiedDiff(from: Side, to: Side): Uint8Array | undefined {
  // One character a byte: so no byte is lost, and lines that differ in one byte only are not taken for equal.
  const [before, after] = [readBytes(from.text), readBytes(to.text)];
  const patch = structuredPatch("", "", before, after, "", "", { context: 3, timeout: patienceMs });
  if (patch === undefined) return undefined;
  const lines = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines: changed }) => [
    `@@ -${renderRange(oldStart, oldLines)} +${renderRange(newStart, newLines)} @@`,
    ...changed,
  ]);
  const head = `--- ${renderHeader(from)}\n+++ ${renderHeader(to)}\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(lines.map((line) => `${line}\n`).join(""), "latin1")]);
}

/** The same for a terminal: only tabs and line ends are left of what could move the cursor, and bytes that are no
 * UTF-8 are shown as `\xe9`. */
export function escapeDiff(diff: Uint8Array): string {
  const lines = readBytes(diff).split("\n");
  return lines.map((line) => line.split("\t").map(escapeBytes).join("\t")).join("\n");
}

function readBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function escapeBytes(bytes: string): string {
  const text = Buffer.from(bytes, "latin1").toString();
  if (Buffer.from(text).toString("latin1") === bytes) return escapeControls(text);
  return escapeControls(bytes).replaceAll(
    /[\u00a0-\u00ff]/g,
    (character) => String.raw`\x` + character.charCodeAt(0).toString(16),
  );
}

/** As GNU diff writes it: nothing of a file stands before its first line. */
function renderRange(start: number, lines: number): string {
  if (lines === 1) return String(start);
  return `${lines === 0 ? start - 1 : start},${lines}`;
}

function renderHeader({ name, label }: Side): string {
  return `${escapeControls(name)}\t${label}`;
}
