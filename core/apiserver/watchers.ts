/**
 * Who follows a resource, found by what they follow: everything, one namespace, or one field such as
 * `spec.nodeName=node-1`. A change reaches the handful it concerns, however many watch.
 */
import type { ApiObject } from '../api/object.ts';
import { matchesFields, matchesLabels, type FieldRequirement, type Requirement } from '../api/selector.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import { TextMap } from '../collections/text-map.ts';
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
export interface FieldInterest {
  readonly field: string;
  readonly byValue: TextMap<readonly Watcher[]>;
}

export interface Watchers {
  readonly byId: OrderedMap<WatcherId, Watcher>;
  /** Those that follow every object. */
  readonly all: readonly Watcher[];
  /** Those that follow every object of a namespace. */
  readonly byNamespace: TextMap<readonly Watcher[]>;
  readonly byField: readonly FieldInterest[];
  /** Those with another selection: each change is held against each of them. */
  readonly others: readonly Watcher[];
}

export const noWatchers: Watchers = {
  byId: OrderedMap.empty(),
  all: [],
  byNamespace: TextMap.empty(),
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

/** What an object has in an indexed field. */
export function fieldValue(field: string, object: ApiObject): string {
  if (field === 'metadata.name') return object.metadata.name;
  return (object as ApiObject & { readonly spec?: { readonly nodeName?: string } }).spec?.nodeName ?? '';
}

/** Whether a watcher of a field follows whatever has one value in it, and asks for nothing else. */
export const followsFieldAlone = ({ fields, labels, namespace }: Watcher): boolean =>
  fields.length === 1 && labels.length === 0 && namespace === undefined;

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
  const all = known ? interests : [...interests, { field, byValue: TextMap.empty<readonly Watcher[]>() }];
  return all
    .map((interest) =>
      interest.field === field ? { field, byValue: atTerm(interest.byValue, value, change) } : interest,
    )
    .filter((interest) => interest.byValue.size > 0);
}

function atTerm(
  lists: TextMap<readonly Watcher[]>,
  term: string,
  change: (list: readonly Watcher[]) => readonly Watcher[],
): TextMap<readonly Watcher[]> {
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
