// The reference of the commands in docs/manual.md, made from the definitions of the help. Pure.
import { exitMeanings, signalMeaning } from "../errors.ts";
import type { Command } from "./command.ts";
import { renderCommandHelp, renderUsage } from "./help.ts";

/** Markdown: a table of the commands, the help of each, and the exit codes. Ends with a newline. */
export function renderReference(commands: readonly Command[]): string {
  const rows = commands.map(
    (command) => `| \`${escapeCell(renderUsage(command))}\` | ${escapeCell(command.summary)} |`,
  );
  const helps = commands.map(
    (command) =>
      `<details>\n<summary><code>tinybackup ${command.name} --help</code></summary>\n\n\`\`\`text\n${renderCommandHelp(command)}\`\`\`\n\n</details>`,
  );
  const codes = [...Object.entries(exitMeanings), signalMeaning].map(
    ([code, meaning]) => `| ${code} | ${meaning} |`,
  );
  return `${[
    ["| command | does |", "|---|---|", ...rows].join("\n"),
    ...helps,
    ["| exit code | means |", "|---|---|", ...codes].join("\n"),
  ].join("\n\n")}\n`;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", String.raw`\|`);
}

const begin = "<!-- The commands, written by `npm run docs`; do not edit. -->\n";
const end = "<!-- The end of the commands. -->\n";

/** `text` with the reference as it should be, between its marks. Throws if it has no place for it. */
export function placeReference(text: string, reference: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`there is no place for the commands between ${begin}and ${end}`);
  return `${text.slice(0, from)}${begin}\n${reference}\n${text.slice(to)}`;
}
