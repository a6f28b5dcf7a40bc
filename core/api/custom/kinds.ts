/** The kinds that definitions among some objects define: what a client knows of them before it asks any server. */
import type { CustomResourceDefinition } from '../generated/types.ts';
import { versionsOf, type ResourceInfo } from '../kinds.ts';
import { checkShape } from '../schema.ts';
import { infoOf } from './custom-resource.ts';
import { isFields } from './schema.ts';

/** The kinds of those objects that are well-formed definitions, in their order. */
export function customKindsOf(objects: Iterable<unknown>): readonly ResourceInfo[] {
  const kinds: ResourceInfo[] = [];
  for (const object of objects) if (isDefinition(object)) kinds.push(infoOf(object));
  return kinds;
}

function isDefinition(object: unknown): object is CustomResourceDefinition {
  if (!isFields(object) || object['kind'] !== 'CustomResourceDefinition') return false;
  const { spec } = object;
  return (
    checkShape(object).length === 0 &&
    isFields(spec) &&
    isFields(spec['names']) &&
    Array.isArray(spec['versions'])
  );
}

/** The kind of an object among custom ones. */
export const customKindOf = (
  kinds: readonly ResourceInfo[],
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): ResourceInfo | undefined =>
  kinds.find((info) => info.kind === kind && versionsOf(info).includes(apiVersion));
