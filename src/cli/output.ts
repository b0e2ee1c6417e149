// The one place that writes the product to standard output: paths, tables, JSON, a restored file. All of it arrives,
// or the person is told that it did not.
import { Failure } from "../errors.ts";
import { isStandardOutputClosed, standardOutput, writeFully, writeFullyAsync } from "../system/streams.ts";

export interface Output {
  /** Writes text, or bytes, as they are; the caller ends its lines. After the reader has gone away (`| head -1`) it does nothing,
   * since the reader has what it wanted. Throws a Failure where the text can't be stored (a full disk). */
  readonly write: (text: string | Uint8Array) => void;
  /** Writes one object as one line of JSON. */
  readonly writeJson: (value: unknown) => void;
  /** Writes bytes of a restored file; awaits a slow reader. Throws a Failure on any error, a reader that went away
   * included: the file did not arrive. `bytes` must not change until it is done. */
  readonly writeChunk: (bytes: Uint8Array) => Promise<void>;
  /** True if standard output was closed when the program started, so that whatever is written there is lost. */
  readonly isClosed: () => boolean;
}

const reasons = new Map<unknown, string>([
  ["ENOSPC", "no space left on the device"],
  ["EPIPE", "the reader went away"],
]);

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function toOutputFailure(error: unknown): Failure {
  const reason = reasons.get(codeOf(error)) ?? (error instanceof Error ? error.message : String(error));
  return new Failure(`cannot write to standard output: ${reason}`, {
    hint: "check where the output goes: a pipe's reader, a file's disk",
    cause: error,
  });
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
    writeJson: (value) => write(`${JSON.stringify(value)}\n`),
    async writeChunk(bytes) {
      beforeWrite();
      try {
        await writeFullyAsync(standardOutput, bytes);
      } catch (error) {
        throw toOutputFailure(error);
      }
    },
    isClosed: isStandardOutputClosed,
  };
}
