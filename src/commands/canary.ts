// canary: what the canary job of doctor starts. Not for people.
import { defineCommand } from "../cli/command.ts";
import { ExitCode } from "../errors.ts";
import { answerCanary } from "../schedule/canary.ts";

export const command = defineCommand({
  name: "canary",
  summary: "answer the canary of doctor",
  args: { name: { type: "positional", required: true, description: "the canary's name" } },
  examples: [],
  exitCodes: [ExitCode.done, ExitCode.failed],
  async run({ name }) {
    answerCanary(name);
    return ExitCode.done;
  },
});
