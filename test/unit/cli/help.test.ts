import { describe, expect, test } from "bun:test";
import { type CommandDescription, readSyntax } from "../../../src/cli/command.ts";
import { renderCommandHelp, renderProgramHelp } from "../../../src/cli/help.ts";
import { ExitCode } from "../../../src/errors.ts";
import { everyKind } from "../../support/arguments.ts";

const command: CommandDescription = {
  name: "run",
  summary: "backs up the file now",
  details: [
    "A paragraph that says more than the summary can, and that is long enough to be set in two lines.",
  ],
  ...readSyntax(everyKind),
  examples: { "tinybackup run -f notes.txt -d /backup": "saves a revision of notes.txt" },
  exitCodes: [ExitCode.unavailable, ExitCode.done],
};

test("a command's help tells all that there is to know", () => {
  expect(renderCommandHelp(command)).toBe(`usage: tinybackup run -f FILE -d DIR [OPTIONS]

Backs up the file now.

A paragraph that says more than the summary can, and that is long enough to be
set in two lines.

OPTIONS
  -f, --sourcefile FILE     the file that is backed up (required)
  -d, --destinationdirectory, --destdir DIR
                            the folder that holds its revisions (required)
  -k, --keeprevisions N     keep the newest N revisions; all, or -1, is no limit
  --keep-daily N            keep the last of each of N days
  -t, --time TIME           when to run
  --compress zstd|gzip|none
                            how a revision is compressed (default: zstd)
  --dry-run                 only say what would be done
  --json                    print one JSON object, for machines
  --quiet                   print errors and warnings only
  --verbose                 say more of what is done
  --debug                   append a full log to debug.txt in this folder
  -h, --help                show this help

EXAMPLES
  tinybackup run -f notes.txt -d /backup
      saves a revision of notes.txt

EXIT CODES
  0      done
  2      the command line is wrong; nothing was done
  75     the file or the folder is not there now; a later try may succeed
  128+n  ended by signal n, after cleaning up
`);
});

describe.each([
  ["a command's", renderCommandHelp(command)],
  ["the program's", renderProgramHelp([command])],
])("%s help", (_, text) => {
  test("fits a terminal of 80 columns, and has no colour and no trailing space", () => {
    for (const line of text.split("\n")) {
      expect(line.length).toBeLessThanOrEqual(80);
      expect(line).not.toMatch(/\s$|\p{Cc}/u);
    }
  });
});

test("the program's help lists the commands", () => {
  expect(renderProgramHelp([command])).toContain("COMMANDS\n  run       backs up the file now\n");
});
