/**
 * Counts of Pods by node against a plain count, whenever they are asked for the first time: at once, after Pods have come
 * and gone, and on columns that were made when there were Pods already.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Node, Pod } from '../../../core/api/generated/types.ts';
import {
  assumePod,
  emptyCache,
  removePod,
  setNode,
  type SchedulerCache,
} from '../../../core/scheduler/cache.ts';
import { columnsOf, dropColumns } from '../../../core/scheduler/columns.ts';
import { matchingPods } from '../../../core/scheduler/matching-pods.ts';
import { podInfoOf, type PodInfo } from '../../../core/scheduler/pod-info.ts';

const apps = ['a', 'b', 'c'];
const nodes = ['n0', 'n1', 'n2', 'n3'];

const podOf = (uid: string, app: string): PodInfo => {
  const metadata = {
    name: uid,
    namespace: 'default',
    uid,
    resourceVersion: '1',
    creationTimestamp: '',
    labels: { app },
  };
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] }, status: {} };
  return podInfoOf(pod);
};

const nodeOf = (name: string): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '' },
  spec: {},
  status: {},
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('come'), fc.nat(3), fc.nat(2)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('go'), fc.nat(30), fc.nat()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('ask'), fc.nat(), fc.nat(2)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('drop'), fc.nat(), fc.nat()) },
);

test('the Pods of an app are counted on every node, whenever they are asked for first', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      dropColumns();
      let cache: SchedulerCache = emptyCache();
      for (const name of nodes) cache = setNode(cache, nodeOf(name));
      columnsOf(cache.nodes);
      steps.forEach(([what, at, app], i) => {
        if (what === 'come') cache = assumePod(cache, podOf(`u${i}`, apps[app] ?? ''), nodes[at] ?? '');
        else if (what === 'go') cache = removePod(cache, `u${at}`);
        else if (what === 'drop') dropColumns();
        else expect(countsOf(cache, apps[app] ?? '')).toEqual(plainCounts(cache, apps[app] ?? ''));
      });
      for (const app of apps) expect(countsOf(cache, app)).toEqual(plainCounts(cache, app));
    }),
  );
});

function countsOf(cache: SchedulerCache, app: string): readonly (number | undefined)[] {
  const columns = columnsOf(cache.nodes);
  const counts = matchingPods(columns, app, ({ labels }) => labels?.['app'] === app);
  counts.update();
  return nodes.map((name) => counts.podsOfRow[columns.rowOf(name) ?? -1]);
}

const plainCounts = (cache: SchedulerCache, app: string): readonly (number | undefined)[] =>
  nodes.map((name) => cache.nodes.get(name)?.pods.filter(({ labels }) => labels?.['app'] === app).length);

test('where more Pods came and went than can be asked for, they are counted anew', () => {
  dropColumns();
  let cache: SchedulerCache = emptyCache();
  for (const name of nodes) cache = setNode(cache, nodeOf(name));
  const columns = columnsOf(cache.nodes);
  const pod = podOf('u', 'a');
  const mark = 1 + columns.classes.of(pod, columns.changes);
  const alone = cache.nodes.get('n0');
  cache = assumePod(cache, pod, 'n0');
  const together = cache.nodes.get('n0');
  expect(countsOf(cache, 'a')).toEqual([1, 0, 0, 0]);
  for (const [times, isRecalled] of [
    [1_000, true],
    [150_000, false],
  ] as const) {
    const before = columns.changes;
    for (let i = 0; i < times; i++) {
      columns.write('n0', alone, -mark);
      columns.write('n0', together, mark);
    }
    expect(columns.recalls(before)).toBe(isRecalled);
    expect(countsOf(cache, 'a')).toEqual(plainCounts(cache, 'a'));
  }
});
