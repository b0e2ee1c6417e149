// What a restored file has besides its content: attributes, an ACL, holes; and what it must not or can't have.
import { beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { judge, needRoot, tool } from "../support/tools.ts";

beforeAll(() =>
  needRoot("setfacl", "getfacl", "setfattr", "getfattr", "setcap", "losetup", "mkfs.vfat", "filefrag"),
);

function restore(stage: Stage, ...more: readonly string[]) {
  return stage.type(["restore", ...stage.paths, ...more]);
}

const aclOf = (path: string): string => tool("getfacl", "-cnp", path).toString();
const attributesOf = (path: string): string =>
  tool("getfattr", "-d", "--absolute-names", path).toString().split("\n").slice(1).join("\n");

/** A stage whose file has an ACL, two attributes and a capability. */
function openStage(): Stage {
  const stage = new Stage();
  tool("setfattr", "-n", "user.origin", "-v", "https://example.org/ü", stage.source);
  tool("setfattr", "-n", "user.empty", stage.source);
  tool("setfacl", "-m", "u:3001:r,g:3002:rw,m::r", stage.source);
  tool("setcap", "cap_net_raw+ep", stage.source);
  stage.save();
  return stage;
}

describe("attributes and an ACL", () => {
  test(
    holds("restore-proven", "come back; a capability does not, and that is said, with what gives it"),
    () => {
      using stage = openStage();
      const back = join(stage.root, "back");
      const ended = restore(stage, "--to", back);
      expect(ended.code).toBe(0);
      expect(ended.err).toStartWith(
        `tinybackup: warning: '${back}' is without the file's security.capability\nhint: `,
      );
      expect(aclOf(back)).toBe(aclOf(stage.source));
      expect(attributesOf(back)).toBe(attributesOf(stage.source));
      expect(tool("getcap", back).toString()).toBe("");
      const [, line = ""] = /^hint: .*?: (tar .*)$/m.exec(ended.err) ?? [];
      const folder = join(stage.root, "by-tar");
      mkdirSync(folder);
      expect(stage.shell(line, { cwd: folder })).toMatchObject({ code: 0, err: "" });
      const byTar = join(folder, "notes.txt");
      expect(aclOf(byTar)).toBe(aclOf(stage.source));
      expect(tool("getcap", byTar).toString()).toContain("cap_net_raw=ep");
    },
  );

  test("come back read-only and to somebody who is not root, as far as they are his", () => {
    using stage = new Stage();
    const open = join(stage.root, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);
    tool("setfattr", "-n", "user.origin", "-v", "here", stage.source);
    tool("chown", "65534:65534", stage.source);
    tool("setfacl", "-m", "u:3001:r", stage.source);
    chmodSync(stage.source, 0o440);
    stage.save();
    stage.shell('chmod 755 "$SAVED"; chmod 644 "$SAVED"/*');
    const ended = stage.typeAsNobody(["restore", "-d", stage.destination, "--to", `${open}/x`]);
    expect(ended).toMatchObject({ code: 0, err: expect.stringMatching(/^restored /) });
    expect([aclOf(`${open}/x`), attributesOf(`${open}/x`)]).toEqual([
      aclOf(stage.source),
      attributesOf(stage.source),
    ]);
  });

  test("of another owner: the ACL is left out, the bits are narrowed by it, and that is said", () => {
    using stage = openStage();
    const open = join(stage.root, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);
    stage.shell('chmod 755 "$SAVED"; chmod 644 "$SAVED"/*');
    const ended = stage.typeAsNobody(["restore", "-d", stage.destination, "--to", `${open}/x`]);
    expect(ended.err).toContain(
      "is without the file's owner, group, permissions, security.capability, ACL\n",
    );
    expect((statSync(`${open}/x`).mode & 0o7777).toString(8)).toBe("600");
  });
});

test.each(["000", "077"])(
  "what a folder hands down, with umask %s, is neither on a revision nor on a restored file",
  (umask) => {
    using stage = new Stage();
    const elsewhere = join(stage.root, "elsewhere");
    mkdirSync(elsewhere);
    for (const folder of [stage.destination, elsewhere]) {
      tool("setfacl", "-d", "-m", "u:3001:rwx,g:3002:rwx,m::rwx,o::rwx", folder);
      tool("chown", ":3002", folder);
      chmodSync(folder, 0o2777);
    }
    const by = ["sh", "-c", `umask ${umask}; exec "$@"`, "sh"];
    expect(stage.type(["run", ...stage.paths], { by })).toMatchObject({ code: 0, err: "" });
    expect(aclOf(join(stage.destination, stage.revisions()[0] ?? ""))).toBe(
      "user::rw-\ngroup::---\nother::---\n\n",
    );
    stage.type(["restore", ...stage.paths, "--to", join(elsewhere, "x")], { by });
    expect(aclOf(join(elsewhere, "x"))).toBe(aclOf(stage.source));
  },
);

/** vfat where the kernel has it, else exFAT by FUSE. */
function mountFat(folder: string): () => void {
  const image = join(tmpdir(), `tinybackup-fat-${process.pid}-${performance.now()}`);
  tool("truncate", "--size=40M", image);
  tool("mkfs.vfat", image);
  const device = tool("losetup", "--find", "--show", image).toString().trim();
  if (judge("mount", "-t", "vfat", device, folder).status !== 0) {
    tool("mkfs.exfat", device);
    tool("mount.exfat-fuse", device, folder);
  }
  return () => {
    tool("umount", folder);
    tool("losetup", "--detach", device);
    rmSync(image);
  };
}

describe("on a file system without owners and modes", () => {
  test("a file is restored, over another one as well, and what it is without is said once", () => {
    using stage = openStage();
    tool("chown", "3001:3002", stage.source);
    stage.save();
    const folder = join(stage.root, "stick");
    mkdirSync(folder);
    const tidy = mountFat(folder);
    try {
      const target = join(folder, "notes.txt");
      writeFileSync(target, "present");
      const ended = restore(stage, "--to", target, "--force");
      expect(ended.code).toBe(0);
      expect(ended.err.match(/warning/g)).toHaveLength(1);
      expect(ended.err).toMatch(/is without the file's owner, group, permissions, user\.\w+, user\.\w+, /);
      expect(readFileSync(target).equals(readFileSync(stage.source))).toBe(true);
      expect(readdirSync(folder)).toHaveLength(2);
    } finally {
      tidy();
    }
  });
});

describe("holes", () => {
  test(holds("restore-proven", "bounded", "of 20 GiB come back as holes, in seconds"), () => {
    using stage = new Stage();
    tool("truncate", "--size=20G", stage.source);
    for (const place of ["0", "7000", "20479"])
      stage.shell(`dd if=/dev/urandom of="$SOURCE" bs=1M count=1 seek=${place} conv=notrunc status=none`);
    const begun = performance.now();
    expect(stage.save()).toMatchObject({ code: 0 });
    const back = join(stage.root, "back");
    expect(restore(stage, "--to", back)).toMatchObject({ code: 0, err: expect.stringMatching(/^restored /) });
    expect(performance.now() - begun).toBeLessThan(20_000);
    const [original, copy] = [statSync(stage.source), statSync(back)];
    expect([copy.size, copy.blocks]).toEqual([original.size, original.blocks]);
    for (const place of ["0", "7000", "20479"]) {
      const line = `cmp -n 3M -i ${Math.max(0, Number(place) - 1)}M "$SOURCE" "${back}"`;
      expect(stage.shell(line)).toMatchObject({ code: 0, out: "", err: "" });
    }
  });

  test.each([
    ["only", "truncate -s 5M"],
    ["at the beginning", "truncate -s 5M F; printf end >>F"],
    ["at the end", "printf begin >F; truncate -s 5M F"],
    [
      "everywhere",
      "for at in 1 3 5 7 9; do printf x | dd of=F bs=1M seek=$at conv=notrunc status=none; done; truncate -s 12345678 F",
    ],
  ])("%s come back as they were", (_, script) => {
    using stage = new Stage();
    stage.shell(
      `: >"$SOURCE"; ${script.includes("F") ? script.replaceAll(/\bF\b/g, '"$SOURCE"') : `${script} "$SOURCE"`}`,
    );
    stage.save();
    for (const more of [[], ["--force"]]) {
      expect(restore(stage, "--to", "back", ...more)).toMatchObject({ code: 0 });
      expect(stage.shell('cmp "$SOURCE" back')).toMatchObject({ code: 0, out: "", err: "" });
      expect(statSync(join(stage.root, "back")).blocks).toBe(statSync(stage.source).blocks);
    }
    expect(stage.shell('tinybackup restore -d "$SAVED" --to - | cmp - "$SOURCE"')).toMatchObject({
      code: 0,
      out: "",
      err: "",
    });
  });
});

test("what a killed restore left is removed by the next one in that folder, or by a run there", async () => {
  using stage = new Stage();
  tool("truncate", "--size=100M", stage.source);
  stage.shell('head -c 60000000 /dev/urandom | dd of="$SOURCE" conv=notrunc bs=1M status=none');
  stage.save();
  const elsewhere = join(stage.root, "elsewhere");
  mkdirSync(elsewhere);
  const kill = (): string[] => {
    stage.shell(
      `"$BINARY" restore -d "$SAVED" --to elsewhere/x & until ls -A elsewhere | grep -q partial; do :; done; kill -9 $!; wait`,
    );
    return readdirSync(elsewhere);
  };
  expect(kill()).toHaveLength(1);
  expect(restore(stage, "--to", "elsewhere/x")).toMatchObject({ code: 0 });
  expect(readdirSync(elsewhere)).toEqual(["x"]);
  rmSync(join(elsewhere, "x"));
  expect(kill()).toHaveLength(1);
  stage.write("small", "content");
  expect(stage.type(["run", "-f", join(stage.root, "small"), "-d", elsewhere])).toMatchObject({ code: 0 });
  expect(readdirSync(elsewhere)).toHaveLength(1);
});
