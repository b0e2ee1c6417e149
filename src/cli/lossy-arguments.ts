// Refuses arguments that did not arrive as they were typed: the runtime replaces what is not UTF-8, and a file of
// another name would be meant.
import { UsageFailure } from "../errors.ts";
import { readRawArguments } from "../system/invocation.ts";

/** Throws a UsageFailure for the first argument that is not valid UTF-8. A true U+FFFD in a name passes, where the
 * system shows the bytes; where it does not, such an argument is refused, as it can't be told from a wrong one. */
export function refuseLossyArgument(
  argv: readonly string[],
  raw: readonly Uint8Array[] | undefined = readRawArguments(argv.length),
): void {
  for (const [place, argument] of argv.entries()) {
    if (!argument.includes("\u{FFFD}")) continue;
    const bytes = raw?.[place];
    if (bytes !== undefined && Buffer.from(argument).equals(bytes)) continue;
    throw new UsageFailure(`argument '${argument}' is not valid UTF-8`, {
      hint: "rename the file, or reach it through a link whose name is UTF-8",
    });
  }
}
