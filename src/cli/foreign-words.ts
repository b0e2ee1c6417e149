// What other programs (restic, borg, rsync, tar, cron) and other habits call things, and what that is here. Pure.

/** Commands; several where such a word may mean either. */
export const foreignCommands = invert({
  run: "save snapshot create copy cp push store archive sync rsync start now do czf cvf",
  install: "schedule cron crontab at add new enable init setup register watch",
  uninstall: "unschedule stop disable cancel atrm unregister remove delete rm",
  statusof: "jobs atq queue ps stat schedules stats -l",
  preview: "when next explain calendar simulate",
  list: "history log snapshots revisions versions ls-files archives dir show info",
  restore: "extract get recover checkout unpack undelete pull revert fetch rollback xf xvf",
  "restore --to -": "cat dump print",
  diff: "compare changes changed",
  verify: "check test fsck validate scrub prove",
  prune: "remove delete rm forget clean cleanup purge expire rotate trim gc",
  doctor: "diagnose health selftest ping",
  completions: "completion autocomplete",
});

/** Options; a command takes the first of them that it has. */
export const foreignOptions = invert({
  to: "-o -O -C --output --out --target --into --directory",
  sourcefile: "-i --input --in --from --src --path --file",
  destinationdirectory: "-r -o --repo --repository --target --output --to --backup-dir --folder --dir",
  time: "--at --when --schedule --cron --every --interval --calendar",
  keeprevisions: "--keep --keep-last --retain --retention --max --copies --rotate --limit --generations",
  revision: "-s --snapshot --rev --version --id --number --archive --at",
  name: "--tag --label --comment",
  force: "-y --yes --overwrite --clobber",
  "dry-run": "-n --dry --simulate --just-print --check --noop",
  noop: "-n --dry --dry-run --simulate --just-print --check",
  count: "-c --times --limit",
  verbose: "-v --progress --stats",
  quiet: "-q --silent --no-progress",
  always: "--ignore-unchanged --full",
});

function invert(table: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> {
  const pairs = Object.entries(table).flatMap(([ours, words]) =>
    words.split(" ").map((word) => [word, ours]),
  );
  const grouped = Map.groupBy(pairs, ([word = ""]) => word);
  return new Map([...grouped].map(([word, all]) => [word, all.flatMap(([, ours = ""]) => ours)]));
}
