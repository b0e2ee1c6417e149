// preview: the next times that a time text means, before anything is scheduled.
import * as shared from "../cli/arguments.ts";
import { valued } from "../cli/command.ts";
import { formatAge, formatLocalTime } from "../cli/format.ts";
import { defineCommand } from "../cli/define.ts";
import { renderTable } from "../cli/table.ts";
import { parseCount } from "../cli/values.ts";
import { ExitCode, UsageFailure } from "../errors.ts";
import { readOwnZone } from "../schedule/install.ts";
import { previewTimes } from "../time/occurrences.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";
import { describeRecurrence, renderCanonical } from "../time/specification.ts";
import { renderUtc } from "../time/wall-time.ts";

const columns = [{ title: "LOCAL TIME" }, { title: "UTC" }, { title: "FROM NOW", align: "right" }] as const;

export const command = defineCommand({
  meta: {
    name: "preview",
    description: "show the next times that a time means",
    details: [
      "Understands every time that at(1) understands, on any system, and says what it would do. Nothing is scheduled.",
    ],
    examples: {
      "tinybackup preview -t '2:00am'": "daily at two",
      "tinybackup preview -t '+ 7 minutes' -n 3": "every seven minutes from now",
    },
    exitCodes: [ExitCode.done],
  },
  args: {
    time: { ...shared.time, required: true, isPlaced: true, check: parseTimeSpecification },
    count: { ...valued("COUNT", "how many times to show", { alias: ["n"] }), default: "5" },
    from: valued("MOMENT", "preview as of this moment, as in 2026-11-23T02:15:00Z"),
  },
  run({ args, data: { output, screen, isJson } }) {
    const count = parseCount(args.count, { name: "--count", min: 1, max: 10_000 });
    const nowMs = args.from === undefined ? Date.now() : parseMoment(args.from);
    const specification = parseTimeSpecification(args.time);
    const nextMs = previewTimes(specification, { nowMs, zone: readOwnZone() }, count);
    if (nextMs.length === 0) {
      throw new UsageFailure(`the time '${args.time}' has passed: it would never run`, {
        instead: { [args.time]: "2:00am" },
      });
    }
    const [canonical, recurs] = [renderCanonical(specification), describeRecurrence(specification)];
    if (isJson) {
      output.writeJson({ time: args.time, canonical, recurs, next: nextMs.map(renderUtc) });
    } else {
      const rows = nextMs.map((runMs) => [formatLocalTime(runMs), renderUtc(runMs), formatAge(runMs, nowMs)]);
      output.write(`'${canonical}', ${recurs}\n${renderTable(columns, rows, screen)}`);
    }
    return ExitCode.done;
  },
});

function parseMoment(text: string): number {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch (cause) {
    throw new UsageFailure(`'${text}' is no moment`, { instead: { [text]: "2026-11-23T02:15:00Z" }, cause });
  }
}
