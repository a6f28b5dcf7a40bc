/**
 * DaemonSets in a small world: what the controller writes, in order, as transcripts. Each test also asserts the one thing
 * it is about. `vitest -u` writes the transcripts anew.
 */
import { describe, expect, test } from 'vitest';
import type {
  ControllerRevision,
  DaemonSet,
  DaemonSetStatus,
  Pod,
} from '../../../core/api/generated/types.ts';
import { targetNodeOf } from '../../../core/controllers/daemon/pod.ts';
import { minute, second } from '../../../core/time/time.ts';
import { World, type Plain, type WorldOptions } from './world.ts';

const template = (image: string): Plain => ({
  metadata: { labels: { app: 'agent' } },
  spec: { containers: [{ name: 'c', image }], nodeSelector: { ds: 'yes' } },
});

const node = (name: string, more: Plain = {}): Plain => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { ds: 'yes' } },
  spec: {},
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
  ...more,
});

/** Three nodes and a DaemonSet. The Pods that wait for a node are bound and ready after 0.8 s. */
function world(spec: Plain = {}, options: WorldOptions = { readyAfter: 800_000 }): World {
  const made = new World(options).start();
  for (const name of ['a', 'b', 'c']) made.create('nodes', node(name));
  made.run(second);
  made.lines.length = 0;
  made.create('daemonsets', {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {
      name: 'agent',
      namespace: 'default',
      annotations: { 'deprecated.daemonset.template.generation': '1' },
    },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: template('img:1'),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
      ...spec,
    },
    status: {},
  });
  return made;
}

const statusOf = (of: World): DaemonSetStatus | undefined =>
  of.get<DaemonSet>('daemonsets', 'default/agent')?.status;
const update = (of: World, image: string): void => {
  of.change('daemonsets', 'default/agent', { spec: { template: template(image) } });
};
const transcript = (of: World): string =>
  `${of.lines.filter((line) => line.includes('daemon-set-controller')).join('\n')}\n`;
/** `node image`, of all Pods that are not being deleted. */
const running = (of: World): readonly string[] =>
  of
    .list<Pod>('pods')
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((pod) => `${targetNodeOf(pod) ?? ''} ${pod.spec.containers[0]?.image ?? ''}`)
    .sort();
const revisions = (of: World): readonly number[] =>
  of.list<ControllerRevision>('controllerrevisions').map(({ revision }) => revision);

describe('a DaemonSet', () => {
  test('has a Pod on every node that it chooses', async () => {
    const here = world().run(5 * second);
    here.create('nodes', node('d'));
    here.create('nodes', node('other', { metadata: { name: 'other' } }));
    here.run(10 * second);
    expect(running(here)).toEqual(['a img:1', 'b img:1', 'c img:1', 'd img:1']);
    expect(statusOf(here)).toMatchObject({ desiredNumberScheduled: 4, numberAvailable: 4 });
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/daemonset.txt');
  });

  test('stays on a node that wants no more Pods, and leaves one that drives them out', () => {
    const here = world().run(5 * second);
    here.change('nodes', 'a', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } });
    here.change('nodes', 'b', { spec: { taints: [{ key: 'k', effect: 'NoExecute' }] } });
    here.change('nodes', 'c', {
      spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] },
    });
    here.run(10 * second);
    expect(running(here)).toEqual(['a img:1', 'c img:1']);
    expect(statusOf(here)).toMatchObject({ desiredNumberScheduled: 1, numberMisscheduled: 1 });
  });

  test('is updated one node after the other', async () => {
    const here = world().run(5 * second);
    update(here, 'img:2');
    let fewest = 3;
    for (let at = 5; at < 20; at += 0.1) fewest = Math.min(fewest, running(here.run(at * second)).length);
    expect(running(here)).toEqual(['a img:2', 'b img:2', 'c img:2']);
    expect(fewest).toBe(2);
    expect(revisions(here).toSorted()).toEqual([1, 2]);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/daemonset-update.txt');
  });

  test('with a surge has the new Pod beside the old one until it is ready', async () => {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
    const here = world({ updateStrategy }).run(5 * second);
    update(here, 'img:2');
    let most = 3;
    let fewest = 3;
    for (let at = 5; at < 20; at += 0.1) {
      const count = running(here.run(at * second)).length;
      [most, fewest] = [Math.max(most, count), Math.min(fewest, count)];
    }
    expect(running(here)).toEqual(['a img:2', 'b img:2', 'c img:2']);
    expect([fewest, most]).toEqual([3, 4]);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/daemonset-surge.txt');
  });

  test('that is updated on deletion waits for somebody to delete', () => {
    const here = world({ updateStrategy: { type: 'OnDelete' } }).run(5 * second);
    update(here, 'img:2');
    here.run(10 * second);
    expect(running(here)).toEqual(['a img:1', 'b img:1', 'c img:1']);
    const onB = here.list<Pod>('pods').find((pod) => targetNodeOf(pod) === 'b');
    here.delete('pods', `default/${onB?.metadata.name ?? ''}`);
    here.run(20 * second);
    expect(running(here)).toEqual(['a img:1', 'b img:2', 'c img:1']);
  });

  test('that goes back to an old template gives its revision a new number', () => {
    const here = world().run(5 * second);
    update(here, 'img:2');
    here.run(15 * second);
    update(here, 'img:1');
    here.run(30 * second);
    expect(revisions(here).toSorted()).toEqual([2, 3]);
    expect(running(here)).toEqual(['a img:1', 'b img:1', 'c img:1']);
  });

  test('forgets the revisions beyond its limit that no Pod is of', () => {
    const here = world({ revisionHistoryLimit: 1 }).run(5 * second);
    for (const [i, image] of ['img:2', 'img:3', 'img:4'].entries()) {
      update(here, image);
      here.run((20 + 15 * i) * second);
    }
    expect(revisions(here).toSorted()).toEqual([3, 4]);
  });

  test('makes a failed Pod anew after 1 s, 2 s, 4 s, …', async () => {
    const here = world({}, {});
    const failed: number[] = [];
    // The kubelet of node a refuses every Pod.
    for (let at = 1; at <= 60; at += 0.1) {
      here.run(at * second);
      const pod = here
        .list<Pod>('pods')
        .find((one) => targetNodeOf(one) === 'a' && one.metadata.deletionTimestamp === undefined);
      if (pod === undefined || pod.status.phase === 'Failed') continue;
      failed.push(at);
      here.change('pods', `default/${pod.metadata.name}`, {
        spec: { nodeName: 'a' },
        status: { phase: 'Failed' },
      });
    }
    const waits = failed.slice(1).map((at, i) => Math.round(at - (failed[i] ?? 0)));
    expect(waits.slice(0, 6)).toEqual([0, 1, 2, 4, 8, 16]);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/daemonset-failed.txt');
  });

  test('that is deleted does nothing more', () => {
    const here = world().run(5 * second);
    here.change('daemonsets', 'default/agent', {
      metadata: { finalizers: ['x'], deletionTimestamp: '2025-01-01T00:00:05Z' },
    });
    here.lines.length = 0;
    here.create('nodes', node('d'));
    here.run(minute);
    expect(here.lines.filter((line) => line.includes('daemon'))).toEqual([]);
  });
});
