// What somebody reads who types the program's name alone: what it is, and the commands that one needs first. Pure.

/** What to type, and what for; a test holds that each line is right. */
export const firstSteps = [
  { type: "tinybackup install -f FILE -d DIR -t 2:00am --run", does: "save FILE, now and daily" },
  { type: "tinybackup statusof", does: "what runs, and when" },
  { type: "tinybackup restore -f FILE -d DIR", does: "bring FILE back" },
] as const;

/** Ends with a newline. */
export function renderFirstWords(): string {
  const width = Math.max(...firstSteps.map(({ type }) => type.length));
  const steps = firstSteps.map(({ type, does }) => `  ${type.padEnd(width)}   ${does}\n`);
  return `tinybackup backs up one file into one folder, on a schedule: compressed, dated,
rotated, and proven.

${steps.join("")}
'tinybackup --help' lists all commands, 'tinybackup help run' explains one.
`;
}
