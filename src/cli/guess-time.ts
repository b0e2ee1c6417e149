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
  [/\bevery (?:other|second)\b/g, "every 2"],
  [/\bhalf (?:an )?hours?\b/g, "30 minutes"],
  [/\b(?:at|on|the|of|in|and then|uhr|o'?clock|hrs|sharp|time|each)\b/g, " "],
  [/(\d)(?:st|nd|rd|th)\b/g, "$1"],
  [/\bbiweekly|fortnightly\b/g, "every 2 weeks"],
  [/\bquarterly\b/g, "every 3 months"],
  [/\bminutely\b/g, "every minute"],
  [/\b(tue|wed|thu)(?:s|rs|r|nes)?\b/g, "$1"],
  [/\bsept\b/g, "sep"],
  [/\bsec(?:ond)?s?\b/g, "minutes"],
  [/\b(\d+) ?(m|min|h|hr|d|w|mo|y)s?\b(?!\.)/g, "$1 $2"],
  [/(\w+day)s\b/g, "$1"],
  [/(\d)t(?=\d\d:)/g, "$1 "],
  [/(\d)\.(?=\d\d\b)/g, "$1:"],
  [/(\d:\d\d):\d\d(?:\.\d+)?(?=z?\b)/g, "$1"],
  [/(\d)z\b/g, "$1 utc"],
  [/\bevery (?=\w+day\b)/g, ""],
  [/\b(\d{4})\/(\d\d?)\/(\d\d?)\b/g, "$1-$2-$3"],
];

/** Texts that may have been meant, the likeliest first; not all of them mean something. */
export function guessTimes(text: string): string[] {
  const typed = text
    .trim()
    .toLowerCase()
    .replaceAll(/[ \t\n"“”]+/g, " ")
    .replaceAll(/(\d+\.\d+) ?h(?:ou)?r?s?\b/g, (_, hours) => `${Math.round(Number(hours) * 60)} minutes`);
  const cron = guessCron(typed);
  if (cron !== undefined) return [cron];
  // Of several times one: the first time of day, which on all days is in place of any of the days.
  const [clock] = /,|;|&|\b(?:and|or)\b/.test(typed) ? (CLOCK.exec(typed) ?? []) : [];
  const said = sayings.reduce((plain, [from, to]) => plain.replaceAll(from, to), typed);
  const words = said.split(/[\s,;&]+|\b(?:and|or)\b/).filter((word) => word !== "");
  const parts = [clock ?? "", ...listParts(words.slice(0, mostWords))].filter((part) => part !== "");
  // Who names a time of day means that, whatever else is said.
  return CLOCK.test(typed)
    ? parts.toSorted((one, other) => Number(CLOCK.test(other)) - Number(CLOCK.test(one)))
    : parts;
}

const CLOCK = /\b\d{1,2}(?::\d\d(?: ?[ap]m)?| ?[ap]m)\b|\b(?:noon|midnight|teatime)\b/;
const mostWords = 12;

/** What stands together in it, the longest and the last first, as it is and as a period. */
function listParts(words: readonly string[]): string[] {
  return words.flatMap((_, less) =>
    Array.from({ length: less + 1 }, (_each, before) => {
      const part = words.slice(less - before, words.length - before).join(" ");
      return part === "now" ? [] : [part, `every ${part}`];
    }).flat(),
  );
}

/** Of cron's five fields, or its `@daily`, what can be said in one text of ours; of several days, daily has all. */
function guessCron(text: string): string | undefined {
  if (text.startsWith("@")) return text.slice(1).replace("annually", "yearly");
  const fields = /^([\d*/,-]+) ([\d*/,-]+) ([\d*/,-]+) \S+ ((?:[\d*]|[a-z]{3}\b)\S*)/.exec(text);
  if (!fields) return undefined;
  const [minute = "", hour = "", day = "", weekday = ""] = fields.slice(1);
  if (minute.startsWith("*")) return `every ${minute.slice(2) || 1} minutes`;
  if (hour.startsWith("*")) return `every ${hour.slice(2) || 1} hours`;
  const clock = `${Number.parseInt(hour, 10)}:${String(Number.parseInt(minute, 10)).padStart(2, "0")}`;
  return `${clock}${renderCronDay(day, weekday)}`;
}

function renderCronDay(day: string, weekday: string): string {
  if (/^\d$/.test(weekday)) return ` ${"sun mon tue wed thu fri sat".split(" ")[Number(weekday) % 7]}`;
  if (/^[a-z]{3}$/.test(weekday)) return ` ${weekday}`;
  return /^\d+$/.test(day) ? ` ${day} jan + 1 month` : "";
}
