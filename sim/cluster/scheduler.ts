/** The scheduler of a run: of its options, and of what a trace keeps of them, so that it can be run again from the trace. */
import { argumentsWith } from '../../core/scheduler/arguments.ts';
import type { Onlooker } from '../../core/scheduler/evaluation.ts';
import { chosenProfile, defaultProfile } from '../../core/scheduler/plugins/registry.ts';
import { newScheduler, schedulerWith, type SchedulerState } from '../../core/scheduler/scheduler.ts';
import type { ClientLimit, ClusterSpec, SchedulerSpec } from './spec.ts';

/** What its decisions depend on, beside the seed. A plain value: a trace has it in its first line. */
export interface SchedulerSettings {
  readonly percentageOfNodesToScore?: number | undefined;
  readonly configuration?: SchedulerSpec | undefined;
}

/** The settings of a run; undefined where all are the defaults. */
export function settingsOf({
  scheduler,
  percentageOfNodesToScore,
}: ClusterSpec): SchedulerSettings | undefined {
  if (scheduler === undefined && percentageOfNodesToScore === 0) return undefined;
  return { percentageOfNodesToScore, configuration: scheduler };
}

interface Given {
  readonly seed: string;
  readonly limits: ClientLimit;
  readonly settings: SchedulerSettings | undefined;
  readonly onlooker?: Onlooker | undefined;
}

export interface RunningScheduler {
  readonly first: SchedulerState;
  readonly reduce: ReturnType<typeof schedulerWith>;
}

export function schedulerOf({ seed, limits, settings = {}, onlooker }: Given): RunningScheduler {
  const { configuration, percentageOfNodesToScore = 0 } = settings;
  const [own, ...others] = (configuration?.profiles ?? []).map(({ schedulerName, choice, pluginConfig }) => ({
    schedulerName,
    profile: chosenProfile(choice, argumentsWith(pluginConfig)),
  }));
  return {
    first: newScheduler({
      seed,
      limits: configuration?.limits ?? limits,
      percentageOfNodesToScore: configuration?.percentageOfNodesToScore ?? percentageOfNodesToScore,
      backoff: configuration?.backoff,
      ...(own === undefined ? {} : { schedulerName: own.schedulerName }),
    }),
    reduce: schedulerWith(own?.profile ?? defaultProfile, others, onlooker),
  };
}
