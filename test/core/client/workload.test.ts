/** Aim: every Pod of a workload trace comes at its time and goes at its time, whatever the order of the rows. */
import { expect, test } from 'vitest';
import type { WorkloadState } from '../../../core/client/workload.ts';
import { second } from '../../../core/time/time.ts';
import type { WorkloadPod } from '../../../sim/cluster/spec.ts';
import { clusterSpec, pods, runTo } from '../../sim/engine/cluster.ts';

const arriving = (name: string, createAt: number, deleteAt?: number): WorkloadPod => {
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'x' }] },
  };
  return {
    object,
    createAt: createAt * second,
    deleteAt: deleteAt === undefined ? undefined : deleteAt * second,
  };
};

const spec = {
  ...clusterSpec({ replicas: 0 }),
  workload: [
    arriving('late', 40, 60),
    arriving('early', 10, 100),
    arriving('also-early', 10),
    arriving('Bad_Name', 20),
  ],
};

test.each([
  [9, []],
  [11, ['also-early', 'early']],
  [41, ['also-early', 'early', 'late']],
  [95, ['also-early', 'early']],
  [140, ['also-early']],
])('at %d s there are %j', (at, names) => {
  expect(pods(runTo(spec, at * second)).map((pod) => pod.metadata.name)).toEqual(names);
});

test('what was refused is counted', () => {
  expect((runTo(spec, 60 * second).stateOf('workload') as WorkloadState).refused).toBe(1);
});
