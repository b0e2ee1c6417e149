// canary: what the canary job of doctor starts. Not for people.
import { defineCommand } from "../cli/define.ts";
import { ExitCode } from "../errors.ts";
import { answerCanary } from "../schedule/doctor.ts";

export const command = defineCommand({
  meta: {
    name: "canary",
    description: "answer the canary of doctor",
    exitCodes: [ExitCode.done, ExitCode.failed],
  },
  args: { name: { type: "positional", required: true, description: "the canary's name" } },
  run({ args }) {
    answerCanary(args.name);
    return ExitCode.done;
  },
});
