/** Random control planes of several replicas, and what ends or halts their leaders. */
import fc from 'fast-check';
import { millisecond, second } from '../../core/time/time.ts';
import type { ClusterSpec, FaultAction } from '../../sim/cluster/spec.ts';
import { replicaNames } from '../../sim/cluster/names.ts';
import { defaultCluster, defaultNodes } from '../../sim/scenario/defaults.ts';

/** The last fault is over after 100 s; a timer that was set by a clock of rate 1/20 may ring up to 88 s later. */
export const healedBy = 190 * second;

const at = fc.integer({ min: 5, max: 600 }).map((tenths) => tenths * 100 * millisecond);
const lasts = fc.integer({ min: 1, max: 40 }).map((seconds) => seconds * second);

/** A clock of rate 1/20 halts a process: its timers ring twenty times later. One of rate 2 breaks the rule of 1.5. */
const rate = fc.constantFrom(0.05, 0.5, 0.9, 1, 1.1, 2);
const offset = fc.integer({ min: -60, max: 60 }).map((seconds) => seconds * second);

const faultOf = (process: string): fc.Arbitrary<FaultAction> =>
  fc.oneof(
    fc.record({ at, for: lasts }).map((when): FaultAction => ({ ...when, do: 'crash', process })),
    fc.record({ at, for: lasts }).map((when): FaultAction => ({ ...when, do: 'expireCertificate', process })),
    fc
      .record({ at, for: lasts, offset, rate })
      .map((clock): FaultAction => ({ ...clock, do: 'clock', process })),
    fc
      .record({ at, count: fc.integer({ min: 1, max: 3 }) })
      .map((lost): FaultAction => ({ ...lost, do: 'loseAnswers', process })),
  );

export const elections: fc.Arbitrary<ClusterSpec> = fc
  .record({
    seed: fc.nat({ max: 99_999 }).map((n) => `${n}`),
    apiservers: fc.integer({ min: 1, max: 2 }),
    schedulers: fc.integer({ min: 1, max: 3 }),
    controllerManagers: fc.integer({ min: 1, max: 3 }),
  })
  .chain((counts) => {
    const processes = [
      ...replicaNames('kube-scheduler', counts.schedulers),
      ...replicaNames('kube-controller-manager', counts.controllerManagers),
    ];
    const faults = fc.array(fc.constantFrom(...processes).chain(faultOf), { minLength: 1, maxLength: 6 });
    return faults.map((all) => ({
      ...defaultCluster,
      ...counts,
      leaderElection: true,
      nodes: defaultNodes(1),
      actions: [],
      faults: all,
      workload: [],
      compactionInterval: 0,
    }));
  });
