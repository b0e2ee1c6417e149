// Extended attributes, ACLs and capabilities in an archive: `tar --xattrs --acls`, bsdtar and we ourselves give them back as
// getfattr, getfacl and getcap saw them.
import { expect, test } from "bun:test";
import { copyFileSync, mkdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { parseAcl, readAttributes, removeAcl, writeAttributes } from "../../src/system/attributes.ts";
import { archive } from "../support/archives.ts";
import { judge, openWorkshop, type Workshop } from "../support/workshop.ts";

function attributesOf(folder: string, name: string): string {
  const args = ["-c", 'cd "$1" && getfattr -d -m - -e hex "$2" && getfacl -pn "$2" && getcap "$2"', "sh"];
  const { stdout, status, stderr } = judge("sh", ...args, folder, name);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.toString();
}

function tool(command: string, ...args: readonly string[]): void {
  expect(judge(command, ...args)).toMatchObject({ status: 0, stderr: "" });
}

/** A program with all that a file can have. */
function writeRich(shop: Workshop): string {
  const source = join(shop.root, "probe");
  copyFileSync("/bin/true", source);
  tool("setcap", "cap_net_raw+ep", source);
  tool("setfattr", "-n", "user.binary", "-v", "0x00ff0a003d80c3", source);
  tool("setfattr", "-n", "user.empty", source);
  tool("setfattr", "-n", "user.text", "-v", "two\nlines", source);
  tool("setfattr", "-n", "user.ünïcode", "-v", "x".repeat(2000), source);
  tool("setfacl", "-m", "u:daemon:rw,u:12345:r,g:adm:x,m:rw", source);
  return source;
}

test.each(["zstd", "gzip", "none"] as const)(
  "GNU tar and bsdtar give them back from %s, and a tar that was not asked to says nothing",
  async (format) => {
    using shop = openWorkshop();
    const source = writeRich(shop);
    const path = join(shop.root, "saved.tar");
    await archive(source, path, format);
    const expected = attributesOf(shop.root, "probe");
    expect(expected).toContain("cap_net_raw=ep");
    for (const command of [["tar", "--xattrs", "--xattrs-include=*", "--acls"], ["bsdtar"], ["tar"]]) {
      const folder = join(shop.root, command.join(""));
      mkdirSync(folder);
      tool(command[0] ?? "", ...command.slice(1), "-xpf", path, "-C", folder);
      if (command.join() !== "tar") expect(attributesOf(folder, "probe")).toBe(expected);
    }
  },
);

test("names with the signs that end a name in a tar come back by GNU tar, and by us", async () => {
  using shop = openWorkshop();
  const source = shop.write("a", "content");
  for (const name of ["user.a=b", "user.100%", "user.%3D", "user.new\nline"])
    tool("setfattr", "-n", name, "-v", name, source);
  const path = join(shop.root, "saved.tar");
  const saved = await archive(source, path, "none");
  tool("tar", "--xattrs", "--xattrs-include=*", "-xpf", path, "-C", shop.destination);
  expect(attributesOf(shop.destination, "a")).toBe(attributesOf(shop.root, "a"));
  await using handle = await open(source);
  expect(saved?.file.attributes).toEqual(readAttributes(handle.fd).attributes);
});

test("what was read is written to another file as it was, but never a capability, nor what is the system's", async () => {
  using shop = openWorkshop();
  const source = writeRich(shop);
  await using from = await open(source);
  await using to = await open(shop.write("copy", "content"), "r+");
  const { leftOut, ...found } = readAttributes(from.fd);
  expect(leftOut).toEqual([]);
  const attributes = {
    ...found.attributes,
    "trusted.a": "YQ==",
    "system.posix_acl_access": "AgAAAA==",
    "com.apple.a": "YQ==",
  };
  expect(writeAttributes(to.fd, { ...found, attributes }).toSorted()).toEqual([
    "com.apple.a",
    "security.capability",
    "system.posix_acl_access",
    "trusted.a",
  ]);
  tool("setcap", "-r", source);
  tool("chmod", "--reference", source, join(shop.root, "copy"));
  const written = attributesOf(shop.root, "copy").replaceAll("copy", "probe");
  expect(written).toBe(attributesOf(shop.root, "probe"));
});

test("an ACL is text as getfacl has it, with the entries that stand in it", async () => {
  using shop = openWorkshop();
  await using handle = await open(writeRich(shop));
  const { acl = "" } = readAttributes(handle.fd);
  const lines = judge("getfacl", "-cpE", join(shop.root, "probe")).stdout.toString();
  expect(acl).toBe(lines.replace(/\n\n$/, "\n"));
  expect(parseAcl(acl)).toEqual([
    { kind: "user", name: "", permissions: 7 },
    { kind: "user", name: "daemon", permissions: 6 },
    { kind: "user", name: "12345", permissions: 4 },
    { kind: "group", name: "", permissions: 5 },
    { kind: "group", name: "adm", permissions: 1 },
    { kind: "mask", name: "", permissions: 6 },
    { kind: "other", name: "", permissions: 5 },
  ]);
});

test("an ACL that says no more than the mode is none; one that a folder hands down can be removed", async () => {
  using shop = openWorkshop();
  await using plain = await open(shop.write("plain", "content"));
  expect(readAttributes(plain.fd)).toEqual({ attributes: undefined, acl: undefined, leftOut: [] });
  tool("setfacl", "-d", "-m", "u:daemon:rwx", shop.destination);
  await using handle = await open(join(shop.destination, "new"), "wx+", 0o600);
  expect(readAttributes(handle.fd).acl).toContain("user:daemon:rwx");
  removeAcl(handle.fd);
  expect(readAttributes(handle.fd).acl).toBeUndefined();
  expect((await handle.stat()).mode & 0o777).toBe(0o600);
});

test.each(["user:nobody-of-this-name:rw-", "user::rwx\nuser:1:r--\n", "no acl", "", "user:4294967295:r--"])(
  "an ACL that this system can't set (%j) is told, and leaves the file without",
  async (entry) => {
    using shop = openWorkshop();
    await using handle = await open(shop.write("a", "content"), "r+");
    const acl = entry.startsWith("user:") ? `user::rw-\ngroup::r--\nother::r--\n${entry}` : entry;
    expect(writeAttributes(handle.fd, { acl })).toEqual(["ACL"]);
    expect(readAttributes(handle.fd).acl).toBeUndefined();
  },
);

test("where the file system has no attributes, all of them are told", async () => {
  await using handle = await open("/proc/self/comm", "r+");
  expect(readAttributes(handle.fd)).toEqual({ attributes: undefined, acl: undefined, leftOut: [] });
  const acl = "user::rw-\nuser:daemon:r--\ngroup::r--\nmask::r--\nother::r--\n";
  expect(writeAttributes(handle.fd, { attributes: { "user.a": "" }, acl })).toEqual(["user.a", "ACL"]);
});

/** XFS takes what ext4 has no room for. */
function mountXfs(shop: Workshop): Disposable & { readonly folder: string } {
  const [image, folder] = [join(shop.root, "xfs.img"), join(shop.root, "xfs")];
  mkdirSync(folder);
  tool("truncate", "-s", "320M", image);
  tool("mkfs.xfs", "-q", image);
  tool("mount", "-o", "loop", image, folder);
  return { folder, [Symbol.dispose]: () => tool("umount", folder) };
}

test("values of 64 KiB and thousands of names are saved as long as there is room; what is left out is told", async () => {
  using shop = openWorkshop();
  using xfs = mountXfs(shop);
  const path = join(xfs.folder, "a");
  const script = `
import os, sys
open(sys.argv[1], "w").close()
for n in range(3000): os.setxattr(sys.argv[1], "user.n%04d" % n, b"x")
for n in range(12): os.setxattr(sys.argv[1], "user.big%02d" % n, os.urandom(65536))`;
  tool("python3", "-c", script, path);
  {
    await using handle = await open(path);
    const { attributes = {}, leftOut } = readAttributes(handle.fd);
    expect(leftOut.length).toBe(12 - 7);
    expect(leftOut.every((name) => name.startsWith("user.big"))).toBe(true);
    expect(Object.keys(attributes).length).toBe(3000 + 7);
    const saved = await archive(path, join(shop.root, "a.tar"), "none");
    expect(saved?.file.attributes).toEqual(attributes);
  }
  for (const args of [["tar", "--xattrs", "--xattrs-include=*"], ["bsdtar"]]) {
    mkdirSync(join(xfs.folder, args[0] ?? ""));
    tool(
      args[0] ?? "",
      ...args.slice(1),
      "-xpf",
      join(shop.root, "a.tar"),
      "-C",
      join(xfs.folder, args[0] ?? ""),
    );
    await using back = await open(join(xfs.folder, args[0] ?? "", "a"));
    await using handle = await open(path);
    expect(readAttributes(back.fd).attributes).toEqual(readAttributes(handle.fd).attributes);
  }
});
