// The environment that `at` is given, and so every job: a copy of what `at` sees lies in the spool as shell code,
// for as long as the job waits. No secret, no odd name, nothing that steers the runtime (BUN_OPTIONS, NODE_OPTIONS).

/** The only variables that a job sees. */
export const jobEnvironmentNames = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "LC_MESSAGES",
  "LC_TIME",
  "XDG_STATE_HOME",
  "XDG_CONFIG_HOME",
  "XDG_CACHE_HOME",
  "XDG_DATA_HOME",
] as const;

const fallbackPath = ["/usr/local/bin", "/usr/bin", "/bin"];

/**
 * Picks what a job may see out of `environment`. Values with control characters are left out. PATH keeps its
 * absolute folders and always has the usual ones, so that a job finds `at` again. SHELL is /bin/sh: Fedora and
 * OpenBSD run jobs with it, and there are login shells that read no sh at all.
 */
export function selectJobEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const selected: Record<string, string> = {};
  for (const name of jobEnvironmentNames) {
    const value = environment[name];
    if (value !== undefined && value !== "" && !/\p{Cc}/u.test(value)) selected[name] = value;
  }
  const folders = (selected["PATH"] ?? "").split(":").filter((folder) => folder.startsWith("/"));
  selected["PATH"] = [...new Set([...folders, ...fallbackPath])].join(":");
  selected["SHELL"] = "/bin/sh";
  return selected;
}
