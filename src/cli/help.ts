// The help of a command, and of the program, as plain text: no colour, so that a pipe, a screen reader and a
// manual all read the same. Pure.

import { ExitCode } from "../errors.ts";
import type { Command } from "./command.ts";
import type { OptionDefinition } from "./definition.ts";
import { exitMeanings, signalMeaning } from "./exit-meanings.ts";
import { type Option, type Syntax, isNegatable, isRequired, readSyntax } from "./syntax.ts";
import { renderEntry, wrapText } from "./wrap.ts";

const width = 80;
const optionWidth = 24;

/** Everything about one command: usage, arguments, options, examples, exit codes. Ends with a newline. */
export function renderCommandHelp(command: Command): string {
  const syntax = readSyntax(command.args);
  const about = [renderSummary(command.summary), ...(command.details ?? [])];
  const sections = [
    `usage: ${renderUsage(command.name, syntax)}`,
    ...about.map((paragraph) => wrapText(paragraph, width).join("\n")),
    renderSection("ARGUMENTS", renderPositionals(syntax)),
    renderSection("OPTIONS", syntax.options.map(renderOption)),
    renderSection(
      "EXAMPLES",
      command.examples.map(({ type, does }) => `  ${type}\n      ${does}`),
    ),
    renderSection("EXIT CODES", renderExitCodes(command.exitCodes)),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** What the program is, and its commands. Ends with a newline. */
export function renderProgramHelp(commands: readonly Command[]): string {
  const termWidth = Math.max(8, ...commands.map(({ name }) => name.length));
  const sections = [
    "usage: tinybackup COMMAND [OPTIONS]",
    "Backs up one file into one folder as compressed, proven revisions, and schedules\nitself through at(1).",
    renderSection(
      "COMMANDS",
      commands.map(({ name, summary }) => renderEntry(name, summary, termWidth, width)),
    ),
    renderSection("OPTIONS", [
      renderEntry("-h, --help", "show this help; after a command, that command's", optionWidth, width),
      renderEntry("--version", "print the version", optionWidth, width),
    ]),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function renderSummary(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

function renderSection(title: string, entries: readonly string[]): string {
  return entries.length === 0 ? "" : [title, ...entries].join("\n");
}

function renderUsage(name: string, { options, positionals }: Syntax): string {
  const required = options.filter(({ definition }) => isRequired(definition)).map(renderShortest);
  const places = positionals.map(({ name: place, definition }) => {
    const word = place.toUpperCase() + (definition.variadic ? "..." : "");
    return definition.required ? word : `[${word}]`;
  });
  return ["tinybackup", name, ...required, "[OPTIONS]", ...places].join(" ");
}

function renderShortest({ definition, spellings }: Option): string {
  const [shortest = ""] = spellings.toSorted((a, b) => a.length - b.length);
  return `${shortest} ${renderHint(definition)}`.trimEnd();
}

function renderHint(definition: OptionDefinition): string {
  if (definition.type === "boolean") return "";
  return definition.type === "enum" ? definition.options.join("|") : definition.valueHint;
}

function renderOption(option: Option): string {
  const { definition, spellings } = option;
  const shown = isNegatable(option)
    ? [`--no-${option.name}`]
    : [...spellings].toSorted((a, b) => Number(a.length !== 2) - Number(b.length !== 2));
  const term = `${shown.join(", ")} ${renderHint(definition)}`.trimEnd();
  const isDefaultSaid = definition.type !== "boolean" && definition.default !== undefined;
  const notes = [
    isRequired(definition) ? "required" : "",
    isDefaultSaid ? `default: ${definition.default}` : "",
  ].filter((note) => note !== "");
  const note = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
  return renderEntry(term, definition.description + note, optionWidth, width);
}

function renderPositionals({ positionals }: Syntax): readonly string[] {
  return positionals.map(({ name, definition }) => {
    const note = definition.default === undefined ? "" : ` (default: ${definition.default})`;
    return renderEntry(name.toUpperCase(), definition.description + note, optionWidth, width);
  });
}

function renderExitCodes(codes: readonly ExitCode[]): readonly string[] {
  const all = [...new Set<ExitCode>([...codes, ExitCode.usage])].toSorted((a, b) => a - b);
  const rows = [...all.map((code) => [String(code), exitMeanings[code]] as const), signalMeaning];
  return rows.map(([code, meaning]) => renderEntry(code, meaning, signalMeaning[0].length, width));
}
