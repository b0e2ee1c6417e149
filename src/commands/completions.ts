// completions: prints the script that teaches a shell to complete tinybackup's command lines.
import bash from "../cli/completions/bash.txt" with { type: "text" };
import fish from "../cli/completions/fish.txt" with { type: "text" };
import zsh from "../cli/completions/zsh.txt" with { type: "text" };
import { defineCommand } from "../cli/define.ts";
import { ExitCode } from "../errors.ts";

/** They know nothing of the commands: each asks the program that is being typed, so that both are always of one version. */
export const completionScripts = { bash, zsh, fish };
const shells = Object.keys(completionScripts);

export const command = defineCommand({
  meta: {
    name: "completions",
    description: "print the script that completes commands in a shell",
    details: [
      "With it, the Tab key completes commands, options, their values, files, folders, and the numbers of revisions.",
    ],
    examples: {
      'command -v tinybackup > /dev/null && eval "$(tinybackup completions bash)"':
        "in ~/.bashrc; in zsh the same with zsh, in ~/.zshrc after compinit",
      "tinybackup completions fish > ~/.config/fish/completions/tinybackup.fish":
        "once; a new fish then knows them",
    },
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
  run({ args: { shell }, data: { output, isJson } }) {
    const [, script = ""] = Object.entries(completionScripts).find(([name]) => name === shell) ?? [];
    if (isJson) output.writeJson({ shell, script });
    else output.write(script);
    return ExitCode.done;
  },
});
