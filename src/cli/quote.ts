// Words as a person would type them into a shell. Pure.

/** `text` in single quotes, as sh, bash and zsh read it. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
