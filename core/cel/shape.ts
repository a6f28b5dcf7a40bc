/** What is known of a variable before it has a value: CEL checks an expression against it. */

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

export const dyn: Shape = { is: 'dyn' };
export const string: Shape = { is: 'scalar', type: 'string' };
export const int: Shape = { is: 'scalar', type: 'int' };
export const double: Shape = { is: 'scalar', type: 'double' };
export const bool: Shape = { is: 'scalar', type: 'bool' };
export const bytes: Shape = { is: 'scalar', type: 'bytes' };
export const timestamp: Shape = { is: 'scalar', type: 'google.protobuf.Timestamp' };
export const duration: Shape = { is: 'scalar', type: 'google.protobuf.Duration' };

export const listOf = (of: Shape): Shape => ({ is: 'list', of });
export const mapOf = (of: Shape): Shape => ({ is: 'map', of });
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
