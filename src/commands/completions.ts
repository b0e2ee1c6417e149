// completions: prints the script that teaches a shell to complete tinybackup's command lines.
import { completionScripts } from "../cli/completion.ts";
import { defineCommand } from "../cli/define.ts";
import { ExitCode } from "../errors.ts";

const shells = ["bash", "zsh", "fish"] as const;

export const command = defineCommand({
  meta: {
    name: "completions",
    description: "print the script that completes commands in a shell",
    details: [
      "With it, the Tab key completes commands, options, their values, files, folders, and the numbers of revisions.",
    ],
    examples: [
      {
        type: 'command -v tinybackup > /dev/null && eval "$(tinybackup completions bash)"',
        does: "in ~/.bashrc; in zsh the same with zsh, in ~/.zshrc after compinit",
      },
      {
        type: "tinybackup completions fish > ~/.config/fish/completions/tinybackup.fish",
        does: "once; a new fish then knows them",
      },
    ],
    exitCodes: [ExitCode.done, ExitCode.failed],
  },
  args: {
    shell: {
      type: "positional",
      required: true,
      completes: shells,
      fits: /^(?:bash|zsh|fish)$/,
      description: `one of ${shells.join(", ")}`,
    },
  },
  run({ args, data: { output, isJson } }) {
    const shell = shells.find((each) => each === args.shell) ?? "bash";
    const script = completionScripts[shell];
    if (isJson) output.writeJson({ shell, script });
    else output.write(script);
    return ExitCode.done;
  },
});
