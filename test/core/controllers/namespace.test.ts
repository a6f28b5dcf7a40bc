/**
 * Aim: a namespace is emptied as the real controller does it: Pods first, and it waits by what it knows of what is left.
 * Method: on a cluster, what the namespace says of itself at some times after its deletion.
 */
import { expect, test } from 'vitest';
import type { Namespace } from '../../../core/api/generated/types.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { second, type Duration } from '../../../core/time/time.ts';
import { clusterSpec, runTo } from '../../sim/engine/cluster.ts';

const at = 20 * second;
const inTeam = (apiVersion: string, kind: string, name: string, rest: object): NewObject =>
  ({ apiVersion, kind, metadata: { name, namespace: 'team', ...rest } }) as NewObject;
const namespace: NewObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } };
const held = inTeam('v1', 'ConfigMap', 'held', { finalizers: ['example.com/hold'] });
/** Nothing takes the place of its kubelet on a node that is not there: it stays Terminating. */
const stuckPod = (terminationGracePeriodSeconds: number): NewObject =>
  ({
    ...inTeam('v1', 'Pod', 'stuck', {}),
    spec: { terminationGracePeriodSeconds, nodeName: 'nowhere', containers: [{ name: 'c', image: 'app' }] },
  }) as NewObject;

/** The conditions that are True so long after the deletion; undefined: the namespace is gone. */
function troubles(contents: readonly NewObject[], after: Duration): readonly string[] | undefined {
  const simulation = runTo(
    clusterSpec({
      replicas: 0,
      actions: [
        { at: 10 * second, do: 'apply', objects: [namespace, ...contents] },
        { at, do: 'delete', resource: 'namespaces', name: 'team' },
      ],
    }),
    at + after,
  );
  const found = simulation.registry().get('namespaces', 'team') as Namespace | undefined;
  return found === undefined
    ? undefined
    : (found.status.conditions ?? [])
        .filter(({ status }) => status === 'True')
        .map(({ reason, message }) => `${reason ?? ''}: ${message ?? ''}`);
}

test('an empty one is gone after the five seconds that the apiservers are given', () => {
  expect(troubles([], 4.9 * second)).toEqual([]);
  expect(troubles([], 5.5 * second)).toBeUndefined();
});

test('what has a finalizer is counted, and is looked for again as long as it is there', () => {
  const said = [
    'SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances',
    'SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  ];
  expect(troubles([held], 6 * second)).toEqual(said);
  expect(troubles([held], 60 * second)).toEqual(said);
});

test('while a Pod has its grace period nothing else goes, and nothing is wrong', () => {
  expect(troubles([stuckPod(30), held], 25 * second)).toEqual([]);
});

test('a Pod that stays beyond its grace period is unexpected', () => {
  expect(troubles([stuckPod(10)], 12 * second)).toEqual([
    'ContentDeletionFailed: Failed to delete all resource types, 1 remaining: unexpected items still remain in namespace: team for gvr: /v1, Resource=pods',
  ]);
});
