// All families of torture, by name. Each is loaded when it is wanted: some need tools that others do not.
import type { Family } from "./case.ts";

type Load = () => Promise<{ readonly family: Family }>;

export const families: ReadonlyMap<string, Load> = new Map<string, Load>([
  ["calls", () => import("./calls.ts")],
  ["archives", () => import("./archives.ts")],
  ["hostile", () => import("./hostile.ts")],
  ["concurrent", () => import("./concurrent.ts")],
  ["machines", () => import("./machines.ts")],
  ["clocks", () => import("./clocks.ts")],
]);
