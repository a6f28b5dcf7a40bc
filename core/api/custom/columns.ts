/** The columns of a custom resource's table. (apiextensions-apiserver/pkg/registry/customresource/tableconvertor) */
import type { CustomResourceColumnDefinition, Json } from '../generated/types.ts';
import { findAll, parseJsonPath } from './json-path.ts';
import type { Fields } from './schema.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0: shown always; greater: only in the wide table. */
  readonly priority: number;
  /** The cell of an object; `age` writes a time as how long ago it was. */
  readonly cell: (object: Fields, age: (time: string) => string) => Json;
}

/** The columns after the name; without any declared, the age. */
export function columnsOf(declared: readonly CustomResourceColumnDefinition[]): readonly Column[] {
  return declared.length === 0 ? [columnOf(ageColumn)] : declared.map(columnOf);
}

const ageColumn: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
};

function columnOf({
  name,
  type,
  format,
  description,
  priority,
  jsonPath,
}: CustomResourceColumnDefinition): Column {
  const path = parseJsonPath(jsonPath);
  return {
    name,
    type,
    format: format ?? '',
    description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: priority ?? 0,
    cell: (object, age) => {
      const [found] = path === undefined ? [] : findAll(object, path);
      return found === undefined ? null : cellOf(type, found, age);
    },
  };
}

/** A value of another type than the column's is not shown; a text column shows everything. */
function cellOf(type: string, value: Json, age: (time: string) => string): Json {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : value === null ? '<nil>' : JSON.stringify(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? age(value) : null;
    default:
      return null;
  }
}
