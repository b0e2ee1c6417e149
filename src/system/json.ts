// JSON that came from outside: a value, or nothing, and whether it has the shape that it should.

/** The value that a text of JSON stands for; undefined for a text that is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export type Check = (value: unknown) => boolean;

/** A text with something in it, and nothing that the C library would take for its end. */
export const isText: Check = (value) => typeof value === "string" && value !== "" && !value.includes("\0");
export const isAbsolutePath: Check = (value) => isText(value) && String(value).startsWith("/");
export const isOneOf =
  (...choices: readonly unknown[]): Check =>
  (value) =>
    choices.includes(value);
export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

/** A record with every field of `Shape` as its check wants it; it may have others. */
export const isShaped =
  <Shape>(checks: { readonly [Name in keyof Shape]-?: Check }) =>
  (value: unknown): value is Shape =>
    isRecord(value) && Object.entries<Check>(checks).every(([name, check]) => check(value[name]));
