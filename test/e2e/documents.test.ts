// What the README and the manual show is what the program prints, when their lines are typed one after the other.
import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { programs } from "../support/binary.ts";
import { readScreen } from "../support/tools.ts";
import { World } from "../support/world.ts";

setDefaultTimeout(60_000);

const root = resolve(import.meta.dir, "../..");
const [binary = ""] = new Map(programs).get("compiled") ?? [];
/** Where the world has the program; the documents have it in /usr/local/bin. */
const folder = join("/run/project", relative(root, dirname(binary)));

interface Typed {
  readonly command: string;
  readonly shown: string;
}

function readDocument(name: string): string {
  return readFileSync(join(root, name), "utf8");
}

/** The commands of a document's `console` blocks, and of `sh` blocks with a `text` block, their output, just below. */
function listTyped(document: string): Typed[] {
  const blocks = /^```(?<kind>console|sh)\n(?<text>[^]*?)^```\n(?:\n```text\n(?<shown>[^]*?)^```\n)?/gm;
  return [...document.matchAll(blocks)].flatMap(({ groups = {} }) => {
    const { kind, text = "", shown } = groups;
    if (kind === "sh") return shown === undefined ? [] : [{ command: text, shown }];
    const parts = text.split(/^\$ /m).slice(1);
    return parts.map((part) => {
      const [command = "", ...lines] = part.split("\n");
      return { command, shown: lines.join("\n") };
    });
  });
}

/** Without what differs from minute to minute: times of day, ages, and how wide their columns are. */
function withoutMoments(text: string): string {
  return (
    text
      .replaceAll(/\d\d([:-])\d\d\1\d\d(?=Z|\b)/g, "hh:mm:ss")
      .replaceAll(/\d+ s ago/g, "N s ago")
      // Moments are in what is stored, and compress now better, now worse.
      .replaceAll(/("provenBytes":)\d+/g, "$1N")
      .replaceAll(/ +/g, " ")
  );
}

/** They need another state of the machine: a drive, or no daemon. */
const elsewhere = /\/media\/|^tinybackup (doctor|statusof)/;

test("what the README and the manual show is what the program prints", async () => {
  await using world = await World.create(Date.UTC(2026, 10, 24, 17, 31) / 1000, "Europe/Berlin");
  world.run(["mount", "-t", "tmpfs", "tmpfs", "/home"]);
  world.run(["mkdir", "/home/me"]);
  // At a terminal, as the person has one who reads them.
  const env = {
    HOME: "/home/me",
    PATH: `${folder}:/usr/bin:/bin`,
    LANG: "C.UTF-8",
    TERM: "xterm",
    NO_COLOR: "1",
  };
  const typed = [
    ...listTyped(readDocument("README.md")),
    ...listTyped(readDocument("docs/manual.md")).filter(({ command }) => !elsewhere.test(command)),
  ];
  expect(typed.length).toBeGreaterThan(10);
  for (const { command, shown } of typed) {
    const { out } = world.run(["script", "-qec", command, "/dev/null"], { cwd: "/home/me", env });
    const told = readScreen(out).replaceAll(`${folder}/`, "/usr/local/bin/");
    expect(`${command}
${withoutMoments(told)}`).toBe(`${command}
${withoutMoments(shown)}`);
  }
});
