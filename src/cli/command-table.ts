// The table of commands: a word for each, and how to load it when it is wanted.
import { type Command, type CommandDescription, describeCommand } from "./command.ts";

export interface CommandEntry {
  /** Further words for the same command. */
  readonly aliases?: readonly string[];
  /** Works, but no help or completion shows it. */
  readonly isHidden?: true;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** A Map, since a plain object would know commands named `constructor` and `__proto__`. In the order of the help. */
export type CommandTable = ReadonlyMap<string, CommandEntry>;

export function findCommand(table: CommandTable, word: string): CommandEntry | undefined {
  return table.get(word) ?? [...table.values()].find(({ aliases }) => aliases?.includes(word));
}

/** The words that a person may be told of. */
export function listCommandWords(table: CommandTable): readonly string[] {
  return [...table].flatMap(([name, { aliases, isHidden }]) => (isHidden ? [] : [name, ...(aliases ?? [])]));
}

/** Loads all commands that a person may be told of, in the table's order. */
export async function describeCommands(table: CommandTable): Promise<readonly CommandDescription[]> {
  const entries = [...table.values()].filter(({ isHidden }) => !isHidden);
  const modules = await Promise.all(entries.map(({ load }) => load()));
  return modules.map(({ command }) => describeCommand(command));
}
