/** Runs a scenario to its end, letting the outside world in now and then: signals, a progress line. */
import { loadIsSteadyFrom } from '../../core/metrics/load.ts';
import { hour, type VirtualTime } from '../../core/time/time.ts';
import type { Judge } from '../checks/judge.ts';
import type { ClusterSpec } from '../cluster/spec.ts';
import type { Simulation } from '../engine/simulation.ts';

export interface RunOptions {
  /** Absent: until it has settled, or an hour after the last thing that was planned. */
  readonly until?: VirtualTime | undefined;
  readonly judge?: Judge | undefined;
  /** Asked a few times a second; true ends the run in order. */
  readonly interrupted?: (() => boolean) | undefined;
  /** Told a few times a second. */
  readonly progress?: ((simulation: Simulation) => void) | undefined;
}

/** Why a run ended. */
export type Ending = 'settled' | 'duration' | 'limit' | 'interrupted';

/** Wall time between two looks outside. */
const sliceMillis = 100;

export async function runToEnd(
  simulation: Simulation,
  spec: ClusterSpec,
  options: RunOptions,
): Promise<Ending> {
  const { judge, until } = options;
  const end = until ?? lastPlanned(spec) + hour;
  const stops = [...(judge?.times() ?? []).filter((time) => time <= end), end];
  for (const stop of stops) {
    while (simulation.now < stop) {
      if (options.interrupted?.() === true) return 'interrupted';
      if (until === undefined && simulation.settled) break;
      runSlice(simulation, stop, until === undefined, judge);
      options.progress?.(simulation);
      await new Promise((resolve) => setImmediate(resolve));
    }
    judge?.look(simulation.registry(), Math.max(simulation.now, Math.min(stop, end)), true);
  }
  if (until !== undefined) return 'duration';
  return simulation.settled ? 'settled' : 'limit';
}

/** When the last thing that was asked for beforehand happens. */
function lastPlanned({ actions, faults, workload, loads = [] }: ClusterSpec): VirtualTime {
  let last = loadIsSteadyFrom(loads);
  for (const { at } of actions) last = Math.max(last, at);
  for (const fault of faults) last = Math.max(last, fault.at + (fault.for ?? 0));
  for (const { createAt, deleteAt } of workload) last = Math.max(last, deleteAt ?? createAt);
  return last;
}

function runSlice(
  simulation: Simulation,
  time: VirtualTime,
  settled: boolean,
  judge: Judge | undefined,
): void {
  const from = performance.now();
  const stop = (): boolean => performance.now() - from > sliceMillis;
  if (judge?.busy !== true) {
    simulation.run({ time, settled, stop });
    return;
  }
  // Event by event: what is expected is looked at after each write, so that the moment it changes is known.
  for (let steps = 1; simulation.now < time && !(settled && simulation.settled); steps++) {
    simulation.run({ time, settled, events: simulation.events + 1 });
    judge.look(simulation.registry(), simulation.now);
    if ((steps & 255) === 0 && stop()) return;
  }
}
