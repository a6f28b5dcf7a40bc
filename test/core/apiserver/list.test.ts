/** Aim: lists in pages and at revisions, and what compaction makes of them. Method: small stories over a real etcd. */
import { describe, expect, test } from 'vitest';
import type { ApiAnswer, ListRequest } from '../../../core/api/request.ts';
import { objectsIn } from '../../../core/api/view.ts';
import { minute } from '../../../core/time/time.ts';
import { Cluster } from './cluster.ts';
import { configMap } from './objects.ts';

const target = { resource: 'configmaps', namespace: 'default' } as const;
const list = (cluster: Cluster, request: Partial<ListRequest> = {}): ApiAnswer =>
  cluster.call({ verb: 'list', ...target, ...request });

function filled(count: number, servers = 1): Cluster {
  const cluster = new Cluster(servers);
  for (let i = 0; i < count; i++)
    cluster.call({
      verb: 'create',
      ...target,
      object: configMap(`m${i}`, {}, { labels: { even: `${i % 2 === 0}` } }),
    });
  return cluster;
}

function namesIn(answer: ApiAnswer): readonly string[] {
  if (!answer.ok || answer.list === undefined) throw new Error(JSON.stringify(answer));
  const items = answer.list.page?.items ?? [...objectsIn(answer.list.view, 'default')];
  return items.map(({ metadata }) => metadata.name);
}

const tokenOf = (answer: ApiAnswer): string => {
  const token = answer.ok ? answer.list?.page?.continue : answer.status.metadata['continue'];
  if (typeof token !== 'string') throw new Error(`no token in ${JSON.stringify(answer)}`);
  return token;
};

describe('pages', () => {
  test('go on at the revision of the first, whatever is written between', () => {
    const cluster = filled(5);
    const first = list(cluster, { limit: 2 });
    cluster.call({ verb: 'delete', ...target, name: 'm3' });
    cluster.call({ verb: 'create', ...target, object: configMap('m22') });
    const second = list(cluster, { limit: 2, continue: tokenOf(first) });
    const third = list(cluster, { limit: 2, continue: tokenOf(second) });
    expect([first, second, third].map(namesIn)).toEqual([['m0', 'm1'], ['m2', 'm3'], ['m4']]);
    expect(first.ok && first.list?.page?.remaining).toBe(3);
    expect(third.ok && third.list?.page?.continue).toBeUndefined();
    const revisions = [first, second, third].map((answer) => answer.ok && answer.list?.resourceVersion);
    expect(new Set(revisions).size).toBe(1);
  });

  test('of a selection are full, and do not count what is left', () => {
    const cluster = filled(7);
    const first = list(cluster, { limit: 3, labelSelector: 'even=true' });
    expect(namesIn(first)).toEqual(['m0', 'm2', 'm4']);
    expect(first.ok && first.list?.page?.remaining).toBeUndefined();
    expect(
      namesIn(list(cluster, { limit: 3, labelSelector: 'even=true', continue: tokenOf(first) })),
    ).toEqual(['m6']);
  });

  test('whose revision is compacted go on with the token they are given', () => {
    const cluster = filled(4);
    const first = list(cluster, { limit: 2 });
    cluster.call({ verb: 'create', ...target, object: configMap('m11') });
    cluster.advance(15 * minute);
    const expired = list(cluster, { limit: 2, continue: tokenOf(first) });
    expect(expired.code).toBe(410);
    expect(namesIn(list(cluster, { limit: 2, continue: tokenOf(expired) }))).toEqual(['m11', 'm2']);
    expect(list(cluster, { resourceVersion: '9', resourceVersionMatch: 'Exact' }).code).toBe(410);
  });
});

test('a list at a revision is what was there', () => {
  const cluster = filled(3);
  const before = `${cluster.revision}`;
  cluster.call({ verb: 'delete', ...target, name: 'm1' });
  expect(namesIn(list(cluster, { resourceVersion: before, resourceVersionMatch: 'Exact' }))).toEqual([
    'm0',
    'm1',
    'm2',
  ]);
  expect(namesIn(list(cluster, { resourceVersion: before }))).toEqual(['m0', 'm2']);
});

test('an unset revision is the newest, "0" what the cache has', () => {
  const cluster = filled(2, 2);
  cluster.hold(1);
  cluster.call({ verb: 'delete', ...target, name: 'm0' });
  expect(namesIn(cluster.call({ verb: 'list', ...target, resourceVersion: '0' }, 1))).toEqual(['m0', 'm1']);
  expect(namesIn(cluster.call({ verb: 'list', ...target }, 1))).toEqual(['m1']);
});

test.each<readonly [string, Partial<ListRequest>, number]>([
  ['a match without a revision', { resourceVersionMatch: 'Exact' }, 422],
  ['an exact zero', { resourceVersion: '0', resourceVersionMatch: 'Exact' }, 422],
  ['an unknown match', { resourceVersion: '5', resourceVersionMatch: 'Bogus' }, 422],
  ['a revision that is none', { resourceVersion: 'abc' }, 400],
  ['a token that is none', { continue: 'garbage' }, 400],
  ['a token and a revision', { resourceVersion: '5', continue: 'garbage' }, 400],
  ['an unknown field', { fieldSelector: 'spec.bogus=1' }, 400],
  ['a broken selector', { labelSelector: '==' }, 400],
  ['a revision of the future', { resourceVersion: '99999' }, 504],
])('%s is refused', (_what, request, code) => {
  expect(list(filled(1), request).code).toBe(code);
});

describe('the compactor', () => {
  test('has etcd forget what was before the revision seen one interval ago, once for all servers', () => {
    const cluster = filled(3, 2);
    const before = cluster.revision;
    cluster.advance(5 * minute);
    const first = cluster.revision;
    cluster.advance(5 * minute);
    expect([first - before, cluster.revision - first]).toEqual([1, 1]);
    expect(list(cluster, { resourceVersion: `${before}`, resourceVersionMatch: 'Exact' }).code).toBe(410);
    expect(list(cluster, { resourceVersion: `${first}`, resourceVersionMatch: 'Exact' }).code).toBe(200);
  });
});
