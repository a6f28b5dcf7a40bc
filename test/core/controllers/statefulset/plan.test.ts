/** What a StatefulSet does next, for Pods in each state: `name:state`, states below. */
import { describe, expect, test } from 'vitest';
import type { Pod, StatefulSet } from '../../../../core/api/generated/types.ts';
import { planPods, type StatefulSetGates } from '../../../../core/controllers/statefulset/plan.ts';
import { hour, timeText } from '../../../../core/time/time.ts';

const pod = (text: string): Pod => {
  const [name = '', state = 'ready', revision = 'new'] = text.split(':');
  return {
    metadata: {
      name,
      labels: { 'controller-revision-hash': revision },
      deletionTimestamp: state === 'deleting' ? 'now' : undefined,
    },
    spec: {},
    status: {
      phase: state === 'pending' ? 'Pending' : state === 'failed' ? 'Failed' : 'Running',
      conditions: [
        {
          type: 'Ready',
          status: state === 'ready' || state === 'deleting' ? 'True' : 'False',
          lastTransitionTime: timeText(0),
        },
      ],
    },
  } as unknown as Pod;
};

const set = (replicas: number, spec: object = {}): StatefulSet =>
  ({
    metadata: { name: 'db' },
    spec: { replicas, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }, ...spec },
    status: {},
  }) as unknown as StatefulSet;

const noGates: StatefulSetGates = { maxUnavailableStatefulSet: false };

/** What is created and deleted, in order: `+ordinal -name`. */
function plan(of: StatefulSet, pods: string, gates = noGates): string {
  const seen = pods === '' ? [] : pods.split(' ').map(pod);
  const { slots, surplus, outdated } = planPods(of, seen, { current: 'old', update: 'new' }, gates, hour);
  const steps = slots.flatMap((step) =>
    step.do === 'create'
      ? [`+${step.ordinal}`]
      : step.do === 'recreate'
        ? [`-${step.pod.metadata.name}`]
        : [],
  );
  return [...steps, ...[...surplus, ...outdated].map(({ metadata }) => `-${metadata.name}`)].join(' ');
}

const parallel = { podManagementPolicy: 'Parallel' };

describe('the next step of a StatefulSet', () => {
  test.each<[string, StatefulSet, string, string]>([
    ['the first Pod first', set(3), '', '+0'],
    ['the next when the one before is ready', set(3), 'db-0', '+1'],
    ['not before', set(3), 'db-0:pending', ''],
    ['a gap is filled before what is above it', set(3), 'db-0 db-2', '+1'],
    ['Parallel: all at once', set(3, parallel), '', '+0 +1 +2'],
    ['ordinals may begin elsewhere', set(2, { ordinals: { start: 5 } }), 'db-5', '+6'],
    ['the highest goes first', set(1), 'db-0 db-1 db-2', '-db-2'],
    ['one at a time', set(1), 'db-0 db-1 db-2:deleting', ''],
    ['an unhealthy Pod below holds it up', set(2), 'db-0:pending db-1 db-2', ''],
    ['Parallel: all at once, downwards', set(1, parallel), 'db-0 db-1 db-2', '-db-2 -db-1'],
    ['a failed Pod is deleted, and made in a later step', set(2), 'db-0:failed db-1', '-db-0'],
    ['an update begins at the top', set(3), 'db-0:ready:old db-1:ready:old db-2:ready:old', '-db-2'],
    ['and waits for the new one', set(3), 'db-0:ready:old db-1:ready:old db-2:pending', ''],
    ['then goes on downwards', set(3), 'db-0:ready:old db-1:ready:old db-2', '-db-1'],
    ['a broken rollout is stuck until its Pod is deleted by hand', set(2), 'db-0:ready:old db-1:pending', ''],
    [
      'the partition is left alone',
      set(2, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }),
      'db-0:ready:old db-1',
      '',
    ],
    [
      'OnDelete updates nothing',
      set(2, { updateStrategy: { type: 'OnDelete' } }),
      'db-0:ready:old db-1:ready:old',
      '',
    ],
    ['Parallel updates one by one all the same', set(2, parallel), 'db-0:ready:old db-1:ready:old', '-db-1'],
  ])('%s', (_, of, pods, expected) => {
    expect(plan(of, pods)).toBe(expected);
  });
});

test('maxUnavailable counts only with its feature gate', () => {
  const rollingUpdate = { partition: 1, maxUnavailable: '50%' };
  const of = set(5, { updateStrategy: { type: 'RollingUpdate', rollingUpdate } });
  const old = 'db-0:ready:old db-1:ready:old db-2:ready:old db-3:ready:old db-4:ready:old';
  const gates: StatefulSetGates = { maxUnavailableStatefulSet: true };
  expect(plan(of, old)).toBe('-db-4');
  expect(plan(of, old, gates)).toBe('-db-4 -db-3');
  expect(plan(of, old.replace('db-4:ready:old', 'db-4:deleting:old'), gates)).toBe('');
});
