// Mistakes that are none: the program does the same.

/** By its file and its line as `npm run mutation` shows them, without the number, and why nothing can notice it. */
export const equivalents: readonly { readonly mutant: string; readonly why: string }[] = [
  {
    mutant: "src/backup/names.ts if («false») continue;",
    why: "it only saves time: what it passes over has another stem, and the next line says so",
  },
  {
    mutant: 'src/backup/retention-policy.ts typeof rule === "number" && rule« >= »0 ? rule : Infinity,',
    why: "isRetention lets no rule be 0",
  },
  {
    mutant:
      "src/backup/retention-policy.ts const counts = periods.map((period) => [unitOf[period], «policy[`keep-${period}`]»] as const);",
    why: "undefined is neither more than 0 nor -1, as 0 is not",
  },
  {
    mutant:
      "src/backup/retention-rules.ts monthly: (wallMs) => new Date(wallMs).getUTCFullYear() * «13» + new Date(wallMs).getUTCMonth(),",
    why: "any factor of 12 and more gives each month a number of its own, which is all that is asked",
  },
  {
    mutant:
      "src/backup/retention-rules.ts monthly: (wallMs) => new Date(wallMs).getUTCFullYear() * 12« - »new Date(wallMs).getUTCMonth(),",
    why: "it gives each month a number of its own, too: the order of the numbers is not looked at",
  },
  {
    mutant: "src/backup/retention.ts const odd = «true» ? findMisdated(good) : new Set<T>();",
    why: "without a rule by period both lines are judged alike, so it does not matter in which one a revision is",
  },
  {
    mutant:
      "src/backup/retention.ts const places = policy.keeprevisions === -1 ? Infinity : («policy.keeprevisions»);",
    why: "no count is less than undefined, as none is less than 0, and no sentence then names the number",
  },
  {
    mutant: "src/time/day-grammar.ts if (date.month !== month« && »date.day !== day) {",
    why: "a day that the month lacks runs over into the next: month and day are then both others",
  },
  {
    mutant:
      'src/time/day-grammar.ts const [year, month = «1», day = 0] = cursor.accept(hyphenated)?.split("-").map(Number) ?? [];',
    why: "where there is a year there is a month, and without a year it is not looked at",
  },
  {
    mutant:
      'src/time/day-grammar.ts const [year, month = 0, day = «1»] = cursor.accept(hyphenated)?.split("-").map(Number) ?? [];',
    why: "where there is a year there is a day, and without a year it is not looked at",
  },
  {
    mutant: "src/time/zone.ts const reachMs = «26» * hourMs;",
    why: "any reach from 25 hours to two days is past the one change that there may be",
  },
];
