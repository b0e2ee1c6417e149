// Which machine this is, so that several can share a folder of revisions: an id of its own, made from the system's so
// that nobody gets the system's back from it (machine-id(5): "should be hashed with a cryptographic, keyed hash").
import { readTextIfThere } from "./exists.ts";
import { hostUuid } from "./libc.ts";

/** Fixed for ever: with another text every machine would be another one. */
const PURPOSE = "atjob-tinybackup: whose a revision is";
/** What Linux allows; some systems allow more than a person reads. */
const MAX_HOST_CHARACTERS = 64;

export interface Machine {
  /** 32 hex digits. Clones that share the system's id are one machine; an id made anew at each start is a new one. */
  readonly id: string;
  /** The host's name, for people: printable ASCII. */
  readonly host: string;
}

/** What the system says of itself. */
interface SystemIdentity {
  /** Its own id in any spelling, from the places where it may stand; empty where there is none. */
  readonly ids: readonly string[];
  readonly host: string;
}

/** The machine that says this of itself, this one by default: by its own id, or, where it has none, by its host's name. */
export function identifyMachine(identity?: SystemIdentity): Machine {
  return identity ? identify(identity) : (own ??= identify(readSystemIdentity()));
}

let own: Machine | undefined;

function identify({ ids, host }: SystemIdentity): Machine {
  const digits = ids.map((text) => text.trim().toLowerCase().replaceAll("-", ""));
  // "uninitialized" during the first start, and the zeros or ones of some boards, are nobody's id.
  const id = digits.find((text) => /^[0-9a-f]{32}$/.test(text) && !/^(0+|f+)$/.test(text));
  const key = id === undefined ? Buffer.from(`host ${host}`) : Buffer.from(id, "hex");
  const hash = new Bun.CryptoHasher("sha256", key).update(PURPOSE);
  const shown = host.replaceAll(/[^\x21-\x7e]/g, "?").slice(0, MAX_HOST_CHARACTERS);
  return { id: hash.digest("hex").slice(0, 32), host: shown };
}

function readSystemIdentity(): SystemIdentity {
  const isLinux = process.platform === "linux";
  const ids = isLinux
    ? ["/etc/machine-id", "/var/lib/dbus/machine-id"].map(readTextIfThere)
    : [hostUuid() ?? ""];
  const known = isLinux ? readTextIfThere("/proc/sys/kernel/hostname").trim() : "";
  return { ids, host: known || process.getBuiltinModule("node:os").hostname() };
}
