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

type Check<Value = unknown> = (value: unknown) => value is Value;
/** What a check lets pass; anything else stands for itself. */
export type Checked<Its> = Its extends Check<infer Value> ? Value : Its;

export const isNumber = (value: unknown): value is number => typeof value === "number";
export const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
/** As sizes, places and checksums are. */
export const isCount = (value: unknown): value is number => isInteger(value) && value >= 0;
export const isString = (value: unknown): value is string => typeof value === "string";
/** A text with something in it, and nothing that the C library would take for its end. */
export const isText = (value: unknown): value is string =>
  isString(value) && value !== "" && !value.includes("\0");
export const isAbsolutePath = (value: unknown): value is string => isText(value) && value.startsWith("/");
/** One of these values, or what one of these checks lets pass. */
export const isOneOf =
  <const Choice>(...choices: readonly Choice[]) =>
  (value: unknown): value is Checked<Choice> =>
    choices.some((choice) => (typeof choice === "function" ? choice(value) === true : choice === value));
export const isListOf =
  <Value>(check: Check<Value>) =>
  (value: unknown): value is readonly Value[] =>
    Array.isArray(value) && value.every(check);

type Fields<Checks> = { readonly [Name in keyof Checks]: Checked<Checks[Name]> };
type Needed<Shape> = { [Name in keyof Shape]: undefined extends Shape[Name] ? never : Name }[keyof Shape];
type Shaped<Shape> = Partial<Shape> & Pick<Shape, Needed<Shape>>;

/** A record with every field as its check wants it, of which what may be undefined may be missing; it may have others. */
export const isShaped = <Checks extends Readonly<Record<string, Check>>>(checks: Checks) => {
  const all = Object.entries(checks);
  return (value: unknown): value is Shaped<Fields<Checks>> =>
    isRecord(value) && all.every(([name, check]) => check(value[name]));
};
