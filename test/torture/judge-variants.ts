// Has cases of the torture judge broken variants of the program: each has to fail in one that the sound program stands.
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildVariant, escapePattern, readSources, root, type Variant } from "./variant.ts";

/** More than any case takes. One that hangs is no evidence. */
const PATIENCE_MS = 300_000;

export class VariantJudge implements Disposable {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), "tinybackup-variants-")));
  readonly #sources = readSources();
  readonly #sound = new Map<string, Promise<void>>();
  #soundBinary: Promise<string> | undefined;
  #builds = 0;
  #runs = 0;

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The case that catches a variant, and the test that failed; null where none does. Throws where the sound program fails too. */
  async catch(variant: Variant): Promise<string | null> {
    const binary = await this.#build(variant);
    for (const each of variant.cases) {
      // oxlint-disable-next-line no-await-in-loop -- no more of them than it takes
      const failed = await this.#run(each, binary);
      if (failed === null) continue;
      // oxlint-disable-next-line no-await-in-loop -- the same
      await this.#standSound(each);
      return `${each.slice(0, each.indexOf(": "))}/${failed}`;
    }
    return null;
  }

  async #build(variant: Pick<Variant, "name" | "edits">): Promise<string> {
    const folder = join(this.#folder, `${++this.#builds}`);
    return buildVariant(variant, this.#sources, folder);
  }

  /** A case that fails anyway has caught nothing. */
  #standSound(each: string): Promise<void> {
    const standing = this.#sound.get(each) ?? this.#tryTheSound(each);
    this.#sound.set(each, standing);
    return standing;
  }

  async #tryTheSound(each: string): Promise<void> {
    this.#soundBinary ??= this.#build({ name: "sound", edits: [] });
    const failed = await this.#run(each, await this.#soundBinary);
    if (failed !== null) throw new Error(`the sound program fails as well: ${each}: ${failed}`);
  }

  /** The name of the first test that failed; null where all went well. */
  async #run(each: string, binary: string): Promise<string | null> {
    const at = each.indexOf(": ");
    const [file, name] = [each.slice(0, at), each.slice(at + 2)];
    // A daemon that a test leaves behind would keep a pipe open, and a file that was there is not emptied.
    const [out, err] = [join(this.#folder, `${++this.#runs}.out`), join(this.#folder, `${this.#runs}.err`)];
    const command = [
      "test",
      "--timeout",
      "60000",
      "--bail",
      `test/${file}.test.ts`,
      "-t",
      escapePattern(name),
    ];
    const runner = Bun.spawn([process.execPath, ...command], {
      cwd: root,
      env: { ...process.env, TINYBACKUP_BINARY: binary, TORTURE: "" },
      stdin: "ignore",
      stdout: Bun.file(out),
      stderr: Bun.file(err),
      timeout: PATIENCE_MS,
    });
    const code = await runner.exited;
    const said = readFileSync(err, "utf8");
    if (runner.signalCode !== null || said.includes("this test timed out"))
      throw new Error(`'${each}' does not end: ${said.slice(-500)}`);
    const failed = /^\(fail\) (.*?)(?: \[[\d.]+m?s\])?$/m.exec(said)?.[1];
    if ((code === 0) !== (failed === undefined) || /^ *0 pass\n *0 fail/m.test(said))
      throw new Error(`'${each}' can't be tried: ${said.slice(-500)}`);
    return failed ?? null;
  }
}
