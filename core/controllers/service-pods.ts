/**
 * Which Services a Pod belongs to, and when a change of it matters to them: what the two controllers of endpoints share
 * (kubernetes v1.34.1 staging/src/k8s.io/endpointslice/util/controller_utils.go).
 */
import { keyOf, type ObjectKey } from '../api/object.ts';
import type { Pod, Service, ServicePort } from '../api/generated/types.ts';
import { isPodReady, isTerminal } from '../api/pod.ts';
import { matchesLabels, requirementsOfMap } from '../api/selector.ts';
import { labelTerm } from '../api/view.ts';
import { viewOf, type Delta, type Informers } from '../client/informer.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import { narrowestTerm, objectsAt } from './claim.ts';
import { sameLabels } from './owned-pods.ts';
import { podChange } from './pod-interest.ts';

/**
 * Services under one term of their selector, as `term` U+0000 `key`: a Pod in the selection has that label, so the
 * Services of a Pod are found by its labels, however many others there are.
 */
export type ServicesByTerm = OrderedMap<string, ObjectKey>;

export const noServices: ServicesByTerm = OrderedMap.empty();

const entryOf = (service: Service): string | undefined => {
  const first = requirementsOfMap(service.spec.selector)[0];
  return first === undefined
    ? undefined
    : `${labelTerm(service.metadata.namespace, first.key, first.values[0] ?? '')}\u0000${keyOf(service)}`;
};

/** The index after a Service has come, changed or gone. */
export function indexService(services: ServicesByTerm, { object, before, key, type }: Delta): ServicesByTerm {
  const old = before === undefined ? undefined : entryOf(before as Service);
  const next = type === 'deleted' ? undefined : entryOf(object as Service);
  if (old === next) return services;
  const without = old === undefined ? services : services.delete(old);
  return next === undefined ? without : without.set(next, key);
}

/** The changes of a Pod by which the endpoints of a Service may be others. */
export const endpointChanges =
  podChange.deleted | podChange.ending | podChange.labels | podChange.readiness | podChange.address;

/** The Services whose endpoints may be others after a change of a Pod. */
export function servicesOf(
  services: ServicesByTerm,
  caches: Informers,
  { object, before, type }: Delta,
): readonly ObjectKey[] {
  if (services.size === 0) return none;
  const pod = object as Pod;
  const old = before as Pod | undefined;
  if (type === 'deleted' || old === undefined) return selecting(services, caches, pod);
  const relabelled =
    !sameLabels(old.metadata.labels ?? noLabels, pod.metadata.labels ?? noLabels) || !sameHostname(old, pod);
  const changed = endpointChanged(old, pod);
  if (!relabelled) return changed ? selecting(services, caches, pod) : none;
  const [was, is] = [selecting(services, caches, old), selecting(services, caches, pod)];
  const either = [...new Set([...was, ...is])];
  return changed ? either : either.filter((key) => was.includes(key) !== is.includes(key));
}

const none: readonly never[] = [];
const noLabels: Readonly<Record<string, string>> = {};

const sameHostname = (a: Pod, b: Pod): boolean =>
  a.spec.hostname === b.spec.hostname && a.spec.subdomain === b.spec.subdomain;

function endpointChanged(before: Pod, after: Pod): boolean {
  return (
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    isPodReady(before) !== isPodReady(after) ||
    before.status.podIP !== after.status.podIP ||
    (before.status.podIPs ?? []).length !== (after.status.podIPs ?? []).length
  );
}

function selecting(services: ServicesByTerm, caches: Informers, pod: Pod): readonly ObjectKey[] {
  const { labels, namespace } = pod.metadata;
  if (labels === undefined) return none;
  const view = viewOf(caches, 'services');
  const found: ObjectKey[] = [];
  for (const label in labels) {
    const term = labelTerm(namespace, label, labels[label] ?? '');
    services.scan(`${term}\u0000`, `${term}\u0001`, (_, key) => {
      const service = view.objects.get(key);
      if (service !== undefined && matchesLabels(requirementsOfMap(service.spec.selector), labels))
        found.push(key);
    });
  }
  return found;
}

/** The Pods a Service selects, in order of their keys. */
export function podsOf(caches: Informers, service: Service): readonly Pod[] {
  const pods = viewOf(caches, 'pods');
  const selector = requirementsOfMap(service.spec.selector);
  const term = narrowestTerm(pods, service.metadata.namespace, selector);
  if (term === undefined) return none;
  const found: Pod[] = [];
  for (const pod of objectsAt(pods, pods.objects.keysOf('label', term.term)))
    if (matchesLabels(selector, pod.metadata.labels)) found.push(pod);
  return found;
}

/** An endpoint is a Pod that has an address and has not finished; one being deleted only where `terminating` counts. */
export const isEndpoint = (pod: Pod, terminating: boolean): boolean =>
  !isTerminal(pod) &&
  (pod.status.podIP ?? '') !== '' &&
  (terminating || pod.metadata.deletionTimestamp === undefined);

/** The number of a Service's target port on a Pod; undefined where no container has a port of that name. */
export function targetPort(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort;
  if (typeof target === 'number') return target === 0 ? port.port : target;
  if (target === undefined) return port.port;
  const sidecars = (pod.spec.initContainers ?? []).filter(
    (container) => container.restartPolicy === 'Always',
  );
  for (const container of [...pod.spec.containers, ...sidecars])
    for (const declared of container.ports ?? [])
      if (declared.name === target && (declared.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))
        return declared.containerPort;
  return undefined;
}

/** Its hostname is published where it is set and its subdomain names the Service. */
export const publishedHostname = (pod: Pod, service: Service): string | undefined =>
  (pod.spec.hostname ?? '') !== '' &&
  pod.spec.subdomain === service.metadata.name &&
  pod.metadata.namespace === service.metadata.namespace
    ? pod.spec.hostname
    : undefined;

export const headlessLabel = 'service.kubernetes.io/headless';

/** A Service without a cluster IP, as far as its endpoints are concerned (IsServiceIPSet). */
export const isHeadless = (service: Service): boolean =>
  service.spec.type !== 'ExternalName' &&
  (service.spec.clusterIP === undefined ||
    service.spec.clusterIP === '' ||
    service.spec.clusterIP === 'None');
