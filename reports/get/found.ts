/** The objects that were asked for, as a client reads them from the registry of a moment. */
import {
  fieldFor,
  matchesFields,
  parseFieldSelector,
  parseFieldTerms,
  type FieldRequirement,
} from '../../core/api/field-selector.ts';
import { groupResource } from '../../core/api/kinds.ts';
import { keyFor, type ApiObject } from '../../core/api/object.ts';
import {
  isSelectorError,
  matchesLabels,
  parseLabelSelector,
  type Requirement,
  type SelectorError,
} from '../../core/api/selector.ts';
import type { Registry } from '../trace/registry.ts';
import type { Kind } from './kinds.ts';

/** Objects of one kind that stand together in the answer. */
export interface Found {
  readonly kind: Kind;
  readonly objects: readonly ApiObject[];
}

export interface Selection {
  /** Undefined: all of them. */
  readonly namespace: string | undefined;
  readonly labels: readonly Requirement[];
  readonly fields: readonly FieldRequirement[];
}

/** What one kind is selected by, or why the apiserver would refuse to. */
export function selectionOf(
  kind: Kind,
  namespace: string | undefined,
  labelSelector: string,
  fieldSelector: string,
): Selection | SelectorError {
  const labels = parseLabelSelector(labelSelector);
  const fields = isSelectorError(labels) ? [] : fieldRequirements(kind, fieldSelector);
  if (!isSelectorError(labels) && !isSelectorError(fields))
    return { namespace: kind.info.namespaced ? namespace : undefined, labels, fields };
  const { error } = isSelectorError(labels) ? labels : (fields as SelectorError);
  const { group, plural } = kind.info;
  return {
    error: `Unable to find "${group}/${kind.version}, Resource=${plural}" that match label selector ${JSON.stringify(labelSelector)}, field selector ${JSON.stringify(fieldSelector)}: ${error}`,
  };
}

function fieldRequirements(
  { info, selectable }: Kind,
  text: string,
): readonly FieldRequirement[] | SelectorError {
  if (info.custom === undefined) return parseFieldSelector(info.resource, text);
  const terms = parseFieldTerms(text);
  if (isSelectorError(terms)) return terms;
  const requirements: FieldRequirement[] = [];
  for (const term of terms) {
    const own = selectable.includes(term.field) ? { path: term.field.split('.'), absent: '' } : undefined;
    const field = own ?? fieldFor('customresources', term.field);
    if ('error' in field) return { error: `field label not supported: ${term.field}` };
    requirements.push({ ...field, ...term });
  }
  return requirements;
}

export const isSelected = ({ namespace, labels, fields }: Selection, object: ApiObject): boolean =>
  (namespace === undefined || object.metadata.namespace === namespace) &&
  matchesLabels(labels, object.metadata.labels) &&
  matchesFields(fields, object);

/** The selected objects of a kind, in the order of their keys: by namespace and name. */
export function listed(registry: Registry, kind: Kind, selection: Selection): readonly ApiObject[] {
  const { registryPrefix } = kind.info;
  const within =
    selection.namespace === undefined ? registryPrefix : `${registryPrefix}${selection.namespace}/`;
  const objects: ApiObject[] = [];
  registry.entries.scan(within, undefined, (key, { object }) => {
    if (!key.startsWith(within)) return false;
    const read = kind.read(object as unknown as ApiObject);
    if (isSelected(selection, read)) objects.push(read);
    return undefined;
  });
  return objects;
}

/** One object, or `pods "web" not found`: of its namespace, where it is that which is not there. */
export function named(
  registry: Registry,
  kind: Kind,
  namespace: string,
  name: string,
): ApiObject | { readonly missing: string } {
  const { info } = kind;
  const key = info.registryPrefix + keyFor(info.namespaced ? namespace : undefined, name);
  const entry = registry.entries.get(key);
  if (entry !== undefined) return kind.read(entry.object as unknown as ApiObject);
  const noNamespace =
    info.namespaced &&
    namespace !== 'default' &&
    registry.entries.get(`${namespacePrefix}${namespace}`) === undefined;
  return {
    missing: noNamespace
      ? `namespaces "${namespace}" not found`
      : `${groupResource(info)} "${name}" not found`,
  };
}

export const namespacePrefix = '/registry/namespaces/';
