// The help of a command, and of the program, as plain text: no colour, so that a pipe, a screen reader and a
// manual all read the same. Pure.
import { ExitCode, exitMeanings, signalMeaning } from "../errors.ts";
import {
  type CommandDescription,
  isPlaced,
  type Option,
  type OptionDefinition,
  type Positional,
} from "./command.ts";

const lineWidth = 80;
const optionWidth = 24;

export const programSummary =
  "Backs up one file into one folder as compressed, proven revisions, and schedules itself through at(1).";

/** Everything about one command: usage, arguments, options, examples, exit codes. Ends with a newline. */
export function renderCommandHelp(command: CommandDescription): string {
  const examples = Object.entries(command.examples).map(([line, meaning]) => `  ${line}\n      ${meaning}`);
  return joinSections([
    `usage: ${renderUsage(command)}`,
    ...[renderSummary(command.summary), ...command.details].map(renderParagraph),
    renderSection("ARGUMENTS", command.positionals.map(describePositional)),
    renderSection("OPTIONS", command.options.map(describeOption)),
    examples.length === 0 ? "" : ["EXAMPLES", ...examples].join("\n"),
    renderSection("EXIT CODES", describeExitCodes(command.exitCodes), signalMeaning.term.length),
  ]);
}

/** What the program is, and its commands. Ends with a newline. */
export function renderProgramHelp(commands: readonly CommandDescription[]): string {
  const rows = commands.map(({ name, summary }) => ({ term: name, meaning: summary }));
  return joinSections([
    "usage: tinybackup COMMAND [OPTIONS]",
    renderParagraph(programSummary),
    renderSection("COMMANDS", rows, Math.max(8, ...commands.map(({ name }) => name.length))),
    renderSection("OPTIONS", [
      { term: "-h, --help", meaning: "show this help; after a command, that command's" },
      { term: "--version", meaning: "print the version" },
    ]),
  ]);
}

/** What an option or an argument is called on the command line, and what it does. */
export interface Described {
  readonly term: string;
  readonly meaning: string;
}

export function renderSummary(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

function joinSections(sections: readonly string[]): string {
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

const renderParagraph = (text: string): string => wrapText(text, lineWidth).join("\n");

function renderSection(title: string, rows: readonly Described[], termWidth = optionWidth): string {
  const entries = rows.map(({ term, meaning }) => renderEntry(term, meaning, termWidth, lineWidth));
  return rows.length === 0 ? "" : [title, ...entries].join("\n");
}

/** `tinybackup run FILE DIR [OPTIONS]`. */
export function renderUsage({ name, options, positionals }: CommandDescription): string {
  const needed = options.flatMap((option) => {
    const { definition, spellings } = option;
    if (isPlaced(option)) return renderPlace(renderHint(definition), definition);
    const [shortest = ""] = spellings.toSorted((a, b) => a.length - b.length);
    return definition.required ? `${shortest} ${renderHint(definition)}`.trimEnd() : [];
  });
  const places = positionals.map(({ name: place, definition }) =>
    renderPlace(place.toUpperCase() + (definition.variadic ? "..." : ""), definition),
  );
  return ["tinybackup", name, ...needed, "[OPTIONS]", ...places].join(" ");
}

function renderPlace(word: string, { required }: Pick<OptionDefinition, "required">): string {
  return required ? word : `[${word}]`;
}

function renderHint(definition: OptionDefinition): string {
  if (definition.type === "boolean") return "";
  return definition.type === "enum" ? definition.options.join("|") : definition.valueHint;
}

/** `-f, --sourcefile FILE`, and its meaning with what is required or taken for granted. */
export function describeOption(option: Option): Described {
  const { definition, spellings } = option;
  const shortFirst = spellings.toSorted((a, b) => Number(a.length !== 2) - Number(b.length !== 2));
  const term = `${shortFirst.join(", ")} ${renderHint(definition)}`.trimEnd();
  const notes = [
    definition.required ? "required" : "",
    isPlaced(option) ? "a bare word too" : "",
    definition.default ? `default: ${definition.default}` : "",
  ].filter((note) => note !== "");
  const note = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
  return { term, meaning: definition.description + note };
}

export function describePositional({ name, definition }: Positional): Described {
  const note = definition.default === undefined ? "" : ` (default: ${definition.default})`;
  return { term: name.toUpperCase(), meaning: definition.description + note };
}

/** The codes that a command can end with, and what each means. */
export function describeExitCodes(codes: readonly ExitCode[]): readonly Described[] {
  const all = [...new Set<ExitCode>([...codes, ExitCode.usage])].toSorted((a, b) => a - b);
  const rows = all.map((code) => ({ term: String(code), meaning: exitMeanings[code] }));
  return [...rows, signalMeaning];
}

/** The lines of `text`, none wider than `width` where its words allow that. */
export function wrapText(text: string, width: number): readonly string[] {
  return Bun.wrapAnsi(text, width).split("\n");
}

/** A term and what it means, in two columns; a term too long for its column stands on a line of its own. */
export function renderEntry(term: string, meaning: string, termWidth: number, width: number): string {
  const indent = " ".repeat(termWidth + 4);
  const [first = "", ...rest] = wrapText(meaning, width - indent.length);
  const head =
    term.length > termWidth ? `  ${term}\n${indent}${first}` : `  ${term.padEnd(termWidth + 2)}${first}`;
  return [head, ...rest.map((line) => indent + line)].map((line) => line.trimEnd()).join("\n");
}

/** What to type, and what for; a test holds that each line is right. */
export const firstSteps = {
  "tinybackup install -f FILE -d DIR -t 2:00am --run": "save FILE, now and daily",
  "tinybackup statusof": "what runs, and when",
  "tinybackup restore -f FILE -d DIR": "bring FILE back",
};

export function renderFirstWords(): string {
  const width = Math.max(...Object.keys(firstSteps).map((line) => line.length));
  const steps = Object.entries(firstSteps).map(([line, does]) => `  ${line.padEnd(width)}   ${does}\n`);
  return `tinybackup backs up one file into one folder, on a schedule: compressed, dated,
rotated, and proven.

${steps.join("")}
'tinybackup --help' lists all commands, 'tinybackup help run' explains one.
`;
}
