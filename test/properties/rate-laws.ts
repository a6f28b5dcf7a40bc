/** How much may go on in a cluster of which nothing new is asked: each law is given the commits of one hour. */
import type { Pod } from '../../core/api/generated/types.ts';
import { controllerOf, type ApiObject } from '../../core/api/object.ts';
import type { EtcdEvent } from '../../core/etcd/message.ts';
import { eventsAt, type Store } from '../../core/etcd/store.ts';

type Commit = EtcdEvent<ApiObject>;

/** What was committed after one revision and up to another. */
export function commitsBetween(store: Store<ApiObject>, after: number, upTo: number): readonly Commit[] {
  const commits: Commit[] = [];
  for (let revision = after + 1; revision <= upTo; revision++) commits.push(...eventsAt(store, revision));
  return commits;
}

/** Q2: nobody makes more Pods than this in an hour in which nothing new is asked of him. */
export const mostPodsAnHour = 12;

export function prolific(commits: readonly Commit[]): readonly string[] {
  const made = new Map<string, number>();
  for (const { kv } of created(commits, 'Pod')) {
    const owner = kv === undefined ? undefined : controllerOf(kv.value);
    if (owner === undefined) continue;
    const name = `${owner.kind} ${owner.name}`;
    made.set(name, (made.get(name) ?? 0) + 1);
  }
  return [...made]
    .filter(([, count]) => count > mostPodsAnHour)
    .map(([owner, count]) => `Q2: ${owner} has made ${count} Pods in an hour`);
}

/** Q4: nobody is driven out by force, and no node comes. */
export const upheavals = (commits: readonly Commit[]): readonly string[] => [
  ...commits.flatMap(({ kv, prevKv }) => {
    const why = driven(kv?.value);
    return why === undefined || why === driven(prevKv?.value)
      ? []
      : [`Q4: Pod ${kv?.value.metadata.name ?? ''}: ${why}`];
  }),
  ...created(commits, 'Node').map(({ kv }) => `Q4: Node ${kv?.value.metadata.name ?? ''} is new`),
];

/** Evictions by the API or by a taint and preemptions all leave this condition on the Pod, with their name as its reason. */
function driven(object: ApiObject | undefined): string | undefined {
  if (object?.kind !== 'Pod') return undefined;
  const { status } = object as Pod;
  return (status.conditions ?? []).find(
    ({ type, status: is }) => type === 'DisruptionTarget' && is === 'True',
  )?.reason;
}

const created = (commits: readonly Commit[], kind: string): readonly Commit[] =>
  commits.filter(
    ({ kv, prevKv }) =>
      kv?.value.kind === kind &&
      (prevKv === undefined || prevKv.value.metadata.uid !== kv.value.metadata.uid),
  );

/** Q3: nobody takes a field back from another more often than this. */
export const mostReturns = 2;

export function contested(
  commits: readonly Commit[],
  writerOf: (revision: number) => string | undefined,
): readonly string[] {
  const writers = new Map<string, string[]>();
  for (const { kv, prevKv, modRevision } of commits) {
    const writer = writerOf(modRevision);
    if (kv === undefined || prevKv === undefined || writer === undefined) continue;
    for (const field of changedFields(prevKv.value, kv.value)) {
      const key = `${kv.value.kind} ${kv.value.metadata.name} ${kv.value.metadata.uid}: ${field}`;
      const all = writers.get(key);
      if (all === undefined) writers.set(key, [writer]);
      else if (all.at(-1) !== writer) all.push(writer);
    }
  }
  return [...writers].flatMap(([field, hands]) => {
    const returns = hands.filter((writer, i) => i >= 2 && hands[i - 2] === writer).length;
    return returns > mostReturns ? [`Q3: ${field} goes to and fro: ${hands.join(', ')}`] : [];
  });
}

/** The paths of the leaves that differ; entries of a list go by their type or name. What nobody chooses is left out. */
function changedFields(before: ApiObject, after: ApiObject): readonly string[] {
  const fields: string[] = [];
  differing(before, after, '', fields);
  return fields.filter((field) => !stamps.test(field));
}

const stamps = /^\.metadata\.(resourceVersion|generation|managedFields)/;

function differing(was: unknown, is: unknown, path: string, out: string[]): void {
  if (was === is) return;
  const [before, after] = [partsOf(was), partsOf(is)];
  if (before === undefined || after === undefined) {
    if (JSON.stringify(was) !== JSON.stringify(is)) out.push(path);
    return;
  }
  for (const [name, inner] of Object.entries(before)) differing(inner, after[name], path + name, out);
  for (const [name, inner] of Object.entries(after))
    if (!(name in before) && inner !== undefined) out.push(path + name);
}

/** The parts of a value, each under how it is written in a path; undefined of a leaf. */
function partsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (Array.isArray(value))
    return value.every(isNamed)
      ? Object.fromEntries(value.map((entry) => [`[${entry.type ?? entry.name ?? ''}]`, entry]))
      : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [`.${name}`, inner]));
}

const isNamed = (entry: unknown): entry is { readonly type?: string; readonly name?: string } =>
  typeof entry === 'object' && entry !== null && ('type' in entry || 'name' in entry);
