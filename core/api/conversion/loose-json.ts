/** JSON out of an annotation, which anybody may have written. */

export type Fields = Readonly<Record<string, unknown>>;

/** The value of a text; undefined where there is none, or none that can be read. */
export function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An object with its fields in small letters: Go reads a struct without tags whatever the case. */
export function whole(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field.toLowerCase(), inner]));
}
