// What the Bun runtime is made of, which is in the binary with everything that it is linked with: told by Bun's own list of
// licences. Versions are those that the running Bun, which is the one in the binary, says.

export interface Part {
  readonly name: string;
  /** As SPDX has it; "several" where the part's own list says which. */
  readonly licence: string;
  /** Its name in `process.versions`, for those that stand there. */
  readonly key?: string;
}

/** The Bun whose list of licences the parts below were taken from. */
export const describedVersion = "1.4.5";

/** Linked into it. What only its Windows build has is left out. */
export const parts: readonly Part[] = [
  { name: "WebKit (JavaScriptCore)", licence: "LGPL-2.0-or-later", key: "webkit" },
  { name: "base64", licence: "BSD-2-Clause" },
  { name: "BoringSSL", licence: "several", key: "boringssl" },
  { name: "brotli", licence: "MIT" },
  { name: "c-ares", licence: "MIT", key: "ares" },
  { name: "highway", licence: "Apache-2.0" },
  { name: "ICU", licence: "Unicode-3.0", key: "icu" },
  { name: "libarchive", licence: "several", key: "libarchive" },
  { name: "libdeflate", licence: "MIT", key: "libdeflate" },
  { name: "libjpeg-turbo", licence: "BSD-3-Clause AND IJG AND Zlib" },
  { name: "libspng", licence: "BSD-2-Clause" },
  { name: "libwebp", licence: "BSD-3-Clause" },
  { name: "LLVM libc++abi", licence: "Apache-2.0 WITH LLVM-exception" },
  { name: "lol-html", licence: "BSD-3-Clause", key: "lolhtml" },
  { name: "ls-hpack", licence: "MIT", key: "lshpack" },
  { name: "ls-qpack", licence: "MIT" },
  { name: "lsquic", licence: "MIT AND BSD-3-Clause" },
  { name: "mimalloc", licence: "MIT", key: "mimalloc" },
  { name: "picohttpparser", licence: "MIT", key: "picohttpparser" },
  { name: "simdutf", licence: "Apache-2.0" },
  { name: "SQLite", licence: "blessing", key: "sqlite" },
  { name: "TigerBeetle (IO)", licence: "Apache-2.0" },
  { name: "TinyCC", licence: "LGPL-2.1-only", key: "tinycc" },
  { name: "uSockets", licence: "Apache-2.0", key: "usockets" },
  { name: "uucode", licence: "MIT" },
  { name: "uWebSockets", licence: "Apache-2.0", key: "uwebsockets" },
  { name: "zlib-ng", licence: "Zlib", key: "zlib" },
  { name: "zstd", licence: "BSD-3-Clause", key: "zstd" },
];

/** Modules of Node's in JavaScript that it carries along, all under MIT. */
export const polyfills: readonly string[] =
  "acorn acorn-walk assert browserify-zlib buffer constants-browserify crypto-browserify domain-browser events https-browserify os-browserify path-browserify process punycode querystring-es3 stream-browserify stream-http string_decoder timers-browserify tty-browserify url util vm-browserify".split(
    " ",
  );

/** The version of a part, as far as it is known. */
export function findPartVersion({ key }: Part): string | undefined {
  return new Map<string, string | undefined>(Object.entries(process.versions)).get(key ?? "");
}

/** All that is in the program, as SPDX says it in one line. */
export function renderLicenceExpression(): string {
  const known = parts.map(({ licence }) => licence).filter((licence) => licence !== "several");
  return [...new Set(["MIT", ...known.flatMap((licence) => licence.split(" AND "))])].join(" AND ");
}

/** Throws where Bun has become another one than the list is of. */
export function checkDescribed(version: string): void {
  if (version !== describedVersion)
    throw new Error(
      `.release/runtime.ts lists the licences of Bun ${describedVersion}, and this is ${version}: read https://github.com/oven-sh/bun/blob/bun-v${version}/LICENSE.md, and mend it`,
    );
}
