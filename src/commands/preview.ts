// preview: the next times that a time text means, before anything is scheduled.
import * as shared from "../cli/arguments.ts";
import { defineCommand } from "../cli/command.ts";
import { formatAge, formatLocalTime } from "../cli/format.ts";
import { renderTable } from "../cli/table.ts";
import { parseCount } from "../cli/values.ts";
import { ExitCode, UsageFailure } from "../errors.ts";
import { readOwnZone } from "../schedule/install.ts";
import { describePreview } from "../time/occurrences.ts";

const columns = [{ title: "LOCAL TIME" }, { title: "UTC" }, { title: "FROM NOW", align: "right" }] as const;

export const command = defineCommand({
  name: "preview",
  summary: "show the next times that a time means",
  details: [
    "Understands every time that at(1) understands, on any system, and says what it would do. Nothing is scheduled.",
  ],
  args: {
    time: { ...shared.time, required: true },
    count: {
      type: "string",
      alias: ["n"],
      valueHint: "COUNT",
      default: "5",
      description: "how many times to show",
    },
    from: {
      type: "string",
      valueHint: "MOMENT",
      description: "preview as of this moment, as in 2026-11-23T02:15:00Z",
    },
    json: shared.json,
    ...shared.messages,
  },
  examples: [
    { type: "tinybackup preview -t '2:00am'", does: "daily at two" },
    { type: "tinybackup preview -t '+ 7 minutes' -n 3", does: "every seven minutes from now" },
  ],
  exitCodes: [ExitCode.done],
  async run(args, { output, isJson }) {
    const count = parseCount(args.count, { name: "--count", min: 1, max: 10_000 });
    const now = args.from === undefined ? new Date() : parseMoment(args.from);
    const present = { nowMs: now.getTime(), zone: readOwnZone() };
    const { time, canonical, recurs, nextMs } = describePreview(args.time, present, count);
    if (isJson) {
      output.writeJson({ time, canonical, recurs, next: nextMs.map((instant) => renderUtc(instant)) });
    } else {
      const rows = nextMs.map((instant) => [
        formatLocalTime(new Date(instant)),
        renderUtc(instant),
        formatAge(new Date(instant), now),
      ]);
      output.write(`'${canonical}', ${recurs}\n${renderTable(columns, rows)}`);
    }
    return ExitCode.done;
  },
});

function renderUtc(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

function parseMoment(text: string): Date {
  const moment = new Date(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? text : Number.NaN,
  );
  if (Number.isNaN(moment.getTime())) {
    throw new UsageFailure(`'${text}' is no moment`, { hint: "write it as in --from 2026-11-23T02:15:00Z" });
  }
  return moment;
}
