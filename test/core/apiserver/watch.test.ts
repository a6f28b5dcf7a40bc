/**
 * Aim: whatever is written, a watch tells exactly what its selection makes of it, and each event carries the cache as it
 * was then. Method: random writes; a model that filters every revision by hand, for watches opened at any time.
 */
import { fc, test } from '@fast-check/vitest';
import { expect, test as plain } from 'vitest';
import type { Json } from '../../../core/api/generated/types.ts';
import { keyOf, type ApiObject } from '../../../core/api/object.ts';
import type { WatchEvent, WatchRequest } from '../../../core/api/request.ts';
import {
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
} from '../../../core/api/selector.ts';
import { objectsIn, type View } from '../../../core/api/view.ts';
import { Cluster } from './cluster.ts';
import { configMap, namespace, pod } from './objects.ts';

const namespaces = ['a', 'b'];
const names = ['x', 'y', 'z'];

const write = fc.record({
  verb: fc.constantFrom('create', 'label', 'delete'),
  namespace: fc.constantFrom(...namespaces),
  name: fc.constantFrom(...names),
  label: fc.constantFrom('red', 'blue'),
});
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;

const selection = fc.record(
  {
    namespace: fc.constantFrom(...namespaces),
    labelSelector: fc.constantFrom('color=red', 'color!=red', 'color'),
    fieldSelector: fc.constantFrom(
      'metadata.name=x',
      'metadata.name!=x',
      'metadata.name=x,metadata.namespace=a',
    ),
  },
  { requiredKeys: [] },
);

function perform(cluster: Cluster, { verb, namespace, name, label }: Write): void {
  const target = { resource: 'configmaps', namespace } as const;
  const labels = { color: label };
  if (verb === 'create') cluster.call({ verb, ...target, object: configMap(name, {}, { labels }) });
  else if (verb === 'delete') cluster.call({ verb, ...target, name });
  else
    cluster.call({
      verb: 'patch',
      ...target,
      name,
      patchType: 'merge',
      patch: { metadata: { labels } } as Json,
    });
}

type Snapshot = ReadonlyMap<string, ApiObject>;

const snapshotOf = (view: View): Snapshot =>
  new Map([...objectsIn(view)].map((object) => [keyOf(object), object]));

function selected(request: Omit<WatchRequest, 'verb'>, object: ApiObject): boolean {
  const labels = parseLabelSelector(request.labelSelector ?? '');
  const fields = parseFieldSelector('configmaps', request.fieldSelector ?? '');
  if ('error' in labels || 'error' in fields) throw new Error('a selector that does not parse');
  return (
    (request.namespace === undefined || request.namespace === object.metadata.namespace) &&
    matchesLabels(labels, object.metadata.labels) &&
    matchesFields(fields, object)
  );
}

/** What a watch from `from` on is told, by comparing each state of the world with the next. */
function expected(
  request: Omit<WatchRequest, 'verb'>,
  worlds: ReadonlyMap<number, Snapshot>,
  from: number,
): readonly string[] {
  const told: string[] = [];
  const revisions = [...worlds.keys()].filter((revision) => revision >= from);
  revisions.forEach((revision, i) => {
    const [before, after] = [worlds.get(revisions[i - 1] ?? -1), worlds.get(revision)];
    if (before === undefined || after === undefined) return;
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const [was, is] = [before.get(key), after.get(key)];
      if (was === is) continue;
      const [had, has] = [
        was !== undefined && selected(request, was),
        is !== undefined && selected(request, is),
      ];
      const type = had && has ? 'MODIFIED' : has ? 'ADDED' : had ? 'DELETED' : undefined;
      if (type !== undefined) told.push(`${type} ${key}@${revision}`);
    }
  });
  return told;
}

const textOf = ({ type, object }: WatchEvent): string =>
  `${type} ${keyOf(object as ApiObject)}@${(object as ApiObject).metadata.resourceVersion}`;

test.prop(
  [
    fc.array(write, { minLength: 1, maxLength: 25 }),
    fc.array(selection, { minLength: 1, maxLength: 5 }),
    fc.nat(25),
  ],
  {
    numRuns: 60,
  },
)(
  'a watch tells what its selection makes of each revision, early or late',
  (writes, selections, lateAfter) => {
    const cluster = new Cluster(1, { compactionInterval: 0 });
    for (const name of namespaces)
      cluster.call({ verb: 'create', resource: 'namespaces', object: namespace(name) });
    const from = cluster.revision;
    const all = cluster.watch({ resource: 'configmaps', resourceVersion: `${from}` });
    const early = selections.map((each) =>
      cluster.watch({ resource: 'configmaps', resourceVersion: `${from}`, ...each }),
    );
    writes.slice(0, lateAfter).forEach((each) => perform(cluster, each));
    const late = selections.map((each) =>
      cluster.watch({ resource: 'configmaps', resourceVersion: `${from}`, ...each }),
    );
    writes.slice(lateAfter).forEach((each) => perform(cluster, each));

    const worlds = new Map<number, Snapshot>([[from, new Map()]]);
    for (const { view } of all.events) worlds.set(view.revision, snapshotOf(view));
    selections.forEach((each, i) => {
      const request = { resource: 'configmaps', ...each };
      for (const watched of [early[i], late[i]]) {
        expect(watched?.events.map(textOf)).toEqual(expected(request, worlds, from));
        // The view of an event is the world at its revision, and the very object it tells of is in it.
        for (const event of watched?.events ?? []) {
          const object = event.object as ApiObject;
          const world = worlds.get(Number(object.metadata.resourceVersion));
          expect(snapshotOf(event.view)).toEqual(world);
        }
      }
    });
    const list = cluster.call({ verb: 'list', resource: 'configmaps' });
    const cached = cluster.call({ verb: 'list', resource: 'configmaps', resourceVersion: '0' });
    if (!list.ok || !cached.ok || list.list === undefined || cached.list === undefined)
      throw new Error('a list is answered');
    expect([...snapshotOf(list.list.view)]).toEqual([...snapshotOf(cached.list.view)]);
  },
);

plain('a watch that was closed hears no more, and nothing of it is kept', () => {
  const cluster = new Cluster();
  const watched = cluster.watch({ resource: 'pods', fieldSelector: 'spec.nodeName=node-1' });
  const before = cluster.servers[0]?.state.watching.size;
  cluster.unwatch(watched);
  cluster.call({
    verb: 'create',
    resource: 'pods',
    namespace: 'default',
    object: pod('web', {}, { nodeName: 'node-1', containers: [{ name: 'c', image: 'i' }] }),
  });
  expect(watched.events).toEqual([]);
  expect([before, cluster.servers[0]?.state.watching.size]).toEqual([1, 0]);
});

plain('one write reaches the watcher of its node out of thousands', () => {
  const cluster = new Cluster();
  const watches = Array.from({ length: 3_000 }, (_, i) =>
    cluster.watch({ resource: 'pods', fieldSelector: `spec.nodeName=node-${i}`, resourceVersion: '0' }),
  );
  const spec = { nodeName: 'node-7', containers: [{ name: 'c', image: 'i' }] };
  cluster.call({ verb: 'create', resource: 'pods', namespace: 'default', object: pod('web', {}, spec) });
  expect(watches.flatMap(({ events }, i) => events.map(({ type }) => `${type} at ${i}`))).toEqual([
    'ADDED at 7',
  ]);
});

plain('Events have no cache until somebody watches them', () => {
  const cluster = new Cluster();
  const event = (name: string): Parameters<Cluster['call']>[0] => ({
    verb: 'create',
    resource: 'events',
    namespace: 'default',
    object: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name },
      ...{ involvedObject: { namespace: 'default' }, reason: 'Seen' },
    },
  });
  cluster.call(event('first'));
  const view = cluster.servers[0]?.state.caches.find(({ info }) => info.resource === 'events')?.view;
  expect(view?.objects.size).toBe(0);
  const list = cluster.call({ verb: 'list', resource: 'events', namespace: 'default' });
  expect(list.ok && list.list !== undefined ? snapshotOf(list.list.view).size : 0).toBe(1);
  const watched = cluster.watch({ resource: 'events' });
  cluster.call(event('second'));
  expect(watched.events.map(textOf)).toEqual(['ADDED default/first@9', 'ADDED default/second@10']);
});
