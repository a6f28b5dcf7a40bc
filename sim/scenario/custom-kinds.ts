/**
 * The custom kinds of a scenario: those of every CustomResourceDefinition in it, wherever it is applied. They are looked for
 * before manifests are read, so that a file may use what another defines.
 */
import { customKindsOf } from '../../core/api/custom/kinds.ts';
import type { Json } from '../../core/api/generated/types.ts';
import type { ResourceInfo } from '../../core/api/kinds.ts';
import type { SourceDocument } from './documents.ts';
import { BadInput } from '../input/problem.ts';

/** The kinds defined in the documents, and in the files that a Scenario among them names. */
export function customKindsIn(
  documents: readonly SourceDocument[],
  read: (path: string) => readonly SourceDocument[],
): readonly ResourceInfo[] {
  const named = documents.flatMap(({ value }) => filesNamedIn(value)).flatMap((path) => readable(path, read));
  const values = [...documents, ...named].map(({ value }) => value);
  return customKindsOf(values.flatMap(objectsIn));
}

/** What is wrong with a file is told where it is read for good. */
function readable(
  path: string,
  read: (path: string) => readonly SourceDocument[],
): readonly SourceDocument[] {
  try {
    return read(path);
  } catch (error) {
    if (error instanceof BadInput) return [];
    throw error;
  }
}

type Fields = Readonly<Record<string, Json>>;

const fieldsOf = (value: Json | undefined): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const listOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : value === undefined ? [] : [value];

const specOf = (value: Json): Fields =>
  fieldsOf(value)['kind'] === 'Scenario' ? fieldsOf(fieldsOf(value)['spec']) : {};

const appliedIn = (value: Json): readonly Json[] =>
  listOf(specOf(value)['timeline']).flatMap((entry) => listOf(fieldsOf(entry)['apply']));

function filesNamedIn(value: Json): readonly string[] {
  const named = [...listOf(specOf(value)['manifests']), ...appliedIn(value)];
  return named.filter((each) => typeof each === 'string');
}

/** The objects of a document: those of a List, and those that a timeline applies. */
function objectsIn(value: Json): readonly Json[] {
  const items = fieldsOf(value)['kind'] === 'List' ? listOf(fieldsOf(value)['items']) : [];
  return [value, ...[...items, ...appliedIn(value)].flatMap(objectsIn)];
}
