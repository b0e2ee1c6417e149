// Every command of the Python program's README, word for word behind the program's name, does what it did or better.
import { expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { WorldStage } from "../support/stage.ts";

const filters = [
  ["all backup jobs", []],
  ["all", []],
  ["QUEUE", []],
  ["jobs with this source and destination", ["paths"]],
  ["Files", ["paths"]],
  ["same files", ["paths"]],
  ["jobs exactly like this one", ["paths", "time"]],
  ["jobs just like this one", ["paths", "time"]],
  ["jobs identical to this one", ["paths", "time"]],
  ["THIS", ["paths", "time"]],
  ["this job", ["paths", "time"]],
  ["this time", ["paths", "time"]],
  ["exact", ["paths", "time"]],
  ["identical", ["paths", "time"]],
  ["time", ["paths", "time"]],
] as const;

test("the examples of its README, in their order", async () => {
  await using stage = await WorldStage.create();
  const paths = ["--sourcefile", stage.source, "--destinationdirectory", `${stage.destination}/`];

  const installed = stage.type([...paths, "--install", "--run", "--time", "2:00am"]);
  expect(installed).toMatchObject({
    code: 0,
    out: expect.stringMatching(/notes\.txt-000001-.*\.tar\.zst\n$/),
  });
  expect(stage.only()).toMatchObject({ time: "2:00am", next: "2026-11-24T02:00:00Z" });

  expect(stage.type([...paths, "--uninstall", "--time", "2:00am"])).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^ended 1 schedule; its revisions stay\n/),
  });
  expect(stage.type([...paths, "--run"]).code).toBe(0);
  expect(stage.files()).toHaveLength(2);
  expect(stage.type(["--statusof", "all"])).toMatchObject({ code: 1, out: "" });

  for (const time of ["2:00am", "+ 2 hours"]) stage.type([...paths, "-i", "-t", time]);
  expect(stage.type([...paths, "--uninstall", "jobs with this source and destination"]).err).toStartWith(
    "ended 2 schedules; their revisions stay\n",
  );
});

test.each(["00:00", "3:00pm 4/27", "15:00 4/27", "+1day", "+7 minutes", "3:00 +1 year", "teatime"])(
  "its README's --time '%s' is armed",
  async (time) => {
    await using stage = await WorldStage.create();
    stage.type(["-i", ...stage.paths, "-t", time]);
    expect(stage.only()).toMatchObject({ time, state: "armed" });
  },
);

test("every name of every filter means what it meant, in any letter case, for both modes", async () => {
  await using stage = await WorldStage.create();
  const other = join(stage.root, "other.txt");
  copyFileSync(stage.source, other);
  const schedules = [
    [stage.source, "2:00am"],
    [stage.source, "3:00am"],
    [other, "2:00am"],
  ] as const;
  for (const [filter, needs] of filters) {
    for (const [source, time] of schedules)
      stage.type(["-i", "-f", source, "-d", stage.destination, "-t", time]);
    const words = [
      ...(needs.length > 0 ? ["-f", stage.source, "--destdir", stage.destination] : []),
      ...(needs.length > 1 ? ["--time", "02:00"] : []),
    ];
    const count = 3 - needs.length;
    expect(stage.statusof([filter, ...words]).jobs).toHaveLength(count);
    const ended = stage.type(["--uninstall", filter, ...words]);
    const [heading = ""] = ended.err.split(";");
    const err = count === 1 ? "ended 1 schedule" : `ended ${count} schedules`;
    expect({ filter, err: heading }).toEqual({ filter, err });
    expect(stage.type(["-u", filter, ...words]).code).toBe(1);
  }
});

test.each([
  [["--install", "-f", "F", "-d", "D"], "missing --time TIME"],
  [["--run", "-f", "F"], "missing --destinationdirectory DIR"],
  [["--uninstall", "files"], "the filter 'files' needs -f FILE and -d DIR"],
  [["--statusof", "this", "-f", "F", "-d", "D"], "the filter 'this' needs -t TIME"],
  [["--run", "--uninstall", "all"], "the modes '--uninstall' and '--run' exclude each other"],
  [["--run", "--statusof", "all"], "the modes '--statusof' and '--run' exclude each other"],
  [["--run", "-f", "F", "-d", "D", "-t", "2:00am"], "unknown option '-t'"],
  [
    ["--install", "-f", "F", "-d", "D", "-t", "2:00am", "-k", "0"],
    "'--keeprevisions' must be at least 1, not 0",
  ],
  [["-f", "F", "-d", "D"], "unknown option '-f' in front of the command"],
])("its rules hold: %j is refused, and nothing is done", async (words, message) => {
  await using stage = await WorldStage.create();
  const typed = words.map((word) => (word === "F" ? stage.source : word === "D" ? stage.destination : word));
  const { code, err } = stage.type(typed);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) });
  expect([stage.world.queue(), stage.files()]).toEqual([[], []]);
});

test("-t beside a filter that does not look at it is a warning", async () => {
  await using stage = await WorldStage.create();
  stage.install(["-t", "2:00am"]);
  const { code, err } = stage.type([
    "--uninstall",
    "files",
    "-f",
    stage.source,
    "-d",
    stage.destination,
    "-t",
    "5:00",
  ]);
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringMatching(
      /^tinybackup: warning: the filter 'files' does not look at -t\nended 1 schedule; its revisions stay\n/,
    ),
  });
});
