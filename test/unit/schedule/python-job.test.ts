import { expect, test } from "bun:test";
import { parsePythonJob } from "../../../src/schedule/python-job.ts";

// The last lines of a job that the Python program itself queued; the script in front, its own source, is cut short.
const identifier =
  "fbade9e36a3f36d3d676c1b808451dd7_520e478a773dc450b9dea8dbcbb0f8bb_ffda7ddf94418345881eb332e7eccb0e";
const body = `export ATJOB_TINYBACKUP_SCRIPT=$(cat <<'SCRIPT'
#!/usr/bin/env python
# --identifier ${"0".repeat(32)}
main()

SCRIPT)
/usr/bin/python3 - --sourcefile '/run/me/it'"'"'s é.txt' --destdir /run/me/dst --keeprevisions 14 --identifier ${identifier} --run --install --time '2:00am tomorrow' <<COMMAND
$ATJOB_TINYBACKUP_SCRIPT
COMMAND
`;
const job = {
  source: "/run/me/it's é.txt",
  destination: "/run/me/dst",
  time: "2:00am tomorrow",
  run: { keeprevisions: 14, always: true },
};

test("a job of the Python program is read, with and without --debug", () => {
  expect(parsePythonJob(body)).toEqual(job);
  expect(parsePythonJob(body.replace(" <<COMMAND", " --debug >> debug.txt 2>&1 <<COMMAND"))).toEqual(job);
});

test.each([
  ["another source", body.replace("s é.txt", "s e.txt")],
  ["another time", body.replace("tomorrow'", "today'")],
  ["another identifier", body.replace("fbade", "abade")],
  ["another command behind it", `${body}rm -rf /\n`],
  ["another command in front", `true\n${body}`],
  ["only its command", body.slice(body.indexOf("/usr/bin"))],
  ["our own job", "/bin/sh -c 'eval \"$1\"' tinybackup"],
])("a text with %s is not its job", (_, text) => {
  expect(parsePythonJob(text)).toBeNull();
});
