/** Aim: a status that cannot be is refused in the words of Kubernetes. Method: tables, each line from its validation.go. */
import { describe, expect, test } from 'vitest';
import { onStatus, type Parts } from './verdict.ts';

const ended = { name: 'c', state: { terminated: { exitCode: 0 } } };
const failed = { name: 'c', state: { terminated: { exitCode: 1 } } };
const running = { name: 'c', state: { running: {} } };
const pod = (restartPolicy: string, status: Parts, initContainers?: readonly Parts[]): Parts => ({
  spec: { restartPolicy, containers: [{ name: 'c' }], initContainers },
  status,
});

describe('of a Pod', () => {
  test.each<[string, Parts, Parts, readonly string[]]>([
    [
      'the usual one',
      pod('Always', {}),
      pod('Always', {
        phase: 'Running',
        hostIP: '10.0.0.1',
        hostIPs: [{ ip: '10.0.0.1' }],
        podIP: '10.244.0.1',
        podIPs: [{ ip: '10.244.0.1' }, { ip: 'fd00::1' }],
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [running],
      }),
      [],
    ],
    [
      'what has ended runs again',
      pod('Never', { containerStatuses: [failed] }),
      pod('Never', { containerStatuses: [running] }),
      ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
    ],
    [
      'what has failed is started again',
      pod('OnFailure', { containerStatuses: [failed] }),
      pod('OnFailure', { containerStatuses: [running] }),
      [],
    ],
    [
      'what has succeeded is not',
      pod('OnFailure', { initContainerStatuses: [ended] }),
      pod('OnFailure', { initContainerStatuses: [running] }),
      ['status.initContainerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
    ],
    [
      'but for a sidecar',
      pod('Never', { initContainerStatuses: [ended] }, [{ name: 'c', restartPolicy: 'Always' }]),
      pod('Never', { initContainerStatuses: [running] }, [{ name: 'c', restartPolicy: 'Always' }]),
      [],
    ],
    [
      'always is always',
      pod('Always', { containerStatuses: [ended] }),
      pod('Always', { containerStatuses: [running] }),
      [],
    ],
    [
      'addresses',
      pod('Always', {}),
      pod('Always', {
        hostIP: '10.0.0.1',
        hostIPs: [{ ip: '10.0.0.2' }],
        podIPs: [{ ip: '10.0.0.256' }],
      }),
      [
        'status.podIPs[0]: Invalid value: "10.0.0.256": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        'status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`',
      ],
    ],
    [
      'two of one family',
      pod('Always', {}),
      pod('Always', { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] }),
      [
        'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family',
      ],
    ],
    [
      'a condition is named where Kubernetes looks for it',
      pod('Always', {}),
      pod('Always', { conditions: [{ type: 'Ready' }, { type: '-', status: 'True' }] }),
      [
        "metadata.conditions[1].Type: Invalid value: \"-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      ],
    ],
  ])('%s', (_, before, next, expected) => {
    expect(onStatus('v1/Pod', before, next)).toEqual(expected);
  });
});

const spec = {};

describe('of workloads', () => {
  test.each<[string, Parts, Parts, readonly string[]]>([
    ['apps/v1/ReplicaSet', {}, { replicas: 3, readyReplicas: 2, availableReplicas: 1 }, []],
    [
      'apps/v1/ReplicaSet',
      {},
      { replicas: 1, readyReplicas: 1, availableReplicas: 2 },
      [
        'status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas',
        'status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas',
      ],
    ],
    [
      'v1/ReplicationController',
      {},
      { replicas: -1 },
      [
        'status.replicas: Invalid value: -1: must be greater than or equal to 0',
        'status.fullyLabeledReplicas: Invalid value: 0: cannot be greater than status.replicas',
        'status.readyReplicas: Invalid value: 0: cannot be greater than status.replicas',
        'status.availableReplicas: Invalid value: 0: cannot be greater than status.replicas',
      ],
    ],
    [
      'apps/v1/Deployment',
      { collisionCount: 2 },
      { replicas: 1, updatedReplicas: 2, collisionCount: 1 },
      [
        'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas',
        'status.collisionCount: Invalid value: 1: cannot be decremented',
      ],
    ],
    [
      'apps/v1/StatefulSet',
      {},
      { replicas: 2, readyReplicas: 1, availableReplicas: 2 },
      ['status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas'],
    ],
    [
      'apps/v1/DaemonSet',
      { collisionCount: 1 },
      { numberReady: -1 },
      [
        'status.numberReady: Invalid value: -1: must be greater than or equal to 0',
        'status.collisionCount: Invalid value: 0: cannot be decremented',
      ],
    ],
    [
      'policy/v1/PodDisruptionBudget',
      {},
      { disruptionsAllowed: -1 },
      ['status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'autoscaling/v2/HorizontalPodAutoscaler',
      {},
      { desiredReplicas: -1 },
      ['status.desiredReplicas: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'v1/Namespace',
      {},
      { phase: 'Terminating' },
      ['status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty'],
    ],
  ])('%s %j -> %j', (type, before, next, expected) => {
    expect(onStatus(type, { spec, status: before }, { spec, status: next })).toEqual(expected);
  });
});

const on = (...types: readonly string[]): readonly Parts[] => types.map((type) => ({ type, status: 'True' }));
const times = { startTime: '2026-01-01T00:00:00Z', completionTime: '2026-01-01T00:01:00Z' };
const complete = { ...times, conditions: on('SuccessCriteriaMet', 'Complete'), succeeded: 1 };

describe('of a Job', () => {
  test.each<[string, Parts, Parts, readonly string[]]>([
    ['it succeeds', { startTime: times.startTime, active: 1 }, complete, []],
    [
      'it has ended and runs',
      { startTime: times.startTime, active: 1 },
      { ...complete, active: 1 },
      ['status.active: Invalid value: 1: active>0 is invalid for finished job'],
    ],
    [
      'nobody knows when',
      {},
      { conditions: on('Complete') },
      [
        'status.completionTime: Required value: completionTime is required for Complete jobs',
        'status.startTime: Required value: startTime is required for finished job',
      ],
    ],
    [
      'it succeeds and fails',
      { startTime: times.startTime },
      { ...complete, conditions: on('Complete', 'Failed') },
      ['status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions'],
    ],
    [
      'it has not succeeded after all',
      complete,
      { startTime: times.startTime, succeeded: 0 },
      [
        'status.conditions: Invalid value: cannot disable the terminal Complete=True condition',
        'status.succeeded: Invalid value: 0: cannot decrease the succeeded counter',
        'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
      ],
    ],
    [
      'a Pod is counted twice',
      {},
      { uncountedTerminatedPods: { succeeded: ['u', ''], failed: ['u'] } },
      [
        'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
        'status.uncountedTerminatedPods.failed[0]: Duplicate value: "u"',
      ],
    ],
  ])('%s', (_, before, next, expected) => {
    expect(onStatus('batch/v1/Job', { spec, status: before }, { spec, status: next })).toEqual(expected);
  });
});
