// completions: prints the script that teaches a shell to complete tinybackup's command lines.
import * as shared from "../cli/arguments.ts";
import { defineCommand } from "../cli/command.ts";
import { completionScripts } from "../cli/completion-scripts.ts";
import { shells } from "../cli/completion.ts";
import { findNearest } from "../cli/nearest.ts";
import { ExitCode, UsageFailure } from "../errors.ts";

export const command = defineCommand({
  name: "completions",
  summary: "print the script that completes commands in a shell",
  details: [
    "With it, the Tab key completes commands, options, their values, files, folders, and the numbers of revisions.",
  ],
  args: {
    ...shared.messages,
    shell: {
      type: "positional",
      required: true,
      completes: shells,
      description: `one of ${shells.join(", ")}`,
    },
  },
  examples: [
    {
      type: 'eval "$(tinybackup completions bash)"',
      does: "in ~/.bashrc; in zsh the same with zsh, in ~/.zshrc after compinit",
    },
    {
      type: "tinybackup completions fish > ~/.config/fish/completions/tinybackup.fish",
      does: "once; a new fish then knows them",
    },
  ],
  exitCodes: [ExitCode.done, ExitCode.failed],
  run({ shell: typed }, { output }) {
    const shell = shells.find((each) => each === typed);
    if (shell === undefined) {
      const nearest = findNearest(typed, shells);
      throw new UsageFailure(`there are no completions for '${typed}'`, {
        hint: nearest === undefined ? `it is one of: ${shells.join(", ")}` : `did you mean ${nearest}?`,
      });
    }
    output.write(completionScripts[shell]);
    return Promise.resolve(ExitCode.done);
  },
});
