/**
 * Aim: a Job that was started, suspended and resumed is known to the end as 1.34.1 knows it: its status cannot be written,
 * for the apiserver will not have its startTime changed (kubernetes/kubernetes#134521, mended in 1.34.2). One that was made
 * suspended has no startTime yet, and fares well. Method: on a cluster, the Job's status and Events a while after.
 */
import { expect, test } from 'vitest';
import type { Job } from '../../../core/api/generated/types.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { second } from '../../../core/time/time.ts';
import { clusterSpec, runTo } from '../../sim/engine/cluster.ts';

const job = (suspend: boolean): NewObject =>
  ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work' },
    spec: {
      suspend,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'work' }] } },
    },
  }) as NewObject;

/** The Job of which these were applied, ten seconds after one another, after the last; and how often it said `Resumed`. */
function after(...suspended: readonly boolean[]) {
  const actions = suspended.map((suspend, i) => ({
    at: (10 + 10 * i) * second,
    do: 'apply' as const,
    objects: [job(suspend)],
  }));
  const registry = runTo(
    clusterSpec({ replicas: 0, actions }),
    (10 + 10 * suspended.length) * second,
  ).registry();
  const { status } = registry.get('jobs', 'default/work') as Job;
  const said = registry.list('events') as readonly { reason?: string; count?: number }[];
  return {
    isSuspended: status.conditions?.find(({ type }) => type === 'Suspended')?.status,
    active: status.active ?? 0,
    resumed: said.find(({ reason }) => reason === 'Resumed')?.count ?? 0,
  };
}

test('one that was made suspended is resumed', () => {
  expect(after(true, false)).toEqual({ isSuspended: 'False', active: 1, resumed: 1 });
});

test('one that ran before has a Pod, and says that it is suspended, and again and again that it is resumed', () => {
  const told = after(false, true, false);
  expect(told).toMatchObject({ isSuspended: 'True', active: 0 });
  expect(told.resumed).toBeGreaterThan(5);
});
