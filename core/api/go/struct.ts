/** A table of Go structs, read from the short form in which the tables are written. */

/** Struct name -> its fields, in the form pod-structs.ts describes. */
export type StructTexts = Readonly<Record<string, string>>;

export type GoType =
  | { readonly is: 'pointer' | 'list' | 'map'; readonly of: GoType; readonly name: string }
  /** A struct of the table, a string type, a number, a bool, or one of Go's own (`resource.Quantity`). */
  | { readonly is: 'named'; readonly name: string };

export interface GoField {
  readonly name: string;
  /** Its name in JSON; undefined for an embedded struct whose fields lie in the object itself. */
  readonly json: string | undefined;
  readonly embedded: boolean;
  readonly type: GoType;
}

export interface Structs {
  get(name: string): readonly GoField[] | undefined;
}

/** A struct is read when it is first asked for: of the tables' hundreds a run needs few. */
export function structsOf(texts: StructTexts): Structs {
  const known = new Map<string, readonly GoField[]>();
  return {
    get(name) {
      const text = texts[name];
      if (text === undefined) return undefined;
      const fields = known.get(name) ?? fieldsOf(text);
      known.set(name, fields);
      return fields;
    },
  };
}

const fieldsOf = (text: string): readonly GoField[] => text.split(';').map((field) => fieldOf(field.trim()));

function fieldOf(text: string): GoField {
  const [name = '', second, third] = text.split(/\s+/);
  if (name.startsWith('+')) {
    const embedded = name.slice(1);
    return { name: embedded, json: second, embedded: true, type: { is: 'named', name: embedded } };
  }
  return { name, json: third ?? jsonName(name), embedded: false, type: goType(second ?? 'string') };
}

/** Go's own names of builtin types; every other plain name is of the table's package. */
export function goType(text: string): GoType {
  if (text.startsWith('*')) return { is: 'pointer', of: goType(text.slice(1)), name: text };
  if (text.startsWith('[]')) return { is: 'list', of: goType(text.slice(2)), name: text };
  if (text.startsWith('map[string]'))
    return { is: 'map', of: goType(text.slice('map[string]'.length)), name: text };
  if (text === 'ResourceList') return { is: 'map', of: goType('resource.Quantity'), name: text };
  return { is: 'named', name: text };
}

/** `HTTPGet` -> `httpGet`, `TTY` -> `tty`, `Name` -> `name`: the first word, which may be initials, in small letters. */
function jsonName(name: string): string {
  const capitals = /^[A-Z0-9]+/.exec(name)?.[0].length ?? 0;
  const lowered = capitals === name.length ? capitals : Math.max(1, capitals - 1);
  return name.slice(0, lowered).toLowerCase() + name.slice(lowered);
}
