/** The kubelet's conditions: verdicts, texts, and when a transition time moves. Method: tables. */
import { expect, test } from 'vitest';
import type { ContainerStatus, Pod, PodCondition } from '../../../core/api/generated/types.ts';
import { conditionsOf, type ConditionFacts } from '../../../core/kubelet/conditions.ts';
import { container, pod } from './world.ts';

const status = (name: string, ready: boolean, exitCode?: number): ContainerStatus => ({
  name,
  image: '',
  imageID: '',
  ready,
  restartCount: 0,
  started: ready,
  state: exitCode === undefined ? (ready ? { running: {} } : { waiting: {} }) : { terminated: { exitCode } },
});

const two: Pod = pod('two', { spec: { containers: [container({ name: 'a' }), container({ name: 'b' })] } });
const gated: Pod = pod('gated', { spec: { readinessGates: [{ conditionType: 'example.com/gate' }] } });
const withInit: Pod = pod('init', { spec: { initContainers: [container({ name: 'i' })] } });

const facts = (parts: Partial<ConditionFacts>): ConditionFacts => ({
  phase: 'Running',
  hasSandbox: true,
  initStatuses: undefined,
  statuses: [],
  generation: 1,
  ...parts,
});

const textOf = (conditions: readonly PodCondition[]): string[] =>
  conditions.map(({ type, status: value, reason, message }) =>
    [type, value, reason, message].filter((part) => part !== undefined).join(' '),
  );

test.each<{ why: string; of: Pod; given: Partial<ConditionFacts>; says: readonly string[] }>([
  {
    why: 'all containers are ready',
    of: two,
    given: { statuses: [status('a', true), status('b', true)] },
    says: ['Ready True', 'ContainersReady True'],
  },
  {
    why: 'names are printed as a Go slice, unknown ones first',
    of: two,
    given: { statuses: [status('a', false)] },
    says: [
      'Ready False ContainersNotReady containers with unknown status: [b], containers with unready status: [a]',
      'ContainersReady False ContainersNotReady containers with unknown status: [b], containers with unready status: [a]',
    ],
  },
  {
    why: 'the Pod has succeeded',
    of: two,
    given: { phase: 'Succeeded', statuses: [status('a', false, 0), status('b', false, 0)] },
    says: ['Initialized True PodCompleted', 'Ready False PodCompleted', 'ContainersReady False PodCompleted'],
  },
  {
    why: 'the Pod has failed',
    of: two,
    given: { phase: 'Failed', statuses: [status('a', false, 1), status('b', true)] },
    says: ['Ready False PodFailed', 'ContainersReady False PodFailed'],
  },
  {
    why: 'a readiness gate is not there',
    of: gated,
    given: { statuses: [status('c', true)] },
    says: [
      'Ready False ReadinessGatesNotReady corresponding condition of pod readiness gate "example.com/gate" does not exist.',
      'ContainersReady True',
    ],
  },
  {
    why: 'an init container is not over',
    of: withInit,
    given: { phase: 'Pending', initStatuses: [status('i', false)], statuses: [status('c', false)] },
    says: ['Initialized False ContainersNotInitialized containers with incomplete status: [i]'],
  },
  {
    why: 'there is no sandbox',
    of: two,
    given: { hasSandbox: false },
    says: ['PodReadyToStartContainers False'],
  },
])('$why', ({ of, given, says }) => {
  const conditions = textOf(conditionsOf(of, facts(given), undefined, 'now'));
  expect(conditions).toEqual(expect.arrayContaining([...says]));
  expect(conditions.at(-1)).toBe('PodScheduled True');
});

test('a transition time moves only with the status, and the conditions of others stay first', () => {
  const disrupted: PodCondition = { type: 'DisruptionTarget', status: 'True', lastTransitionTime: 'then' };
  const of: Pod = { ...two, status: { conditions: [disrupted] } };
  const first = conditionsOf(
    of,
    facts({ statuses: [status('a', true), status('b', false)] }),
    undefined,
    't1',
  );
  const second = conditionsOf(of, facts({ statuses: [status('a', false), status('b', false)] }), first, 't2');
  const third = conditionsOf(of, facts({ statuses: [status('a', true), status('b', true)] }), second, 't3');
  expect(third[0]).toBe(disrupted);
  const times = [first, second, third].map(
    (all) => all.find((each) => each.type === 'Ready')?.lastTransitionTime,
  );
  expect(times).toEqual(['t1', 't1', 't3']);
});
