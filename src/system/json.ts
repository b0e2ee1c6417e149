// One line of JSON that came from outside: its fields, to be looked at one by one, or nothing.

/** The fields of a JSON object; empty for a text that is not JSON or not an object. */
export function parseJsonRecord(text: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
  } catch {
    return new Map();
  }
}
