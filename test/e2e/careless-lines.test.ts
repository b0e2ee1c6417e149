// Command lines as people type them who know other programs, copied them from a page, or were not careful; and the answers,
// each a command that can be typed as it stands. All are run in one shell, in a world of its own; so is every command that an
// answer names.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { holds } from "../support/promises.ts";
import { WorldStage } from "../support/stage.ts";

const run = "tinybackup run -f notes.txt -d saved";
const install = "tinybackup install -f notes.txt -d saved -t";
const restore = "tinybackup restore -f notes.txt -d saved";

/** A line, and what its hint ends with. */
const lines: readonly (readonly [line: string, answer: string])[] = [
  // Other programs' commands.
  ["tinybackup save notes.txt saved", run],
  ["tinybackup snapshot -f notes.txt -d saved -k 5", `${run} -k 5`],
  ["tinybackup create notes.txt saved", run],
  ["tinybackup -r saved backup notes.txt", run],
  ["tinybackup --repo saved backup notes.txt", run],
  ["tinybackup snapshots --repo saved", "tinybackup list -d saved"],
  ["tinybackup forget --keep-last 7 -d saved -f notes.txt", "tinybackup prune -f notes.txt -d saved -k 7"],
  ["tinybackup check -d saved", "tinybackup verify -d saved"],
  ["tinybackup test notes.txt saved", "tinybackup verify -f notes.txt -d saved"],
  ["tinybackup history notes.txt -d saved", "tinybackup list -f notes.txt -d saved"],
  ["tinybackup ls-files notes.txt saved", "tinybackup list -f notes.txt -d saved"],
  ["tinybackup extract notes.txt saved", restore],
  ["tinybackup get -d saved --target out.txt", "tinybackup restore -d saved --to out.txt"],
  ["tinybackup cat notes.txt -d saved", `${restore} --to -`],
  [
    "tinybackup remove notes.txt saved",
    "tinybackup uninstall -f notes.txt -d saved; or tinybackup prune -f notes.txt -d saved",
  ],
  ["tinybackup stop", "tinybackup uninstall -f FILE -d DIR"],
  ["tinybackup schedule notes.txt saved 2:00am", `${install} 2:00am`],
  ["tinybackup cron notes.txt saved '0 2 * * *'", `${install} 2:00`],
  ["tinybackup compare notes.txt -d saved", "tinybackup diff -f notes.txt -d saved"],
  ["tinybackup rsync notes.txt saved/", `${run}/`],
  ["tinybackup jobs", "tinybackup statusof"],
  ["tinybackup notes.txt saved", run],
  ["tinybackup instal -f notes.txt -d saved -t 2:00am --run", `${install} 2:00am --run`],
  ["tinybackup Run -f notes.txt -d saved", run],
  ["tinybackup -f notes.txt -d saved -t 3am", `${install} 3am`],
  ["tinybackup -d saved -f notes.txt list", "tinybackup list -f notes.txt -d saved"],
  ["tinybackup frobnicate", "tinybackup --help"],
  ["tinybackup ''", "tinybackup --help"],
  ["tinybackup help save", "tinybackup run --help"],
  // Other programs' options.
  ["tinybackup -v run notes.txt saved", `${run} --verbose`],
  ["tinybackup run -n -f notes.txt -d saved", `${run} --noop`],
  ["tinybackup run notes.txt --target saved", run],
  ["tinybackup restore notes.txt -d saved --overwrite", `${restore} --force`],
  ["tinybackup restore notes.txt -d saved -force", `${restore} --force`],
  ["tinybackup restore notes.txt -d saved -o out.txt", `${restore} --to out.txt`],
  ["tinybackup run -destdir saved -file notes.txt", run],
  ["tinybackup run -f=notes.txt -d=saved", run],
  // Copied from a page.
  ["tinybackup run –f notes.txt –d saved", run],
  ["tinybackup run -f notes.txt —destdir saved", run],
  ["tinybackup run -f notes.txt −−keeprevisions 5 -d saved", `${run} -k 5`],
  ["tinybackup run -f “notes.txt” -d ‘saved’", run],
  ["tinybackup install -f notes.txt -d saved -t “2:00 am”", `${install} '2:00 am'`],
  ["tinybackup install -f notes.txt -d saved -t 'every day at 2am'", `${install} 2am`],
  ["tinybackup install -f notes.txt -d saved -t 'at 2am every sunday'", `${install} '2am sunday'`],
  ["tinybackup install -f notes.txt -d saved -t '2:00 weekdays'", `${install} 2:00`],
  ["tinybackup install -f notes.txt -d saved -t '+ 1.5 hours'", `${install} '+ 90 minutes'`],
  ["tinybackup install -f notes.txt -d saved -t '10:00 2036/12/24'", `${install} '10:00 2036-12-24'`],
  ["tinybackup install -f notes.txt -d saved -t 2036-12-24T10:00:00Z", `${install} '2036-12-24 10:00 utc'`],
  ["tinybackup install -f notes.txt -d saved --time=“2:00 am”", `${install} '2:00 am'`],
  [String.raw`tinybackup run -f notes.txt $'-d\xc2\xa0saved'`, run],
  [String.raw`tinybackup run -f notes.txt -d $'saved\r'`, run],
  // What a shell leaves alone, or empties.
  ["tinybackup run -f '~/notes.txt' -d saved --raw", "tinybackup run -f HOME/notes.txt -d saved --raw"],
  ["tinybackup run -f notes.txt --destdir=~/saved", "tinybackup run -f notes.txt -d HOME/saved"],
  ["tinybackup restore notes.txt -d saved --to '~/x.txt'", `${restore} --to HOME/x.txt`],
  ["tinybackup run -f notes.txt -d '$HOME/saved'", "tinybackup run -f notes.txt -d HOME/saved"],
  ["tinybackup run -f notes.txt -d '${BACKUPS}/notes'", "tinybackup run -f notes.txt -d DIR"],
  ['tinybackup run -f notes.txt -d "$UNSET/" -k 3', "tinybackup run -f notes.txt -d DIR -k 3"],
  ['tinybackup run -f notes.txt -d "$UNSET"', "tinybackup run -f notes.txt -d DIR"],
  ["tinybackup run -f $UNSET -d saved", "tinybackup run -f FILE -d saved"],
  ["tinybackup run -f '*.md' -d saved", "tinybackup run -f FILE -d saved"],
  ["tinybackup run -f *.txt -d saved -k 5", "tinybackup run -f a.txt -d saved -k 5"],
  ["tinybackup run *.txt saved", "tinybackup run -f a.txt -d saved"],
  ["tinybackup run -f my notes.txt -d saved", "tinybackup run -f 'my notes.txt' -d saved"],
  ["tinybackup run my notes.txt saved", "tinybackup run -f 'my notes.txt' -d saved"],
  // What is no folder, and no file.
  ["tinybackup run -f notes.txt -d me@nas:/backups", "tinybackup run -f notes.txt -d DIR"],
  [
    "tinybackup run -f notes.txt -d sftp://nas/backups --keep-daily 7",
    "tinybackup run -f notes.txt -d DIR --keep-daily 7",
  ],
  [
    String.raw`tinybackup run -f notes.txt -d 'C:\Users\me'`,
    "tinybackup run -f notes.txt -d /mnt/c/Users/me",
  ],
  [String.raw`tinybackup run -f notes.txt -d '\\nas\backups'`, "tinybackup run -f notes.txt -d DIR"],
  ["tinybackup run -f notes.txt -d /media/me/usb", "tinybackup run -f notes.txt -d /media/me/usb"],
  ["tinybackup run -f notes.txt -d new/folder", "mkdir -p new/folder"],
  ["tinybackup run -f notes.txt -d saves", run],
  ["tinybackup run -f tinybackup -d saved", "tinybackup run -f FILE -d saved"],
  ["tinybackup run -f nots.txt -d saved -k 9", `${run} -k 9`],
  ["tinybackup list -f nots.txt -d saved", "tinybackup list -f ROOT/notes.txt -d saved"],
  ["tinybackup run saved notes.txt", run],
  ["tinybackup run -f notes.txt -d saved/x.tar", run],
  ["tinybackup run -f . -d saved", "tinybackup run -f ROOT/FILE -d saved"],
  ["tinybackup run -f - -d saved", "tinybackup run -f FILE -d saved"],
  ["tinybackup run -f <(echo hello) -d saved", "tinybackup run -f FILE -d saved"],
  ["echo hello | tinybackup run -f /dev/stdin -d saved", "tinybackup run -f FILE -d saved"],
  ["tinybackup list saved", "tinybackup list -d saved"],
  ["tinybackup verify saved", "tinybackup verify -d saved"],
  ["tinybackup restore saved", "tinybackup restore -d saved"],
  // Values.
  ["tinybackup run -f notes.txt -d saved -k 0", `${run} -k 14`],
  ["tinybackup run -f notes.txt -d saved -k 7d", `${run} --keep-within 7d`],
  ["tinybackup run -f notes.txt -d saved --keep-within '2 weeks'", `${run} --keep-within 14d`],
  ["tinybackup run -f notes.txt -d saved --compress gz", `${run} --compress gzip`],
  ["tinybackup statusof --max-age '1 day'", "tinybackup statusof --max-age 1d"],
  ["tinybackup completions powershell", "tinybackup completions bash"],
  // Too little, and too much.
  ["tinybackup run", "tinybackup run -f FILE -d DIR"],
  ["tinybackup run help", "tinybackup run --help"],
  ["tinybackup install notes.txt saved", `${install} 2:00am`],
  ["tinybackup run -f notes.txt -d saved --quiet --verbose", `${run} --quiet`],
  ["tinybackup install notes.txt saved 2am --once --times 3", `${install} 2am --times 3`],
  ["tinybackup --run -r -f notes.txt -d saved", "tinybackup run --always -f notes.txt -d saved"],
  ["tinybackup list notes.txt saved", "tinybackup list -f notes.txt -d saved"],
  ["tinybackup diff notes.txt saved", "tinybackup diff -f notes.txt -d saved"],
  ["tinybackup prune -d saved", "tinybackup prune -f FILE -d saved"],
  ["tinybackup doctor now", "tinybackup doctor"],
  // Times.
  ["tinybackup install notes.txt saved 2:00 am -k 30", `${install} '2:00 am' -k 30`],
  ["tinybackup install notes.txt saved '*/15 * * * *'", `${install} 'every 15 minutes'`],
  ["tinybackup install notes.txt saved weekdays", `${install} daily`],
  ["tinybackup install notes.txt saved 'every monday at 9pm' --run", `${install} 'monday 9pm' --run`],
  ["tinybackup install notes.txt saved '2am,2pm'", `${install} 2am`],
  ["tinybackup install notes.txt saved 2020-01-01", `${install} 2:00am`],
  ["tinybackup install notes.txt saved now", `${install} now --once`],
  ["tinybackup preview at noon", "tinybackup preview -t noon"],
  // Revisions.
  ["tinybackup restore -d saved 1", "tinybackup restore -d saved --revision 1 --to PATH"],
  ["tinybackup restore notes.txt -d saved yesterday", `${restore} --revision yesterday`],
  ["tinybackup restore notes.txt -d saved --revision newest", `${restore} --revision latest`],
  ["tinybackup restore notes.txt -d saved --revision 42", "tinybackup list -f notes.txt -d saved"],
  ["tinybackup restore notes.txt -d saved", `${restore} --force`],
  ["tinybackup restore -d saved", "tinybackup restore -d saved --force"],
  ["tinybackup restore notes.txt -d saved --to .", `${restore} --to ROOT/notes.txt`],
  ["tinybackup diff -d saved 1 2", "tinybackup diff -d saved --revision 1 2"],
  ["tinybackup diff -d saved 1", "tinybackup diff -d saved --revision 1"],
  ["tinybackup verify -d saved 1", "tinybackup verify -d saved --revision 1"],
  // Schedules.
  ["tinybackup uninstall notes.txt saved", "tinybackup uninstall -f notes.txt -d saved"],
  ["tinybackup uninstall fiels -f notes.txt -d saved", "tinybackup uninstall files -f notes.txt -d saved"],
  ["tinybackup uninstall all -f notes.txt", "tinybackup uninstall files -f notes.txt -d DIR"],
  ["tinybackup uninstall all backup job", "tinybackup uninstall all"],
  ["tinybackup statusof notes.txt", "tinybackup statusof -f notes.txt"],
  [
    "tinybackup --uninstall -t 3am",
    "tinybackup uninstall -f ROOT/notes.txt -d ROOT/saved -t 3am; or, to end all there are: tinybackup uninstall all",
  ],
];

interface Answer {
  readonly code: number;
  readonly err: string;
}

let stage: WorldStage;
let answers: readonly Answer[];
beforeAll(async () => {
  stage = await WorldStage.create();
  stage.shell(`cd "${stage.root}"; mkdir before; cd before; mkdir saved; echo hi > notes.txt; echo a > a.txt; cp a.txt 'my notes.txt'
    cd ..; cp -a before/. .; touch saved/x.tar; tinybackup run notes.txt saved; echo more >> notes.txt; tinybackup run notes.txt saved
    cp -a notes.txt saved before/; tinybackup install notes.txt saved 3am`);
  answers = type(lines.map(([line]) => line));
});
afterAll(() => stage[Symbol.asyncDispose]());

/** How each line ends, all typed in one shell, each on the same files. */
function type(typed: readonly string[]): Answer[] {
  const fresh = "rm -rf saved *.txt; cp -a before/. .";
  const script = typed.map(
    (line) => `(${fresh}; ${line}) 2> err > /dev/null < /dev/null; echo "$? $(tr '\\n' '\\1' < err)"`,
  );
  const { out } = stage.shell(`cd "${stage.root}"\n${script.join("\n")}`, { env: { LANG: "C.UTF-8" } });
  const ends = out.trim().split("\n");
  return ends.map((end) => ({
    code: Number.parseInt(end, 10),
    err: end.replace(/^\d+ /, "").replaceAll("\u0001", "\n"),
  }));
}

test(
  holds(
    "evidence",
    "strict",
    "each is answered by one line on what is wrong, and a command that can be typed",
  ),
  () => {
    const wrong = answers.flatMap(({ code, err }, place) => {
      const [line, answer] = lines[place] ?? ["", ""];
      const full = answer.replaceAll("HOME", stage.home).replaceAll("ROOT", stage.root);
      const [what = "", hint = "", ...more] = err.trim().split("\n");
      const isRight = code > 0 && what.startsWith("tinybackup: ") && more.length === 0;
      if (isRight && new RegExp(`^hint: (?:.*: )?${RegExp.escape(full)}$`).test(hint)) return [];
      return { line, answer: full, code, err };
    });
    expect(wrong).toEqual([]);
    expect(answers.length).toBe(lines.length);
  },
);

test("every command in an answer is one that the program takes", () => {
  const hints = answers.map(({ err }) => /^hint: (.*)$/m.exec(err)?.[1] ?? "");
  const commands = [
    ...new Set(hints.flatMap((hint) => hint.match(/(?<![-\w/])tinybackup .*?(?=;|$)/g) ?? [])),
  ];
  expect(commands.length).toBeGreaterThan(60);
  const refused = type(commands).flatMap(({ code, err }, place) =>
    code === 2 || code > 75 ? [[commands[place], err]] : [],
  );
  expect(refused).toEqual([]);
});
