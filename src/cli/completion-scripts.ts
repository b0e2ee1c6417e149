// The scripts that teach a shell to complete tinybackup's command lines. They know nothing of the commands: each
// asks the program that is being typed, so that it and its completions are always of one version.
import type { Shell } from "./completion.ts";
import bash from "./completions/bash.txt" with { type: "text" };
import fish from "./completions/fish.txt" with { type: "text" };
import zsh from "./completions/zsh.txt" with { type: "text" };

export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
