// What is written about the commands, made from the definitions of the help: the manual page, in the man(7) language that
// mandoc and groff both read, and the reference in docs/manual.md. Pure.
import { ExitCode } from "../src/errors.ts";
import type { CommandDescription } from "../src/cli/command.ts";
import {
  type Described,
  describeExitCodes,
  describeOption,
  describePositional,
  programSummary,
  renderCommandHelp,
  renderSummary,
  renderUsage,
  wrapText,
} from "../src/cli/help.ts";

export interface Edition {
  readonly version: string;
  /** Of the release. */
  readonly date: Date;
}

/** The page's own lines: 80, less some for what is escaped. */
const sourceWidth = 72;

const seeAlso = ["at(1)", "atq(1)", "patch(1)", "tar(1)", "zstd(1)"];

/** tinybackup.1, ending with a newline. */
export function renderManual(commands: readonly CommandDescription[], { version, date }: Edition): string {
  const common = findCommonOptions(commands);
  const lines = [
    `.TH TINYBACKUP 1 ${date.toISOString().slice(0, 10)} "tinybackup ${version}"`,
    ".SH NAME",
    String.raw`tinybackup \- back up one file into one folder`,
    ".SH SYNOPSIS",
    ...commands.flatMap((command, place) => [...(place === 0 ? [] : [".br"]), renderSynopsis(command)]),
    ".SH DESCRIPTION",
    ...setText(programSummary),
    ".PP",
    ...setText(
      "A revision is a plain tar archive, compressed by zstd or gzip, that needs nothing of this program to be opened.",
    ),
    ".SH COMMANDS",
    ...commands.flatMap((command) => renderCommand(command, common)),
    ".SH COMMON OPTIONS",
    "Every command takes these.",
    ...[...common.values()].flatMap(renderTagged),
    ".SH EXIT STATUS",
    ...describeExitCodes(Object.values(ExitCode)).flatMap(renderTagged),
    ".SH ENVIRONMENT",
    ...environment.flatMap(renderTagged),
    ".SH FILES",
    ...files.flatMap(renderTagged),
    ".SH EXAMPLES",
    ...commands.flatMap(renderExamples).slice(0, -1),
    ".SH SEE ALSO",
    ...seeAlso.map((page, place) => renderPageName(page, place === seeAlso.length - 1)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** The options that all commands have, by their terms. */
function findCommonOptions(commands: readonly CommandDescription[]): ReadonlyMap<string, Described> {
  const [first = [], ...others] = commands.map(({ options }) => options.map(describeOption));
  const common = first.filter(({ term, meaning }) =>
    others.every((options) => options.some((other) => other.term === term && other.meaning === meaning)),
  );
  return new Map(common.map((described) => [described.term, described]));
}

function renderCommand(
  command: CommandDescription,
  common: ReadonlyMap<string, Described>,
): readonly string[] {
  const { options, positionals } = command;
  const own = options.map(describeOption).filter(({ term }) => !common.has(term));
  return [
    `.SS ${command.name}`,
    renderSynopsis(command),
    ".PP",
    ...setText(renderSummary(command.summary)),
    ...command.details.flatMap((paragraph) => [".PP", ...setText(paragraph)]),
    ...positionals.map(describePositional).flatMap(renderTagged),
    ...own.flatMap(renderTagged),
  ];
}

function renderSynopsis(command: CommandDescription): string {
  const words = renderUsage(command).split(" ").slice(2);
  return [`\\fBtinybackup ${command.name}\\fR`, ...words.map(renderWord)].join(" ");
}

/** An option in bold, what stands for something else in italics. */
function renderWord(word: string): string {
  const [, open = "", inner = "", close = ""] = /^(\[?)(.*?)((?:\.\.\.)?[\],]*)$/.exec(word) ?? [];
  const font = inner.startsWith("-") || !/[A-Z]/.test(inner) ? "B" : "I";
  return `${open}\\f${font}${escapeWord(inner)}\\fR${close}`;
}

function renderTagged({ term, meaning }: Described): readonly string[] {
  return [".TP", term.split(" ").map(renderWord).join(" "), ...setText(`${meaning}.`)];
}

function renderExamples({ examples }: CommandDescription): readonly string[] {
  return Object.entries(examples).flatMap(([type, does]) => [
    ...setText(renderSummary(does).replace(/\.$/, ":")),
    ".PP",
    ".nf",
    ".RS 4",
    // What is to be typed must be typed so: no typographic quotes.
    escapeLine(type).replaceAll("'", String.raw`\(aq`),
    ".RE",
    ".fi",
    ".PP",
  ]);
}

function renderPageName(page: string, isLast: boolean): string {
  const [, name = "", section = ""] = /^(.*)\((\d)\)$/.exec(page) ?? [];
  return `.BR ${name} (${section})${isLast ? "" : ","}`;
}

/** Characters that would be shown as something else. */
const escapes: Readonly<Record<string, string>> = {
  "\\": String.raw`\e`,
  "-": String.raw`\-`,
  "~": String.raw`\(ti`,
  "^": String.raw`\(ha`,
  "`": String.raw`\(ga`,
};

function escapeWord(text: string): string {
  return text.replaceAll(/[\\\-~^`]/g, (character) => escapes[character] ?? character);
}

/** Running text: every sentence begins a line, so that the formatter knows where sentences end. */
function setText(text: string): readonly string[] {
  const sentences = text.split(/(?<=[.?!]) (?=\p{Lu})/u);
  return sentences.flatMap((sentence) => wrapText(sentence, sourceWidth).map(escapeLine));
}

/** A line as it is to be read: no beginning of it may be taken for a command, no dash for a hyphen. */
function escapeLine(text: string): string {
  return escapeWord(text).replace(/^[.']/, String.raw`\&$&`);
}

const files: readonly Described[] = [
  {
    term: "DIR/FILE-NUMBER-TIME-DIGEST.tar.zst",
    meaning:
      "a revision: the file's name, the revision's number, the second (in UTC) at which reading began, and the first 12 digits of the SHA-256 of the content. It ends in .tar.gz or .tar where --compress says so. What does not have exactly this form is never touched: rename a revision to keep it for ever",
  },
  {
    term: "DIR/.tinybackup-*.partial",
    meaning: "a revision that is being written; where its writer was killed, a later run removes it",
  },
  {
    term: "$XDG_STATE_HOME/tinybackup/journal.jsonl",
    meaning:
      "what was scheduled, what ended, and what came of each run, a line each; ~/.local/state/tinybackup/journal.jsonl by default. What is scheduled at this moment stands in the queue of at(1), not here",
  },
  {
    term: "debug.txt",
    meaning: "the log that --debug appends to, in the folder where the command was typed",
  },
];

const environment: readonly Described[] = [
  {
    term: "TZ",
    meaning:
      "the time zone of the times that are shown and typed; without it, the system's. A schedule keeps the one that it was installed with",
  },
  {
    term: "XDG_STATE_HOME",
    meaning: "the folder that the journal's folder is in; it must be an absolute path",
  },
];

/** Markdown: a table of the commands, the help of each, and the exit codes. Ends with a newline. */
export function renderReference(commands: readonly CommandDescription[]): string {
  const rows = commands.map(
    (command) => `| \`${escapeCell(renderUsage(command))}\` | ${escapeCell(command.summary)} |`,
  );
  const helps = commands.map(
    (command) =>
      `<details>\n<summary><code>tinybackup ${command.name} --help</code></summary>\n\n\`\`\`text\n${renderCommandHelp(command)}\`\`\`\n\n</details>`,
  );
  const codes = describeExitCodes(Object.values(ExitCode)).map(
    ({ term, meaning }) => `| ${term} | ${meaning} |`,
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
