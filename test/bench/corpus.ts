// What is saved: real, mixed data that every system has (programs, libraries, text, pictures, archives).
import { run } from "./measure.ts";

const FOLDERS = ["/usr/lib", "/usr/share"];

/** Writes a tar of the system's libraries and shared data to `path`, cut or repeated to `sizeBytes`; says what it is. */
export async function makeCorpus(path: string, sizeBytes: number): Promise<string> {
  // Sorted and undated where tar can do that, so that one system gives one corpus.
  const sorted = '"$tar" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner';
  const script = `
    tar=tar; $tar --sort=name -cf /dev/null /dev/null 2>/dev/null && pack='${sorted}' || pack=tar
    while [ "$(wc -c < "$1")" -lt "$2" ]; do
      eval "$pack -cf - ${FOLDERS.join(" ")}" 2>/dev/null | head -c "$(($2 - $(wc -c < "$1")))" >> "$1"
    done`;
  await Bun.write(path, "");
  await run({ name: "corpus", command: ["sh", "-c", script, "sh", path, String(sizeBytes)] });
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hash.update(chunk);
  return `${Bun.file(path).size} bytes: a tar of ${FOLDERS.join(" and ")}, cut or repeated to that size; SHA-256 ${hash.digest("hex").slice(0, 16)}…`;
}

/** A small text file, such as one would have backed up every hour. */
export async function makeSmallFile(path: string): Promise<string> {
  const lines = Array.from(
    { length: 400 },
    (_, line) => `${line}\t${Bun.hash(String(line)).toString(36)}\tan entry`,
  );
  const text = `${lines.join("\n")}\n`;
  await Bun.write(path, text);
  return `a text file of ${text.length} bytes`;
}
