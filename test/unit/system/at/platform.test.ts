import { expect, test } from "bun:test";
import { SchedulerFailure } from "../../../../src/errors.ts";
import { selectJobEnvironment } from "../../../../src/system/at/command.ts";
import { parseDisabledServices } from "../../../../src/system/at/health.ts";
import { detectPlatform } from "../../../../src/system/at/platform.ts";

const systemd = { kernel: "linux", hasSystemd: true };

test.each([
  [{ ...systemd, osRelease: "ID=debian\n" }, "sudo apt install at", "sudo systemctl enable --now atd"],
  [
    { ...systemd, osRelease: 'ID=linuxmint\nID_LIKE="ubuntu debian"\n' },
    "sudo apt install at",
    "sudo systemctl",
  ],
  [
    { ...systemd, osRelease: 'ID="rocky"\nID_LIKE="rhel centos fedora"\n' },
    "sudo dnf install at",
    "sudo systemctl",
  ],
  [{ ...systemd, osRelease: "ID=arch\n" }, "sudo pacman -S at", "sudo systemctl"],
  [{ ...systemd, hasSystemd: false, osRelease: "ID=alpine\n" }, "sudo apk add at", "sudo rc-update add atd"],
  [
    { ...systemd, hasSystemd: false, osRelease: "ID=debian\n" },
    "sudo apt install at",
    "sudo service atd start",
  ],
  [{ ...systemd, osRelease: "" }, "install the package 'at'", "sudo systemctl"],
  [{ kernel: "darwin", hasSystemd: false, osRelease: "" }, "restore", "sudo launchctl load -w"],
  [{ kernel: "freebsd", hasSystemd: false, osRelease: "" }, "restore", "service cron onestart"],
])("on %j a person types what works there", (facts, install, start) => {
  const platform = detectPlatform(facts);
  expect(platform.install).toStartWith(install);
  expect(platform.start).toStartWith(start);
});

const detect = () => detectPlatform({ kernel: "sunos", hasSystemd: false, osRelease: "" });

test("a system whose at is not known is refused", () => {
  expect(detect).toThrow(SchedulerFailure);
  expect(detect).toThrow("sunos");
});

test.each([
  ['\t"com.apple.atrun" => enabled\n', 0, "up"],
  ['\t"com.apple.atrun" => false\n', 0, "up"],
  ['\t"com.apple.atrun" => disabled\n', 0, "down"],
  ['\t"com.apple.atrun" => true\n', 0, "down"],
  ["disabled services = {\n}\n", 0, "down"],
  ["", 127, "unknown"],
] as const)("launchctl saying %p with %i: atrun is %s", (stdout, exitCode, daemon) => {
  expect(parseDisabledServices({ exitCode, stdout })).toBe(daemon);
});

test("a job's environment holds no secret, no odd name, no odd value, and finds at", () => {
  const selected = selectJobEnvironment({
    PATH: ".:bin::/opt/bin:/usr/bin",
    HOME: "/home/bob é",
    LANG: "de_DE.UTF-8",
    USER: "bob\nrm -rf /",
    SHELL: "/usr/bin/nu",
    LC_ALL: "",
    TZ: "Europe/Berlin",
    AWS_SECRET: "hunter2",
    BUN_OPTIONS: "--preload x",
    "BASH_FUNC_x%%": "() { :; }",
    XDG_STATE_HOME: "/state",
    XDG_SESSION_COOKIE: "secret",
    CI: "1",
  });
  expect(selected).toEqual({
    PATH: "/opt/bin:/usr/bin:/usr/local/bin:/bin",
    HOME: "/home/bob é",
    LANG: "de_DE.UTF-8",
    SHELL: "/bin/sh",
    XDG_STATE_HOME: "/state",
  });
});
