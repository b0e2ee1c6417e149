// Which of the world's `at` programs this system has, and what a person types here to get it going.
import { existsSync } from "node:fs";
import { SchedulerFailure } from "../../errors.ts";
import { readTextIfThere } from "../exists.ts";

/** The families of `at`: their listings, messages and job files differ. Debian's is that of Linux at large. */
export type AtFamily = "linux" | "macos" | "freebsd";

/** What runs the queue here, and what to type, as a person with the right to do it would. */
export interface Platform {
  readonly family: AtFamily;
  readonly install: string;
  readonly start: string;
  readonly permit: string;
  /** What is wrong where nothing runs the queue. */
  readonly idleCause: string;
  /** How long after its time a job may start: atrun is called every 30 seconds (macOS), or five minutes (FreeBSD). */
  readonly latenessMs: number;
}

/** What of the system decides; the defaults of `detectPlatform` read it. */
export interface SystemFacts {
  readonly kernel: string;
  /** The text of /etc/os-release, or "" (os-release(5)). */
  readonly osRelease: string;
  readonly hasSystemd: boolean;
}

const packageManagers: readonly (readonly [RegExp, string])[] = [
  [/\b(?:debian|ubuntu)\b/, "sudo apt install at"],
  [/\b(?:fedora|rhel|centos)\b/, "sudo dnf install at"],
  [/\barch\b/, "sudo pacman -S at"],
  [/\balpine\b/, "sudo apk add at"],
  [/\b(?:suse|opensuse)\b/, "sudo zypper install at"],
  [/\bvoid\b/, "sudo xbps-install at"],
  [/\bgentoo\b/, "sudo emerge sys-process/at"],
];

/** Names this system's `at`. Throws a SchedulerFailure where nothing is known of it. */
export function detectPlatform(facts: SystemFacts = readSystemFacts()): Platform {
  const platform = { linux: describeLinux(facts), darwin: macos, freebsd }[facts.kernel];
  if (platform !== undefined) return platform;
  throw new SchedulerFailure(`the 'at' of ${facts.kernel} can't be used: nothing is known of it`, {
    hint: "schedule 'tinybackup run' with cron here",
  });
}

const permitIn = (folder: string): string =>
  `ask the administrator to let you in: ${folder}/at.allow, ${folder}/at.deny`;

const macos: Platform = {
  family: "macos",
  install: "restore /usr/bin/at, which is a part of macOS",
  start: "sudo launchctl load -w /System/Library/LaunchDaemons/com.apple.atrun.plist",
  permit: permitIn("/usr/lib/cron"),
  idleCause: "'atrun' is switched off, as macOS ships it",
  latenessMs: 120_000,
};

const freebsd: Platform = {
  family: "freebsd",
  install: "restore /usr/bin/at, which is a part of the base system",
  start: "service cron onestart",
  permit: permitIn("/var/at"),
  idleCause: "'cron' is not running, which starts atrun",
  latenessMs: 360_000,
};

function describeLinux({ osRelease, hasSystemd }: SystemFacts): Platform {
  const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].map(([, value]) => value).join(" ");
  const start = ids.includes("alpine")
    ? "sudo rc-update add atd && sudo rc-service atd start"
    : "sudo service atd start";
  return {
    family: "linux",
    install: packageManagers.find(([pattern]) => pattern.test(ids))?.[1] ?? "install the package 'at'",
    start: hasSystemd ? "sudo systemctl enable --now atd" : start,
    permit: permitIn("/etc"),
    idleCause: "its daemon 'atd' is not running",
    latenessMs: 90_000,
  };
}

function readSystemFacts(): SystemFacts {
  return {
    kernel: process.platform,
    osRelease: readTextIfThere("/etc/os-release"),
    // The test that sd_booted(3) makes.
    hasSystemd: existsSync("/run/systemd/system"),
  };
}
