// The program with commands made for tests: each shows one way in which a command can behave.
import { defineCommand } from "citty";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messages, sourcefile } from "../../src/cli/arguments.ts";
import type { CommandEntry } from "../../src/cli/command.ts";
import type { Session } from "../../src/cli/session.ts";
import { DamagedFailure, ExitCode, Failure } from "../../src/errors.ts";
import { start } from "../../src/main.ts";
import { openStream } from "../../src/system/stream-target.ts";

function entry(name: string, work: (session: Session) => unknown, more: Partial<CommandEntry> = {}) {
  const command = defineCommand({
    meta: {
      name,
      description: `does ${name}`,
      examples: { [`tinybackup ${name}`]: "shows it" },
      exitCodes: [ExitCode.done, ExitCode.failed],
    },
    args: messages,
    async run({ data }) {
      const result = await work(data);
      return typeof result === "number" ? ExitCode.attention : ExitCode.done;
    },
  });
  return [name, { ...more, load: () => Promise.resolve({ command }) }] as const;
}

const echo = defineCommand({
  meta: {
    name: "echo",
    description: "prints what it was given",
    examples: { "tinybackup echo -f notes.txt": "prints notes.txt" },
    exitCodes: [ExitCode.done],
  },
  args: {
    sourcefile: { ...sourcefile, required: true },
    level: { type: "enum", options: ["low", "high"], default: "low", description: "how much" },
    time: { type: "string", valueHint: "TIME", description: "when" },
    archive: { type: "positional", required: false, variadic: true, description: "archives" },
    ...messages,
  },
  run({ args, data }) {
    const { output }: Session = data;
    const level: "low" | "high" = args.level;
    const time: string | undefined = args.time;
    output.writeJson({ sourcefile: args.sourcefile, level, time, archive: args._, quiet: args.quiet });
    return Promise.resolve(ExitCode.done);
  },
});

async function waitForTheEnd({ signal, report }: Session): Promise<never> {
  const folder = mkdtempSync(join(tmpdir(), "tinybackup-wait-"));
  report.info(`waiting with ${folder}`);
  const timer = setInterval(() => undefined, 1000);
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  await Bun.sleep(Number(process.env["CLEANING_MILLISECONDS"] ?? "0"));
  clearInterval(timer);
  rmSync(folder, { recursive: true });
  throw signal.reason;
}

start(
  new Map<string, CommandEntry>([
    ["echo", { aliases: ["repeat"], load: () => Promise.resolve({ command: echo }) }],
    entry("attention", () => 6),
    entry("wait", waitForTheEnd),
    entry("damaged", () => {
      throw new DamagedFailure("'a\nb\u001b[31m' is damaged", { hint: "restore another one" });
    }),
    entry("mistake", () => {
      throw new TypeError("x is undefined");
    }),
    entry("stray", async ({ signal }) => {
      void Promise.reject(new TypeError("nobody waits for this"));
      await Bun.sleep(50);
      signal.throwIfAborted();
    }),
    entry("thrown", async () => {
      setTimeout(() => {
        throw new TypeError("from a timer");
      }, 1);
      await Bun.sleep(50);
    }),
    entry("never", () => new Promise(() => undefined)),
    entry("speak", ({ report }) => {
      report.trace("a trace");
      report.debug("a detail");
      report.info("a word");
      for (let count = 0; count < 10; count += 1) report.warn("a warning", "a hint");
    }),
    entry("flood", ({ output }) => {
      for (let count = 0; count < 20_000; count += 1) output.write(`${count} ${"x".repeat(40)}\n`);
    }),
    entry("pour", async ({ output, signal }) => {
      const bytes = new Uint8Array(1 << 20).fill(120);
      const to = (await openStream("-", signal)) ?? undefined;
      for (let count = 0; count < 8; count += 1)
        if (!(await output.writeChunk(bytes, to))) throw new Failure("the reader went away");
    }),
    entry("work", async ({ output, progress, renderPath, report }) => {
      for (let done = 0; done < 100; done += 10) {
        progress("saving", done, 100);
        await Bun.sleep(70);
      }
      report.info("half a word");
      output.write(`${renderPath("a\u001bb")}\n`);
    }),
    entry("job", ({ output }) => output.write("hidden\n"), { isHidden: true }),
  ]),
);
