/**
 * Who follows a resource, found by what they follow: everything, one namespace, or one field such as
 * `spec.nodeName=node-1`. A change reaches the handful it concerns, however many watch.
 */
import type { ApiObject } from '../api/object.ts';
import { matchesFields, matchesLabels, type FieldRequirement, type Requirement } from '../api/selector.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import type { WatcherId } from './message.ts';

export interface Watcher {
  readonly id: WatcherId;
  /** It hears of nothing up to this revision, which may be one of the future. */
  readonly after: number;
  readonly namespace: string | undefined;
  readonly labels: readonly Requirement[];
  readonly fields: readonly FieldRequirement[];
  /** The version it is told in, where that is not the one the objects are kept in. */
  readonly version: string | undefined;
}

/** The watchers that asked for one field to be equal to a value, by that value. */
interface FieldInterest {
  readonly field: string;
  readonly byValue: OrderedMap<string, readonly Watcher[]>;
}

export interface Watchers {
  readonly byId: OrderedMap<WatcherId, Watcher>;
  /** Those that follow every object. */
  readonly all: readonly Watcher[];
  /** Those that follow every object of a namespace. */
  readonly byNamespace: OrderedMap<string, readonly Watcher[]>;
  readonly byField: readonly FieldInterest[];
  /** Those with another selection: each change is held against each of them. */
  readonly others: readonly Watcher[];
}

export const noWatchers: Watchers = {
  byId: OrderedMap.empty(),
  all: [],
  byNamespace: OrderedMap.empty(),
  byField: [],
  others: [],
};

/** Whether a watcher's selection has the object. */
export function selects(watcher: Watcher, object: ApiObject): boolean {
  return (
    (watcher.namespace === undefined || watcher.namespace === object.metadata.namespace) &&
    matchesLabels(watcher.labels, object.metadata.labels) &&
    matchesFields(watcher.fields, object)
  );
}

/** Fields that many watchers select by, each its own value. */
const indexedFields = ['spec.nodeName', 'metadata.name'];

function fieldValue(field: string, object: ApiObject): string {
  if (field === 'metadata.name') return object.metadata.name;
  return (object as ApiObject & { readonly spec?: { readonly nodeName?: string } }).spec?.nodeName ?? '';
}

const indexedRequirement = (watcher: Watcher): FieldRequirement | undefined =>
  watcher.fields.find(({ field, operator }) => operator === '=' && indexedFields.includes(field));

type Lists = Omit<Watchers, 'byId'>;

/** The watchers with one list changed: the one a watcher's selection puts it in. */
function inItsList(
  watchers: Lists,
  watcher: Watcher,
  change: (list: readonly Watcher[]) => readonly Watcher[],
): Lists {
  const requirement = indexedRequirement(watcher);
  if (requirement !== undefined)
    return { ...watchers, byField: inField(watchers.byField, requirement, change) };
  if (watcher.labels.length > 0 || watcher.fields.length > 0)
    return { ...watchers, others: change(watchers.others) };
  if (watcher.namespace === undefined) return { ...watchers, all: change(watchers.all) };
  return { ...watchers, byNamespace: atTerm(watchers.byNamespace, watcher.namespace, change) };
}

function inField(
  interests: readonly FieldInterest[],
  { field, value }: FieldRequirement,
  change: (list: readonly Watcher[]) => readonly Watcher[],
): readonly FieldInterest[] {
  const known = interests.some((interest) => interest.field === field);
  const all = known
    ? interests
    : [...interests, { field, byValue: OrderedMap.empty<string, readonly Watcher[]>() }];
  return all
    .map((interest) =>
      interest.field === field ? { field, byValue: atTerm(interest.byValue, value, change) } : interest,
    )
    .filter((interest) => interest.byValue.size > 0);
}

function atTerm(
  lists: OrderedMap<string, readonly Watcher[]>,
  term: string,
  change: (list: readonly Watcher[]) => readonly Watcher[],
): OrderedMap<string, readonly Watcher[]> {
  const list = change(lists.get(term) ?? []);
  return list.length === 0 ? lists.delete(term) : lists.set(term, list);
}

export function withWatcher(watchers: Watchers, watcher: Watcher): Watchers {
  const byId = watchers.byId.set(watcher.id, watcher);
  return { ...inItsList(watchers, watcher, (list) => [...list, watcher]), byId };
}

export function withoutWatcher(watchers: Watchers, id: WatcherId): Watchers {
  const watcher = watchers.byId.get(id);
  if (watcher === undefined) return watchers;
  const byId = watchers.byId.delete(id);
  return { ...inItsList(watchers, watcher, (list) => list.filter((other) => other.id !== id)), byId };
}

/**
 * Visits whom a change may concern, each once: those that follow everything, then the namespace's, then the fields',
 * then the others, each in the order they came. `before` is absent where the object is new.
 */
export function visitInterested(
  watchers: Watchers,
  object: ApiObject,
  before: ApiObject | undefined,
  visit: (watcher: Watcher) => void,
): void {
  visitAll(watchers.all, visit);
  const { namespace } = object.metadata;
  if (namespace !== undefined && watchers.byNamespace.size > 0)
    visitAll(watchers.byNamespace.get(namespace), visit);
  for (let i = 0; i < watchers.byField.length; i++) {
    const { field, byValue } = watchers.byField[i] as FieldInterest;
    const now = fieldValue(field, object);
    const was = before === undefined ? now : fieldValue(field, before);
    if (was !== now) visitAll(byValue.get(was), visit);
    visitAll(byValue.get(now), visit);
  }
  visitAll(watchers.others, visit);
}

function visitAll(list: readonly Watcher[] | undefined, visit: (watcher: Watcher) => void): void {
  if (list === undefined) return;
  for (let i = 0; i < list.length; i++) visit(list[i] as Watcher);
}
