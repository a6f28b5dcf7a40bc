/** Which plugins run at which extension points: the default ones, with what a profile enables and disables. */
import { nearest } from '../../../core/api/nearest.ts';
import { pointsOf, type SchedulerPlugin } from '../../../core/scheduler/own-plugin.ts';
import type { PluginChoice } from '../../../core/scheduler/plugins/registry.ts';
import type { Path, SourceDocument } from '../documents.ts';
import { dotted, refuse, shown, suggestion } from '../../input/problem.ts';
import type { PluginSets } from './schema.ts';

/** kubernetes v1.34.1 pkg/scheduler/apis/config/v1/default_plugins.go, getDefaultPlugins */
const defaults: readonly Plugin[] = [
  { name: 'SchedulingGates' },
  { name: 'PrioritySort' },
  { name: 'NodeUnschedulable' },
  { name: 'NodeName' },
  { name: 'TaintToleration', weight: 3 },
  { name: 'NodeAffinity', weight: 2 },
  { name: 'NodePorts' },
  { name: 'NodeResourcesFit', weight: 1 },
  { name: 'VolumeRestrictions' },
  { name: 'NodeVolumeLimits' },
  { name: 'VolumeBinding' },
  { name: 'VolumeZone' },
  { name: 'PodTopologySpread', weight: 2 },
  { name: 'InterPodAffinity', weight: 2 },
  { name: 'DynamicResources' },
  { name: 'DefaultPreemption' },
  { name: 'NodeResourcesBalancedAllocation', weight: 1 },
  { name: 'ImageLocality', weight: 1 },
  { name: 'DefaultBinder' },
];

/** The names there are, with those of `own` plugins. */
export const pluginNames = (own: readonly SchedulerPlugin[]): readonly string[] => [
  ...defaults.map(({ name }) => name),
  ...own.map(({ name }) => name),
];

const inBinding = ['VolumeBinding', 'DynamicResources'];
const prepared = [
  ...['NodeAffinity', 'NodePorts', 'NodeResourcesFit', 'VolumeRestrictions', 'NodeVolumeLimits'],
  ...['VolumeBinding', 'VolumeZone', 'PodTopologySpread', 'InterPodAffinity', 'DynamicResources'],
];
const weighed = ['TaintToleration', 'NodeAffinity', 'NodeResourcesFit', 'VolumeBinding', 'PodTopologySpread'];
const preScored = [...weighed, 'InterPodAffinity', 'NodeResourcesBalancedAllocation'];

/** Who takes part where. */
const partakers = {
  preEnqueue: ['SchedulingGates', 'DynamicResources', 'DefaultPreemption'],
  queueSort: ['PrioritySort'],
  preFilter: prepared,
  filter: ['NodeUnschedulable', 'NodeName', 'TaintToleration', ...prepared],
  postFilter: ['DynamicResources', 'DefaultPreemption'],
  preScore: preScored,
  score: [...preScored, 'ImageLocality'],
  reserve: inBinding,
  permit: [],
  preBind: inBinding,
  bind: ['DefaultBinder'],
  postBind: [],
} as const satisfies Record<string, readonly string[]>;

type Point = keyof typeof partakers;

/** Whether a plugin takes part at a point. */
function takesPart(own: readonly SchedulerPlugin[], point: Point, name: string): boolean {
  const plugin = own.find((each) => each.name === name);
  if (plugin !== undefined) return pointsOf(plugin).includes(point);
  return partakers[point].some((each) => each === name);
}

interface Plugin {
  readonly name: string;
  readonly weight?: number | undefined;
}

interface PluginSet {
  readonly enabled: readonly Plugin[];
  readonly disabled: readonly string[];
}

/** What the profile at `path` runs. Throws BadInput where that could not run. */
export function choiceOf(
  document: SourceDocument,
  path: Path,
  given: PluginSets,
  own: readonly SchedulerPlugin[],
): PluginChoice {
  for (const [point, set] of Object.entries(given))
    for (const key of ['enabled', 'disabled'] as const)
      for (const [i, { name }] of (set?.[key] ?? []).entries())
        checkName(document, [...path, point, key, i, 'name'], { name, point, key, own });
  const multiPoint = merged({ enabled: defaults, disabled: [] }, given.multiPoint);
  const at = (point: Point): readonly Plugin[] =>
    expanded(own, point, multiPoint, merged(nothing, given[point]));
  const names = (point: Point): readonly string[] => at(point).map(({ name }) => name);
  const stop = (message: string): never => refuse(document.at(path, 'key'), `${dotted(path)}${message}`);
  const [queueSort, secondSort] = names('queueSort');
  if (queueSort === undefined) stop('one queueSort plugin is needed: PrioritySort is disabled');
  if (secondSort !== undefined)
    stop(`only one queueSort plugin can be enabled: there are ${queueSort ?? ''} and ${secondSort}`);
  if (names('bind').length === 0) stop('at least one bind plugin is needed: DefaultBinder is disabled');
  const needs = (point: Point, before: Point): void => {
    const there = names(before);
    for (const name of names(point))
      if (takesPart(own, before, name) && !there.includes(name))
        stop(`${name} is enabled for ${point} and not for ${before}, without which every attempt would fail`);
  };
  needs('filter', 'preFilter');
  needs('score', 'preScore');
  needs('filter', 'reserve');
  needs('filter', 'preBind');
  return {
    preEnqueue: names('preEnqueue'),
    queueSort,
    preFilter: names('preFilter'),
    filter: names('filter'),
    postFilter: names('postFilter'),
    score: at('score').map(({ name, weight = 1 }) => ({ name, weight })),
    reserve: names('reserve'),
    permit: names('permit'),
    preBind: names('preBind'),
    bind: names('bind'),
    postBind: names('postBind'),
  };
}

interface Mention {
  readonly name: string;
  readonly point: string;
  readonly key: 'enabled' | 'disabled';
  readonly own: readonly SchedulerPlugin[];
}

function checkName(document: SourceDocument, path: Path, { name, point, key, own }: Mention): void {
  if (key === 'disabled' && name === '*') return;
  const fail = (message: string): never => refuse(document.at(path), `${dotted(path)}${message}`);
  const names = pluginNames(own);
  if (!names.includes(name)) fail(`unknown plugin ${shown(name)}${suggestion(nearest(name, names), names)}`);
  if (key === 'disabled' || point === 'multiPoint') return;
  if (!takesPart(own, point as Point, name)) fail(`plugin ${shown(name)} does not extend ${point} plugins`);
}

const nothing: PluginSet = { enabled: [], disabled: [] };

/** kubernetes v1.34.1 default_plugins.go, mergePluginSet: what is configured anew stays in its place. */
function merged(base: PluginSet, custom: PluginSets['multiPoint']): PluginSet {
  const disabled = (custom?.disabled ?? []).map(({ name }) => name);
  const enabled = custom?.enabled ?? [];
  const kept = disabled.includes('*') ? [] : base.enabled.filter(({ name }) => !disabled.includes(name));
  return {
    disabled,
    enabled: [
      ...kept.map((plugin) => enabled.find(({ name }) => name === plugin.name) ?? plugin),
      ...enabled.filter(({ name }) => !kept.some((plugin) => plugin.name === name)),
    ],
  };
}

/**
 * The plugins of a point: those of multiPoint that it configures anew, the others of multiPoint, then those only it has.
 * (kubernetes v1.34.1 pkg/scheduler/framework/runtime/framework.go, expandMultiPointPlugins)
 */
function expanded(
  own: readonly SchedulerPlugin[],
  point: Point,
  multiPoint: PluginSet,
  { enabled, disabled }: PluginSet,
): readonly Plugin[] {
  if (disabled.includes('*')) return enabled;
  const everywhere = multiPoint.enabled.filter(
    ({ name }) => takesPart(own, point, name) && !disabled.includes(name),
  );
  const has = (plugins: readonly Plugin[], name: string): boolean =>
    plugins.some((each) => each.name === name);
  return [
    ...enabled.filter(({ name }) => has(everywhere, name)),
    ...everywhere.filter(({ name }) => !has(enabled, name)),
    ...enabled.filter(({ name }) => !has(everywhere, name)),
  ];
}
