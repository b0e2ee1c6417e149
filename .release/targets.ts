// The systems that the program is built for.

export interface Target {
  /** As in the name of the download: `linux-x64-musl`. */
  readonly name: string;
  /** As bun calls it. */
  readonly bun: string;
}

export const targets: readonly Target[] = [
  { name: "darwin-arm64", bun: "bun-darwin-arm64" },
  { name: "darwin-x64", bun: "bun-darwin-x64" },
  { name: "freebsd-arm64", bun: "bun-freebsd-arm64" },
  { name: "freebsd-x64", bun: "bun-freebsd-x64" },
  { name: "linux-arm64", bun: "bun-linux-arm64" },
  { name: "linux-arm64-musl", bun: "bun-linux-arm64-musl" },
  { name: "linux-x64", bun: "bun-linux-x64" },
  { name: "linux-x64-musl", bun: "bun-linux-x64-musl" },
];

/** The name of a target's download. */
export function nameDownload(version: string, target: string): string {
  return `tinybackup-${version}-${target}.tar.gz`;
}
