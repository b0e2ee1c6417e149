// What somebody may have meant by a time text that is none: other programs' and everyday ways to say it, in ours. Pure.

/** Words for a time of day, and for days that no one text can have: the hour is what can be kept. */
const sayings: readonly (readonly [RegExp, string])[] = [
  [/\b(?:night(?:ly)?|tonight)\b/g, "2:00am"],
  [/\bmornings?\b/g, "6:00am"],
  [/\bafternoons?\b/g, "2:00pm"],
  [/\bevenings?\b/g, "8:00pm"],
  [
    /\b(?:week|working|work|business) ?(?:days?|ends?)\b|\bmon(?:day)?s? ?(?:-|–|to|through) ?fri(?:day)?s?\b/g,
    "daily",
  ],
  [/\btwice (?:a |per |every )?da(?:y|ily)\b/g, "every 12 hours"],
  [/\bonce (?:a|per|each)\b/g, "every"],
  [/\bevery (?:other|second)\b/g, "every 2"],
  [/\bhalf (?:an )?hours?\b/g, "30 minutes"],
  [/\b(?:an?|one|each|per)\b/g, "every"],
  [/\b(?:at|on|the|of|in|and then|uhr|o'?clock|hrs|sharp|time|each)\b/g, " "],
  [/(\d)(?:st|nd|rd|th)\b/g, "$1"],
  [/\bbiweekly|fortnightly\b/g, "every 2 weeks"],
  [/\bquarterly\b/g, "every 3 months"],
  [/\bminutely\b/g, "every minute"],
  [/\b(tue|wed|thu)(?:s|rs|r|nes)?\b/g, "$1"],
  [/\bsept\b/g, "sep"],
  [/\bsec(?:ond)?s?\b/g, "minutes"],
  [/\b(\d+) ?(m|min|h|hr|d|w|mo|y)s?\b(?!\.)/g, "$1 $2"],
];

/** Texts that may have been meant, the likeliest first; not all of them mean something. */
export function guessTimes(text: string): string[] {
  const typed = text.trim().toLowerCase().replaceAll(/\s+/g, " ");
  const cron = guessCron(typed);
  if (cron !== undefined) return [cron];
  const plain = sayings.reduce(
    (said, [from, to]) => said.replaceAll(from, to),
    typed.replaceAll(/["“”]/g, ""),
  );
  const [first = "", ...others] = plain.split(/\s*(?:,|;|&|\/(?!\d)|\band\b|\bor\b)\s*/);
  return [plain, first, ...(others.length > 0 ? [keepClock(plain, first)] : [])].flatMap(listForms);
}

/** Of several days the first, with the time of day that stands behind the last. */
function keepClock(text: string, first: string): string {
  const [clock = ""] = /\d{1,2}(?:[:h.]\d\d)?\s*(?:[ap]\.?m\.?)?$/.exec(text) ?? [];
  return `${clock} ${first}`;
}

function listForms(text: string): string[] {
  const trimmed = text.replaceAll(/\s+/g, " ").trim();
  const named = trimmed.replace(/t(?=\d\d:)/, " ").replace(/(\d:\d\d):\d\d\b/, "$1");
  const bare = named
    .replaceAll(/\b(?:every|daily|day|weekly)\b/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
  const [clock = ""] =
    /\b\d{1,2}[:h]\d\d(?:\s?[ap]m)?|\b\d{1,2}\s?[ap]m\b|\b(?:noon|midnight|teatime)\b/.exec(named) ?? [];
  const singular = bare.replace(/^(\w+day)s\b/, "$1");
  return [
    named,
    `every ${bare}`,
    bare,
    singular,
    bare.replace(/(\d)\.(\d\d)/, "$1:$2"),
    `+ ${bare}`,
    clock,
  ].filter((form) => form !== "" && form !== "now");
}

/** Of cron's five fields, or its `@daily`, what can be said in one text of ours. */
function guessCron(text: string): string | undefined {
  if (text.startsWith("@")) return text.slice(1).replace("annually", "yearly");
  const five = /^([\d*/,-]+) ([\d*/,-]+) ([\d*/,-]+) \S+ ((?:[\d*]|[a-z]{3}\b)\S*)/.exec(text);
  if (!five) return undefined;
  const [minute = "", hour = "", day = "", weekday = ""] = five.slice(1);
  for (const [field, unit] of [
    [minute, "minutes"],
    [hour, "hours"],
  ] as const)
    if (field.startsWith("*")) return `every ${field.split("/")[1] ?? 1} ${unit}`;
  return renderCronDay(
    `${Number.parseInt(hour, 10)}:${String(Number.parseInt(minute, 10)).padStart(2, "0")}`,
    day,
    weekday,
  );
}

/** Of several days, daily has all. */
function renderCronDay(clock: string, day: string, weekday: string): string {
  if (/^(?:\d|[a-z]{3})$/.test(weekday))
    return `${clock} ${"sun mon tue wed thu fri sat".split(" ")[Number(weekday) % 7] ?? weekday}`;
  return /^\d+$/.test(day) ? `${clock} ${day} jan + 1 month` : clock;
}
