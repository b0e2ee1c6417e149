// How much is tried: in each run of all tests a part, for which there is time; by `npm run torture` all of it.

/** Whether all of it is to be tried. */
export const isWhole = process.env["TORTURE"] === "whole";

/** So that what failed can be tried again: `TORTURE_SEED=… npm run torture`. */
const seed = Number(process.env["TORTURE_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

if (isWhole) process.stdout.write(`TORTURE_SEED=${seed}\n`);

let state = seed;

/** From 0 to less than 1, the same for the same seed (mulberry32). */
export function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
