/**
 * What became of each object, field by field: every value that a field took, in the turn in which it took it. Objects
 * with generated names are told as one: so many Pods of this owner became Ready in this turn.
 */
import type { Json } from '../../../core/api/generated/types.ts';
import type { Canon } from './canon.ts';
import type { Sighting } from './recording.ts';
import { turnAt, type Chapter, type Line, type Turns } from './transcript.ts';

type Fields = Readonly<Record<string, Json>>;

export function historyChapters(
  sightings: readonly Sighting[],
  turns: Turns,
  canon: Canon,
): readonly Chapter[] {
  const chapters = new Map<string, Line[]>();
  const known = new Map<string, Fields>();
  const last = new Map<string, number>();
  for (const sighting of sightings) {
    const { kind, name, type, at, fields } = sighting;
    if (kind === 'Event') continue;
    const title = `${kind}/${canon.text(name)}`;
    const lines = chapters.get(title) ?? [];
    chapters.set(title, lines);
    const turn = turnAt(turns, at);
    const key = `${kind}/${name}`;
    const before = type === 'ADDED' ? {} : (known.get(key) ?? {});
    if (type === 'ADDED') lines.push({ turn, at, text: 'appears' });
    // The last state of what is deleted says nothing that was not told before.
    if (type === 'DELETED') {
      lines.push({ turn, at, text: 'is gone' });
      known.delete(key);
      continue;
    }
    const owner = kind === 'Pod' ? canon.ownerOf(name) : undefined;
    const isOfSet = owner?.startsWith('DaemonSet/') === true;
    for (const text of changesTold(kind, before, fields, canon, owner))
      // Which node of a DaemonSet comes first is any.
      lines.push(isOfSet && text.startsWith('node: ') ? { turn, text } : { turn, at, text });
    if (kind === 'EndpointSlice')
      tellEndpoints(lines, before['endpoints'] ?? null, fields['endpoints'], { turn, at, key }, last, canon);
    known.set(key, { ...before, ...fields });
  }
  return [...chapters].map(([title, lines]) => {
    const retryAfter = title.startsWith('EndpointSlice/') ? staleAgainAfter : 0;
    return { title, order: 'any', lines, retryAfter };
  });
}

/** A slice that would be written from a stale cache is looked at again after the controller's back-off. (defaultSyncBackOff) */
const staleAgainAfter = 1_000;

/** What a slice says of each endpoint; what it said before is brief where it did not say so for a second. */
function tellEndpoints(
  lines: Line[],
  before: Json,
  after: Json | undefined,
  { turn, at, key }: { readonly turn: number; readonly at: number; readonly key: string },
  last: Map<string, number>,
  canon: Canon,
): void {
  if (after === undefined) return;
  const was = endpoints(before);
  const is = endpoints(after);
  for (const pod of new Set([...is.keys(), ...was.keys()])) {
    const state = is.get(pod);
    if (state === was.get(pod)) continue;
    const place = last.get(`${key} ${pod}`) ?? -1;
    const line = lines[place];
    if (line?.at !== undefined && at - line.at < staleAgainAfter) lines[place] = { ...line, brief: true };
    last.set(`${key} ${pod}`, lines.length);
    lines.push({ turn, at, text: canon.text(`endpoint ${pod}: ${state ?? 'none'}`) });
  }
}

/** Fields that other chapters tell of, or that only count writes. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  ReplicaSet: ['spec', 'gen', 'status'],
  EndpointSlice: ['gen', 'trigger', 'endpoints'],
};

function* changesTold(
  kind: string,
  before: Fields,
  fields: Fields,
  canon: Canon,
  owner: string | undefined,
): Iterable<string> {
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'status' || name === 'trigger' || elsewhere[kind]?.includes(name) === true) continue;
    const old = before[name] ?? null;
    switch (name) {
      case 'conds':
        yield* entriesTold('', conditions(old), conditions(value), canon);
        break;
      case 'labels':
      case 'annotations':
        yield* entriesTold(`${name.slice(0, -1)} `, entries(old), entries(value), canon);
        break;
      case 'subsets':
        yield* entriesTold('address ', addresses(old), addresses(value), canon);
        break;
      case 'node':
        yield `node: ${canon.node(String(value), owner)}`;
        break;
      case 'ip':
        yield 'has an address';
        break;
      default:
        yield canon.text(`${name}: ${value === null ? 'none' : JSON.stringify(value)}`);
    }
  }
}

type Entries = ReadonlyMap<string, string>;

function* entriesTold(what: string, before: Entries, after: Entries, canon: Canon): Iterable<string> {
  for (const [name, value] of after)
    if (before.get(name) !== value) yield canon.text(`${what}${name}: ${value}`);
  for (const name of before.keys()) if (!after.has(name)) yield canon.text(`${what}${name}: none`);
}

const list = (value: Json): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

/** `Ready=False(ContainersNotReady)` by its type. */
const conditions = (value: Json): Entries => new Map(list(value).map((text) => cut(String(text), '=')));

function cut(text: string, at: string): readonly [string, string] {
  const place = text.indexOf(at);
  return [text.slice(0, place), text.slice(place + 1)];
}

const entries = (value: Json): Entries =>
  new Map(Object.entries((value ?? {}) as Readonly<Record<string, Json>>).map(([k, v]) => [k, String(v)]));

/** `web-1@node-5:{"ready":true,…}:zone-c` by the Pod; node and zone are where the scheduler put it. */
const endpoints = (value: Json): Entries =>
  new Map(
    list(value).map((text) => {
      const [pod, rest] = cut(String(text), '@');
      return [pod, rest.slice(rest.indexOf('{'), rest.lastIndexOf('}') + 1)];
    }),
  );

interface Subset {
  readonly ready?: readonly string[];
  readonly notReady?: readonly string[];
  readonly ports?: readonly Json[];
}

/** Endpoints: each address with whether it is ready, and the ports it is served on. */
function addresses(value: Json): Entries {
  const found = new Map<string, string>();
  for (const { ready = [], notReady = [], ports = [] } of list(value) as unknown as readonly Subset[]) {
    for (const pod of ready) found.set(pod, `ready ${JSON.stringify(ports)}`);
    for (const pod of notReady) found.set(pod, `not ready ${JSON.stringify(ports)}`);
  }
  return found;
}
