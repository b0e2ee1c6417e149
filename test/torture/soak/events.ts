// All that happens in the soak beside the schedules.
import { damageEvents } from "./damage-events.ts";
import type { EventKinds } from "./event.ts";
import { fileEvents } from "./file-events.ts";
import { machineEvents } from "./machine-events.ts";
import { peopleEvents } from "./people-events.ts";

export const kinds: EventKinds = { ...fileEvents, ...machineEvents, ...peopleEvents, ...damageEvents };
