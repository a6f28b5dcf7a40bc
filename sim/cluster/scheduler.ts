/** The scheduler of a run: of its options, and of what a trace keeps of them, so that it can be run again from the trace. */
import { argumentsWith, type PluginConfig } from '../../core/scheduler/arguments.ts';
import type { Onlooker } from '../../core/scheduler/evaluation.ts';
import { guarded } from '../../core/scheduler/guarded-plugin.ts';
import { otherSchedulers } from '../../core/scheduler/other-schedulers.ts';
import type { SchedulerPlugin } from '../../core/scheduler/own-plugin.ts';
import { chosenProfile, defaultProfile } from '../../core/scheduler/plugins/registry.ts';
import { newScheduler, schedulerWith, type SchedulerState } from '../../core/scheduler/scheduler.ts';
import type { ClientLimit, ClusterSpec, LoadedPlugin, SchedulerSpec } from './spec.ts';

/** What its decisions depend on, beside the seed. A plain value: a trace has it in its first line. */
export interface SchedulerSettings {
  readonly percentageOfNodesToScore: number;
  readonly configuration?: Omit<SchedulerSpec, 'plugins'> | undefined;
  /** The files of a user's plugins. */
  readonly plugins?: readonly string[] | undefined;
}

/** The settings of a run; undefined where all are the defaults. */
export function settingsOf({
  scheduler,
  percentageOfNodesToScore,
}: ClusterSpec): SchedulerSettings | undefined {
  if (scheduler === undefined)
    return percentageOfNodesToScore === 0 ? undefined : { percentageOfNodesToScore };
  const { plugins, ...configuration } = scheduler;
  const files = plugins === undefined ? undefined : [...new Set(plugins.map(({ file }) => file))];
  return { percentageOfNodesToScore, configuration, ...(files === undefined ? {} : { plugins: files }) };
}

interface Given {
  readonly seed: string;
  readonly limits: ClientLimit;
  readonly settings: SchedulerSettings | undefined;
  /** A user's plugins. */
  readonly plugins: readonly LoadedPlugin[];
  readonly onlooker?: Onlooker | undefined;
}

export interface RunningScheduler {
  readonly first: SchedulerState;
  readonly reduce: ReturnType<typeof schedulerWith>;
}

export function schedulerOf({ seed, limits, settings, plugins, onlooker }: Given): RunningScheduler {
  const { configuration, percentageOfNodesToScore = 0 } = settings ?? {};
  const [own, ...others] = (configuration?.profiles ?? []).map(({ schedulerName, choice, pluginConfig }) => {
    const there = configuredPlugins(plugins, pluginConfig, seed);
    return {
      schedulerName,
      profile: chosenProfile(choice, argumentsWith(pluginConfig), there),
      sort: there.find(({ name }) => name === choice.queueSort),
    };
  });
  return {
    first: newScheduler({
      seed,
      limits: configuration?.limits ?? limits,
      percentageOfNodesToScore: configuration?.percentageOfNodesToScore ?? percentageOfNodesToScore,
      backoff: configuration?.backoff,
      queueSort: own?.sort?.less?.bind(own.sort),
      ...(own === undefined ? {} : { schedulerName: own.schedulerName }),
    }),
    reduce: schedulerWith(own?.profile ?? defaultProfile, others, onlooker),
  };
}

/** The plugins that are none of the default ones, with a profile's arguments. */
function configuredPlugins(
  loaded: readonly LoadedPlugin[],
  pluginConfig: readonly PluginConfig[],
  seed: string,
): readonly SchedulerPlugin[] {
  const argsOf = (name: string): PluginConfig['args'] =>
    pluginConfig.find((config) => config.name === name)?.args;
  const configured = (plugin: SchedulerPlugin): SchedulerPlugin => {
    const args = argsOf(plugin.name);
    return args === undefined ? plugin : (plugin.configured?.(args, { seed }) ?? plugin);
  };
  return [
    ...otherSchedulers.map(configured),
    ...loaded.map(({ file, plugin }) => guarded(configured(plugin), file)),
  ];
}
