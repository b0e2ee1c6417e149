// The one place that writes the product to standard output: paths, tables, JSON, a restored file. All of it arrives,
// or the person is told that it did not.
import { Failure } from "../errors.ts";
import { encodeJson } from "./escape.ts";
import { type Stream, standardOutput, writeFully, writeFullyAsync } from "../system/streams.ts";

/** Of the shapes in docs/json.md: a field may be added to them, but never renamed or removed. */
const schemaVersion = 1;

export function renderJson(value: object): string {
  return encodeJson({ schemaVersion, ...value });
}

export interface Output {
  /** Writes text, or bytes, as they are; the caller ends its lines. After the reader has gone away (`| head -1`) it does nothing,
   * since the reader has what it wanted. Throws a Failure where the text can't be stored (a full disk). */
  readonly write: (text: string | Uint8Array) => void;
  readonly writeJson: (value: object) => void;
  /** Writes bytes of a restored file; awaits a slow reader. False where the reader has gone away, having what it wanted.
   * Throws a Failure on any other error. `bytes` must not change until it is done. */
  readonly writeChunk: (bytes: Uint8Array, to?: Stream) => Promise<boolean>;
}

const product: Stream = { descriptor: standardOutput, name: "standard output" };

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function toOutputFailure(cause: unknown, { name }: Stream = product): Failure {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Failure(
    `cannot write to ${name}: ${codeOf(cause) === "ENOSPC" ? "no space left on the device" : reason}`,
    { hint: "check where the output goes: a pipe's reader, a file's disk", cause },
  );
}

/** `beforeWrite` is called ahead of each write: it clears a progress line from the terminal. */
export function createOutput(beforeWrite: () => void = () => undefined): Output {
  let isReaderThere = true;
  const write = (text: string | Uint8Array): void => {
    if (!isReaderThere) return;
    beforeWrite();
    try {
      writeFully(standardOutput, typeof text === "string" ? Buffer.from(text) : text);
    } catch (error) {
      if (codeOf(error) !== "EPIPE") throw toOutputFailure(error);
      isReaderThere = false;
    }
  };
  return {
    write,
    writeJson: (value) => write(renderJson(value)),
    async writeChunk(bytes, to = product) {
      beforeWrite();
      try {
        await writeFullyAsync(to.descriptor, bytes);
        return true;
      } catch (error) {
        if (codeOf(error) === "EPIPE") return false;
        throw toOutputFailure(error, to);
      }
    },
  };
}
