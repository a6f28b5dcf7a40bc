/**
 * metadata.managedFields as managers with sets, and back. (kubernetes v1.34.1 apimachinery/pkg/util/managedfields/internal/managedfields.go)
 */
import type { ManagedFieldsEntry, Time } from '../generated/types.ts';
import { fromFieldsV1, isEmpty, noFields, toFieldsV1, union, type FieldSet } from './field-set.ts';
import { same } from '../merge-patch.ts';
import { byText } from './go-text.ts';

/** One entry: whose fields, in which version, and by which operation. */
export interface Managed {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource?: string | undefined;
  readonly time?: Time | undefined;
  readonly set: FieldSet;
}

/** Entries by what identifies them. */
export type Managers = ReadonlyMap<string, Managed>;

/** An applier is the same in all versions; an updater is another one in each. The text is the one that Kubernetes sorts by. */
export function identifier({
  manager,
  operation,
  apiVersion,
  subresource,
}: Omit<Managed, 'set' | 'time'>): string {
  return JSON.stringify({
    manager,
    operation,
    ...(operation === 'Update' ? { apiVersion } : {}),
    ...(subresource === undefined || subresource === '' ? {} : { subresource }),
  });
}

/** What an entry says, and what identifies it. */
interface Read {
  readonly id: string;
  readonly managed: Managed;
}

/** Both ways are remembered: the entries of managers that wrote nothing go from one state of an object to the next. */
const written = new WeakMap<Managed, ManagedFieldsEntry>();
const read = new WeakMap<ManagedFieldsEntry, Read>();

/** The managers that an object names; undefined where an entry cannot be read. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers | undefined {
  const managers = new Map<string, Managed>();
  for (const entry of entries ?? []) {
    const known = read.get(entry) ?? readEntry(entry);
    if (known === undefined) return undefined;
    managers.set(known.id, known.managed);
  }
  return managers;
}

function readEntry(entry: ManagedFieldsEntry): Read | undefined {
  const { manager = '', operation, apiVersion = '', subresource, time, fieldsType, fieldsV1 } = entry;
  const set = fieldsV1 === undefined ? noFields : fromFieldsV1(fieldsV1);
  if (set === undefined || fieldsType !== 'FieldsV1') return undefined;
  if (operation !== 'Apply' && operation !== 'Update') return undefined;
  const managed: Managed = { manager, operation, apiVersion, subresource, time, set };
  const found: Read = { id: identifier(managed), managed };
  read.set(entry, found);
  return found;
}

/** The entries of an object, appliers first, then by time; undefined where nobody owns anything. */
export function encodeManagers(managers: Managers): readonly ManagedFieldsEntry[] | undefined {
  const entries = [...managers]
    .filter(([, { set }]) => !isEmpty(set))
    .sort(([, a], [, b]) => compareManaged(a, b));
  return entries.length === 0 ? undefined : entries.map(entryOf);
}

function entryOf([id, managed]: readonly [string, Managed]): ManagedFieldsEntry {
  const known = written.get(managed);
  if (known !== undefined) return known;
  const { manager, operation, apiVersion, subresource, time, set } = managed;
  const entry: ManagedFieldsEntry = {
    manager,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(set),
    ...(subresource === undefined || subresource === '' ? {} : { subresource }),
  };
  written.set(managed, entry);
  if (subresource !== '') read.set(entry, { id, managed });
  return entry;
}

/** An entry without a time is older than any other. */
function compareManaged(a: Managed, b: Managed): number {
  return (
    byText(a.operation, b.operation) ||
    byText(a.time ?? '', b.time ?? '') ||
    byText(a.manager, b.manager) ||
    byText(a.apiVersion, b.apiVersion) ||
    byText(a.subresource ?? '', b.subresource ?? '')
  );
}

/** More entries of updaters than this, and the oldest of a version become one. */
const maxUpdateManagers = 10;

/** The oldest updaters merged into `ancient-changes`. (apimachinery/pkg/util/managedfields/internal/capmanagers.go) */
export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update');
  if (updaters.length <= maxUpdateManagers) return managers;
  updaters.sort(([a, left], [b, right]) => byText(left.time ?? '', right.time ?? '') || byText(a, b));
  const capped = new Map(managers);
  const firstOf = new Map<string, string>();
  let count = updaters.length;
  for (const [id, managed] of updaters) {
    if (count <= maxUpdateManagers) break;
    const first = firstOf.get(managed.apiVersion);
    if (first === undefined) firstOf.set(managed.apiVersion, id);
    else {
      mergeInto(capped, first, id, managed);
      count--;
    }
  }
  return capped;
}

function mergeInto(managers: Map<string, Managed>, first: string, id: string, managed: Managed): void {
  const ancient = {
    manager: 'ancient-changes',
    operation: 'Update',
    apiVersion: managed.apiVersion,
  } as const;
  const bucket = identifier(ancient);
  const known = managers.get(bucket) ?? managers.get(first);
  if (!managers.has(bucket)) managers.delete(first);
  managers.delete(id);
  managers.set(bucket, { ...ancient, time: managed.time, set: union(managed.set, known?.set ?? noFields) });
}

/** Whether two lists of entries differ in nothing but the times: then the old ones stay. */
export function sameOwners(
  a: readonly ManagedFieldsEntry[] | undefined,
  b: readonly ManagedFieldsEntry[] | undefined,
): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return a.every((entry, i) => same(withoutTime(entry), withoutTime(b[i])));
}

const withoutTime = (entry: ManagedFieldsEntry | undefined): object => ({ ...entry, time: undefined });
