// Run inside a test world: does one thing with the queue, as told by a line of JSON on stdin, and prints the answer.
import { findAt } from "../../src/system/at/command.ts";
import { findDaemon } from "../../src/system/at/health.ts";
import { listJobs, removeJob, submitJob } from "../../src/system/at/queue.ts";

export type Request =
  | { readonly do: "submit"; readonly line: string; readonly dueMs: number }
  | { readonly do: "list" }
  | { readonly do: "watch"; readonly times: number }
  | { readonly do: "check" }
  | { readonly do: "remove"; readonly id: string; readonly body: string };

function isRequest(value: unknown): value is Request {
  return typeof value === "object" && value !== null && "do" in value;
}

async function answer(request: Request): Promise<unknown> {
  if (request.do === "submit") return submitJob(request.line, request.dueMs);
  if (request.do === "remove") return removeJob(request);
  if (request.do === "list") return listJobs();
  if (request.do === "watch") {
    const seen: string[][] = [];
    for (let time = 0; time < request.times; time += 1)
      seen.push((await listJobs()).map(({ body }) => body.trimEnd()));
    return seen;
  }
  findAt();
  const problem = await listJobs().then(
    () => null,
    ({ message, hint }: Error & { hint?: string }) => ({ message, hint }),
  );
  return { daemon: await findDaemon(), problem };
}

const request: unknown = JSON.parse(await Bun.stdin.text());
if (!isRequest(request)) throw new Error("no request");
const started = performance.now();
const result = await answer(request).then(
  (value) => ({ value }),
  (error: Error & { hint?: string }) => ({
    error: { name: error.name, message: error.message, hint: error.hint },
  }),
);
await Bun.write(Bun.stdout, JSON.stringify({ ...result, milliseconds: performance.now() - started }));
