// What revisions take of their disk together: blocks that files share count once, as the file system itself says.
import { beforeAll, expect, test } from "bun:test";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Stage } from "../support/stage.ts";
import { needRoot, tool } from "../support/tools.ts";

beforeAll(() => needRoot("mount", "umount", "mkfs.btrfs", "mkfs.xfs", "mkfs.ext4"));

function mount(stage: Stage, kind: string): Disposable & { readonly folder: string } {
  const [image, folder] = [join(stage.root, "image"), join(stage.root, "mounted")];
  mkdirSync(folder);
  tool("truncate", "-s", "400M", image);
  tool(`mkfs.${kind}`, "-q", image);
  tool("mount", "-o", "loop", image, folder);
  return { folder, [Symbol.dispose]: () => tool("umount", folder) };
}

function openRun(kind: string) {
  const stage = new Stage();
  const source = stage.write("large", Buffer.from(crypto.getRandomValues(new Uint8Array(65536)).buffer));
  tool("sh", "-c", 'for n in $(seq 63); do head -c 65536 /dev/urandom; done >> "$1"', "sh", source);
  const mounted = mount(stage, kind);
  const paths = ["-f", source, "-d", mounted.folder];
  /** The last line of the list, at a terminal, from the sum on. */
  const list = () =>
    /, together (.*); each run keeps the newest 14 revisions\n$/.exec(
      stage.watch(["list", ...paths], 200),
    )?.[1];
  expect(stage.type(["run", ...paths, "--quiet"])).toMatchObject({ code: 0, err: "" });
  const [file = ""] = readdirSync(mounted.folder).filter((name) => name.startsWith("large-"));
  const end = () => {
    mounted[Symbol.dispose]();
    stage[Symbol.dispose]();
  };
  return { list, file, folder: mounted.folder, [Symbol.dispose]: end };
}

test.each(["btrfs", "xfs"])("on %s a clone takes nothing, a copy what it holds", (kind) => {
  using run = openRun(kind);
  expect(run.list()).toBe("4.0 MiB");
  tool("cp", "--reflink=always", join(run.folder, run.file), join(run.folder, "clone.tar.zst"));
  tool("sync");
  expect(run.list()).toBe("4.0 MiB (what several have in common is there once, and saves 4.0 MiB)");
  tool("cp", "--reflink=never", join(run.folder, run.file), join(run.folder, "copy.tar.zst"));
  tool("sync");
  expect(run.list()).toBe("8.0 MiB (what several have in common is there once, and saves 4.0 MiB)");
});

test("on ext4, which shares nothing, it is the sum", () => {
  using run = openRun("ext4");
  expect(run.list()).toBe("4.0 MiB");
});
