/**
 * Aim: each of the six faults does to a cluster what it says, and the cluster comes through. Method: one Deployment of
 * three on three nodes, applied at 5 s; without a fault all three run by 8 s.
 */
import { expect, test } from 'vitest';
import { second } from '../../../core/time/time.ts';
import { applyAt, availableReplicas, bound, clusterSpec, pods, running, runTo, traceOf } from './cluster.ts';

const replicas = 3;

test('without a fault, all Pods run three seconds after the Deployment was applied', () => {
  const calm = runTo(clusterSpec({ replicas }), applyAt + 3 * second);
  expect(running(calm)).toBe(3);
  expect(availableReplicas(calm)).toBe(3);
});

test('a lagging watch delays what its consumer does, and no more', () => {
  const faults = [
    { at: 0, do: 'lagWatch' as const, process: 'kube-scheduler', stream: 'pods', by: 10 * second },
  ];
  const spec = clusterSpec({ replicas, faults });
  expect(bound(runTo(spec, applyAt + 9 * second))).toBe(0);
  expect(running(runTo(spec, applyAt + 14 * second))).toBe(3);
});

test('a paused watch tells nothing until it is resumed, then all of it in order', () => {
  const faults = [
    { at: 0, do: 'pauseWatch' as const, process: 'kube-scheduler', stream: '*' },
    { at: 30 * second, do: 'resumeWatch' as const, process: 'kube-scheduler', stream: '*' },
  ];
  const spec = clusterSpec({ replicas, faults });
  expect(bound(runTo(spec, 29 * second))).toBe(0);
  expect(running(runTo(spec, 40 * second))).toBe(3);
  const toScheduler = traceOf(spec, 40 * second).filter(
    (line): line is readonly [number, number, number, string, string, string, string, string] =>
      Array.isArray(line) && line[3] === 'watch' && line[2] === 2 && line[4] === 'pods',
  );
  const versions = toScheduler.map((line) => Number(line[7]));
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  expect(toScheduler.length).toBeGreaterThan(3);
});

test('a consumer whose watch breaks lists again and misses nothing', () => {
  const faults = [0.05, 0.5, 1, 1.5].map((after) => ({
    at: applyAt + after * second,
    do: 'dropWatch' as const,
    process: 'kube-controller-manager',
    stream: '*',
  }));
  const spec = clusterSpec({ replicas, faults });
  const simulation = runTo(spec, 60 * second);
  expect(running(simulation)).toBe(3);
  expect(availableReplicas(simulation)).toBe(3);
});

test('apiservers whose caches lag apart agree in the end', () => {
  const faults = [
    { at: 0, do: 'lagWatch' as const, process: 'kube-apiserver-2', stream: '*', by: 3 * second },
  ];
  const simulation = runTo(clusterSpec({ replicas, faults, apiservers: 2 }), 60 * second);
  expect(running(simulation)).toBe(3);
  expect(availableReplicas(simulation)).toBe(3);
});

test.each(['kube-scheduler', 'kube-controller-manager', 'kubelet/node-1', 'kube-apiserver', 'etcd'])(
  'a cluster whose %s crashes in the middle is whole again after it is back',
  (process) => {
    const faults = [{ at: applyAt + 0.02 * second, do: 'crash' as const, process, for: 10 * second }];
    const simulation = runTo(clusterSpec({ replicas, faults }), 120 * second);
    expect(running(simulation)).toBe(3);
    expect(pods(simulation)).toHaveLength(3);
    expect(availableReplicas(simulation)).toBe(3);
  },
);

test('an answer that is lost on its way leaves what it answered done', () => {
  const faults = [{ at: applyAt, do: 'loseAnswers' as const, process: 'kube-scheduler', count: 3 }];
  const spec = clusterSpec({ replicas, faults });
  const simulation = runTo(spec, 60 * second);
  expect(running(simulation)).toBe(3);
  const lost = traceOf(spec, 60 * second).filter(
    (line) => Array.isArray(line) && line[3] === 'answer' && line[2] === 2 && line[8] === 0,
  );
  expect(lost).toHaveLength(3);
});

test('a process with a slow clock does late what its timers say, and the others do not', () => {
  const faults = [{ at: 0, do: 'clock' as const, process: 'kubelet/node-1', offset: 0, rate: 0.1 }];
  const simulation = runTo(clusterSpec({ replicas, faults }), applyAt + 4 * second);
  const late = pods(simulation).filter((pod) => pod.status.phase !== 'Running');
  expect(late.map((pod) => pod.spec.nodeName)).toEqual(['node-1']);
});

test('a fault for a process that is not there is refused', () => {
  const simulation = runTo(clusterSpec({ replicas }), 0);
  expect(() => simulation.fault({ do: 'crash', process: 'kubelet/node-9' })).toThrow(
    'no process kubelet/node-9',
  );
});
