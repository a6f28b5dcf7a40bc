/** The Pods that a load is asked of. */
import type { LabelSelector } from '../../api/generated/types.ts';
import { keyFor, type ApiObject } from '../../api/object.ts';
import { matchesNothing, requirementsOf, requirementsOfMap, type Requirement } from '../../api/selector.ts';
import type { View } from '../../api/view.ts';
import { informerNamed, type Informers } from '../../client/informer.ts';
import type { Load, PodLoad, PodsOf } from '../../metrics/load.ts';
import type { LoadedPods } from '../../metrics/served.ts';
import { selectedPods } from '../selected-pods.ts';

/** The loads of a namespace that Pods bear, with the Pods of each. */
export const loadedPods = (
  caches: Informers,
  namespace: string,
  loads: readonly Load[],
): readonly LoadedPods[] =>
  loads
    .filter((load): load is PodLoad => load.of === 'resource' || load.of === 'pods')
    .filter(({ pods }) => pods.namespace === namespace)
    .map((load) => ({ load, pods: selectedPods(caches, namespace, selectorOf(caches, load.pods)) }));

/** Workloads that can be scaled; the caches of other controllers have them. */
type Scaled = ApiObject & { readonly spec?: { readonly selector?: LabelSelector | Record<string, string> } };

function selectorOf(caches: Informers, pods: PodsOf): readonly Requirement[] {
  if ('labels' in pods) return requirementsOfMap(pods.labels);
  const { resource, namespace, name } = pods;
  const view = informerNamed(caches, resource)?.view as View<string> | undefined;
  const selector = (view?.objects.get(keyFor(namespace, name)) as Scaled | undefined)?.spec?.selector;
  if (selector === undefined) return matchesNothing;
  return resource === 'replicationcontrollers'
    ? requirementsOfMap(selector as Record<string, string>)
    : requirementsOf(selector as LabelSelector);
}
