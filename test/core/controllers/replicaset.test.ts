/**
 * ReplicaSets and ReplicationControllers in a small world: how many Pods they make when they can, and when they cannot see.
 * `vitest -u` writes the transcripts anew.
 */
import { describe, expect, test } from 'vitest';
import type { Pod, ReplicaSet, ReplicationController } from '../../../core/api/generated/types.ts';
import { millisecond, minute, second } from '../../../core/time/time.ts';
import { World, type Plain } from './world.ts';

const template: Plain = {
  metadata: { labels: { app: 'web', tier: 'front' } },
  spec: { containers: [{ name: 'c', image: 'img:1' }] },
};

const world = (): World => new World({ readyAfter: 800 * millisecond }).start().withNode();

const create = (here: World, replicas: number, selector: Plain): void => {
  here.create('replicasets', {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector, template },
  });
};
const byLabel: Plain = { matchLabels: { app: 'web' } };
const podsOf = (here: World): readonly Pod[] =>
  here.list<Pod>('pods').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
const transcript = (here: World, who: string): string =>
  `${here.lines.filter((line) => line.includes(who)).join('\n')}\n`;

test('a ReplicationController does the same, by a plain selector', async () => {
  const here = world();
  here.create('replicationcontrollers', {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 3, selector: { app: 'web' }, template },
  });
  here.run(4 * second);
  here.lines.push('# replication-controller scaled to 1');
  here.change('replicationcontrollers', 'default/web', { spec: { replicas: 1 } });
  here.run(6 * second);
  const { status } = here.get<ReplicationController>('replicationcontrollers', 'default/web') ?? {};
  expect(status).toMatchObject({
    replicas: 1,
    readyReplicas: 1,
    fullyLabeledReplicas: 1,
    observedGeneration: 2,
  });
  await expect(transcript(here, 'replication-controller')).toMatchFileSnapshot(
    'transcripts/replication-controller.txt',
  );
});

describe('a ReplicaSet that does not hear of its Pods', () => {
  test('waits: it makes no Pod twice', () => {
    const here = world();
    here.stall('pods');
    create(here, 3, byLabel);
    for (let i = 1; i < 20; i++)
      here.later(10 * i * second, () => {
        here.change('replicasets', 'default/web', { metadata: { annotations: { touched: `${i}` } } });
      });
    here.run(4 * minute);
    expect(podsOf(here)).toHaveLength(3);
    here.proceed('pods');
    here.run(5 * minute);
    expect(podsOf(here)).toHaveLength(3);
  });

  test('gives up its expectations after five minutes, and makes them all again', () => {
    const here = world();
    here.stall('pods');
    create(here, 3, byLabel);
    here.run(5 * minute);
    here.change('replicasets', 'default/web', { metadata: { annotations: { touched: 'early' } } });
    here.run(5 * minute + second);
    expect(podsOf(here)).toHaveLength(3);
    here.run(5 * minute + 2 * second);
    here.change('replicasets', 'default/web', { metadata: { annotations: { touched: 'late' } } });
    here.run(5 * minute + 3 * second);
    expect(podsOf(here)).toHaveLength(6);
    here.proceed('pods');
    here.run(6 * minute);
    expect(podsOf(here)).toHaveLength(3);
  });

  test('expects nothing of what was made anew under its name', () => {
    const here = world();
    here.stall('pods');
    create(here, 3, byLabel);
    here.run(2 * second);
    here.vanish('replicasets', 'default/web');
    create(here, 1, byLabel);
    here.run(4 * second);
    const { uid } = here.get<ReplicaSet>('replicasets', 'default/web')?.metadata ?? {};
    const own = podsOf(here).filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === uid);
    expect(own).toHaveLength(1);
  });
});

test.each<[string, Plain]>([
  ['labels', byLabel],
  ['one of several values', { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'shop'] }] }],
  ['the presence of a label', { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }],
  ['the absence of a label', { matchExpressions: [{ key: 'job', operator: 'DoesNotExist' }] }],
])('a ReplicaSet that selects by %s adopts a Pod that was there', (_, selector) => {
  const here = world();
  for (const [name, labels] of [
    ['orphan', { app: 'web', tier: 'front' }],
    ['other', { job: 'mail' }],
  ] as const)
    here.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels },
      spec: { containers: [{ name: 'c', image: 'img:1' }] },
    });
  here.run(2 * second);
  create(here, 2, selector);
  here.run(5 * second);
  const owners = here
    .list<Pod>('pods')
    .map(({ metadata }) => metadata.ownerReferences?.[0]?.name ?? 'nobody');
  expect(owners.toSorted()).toEqual(['nobody', 'web', 'web']);
});
