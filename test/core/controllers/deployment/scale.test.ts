/** Aim: what a change of size alone does to the ReplicaSets of a rollout. Method: one call, and the writes it asks for, in order. */
import { expect, test } from 'vitest';
import type { ReplicaSet } from '../../../../core/api/generated/types.ts';
import { scale } from '../../../../core/controllers/deployment/scale.ts';
import {
  deploymentOf,
  granted,
  replicaSetOf,
  rollingUpdateOf,
  rolloutOf,
} from '../../../../sim/conformance/controllers/deployment-case.ts';
import { play } from '../../../../sim/conformance/controllers/play.ts';

const annotations = {
  'deployment.kubernetes.io/desired-replicas': '8',
  'deployment.kubernetes.io/max-replicas': '10',
};

/** Two old ReplicaSets and the new one, of 10 Pods together, told that the Deployment wants so many. */
function writesFor(replicas: number, surge = 2): readonly string[] {
  const sets = [
    replicaSetOf({ name: 'first', spec: 3, available: 3, createdMinute: 1, annotations }),
    replicaSetOf({ name: 'second', spec: 3, available: 3, createdMinute: 2, annotations }),
    replicaSetOf({ name: 'new', spec: 4, available: 0, createdMinute: 3, annotations }),
  ];
  const newSet = sets[2];
  const rollout = rolloutOf(deploymentOf({ replicas, strategy: rollingUpdateOf(surge, 0) }), sets);
  const writes: string[] = [];
  play(scale(rollout, { newSet, old: sets.slice(0, 2) }), 0, (request) => {
    if (request.verb === 'update')
      writes.push(`${request.name} ${(request.object as unknown as ReplicaSet).spec.replicas ?? 0}`);
    return granted(request);
  });
  return writes;
}

test('more Pods go to the largest first, and to the newer of equals', () => {
  expect(writesFor(18)).toEqual(['new 8', 'second 6', 'first 6']);
});

test('fewer are taken of the largest first, and of the older of equals', () => {
  expect(writesFor(3)).toEqual(['new 1', 'first 2', 'second 2']);
});

// FindActiveOrLatest has turned the old ones round by then, and nothing sorts them again.
test('where only the annotations change, the newest of the old ones is written first', () => {
  expect(writesFor(8)).toEqual([]);
  expect(writesFor(9, 1)).toEqual(['second 3', 'first 3', 'new 4']);
});
