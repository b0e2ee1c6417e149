// Marks the statements of the rooms whose coverage is counted, while they are built, or loaded by tests (as a preload).
import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { markStatements } from "./statements.ts";

const root = resolve(import.meta.dir, "../..");

/** Below the checkout, since the tests' worlds see that. */
export const hitsFile = join(root, "dist/coverage/hits");

export interface Statement {
  readonly file: string;
  readonly line: number;
}

function listMarked() {
  const files = [...new Bun.Glob("src/{backup,schedule,time}/**/*.ts").scanSync(root)].toSorted();
  const statements: Statement[] = [];
  const texts = new Map<string, string>();
  for (const file of files) {
    const first = statements.length;
    const { lines, text } = markStatements(
      readFileSync(join(root, file), "utf8"),
      (place) => `$hits[${first + place}]=1`,
    );
    statements.push(...lines.map((line) => ({ file, line })));
    texts.set(file, `import { hits as $hits } from "${import.meta.dir}/hits.ts";${text}`);
  }
  return { statements, texts };
}

const { statements, texts } = listMarked();

/** All that are counted; the place of each is that of its byte in the file of hits. */
export { statements };

export const plugin: Bun.BunPlugin = {
  name: "statements",
  setup(build) {
    build.onLoad({ filter: /\/test\/coverage\/hits\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace("HITS_FILE", hitsFile),
      loader: "ts",
    }));
    build.onLoad({ filter: /\/src\/(?:backup|schedule|time)\/.*\.ts$/ }, ({ path }) => {
      const contents = texts.get(relative(root, path)) ?? readFileSync(path, "utf8");
      return { contents, loader: "ts" };
    });
  },
};

if (process.env["TINYBACKUP_HITS"] === "1") await Bun.plugin(plugin);
