// The examples of docs/monitoring.md, run as they stand there: only addresses are those of a server of the test.
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { binary } from "../support/binary.ts";
import { World } from "../support/world.ts";
import { day, hour, moment } from "../support/stage.ts";
import { run as runHere } from "../support/tools.ts";

setDefaultTimeout(60_000);

const root = resolve(import.meta.dir, "../..");
const page = readFileSync(join(root, "docs/monitoring.md"), "utf8");
/** The blocks of a chapter, in their order. */
const blocks = (chapter: string) => {
  const [, text = ""] = page.split(`\n## ${chapter}\n`);
  const [own = ""] = text.split("\n## ");
  return [...own.matchAll(/^```(?:sh|yaml)\n([^]*?)^```$/gm)].map(([, block = ""]) => block);
};

const evening = moment("2026-11-23T20:00");
const env = {
  HOME: "/home/me",
  PATH: `${join("/run/project", relative(root, dirname(binary)))}:/usr/local/bin:/usr/bin:/bin:/usr/sbin`,
};
const pings: string[] = [];
let server: Bun.Server<undefined>;
let world: World;

beforeAll(async () => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      pings.push(`${new URL(request.url).pathname} ${await request.text()}`.trim());
      return new Response("OK");
    },
  });
  world = await World.create(evening);
  const prepare = `
    mount -t tmpfs tmpfs /home; mkdir /home/me
    printf '#!/bin/sh\\n{ echo "$@"; cat; } >>/home/me/mail\\n' >/usr/sbin/mail
    chmod +x /usr/sbin/mail
    mkdir -p /var/lib/prometheus/node-exporter
    mount -t tmpfs tmpfs /var/lib/prometheus/node-exporter`;
  expect(world.run(["sh", "-ec", prepare]).err).toBe("");
});
beforeEach(() => {
  world.setClock(evening);
  type("tinybackup uninstall all");
  type("mountpoint -q /mnt || mount -t tmpfs tmpfs /mnt; mkdir -p /mnt/backups; echo paid >ledger.db; >mail");
  pings.length = 0;
});
afterAll(async () => {
  await server.stop(true);
  await world[Symbol.asyncDispose]();
});

function type(script: string) {
  const there = script.replaceAll("https://hc-ping.com", `http://127.0.0.1:${server.port}`);
  return world.run(["sh", "-c", there], { cwd: "/home/me", env });
}

const readMail = () => type("cat mail").out;

test("mail: of a run that failed, and of what a run can't say", async () => {
  const [install = "", ask = ""] = blocks("Mail");
  expect(type(`${install.trimEnd()} --run`)).toMatchObject({ code: 0 });
  expect(type(ask)).toEqual({ code: 0, out: "", err: "" });
  expect(readMail()).toBe("");
  type("umount /mnt");
  await world.passUntil(evening + 7 * hour);
  expect(readMail()).toBe(
    "-s no backup of /home/me/ledger.db me@example.org\ncannot save into '/mnt/backups': nothing is mounted at '/mnt'\n",
  );
  world.run(["sh", "-c", "rm /var/spool/cron/atjobs/z*"]);
  type(`>mail; ${ask}`);
  expect(readMail()).toStartWith("-s backups need attention me@example.org\ntinybackup: warning: ");
  expect(readMail()).toContain("is not in the queue any more");
});

test("a dead man's switch: a ping for what went well, and what is wrong for what did not", async () => {
  const [install = ""] = blocks("A dead man's switch");
  expect(type(install)).toMatchObject({ code: 0 });
  await world.passUntil(evening + 7 * hour);
  expect(pings).toEqual(["/your-uuid"]);
  type(">ledger.db");
  await world.passUntil(evening + day + 7 * hour);
  expect(pings.slice(1)).toEqual([
    expect.stringMatching(/^\/your-uuid\/fail .*'\/home\/me\/ledger.db' is empty/),
  ]);
});

/** What the parser of Prometheus's own client makes of it; throws where it has something against it. */
function judgeMetrics(text: string): Map<string, number> {
  const script = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families as parse
families = list(parse(sys.stdin.read()))
assert all(each.documentation and each.type == "gauge" for each in families), families
samples = [(sample.name + json.dumps(sample.labels, sort_keys=True, separators=(",", ":"), ensure_ascii=False), sample.value) for each in families for sample in each.samples]
assert len(dict(samples)) == len(samples), "a series twice"
print(json.dumps(samples))`;
  const { code, out, err } = runHere(["python3", "-c", script], { input: text });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return new Map(JSON.parse(out));
}

const labelsOf = (file: string, time: string, name = "") =>
  JSON.stringify({ destination: "/mnt/backups", name, source: `/home/me/${file}`, time });

test("Prometheus: what statusof says, as its parser reads it", async () => {
  const [script = ""] = blocks("Prometheus");
  const read = () => {
    expect(type(script)).toEqual({ code: 0, out: "", err: "" });
    const { out } = type("cd /var/lib/prometheus/node-exporter; ls; cat tinybackup.prom");
    expect(out).toStartWith("tinybackup.prom\n# HELP ");
    return judgeMetrics(out.slice(out.indexOf("#")));
  };
  expect([...read()]).toEqual([]);
  const odd = String.raw`odd "name" \n é`;
  type(`echo x >'${odd}'; tinybackup install -f '${odd}' -d /mnt/backups -t noon --name 'a "b"'`);
  type(
    "tinybackup install -f ledger.db -d /mnt/backups -t 2:00am; tinybackup install -f ledger.db -d /mnt/backups -t 3am",
  );
  await world.passUntil(evening + 6.5 * hour);
  world.setClock(evening + 9 * hour);
  world.stopDaemon();
  const metrics = read();
  world.startDaemon();
  const ledger = labelsOf("ledger.db", "2:00am");
  expect([...metrics.keys()].filter((key) => key.startsWith("tinybackup_armed"))).toHaveLength(3);
  expect(metrics.get(`tinybackup_armed${labelsOf(odd, "noon", 'a "b"')}`)).toBe(1);
  expect(metrics.get(`tinybackup_problems${ledger}`)).toBe(1);
  expect(metrics.get(`tinybackup_last_run_exit_code${ledger}`)).toBe(0);
  expect(metrics.get(`tinybackup_last_run_exit_code${labelsOf("ledger.db", "3am")}`)).toBeUndefined();
  const due = moment("2026-11-24T02:00");
  for (const name of ["last_run", "newest_revision"]) {
    const seconds = metrics.get(`tinybackup_${name}_timestamp_seconds${ledger}`) ?? 0;
    expect(seconds - due).toBeWithin(0, 60);
  }
});

test("Ansible: a schedule that is as it should be is left alone, and a second task finds trouble", () => {
  const [yaml = ""] = blocks("Ansible");
  const load = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))";
  const { out, err } = runHere(["python3", "-c", load], { input: yaml });
  expect(err).toBe("");
  const [schedule, watch] = JSON.parse(out);
  const { argv } = schedule["ansible.builtin.command"];
  expect(schedule).toMatchObject({
    register: "backup",
    changed_when: "(backup.stdout | from_json).changed",
  });
  // As that module does: no shell.
  const apply = () => world.run(argv, { cwd: "/", env });
  const changes = [1, 2].map(() => {
    const { code, out: said } = apply();
    const { changed } = JSON.parse(said);
    return { code, changed };
  });
  expect(changes).toEqual([
    { code: 0, changed: true },
    { code: 0, changed: false },
  ]);
  expect(watch["changed_when"]).toBe(false);
  const look = () => world.run(watch["ansible.builtin.command"].split(" "), { cwd: "/", env });
  expect(look()).toEqual({ code: 0, out: "", err: "" });
  world.stopDaemon();
  expect(look().code).toBe(6);
  world.startDaemon();
});
