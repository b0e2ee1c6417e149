// Running text set in lines. Pure.

/** The lines of `text`, none wider than `width` where its words allow that. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** A term and what it means, in two columns; a term too long for its column stands on a line of its own. */
export function renderEntry(term: string, meaning: string, termWidth: number, width: number): string {
  const indent = " ".repeat(termWidth + 4);
  const [first = "", ...rest] = wrapText(meaning, width - indent.length);
  const head =
    term.length > termWidth ? `  ${term}\n${indent}${first}` : `  ${term.padEnd(termWidth + 2)}${first}`;
  return [head, ...rest.map((line) => indent + line)].map((line) => line.trimEnd()).join("\n");
}
