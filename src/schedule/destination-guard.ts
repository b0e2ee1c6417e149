// A destination that lies on a drive is only written to while something is mounted there.
import { UnavailableFailure } from "../errors.ts";
import { isMounted } from "../system/mounts.ts";
import type { Job } from "./job.ts";

/** Throws an UnavailableFailure where something was mounted under the destination at install, and nothing is now. */
export function requireMount({ destination, mount }: Pick<Job, "destination" | "mount">): void {
  if (mount === undefined || isMounted(mount)) return;
  throw new UnavailableFailure(`cannot save into '${destination}': nothing is mounted at '${mount.path}'`, {
    hint: "connect the drive and mount it; nothing was written into the bare folder",
  });
}
