/** A KubeSchedulerConfiguration as the cluster's scheduler takes it, or what is wrong with it and where. */
import { otherSchedulers } from '../../../core/scheduler/other-schedulers.ts';
import { pointsOf, type SchedulerPlugin } from '../../../core/scheduler/own-plugin.ts';
import { nearest } from '../../../core/api/nearest.ts';
import type { PluginConfig } from '../../../core/scheduler/arguments.ts';
import { second } from '../../../core/time/time.ts';
import type { LoadedPlugin, SchedulerSpec } from '../../cluster/spec.ts';
import { readDocuments, type Path, type SourceDocument } from '../documents.ts';
import { dotted, refuse, shown, suggestion } from '../../input/problem.ts';
import { readAs } from '../schema-problems.ts';
import { choiceOf, pluginNames } from './plugins.ts';
import { argumentSchemas, configurationSchema, type Configuration } from './schema.ts';

type Profile = NonNullable<Configuration['profiles']>[number];

/** Throws BadInput. What has no bearing on a simulation (parallelism, leader election) is checked and left alone. */
export function readSchedulerConfig(
  documents: readonly SourceDocument[],
  loaded: readonly LoadedPlugin[] = [],
): SchedulerSpec {
  const own = [...otherSchedulers, ...loaded.map(({ plugin }) => plugin)];
  const [document, extra] = documents;
  if (document === undefined) throw new Error('no document');
  if (extra !== undefined)
    refuse(extra.at([]), 'a second document; one KubeSchedulerConfiguration was expected');
  const given = readAs(configurationSchema, document);
  const { podInitialBackoffSeconds: initial = 1, podMaxBackoffSeconds: max = 10, clientConnection } = given;
  if (max < initial)
    refuse(
      document.at(['podMaxBackoffSeconds']),
      `podMaxBackoffSeconds: ${max} must be greater than or equal to podInitialBackoffSeconds, ${initial}`,
    );
  return {
    ...(clientConnection === undefined
      ? {}
      : { limits: { qps: clientConnection.qps ?? 50, burst: clientConnection.burst ?? 100 } }),
    backoff: { initial: initial * second, max: max * second },
    percentageOfNodesToScore: given.percentageOfNodesToScore,
    profiles: profilesOf(document, given.profiles ?? [], own),
    ...(loaded.length === 0 ? {} : { plugins: loaded }),
  };
}

/** A scheduler of the default plugins and those that were loaded, each wherever it takes part. */
export function withPlugins(loaded: readonly LoadedPlugin[]): SchedulerSpec {
  const enabled = loaded.map(({ plugin: { name } }) => ({ name }));
  const sorts = loaded.some(({ plugin }) => pointsOf(plugin).includes('queueSort'));
  const queueSort = sorts ? { queueSort: { disabled: [{ name: 'PrioritySort' }] } } : {};
  const configuration = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ plugins: { multiPoint: { enabled }, ...queueSort } }],
  };
  return readSchedulerConfig(readDocuments('--scheduler-plugin', JSON.stringify(configuration)), loaded);
}

/** No profiles: one of the default plugins. The only one may be nameless. */
function profilesOf(
  document: SourceDocument,
  given: readonly Profile[],
  own: readonly SchedulerPlugin[],
): SchedulerSpec['profiles'] {
  if (given.length === 0) return profilesOf(document, [{}], own);
  const names: string[] = [];
  const profiles = given.map((profile, i) => {
    const path: Path = ['profiles', i];
    const { schedulerName = given.length === 1 ? 'default-scheduler' : '' } = profile;
    const at = [...path, 'schedulerName'];
    if (schedulerName === '')
      refuse(document.at(path), `${dotted(at)}must be there where there are several profiles`);
    if (names.includes(schedulerName))
      refuse(document.at(at), `${dotted(at)}${shown(schedulerName)} is the name of another profile`);
    names.push(schedulerName);
    return {
      schedulerName,
      choice: {
        ...choiceOf(document, [...path, 'plugins'], profile.plugins ?? {}, own),
        percentageOfNodesToScore: profile.percentageOfNodesToScore,
      },
      pluginConfig: (profile.pluginConfig ?? []).map((_config, k, all) =>
        checkedConfig(document, [...path, 'pluginConfig', k], all, { index: k, own }),
      ),
    };
  });
  refuseOtherSort(document, profiles);
  return profiles;
}

/** The queue is one for all profiles. (kubernetes v1.34.1 pkg/scheduler/profile/profile.go, cfgValidator) */
function refuseOtherSort(document: SourceDocument, profiles: SchedulerSpec['profiles']): void {
  const [first] = profiles;
  const at = profiles.findIndex(({ choice }) => choice.queueSort !== first?.choice.queueSort);
  const other = profiles[at];
  if (other === undefined) return;
  const path = ['profiles', at];
  refuse(
    document.at(path),
    `${dotted(path)}its queueSort plugin is ${other.choice.queueSort ?? ''}, that of the first profile ${first?.choice.queueSort ?? ''}; they must be the same`,
  );
}

function checkedConfig(
  document: SourceDocument,
  path: Path,
  all: NonNullable<Profile['pluginConfig']>,
  { index, own }: { readonly index: number; readonly own: readonly SchedulerPlugin[] },
): PluginConfig {
  const names = pluginNames(own);
  const { name = '', args = {} } = all[index] ?? {};
  const at = [...path, 'name'];
  if (!names.includes(name))
    refuse(
      document.at(at),
      `${dotted(at)}unknown plugin ${shown(name)}${suggestion(nearest(name, names), names)}`,
    );
  if (all.findIndex((one) => one.name === name) < index)
    refuse(document.at(at), `${dotted(at)}${shown(name)} is configured twice`);
  const plugin = own.find((each) => each.name === name);
  if (plugin?.configured !== undefined) {
    const wrong = problemWith(plugin, args);
    if (wrong !== undefined)
      refuse(document.at([...path, 'args']), `${dotted([...path, 'args'])}${name}: ${wrong}`);
    return { name, args };
  }
  const schema = argumentSchemas[name];
  if (schema === undefined) {
    if (Object.keys(args).length > 0)
      refuse(document.at([...path, 'args']), `${dotted([...path, 'args'])}${name} takes none`);
    return { name };
  }
  const inner: SourceDocument = {
    ...document,
    value: args as SourceDocument['value'],
    at: (within, part) => document.at([...path, 'args', ...within], part),
  };
  return { name, args: readAs(schema, inner) as Readonly<Record<string, unknown>> };
}

/** What a plugin of one's own has against its arguments. */
function problemWith(plugin: SchedulerPlugin, args: Readonly<Record<string, unknown>>): string | undefined {
  try {
    plugin.configured?.(args, { seed: '' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
