/** The last step from files to a run: what was read of them, as the cluster's spec and what a report says of it. */
import type { NewObject } from '../../core/api/request.ts';
import { resourceOfKind } from '../../core/api/kinds.ts';
import { keyFor } from '../../core/api/object.ts';
import type { Duration } from '../../core/time/time.ts';
import type { Action, ClusterSpec } from '../cluster/spec.ts';
import type { Expectation } from '../checks/expectation.ts';
import { clusterOf } from './cluster.ts';
import { defaultClassAnnotation, defaultFinishAfter, defaultNodes, defaultStorageClass } from './defaults.ts';
import type { Given, Own } from './given.ts';
import type { Manifest } from './manifest.ts';
import { BadInput, placeText, type Position, type Problem } from '../input/problem.ts';
import type { ScenarioSpec } from './schema.ts';
import type { Timeline } from './timeline.ts';

export interface LoadedScenario {
  readonly name: string;
  readonly spec: ClusterSpec;
  /** Where the cluster's shape comes from. */
  readonly clusterFrom: 'scenario' | 'default' | 'option' | 'node trace';
  /** Absent: the run ends when it has settled. */
  readonly duration: Duration | undefined;
  readonly expectations: readonly Expectation[];
  /** How many objects of each kind are applied, at time 0 and later, in the order they come. */
  readonly applied: readonly KindCount[];
  /** Kinds that are stored and on which nothing acts. */
  readonly storedOnly: readonly KindCount[];
  /** Where each object of each action of `spec` was written, or the entry of the timeline that applies none. */
  readonly sources: readonly (readonly Position[])[];
}

interface KindCount {
  readonly kind: string;
  readonly count: number;
}

/** `scenario` is absent where there are plain manifests alone. */
export function assembled(
  name: string,
  scenario: (Pick<ClusterSpec, 'nodes' | 'loads'> & { readonly spec: ScenarioSpec }) | undefined,
  manifests: readonly Manifest[],
  expectations: readonly Expectation[],
  timeline: Timeline,
  given: Omit<Given, keyof Own | 'controllers'> & Own,
): LoadedScenario {
  const cluster = clusterOf(scenario?.spec ?? {});
  refuseTwice(manifests);
  const own = manifests.map((manifest) => manifest.object);
  const provided = scenario === undefined ? classesFor(own) : [];
  const first = [provided, own].filter((objects) => objects.length > 0);
  const spec: ClusterSpec = {
    ...cluster,
    ...(scenario === undefined ? { images: { ...cluster.images, finishAfter: defaultFinishAfter } } : {}),
    seed: given.seed ?? cluster.seed,
    nodes: scenario?.nodes ?? given.nodes ?? defaultNodes(),
    actions: [...first.map(applyAtStart), ...timeline.actions],
    faults: timeline.faults,
    workload: given.workload,
    ...(scenario?.loads === undefined || scenario.loads.length === 0 ? {} : { loads: scenario.loads }),
    ...(given.scheduler === undefined ? {} : { scheduler: given.scheduler }),
    ...(given.ownControllers === undefined ? {} : { ownControllers: given.ownControllers }),
  };
  const objects = spec.actions
    .flatMap((action) => (action.do === 'apply' ? action.objects : []))
    .filter((object) => !provided.includes(object));
  return {
    name,
    spec,
    clusterFrom: given.clusterFrom ?? (scenario?.spec.nodes === undefined ? 'default' : 'scenario'),
    duration: scenario?.spec.duration,
    expectations,
    applied: countKinds(objects),
    storedOnly: countKinds(
      objects.filter((object) => !isModelled(object, cluster) && !isReconciled(object, given.ownControllers)),
    ),
    sources: [
      ...first.map((each) => (each === own ? manifests.map(({ at }) => at) : [])),
      ...timeline.sources,
    ],
  };
}

const applyAtStart = (objects: readonly NewObject[]): Action => ({ at: 0, do: 'apply', objects });

/** A cluster that nobody describes has a default StorageClass, unless the files bring one. */
function classesFor(objects: readonly NewObject[]): readonly NewObject[] {
  const isInTheWay = ({ kind, metadata }: NewObject): boolean =>
    kind === 'StorageClass' &&
    (metadata.name === defaultStorageClass.metadata.name ||
      metadata.annotations?.[defaultClassAnnotation] === 'true');
  return objects.length === 0 || objects.some(isInTheWay) ? [] : [defaultStorageClass];
}

const isReconciled = ({ apiVersion, kind }: NewObject, own: ClusterSpec['ownControllers'] = []): boolean =>
  own.some(({ controller: { for: its } }) => its.apiVersion === apiVersion && its.kind === kind);

/** Roles are acted upon where RBAC decides. */
function isModelled(
  { apiVersion, kind }: NewObject,
  { authorizationMode }: Pick<ClusterSpec, 'authorizationMode'>,
): boolean {
  const info = resourceOfKind(apiVersion, kind);
  return (
    info?.modelled === true ||
    (info?.group === 'rbac.authorization.k8s.io' && authorizationMode === 'Node,RBAC')
  );
}

function countKinds(objects: readonly NewObject[]): readonly KindCount[] {
  const counts = new Map<string, number>();
  for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, count }));
}

/** Two of one kind, namespace and name are one too many. */
function refuseTwice(manifests: readonly Manifest[]): void {
  const sources = new Map<string, Position>();
  const problems: Problem[] = [];
  for (const { object, info, at } of manifests) {
    const key = keyFor(object.metadata.namespace, object.metadata.name ?? '');
    const before = sources.get(`${info.resource}/${key}`);
    if (before !== undefined)
      problems.push({
        at,
        message: `${info.kind} ${key} is there twice; the first is at ${placeText(before)}`,
      });
    else sources.set(`${info.resource}/${key}`, at);
  }
  if (problems.length > 0) throw new BadInput(problems);
}
