/** What is known of a variable before it has a value: CEL checks an expression against it. */

/** The type of a variable or of a field of one, as a schema declares it. */
export type Shape =
  /** Nothing is known: anything may be selected of it, and what is not there is an error when it is looked up. */
  | { readonly is: 'dyn' }
  /** A type of CEL: `string`, `int`, `double`, `bool`, `bytes`, and the two of google.protobuf. */
  | { readonly is: 'scalar'; readonly type: string }
  | { readonly is: 'list'; readonly of: Shape }
  | { readonly is: 'optional'; readonly of: Shape }
  /** Keys are texts. */
  | { readonly is: 'map'; readonly of: Shape }
  /** Its fields, by the names CEL knows them under; nothing else may be selected of it. */
  | { readonly is: 'object'; readonly fields: ReadonlyMap<string, Shape> };

/** Nothing is known. */
export const dyn: Shape = { is: 'dyn' };
/** A text. */
export const string: Shape = { is: 'scalar', type: 'string' };
/** A whole number of 64 bits; its values are bigints. */
export const int: Shape = { is: 'scalar', type: 'int' };
/** A number of IEEE 754. */
export const double: Shape = { is: 'scalar', type: 'double' };
/** true or false. */
export const bool: Shape = { is: 'scalar', type: 'bool' };
/** What a schema calls `format: byte`. */
export const bytes: Shape = { is: 'scalar', type: 'bytes' };
/** What a schema calls `format: date-time`. */
export const timestamp: Shape = { is: 'scalar', type: 'google.protobuf.Timestamp' };
/** What a schema calls `format: duration`. */
export const duration: Shape = { is: 'scalar', type: 'google.protobuf.Duration' };

/** A list of elements of one shape. */
export const listOf = (of: Shape): Shape => ({ is: 'list', of });
/** A map from texts to values of one shape: `additionalProperties` of a schema. */
export const mapOf = (of: Shape): Shape => ({ is: 'map', of });
/** An object with these fields and no others: `properties` of a schema. */
export const objectOf = (fields: Readonly<Record<string, Shape>>): Shape => ({
  is: 'object',
  fields: new Map(Object.entries(fields)),
});

/** The type as the checker knows it. An object is `dyn` to it: its fields are followed by typing.ts. */
export function typeName(shape: Shape): string {
  switch (shape.is) {
    case 'dyn':
    case 'object':
      return 'dyn';
    case 'scalar':
      return shape.type;
    case 'list':
      return `list<${typeName(shape.of)}>`;
    case 'optional':
      return `optional<${typeName(shape.of)}>`;
    case 'map':
      return `map<string, ${typeName(shape.of)}>`;
  }
}

const scalars = new Map(
  [string, int, double, bool, bytes, timestamp, duration].map((shape) => [typeName(shape), shape]),
);

/** The shape of a type by its name, as far as it can be told. */
export function shapeNamed(name: string): Shape {
  const [, outer, inner = ''] = /^(list|optional|map)<(?:string, )?(.+)>$/.exec(name) ?? [];
  switch (outer) {
    case 'list':
      return listOf(shapeNamed(inner));
    case 'optional':
      return { is: 'optional', of: shapeNamed(inner) };
    case 'map':
      return name.startsWith('map<string, ') ? mapOf(shapeNamed(inner)) : dyn;
    default:
      return scalars.get(name) ?? dyn;
  }
}
