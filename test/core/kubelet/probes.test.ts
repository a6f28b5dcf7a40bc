/**
 * Probes. Aim: the instants that `probeTimes` computes are those at which a probe worker that ticks period by period
 * decides. Method: a model that ticks `doProbe`, on generated probes; and a table of the worker's finer rules.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Probe } from '../../../core/api/generated/types.ts';
import {
  doProbe,
  newProbeWorker,
  probeTimes,
  unhealthyMessage,
  type Probed,
  type ProbeKind,
  type ProbeTick,
  type ProbeWorker,
} from '../../../core/kubelet/probes.ts';
import { second, type VirtualTime } from '../../../core/time/time.ts';

const tick = (parts: Partial<ProbeTick>): ProbeTick => ({
  containerId: 'c1',
  state: 'running',
  age: 100 * second,
  started: true,
  podDeleting: false,
  podTerminal: false,
  restartPolicy: 'Always',
  answer: 'success',
  ...parts,
});

const run = (kind: ProbeKind, probe: Probe, ticks: readonly Partial<ProbeTick>[]): ProbeWorker =>
  ticks.reduce<ProbeWorker>(
    (worker, parts) => doProbe(kind, probe, worker, tick(parts)).worker,
    newProbeWorker,
  );

describe('a probe worker', () => {
  const fails = { answer: 'failure' } as const;
  test.each<{
    why: string;
    kind: ProbeKind;
    probe: Probe;
    ticks: readonly Partial<ProbeTick>[];
    result: string;
    onHold?: boolean;
  }>([
    {
      why: 'readiness begins as failure',
      kind: 'readiness',
      probe: { initialDelaySeconds: 200 },
      ticks: [{}],
      result: 'failure',
    },
    {
      why: 'liveness begins as success',
      kind: 'liveness',
      probe: { initialDelaySeconds: 200 },
      ticks: [fails],
      result: 'success',
    },
    {
      why: 'one failure below the threshold changes nothing',
      kind: 'readiness',
      probe: {},
      ticks: [{}, fails, fails],
      result: 'success',
    },
    {
      why: 'three failures in a row do',
      kind: 'readiness',
      probe: {},
      ticks: [{}, fails, fails, fails],
      result: 'failure',
    },
    {
      why: 'an error is thrown away and breaks no run',
      kind: 'readiness',
      probe: {},
      ticks: [{}, fails, { answer: 'error' }, fails, fails],
      result: 'failure',
    },
    {
      why: 'a warning is a success',
      kind: 'readiness',
      probe: {},
      ticks: [{ answer: 'warning' }],
      result: 'success',
    },
    {
      why: 'a failed liveness probe holds until a new container',
      kind: 'liveness',
      probe: { failureThreshold: 1 },
      ticks: [fails, {}],
      result: 'failure',
      onHold: true,
    },
    {
      why: 'and a new container ends the hold',
      kind: 'liveness',
      probe: { failureThreshold: 1 },
      ticks: [fails, { containerId: 'c2' }],
      result: 'success',
    },
    {
      why: 'a startup probe that was answered holds too',
      kind: 'startup',
      probe: {},
      ticks: [{ started: false }],
      result: 'success',
      onHold: true,
    },
    {
      why: 'a container that does not run fails',
      kind: 'liveness',
      probe: {},
      ticks: [{}, { state: 'waiting' }],
      result: 'failure',
    },
    {
      why: 'others wait for the startup probe',
      kind: 'readiness',
      probe: {},
      ticks: [{ started: false }],
      result: 'failure',
    },
  ])('$why', ({ kind, probe, ticks, result, onHold = false }) => {
    const worker = run(kind, probe, ticks);
    expect({ result: worker.result, onHold: worker.onHold }).toEqual({ result, onHold });
  });
});

/** Ticks all workers of a container second by second, as the kubelet would, and notes when each decides first. */
function ticked(of: Probed, horizon: number) {
  const workers: Record<ProbeKind, ProbeWorker> = {
    startup: newProbeWorker,
    liveness: newProbeWorker,
    readiness: newProbeWorker,
  };
  let startedAt: VirtualTime | undefined = of.startup === undefined ? of.seenAt : undefined;
  let readyAt: VirtualTime | undefined;
  let failsAt: VirtualTime | undefined;
  const ask = (kind: ProbeKind, probe: Probe, now: VirtualTime) => {
    const answer = now >= of.servesAt ? 'success' : 'failure';
    const seen = tick({
      age: now - of.startedAt,
      started: startedAt !== undefined && startedAt <= now,
      answer,
    });
    workers[kind] = doProbe(kind, probe, workers[kind], seen).worker;
  };
  const isTick = (probe: Probe, origin: VirtualTime, now: VirtualTime): boolean =>
    now >= origin && (now - origin) % ((probe.periodSeconds ?? 10) * second) === 0;
  for (let now = of.seenAt; now <= of.seenAt + horizon * second && failsAt === undefined; now += second / 2) {
    if (of.startup !== undefined && startedAt === undefined && isTick(of.startup, of.workersSince, now)) {
      ask('startup', of.startup, now);
      if (workers.startup.onHold) {
        if (workers.startup.result === 'success') startedAt = now;
        else failsAt = now;
      }
    }
    if (startedAt === undefined || startedAt > now) continue;
    if (of.liveness !== undefined && isTick(of.liveness, of.workersSince, now)) {
      ask('liveness', of.liveness, now);
      if (workers.liveness.result === 'failure') failsAt = now;
    }
    if (of.readiness === undefined) readyAt ??= startedAt;
    else if (isTick(of.readiness, startedAt, now)) {
      ask('readiness', of.readiness, now);
      if (workers.readiness.result === 'success') readyAt ??= now;
    }
  }
  return { startedAt, readyAt, failsAt };
}

const probe = fc.record({
  initialDelaySeconds: fc.integer({ min: 0, max: 6 }),
  periodSeconds: fc.integer({ min: 1, max: 5 }),
  failureThreshold: fc.integer({ min: 1, max: 3 }),
});
const ready = fc
  .tuple(probe, fc.integer({ min: 1, max: 3 }))
  .map(([each, successThreshold]) => ({ ...each, successThreshold }));

describe('the instants at which probes decide', () => {
  test('are those of a worker that ticks', () => {
    const half = fc.integer({ min: 0, max: 40 }).map((n) => (n * second) / 2);
    fc.assert(
      fc.property(
        fc.option(probe, { nil: undefined }),
        fc.option(probe, { nil: undefined }),
        fc.option(ready, { nil: undefined }),
        half,
        half,
        half,
        (startup, liveness, readiness, before, delay, serves) => {
          const startedAt = before;
          const seenAt = startedAt + Math.min(delay, second);
          const of: Probed = {
            startup,
            liveness,
            readiness,
            startedAt,
            seenAt,
            servesAt: startedAt + serves,
            workersSince: 0,
          };
          const computed = probeTimes(of);
          const found = ticked(of, 120);
          expect({ startedAt: computed.startedAt, failsAt: computed.failsAt }).toEqual({
            startedAt: found.startedAt,
            failsAt: found.failsAt,
          });
          // What would be decided after the container is killed is never looked at.
          if (computed.failsAt === undefined) expect(computed.readyAt).toBe(found.readyAt);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test.each([
  [
    { httpGet: { port: 8080, path: '/healthz' } },
    'Readiness probe failed: Get "http://10.0.0.5:8080/healthz": dial tcp 10.0.0.5:8080: connect: connection refused',
  ],
  [
    { tcpSocket: { port: 5432 } },
    'Readiness probe failed: dial tcp 10.0.0.5:5432: connect: connection refused',
  ],
  [
    { grpc: { port: 50051 } },
    'Readiness probe failed: timeout: failed to connect service "10.0.0.5:50051" within 1s: context deadline exceeded',
  ],
])('an unanswered probe is told as %j', (spec, text) => {
  expect(unhealthyMessage('readiness', spec, '10.0.0.5')).toBe(text);
});
