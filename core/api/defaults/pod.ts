/**
 * Defaults of a Pod and of the templates of Pods. A template gets less: only a Pod copies limits into requests and gets
 * service links. Both are remembered by the identity of the spec, so the Pods of one template share one spec.
 * (kubernetes v1.34.1 pkg/apis/core/v1/defaults.go)
 */
import type { Container, Pod, PodSpec, PodTemplateSpec, ResourceRequirements } from '../generated/types.ts';
import { addQuantities, compareQuantities } from '../../text/quantity.ts';
import {
  withContainerDefaults,
  withHostPorts,
  withQuantityDefaults,
  withRequestsFromLimits,
  withResourceDefaults,
} from './container.ts';
import { fill, fillZero, mapField, mapList, setField } from './fill.ts';
import { withVolumeDefaults } from './volume.ts';
import { wireForm } from './wire.ts';

const emptyStatus = {};

export function withPodDefaults(pod: Pod): Pod {
  const spec = podSpecOf((pod.spec as PodSpec | undefined) ?? { containers: [] });
  if (spec === pod.spec && (pod.status as object | undefined) !== undefined) return pod;
  return { ...pod, spec, status: (pod.status as Pod['status'] | undefined) ?? emptyStatus };
}

const podSpecs = new WeakMap<PodSpec, PodSpec>();

function podSpecOf(spec: PodSpec): PodSpec {
  let found = podSpecs.get(spec);
  if (found === undefined) {
    found = withPodOnlyDefaults(templateSpecOf(spec));
    podSpecs.set(spec, found);
    podSpecs.set(found, found);
  }
  return found;
}

const templateSpecs = new WeakMap<PodSpec, PodSpec>();

function templateSpecOf(spec: PodSpec): PodSpec {
  let found = templateSpecs.get(spec);
  if (found === undefined) {
    found = withPodSpecDefaults(wireForm('PodSpec', spec));
    templateSpecs.set(spec, found);
    templateSpecs.set(found, found);
  }
  return found;
}

/** The template of a workload with its defaults. */
export function withTemplateDefaults(template: PodTemplateSpec | undefined): PodTemplateSpec {
  const found = template ?? {};
  const result = fill(wireFormOfTemplate(found), { metadata: {}, spec: { containers: [] } });
  return mapField(result, 'spec', templateSpecOf);
}

/** The spec is walked by `templateSpecOf`, under its own identity. */
const wireFormOfTemplate = (template: PodTemplateSpec): PodTemplateSpec =>
  mapField(template, 'metadata', (metadata) => wireForm('ObjectMeta', metadata));

function withPodSpecDefaults(spec: PodSpec): PodSpec {
  let result = fillZero(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
  });
  result = fill(result, { securityContext: {}, terminationGracePeriodSeconds: 30 });
  // A negative grace period is read as the shortest (pkg/apis/core/v1/conversion.go).
  if ((result.terminationGracePeriodSeconds ?? 0) < 0)
    result = { ...result, terminationGracePeriodSeconds: 1 };
  result = withServiceAccount(result);
  result = mapField(result, 'containers', withContainerListDefaults);
  result = mapField(result, 'initContainers', withContainerListDefaults);
  result = mapField(result, 'ephemeralContainers', (list) => mapList(list, withContainerDefaults));
  result = mapField(result, 'overhead', withQuantityDefaults);
  result = mapField(result, 'resources', withResourceDefaults);
  return mapField(result, 'volumes', (volumes) => mapList(volumes, withVolumeDefaults));
}

const containerLists = new WeakMap<readonly Container[], readonly Container[]>();

function withContainerListDefaults(list: readonly Container[]): readonly Container[] {
  let found = containerLists.get(list);
  if (found === undefined) {
    found = mapList(list, withContainerDefaults);
    containerLists.set(list, found);
    containerLists.set(found, found);
  }
  return found;
}

/** `serviceAccount` is the old name of `serviceAccountName`; both are written. */
function withServiceAccount(spec: PodSpec): PodSpec {
  const name = spec.serviceAccountName ?? spec.serviceAccount;
  if (name === undefined) return spec;
  return setField(setField(spec, 'serviceAccountName', name), 'serviceAccount', name);
}

function withPodOnlyDefaults(spec: PodSpec): PodSpec {
  let result = fill(spec, { enableServiceLinks: true });
  result = mapField(result, 'containers', (list) => mapList(list, withRequestsFromLimits));
  result = mapField(result, 'initContainers', (list) => mapList(list, withRequestsFromLimits));
  result = mapField(result, 'resources', (resources) => withPodLevelRequests(resources, result));
  if (result.hostNetwork !== true) return result;
  result = mapField(result, 'containers', (list) => mapList(list, withHostPorts));
  return mapField(result, 'initContainers', (list) => mapList(list, withHostPorts));
}

/** Resources that a Pod may ask for as a whole; huge pages only with a limit. */
const podLevel = ['cpu', 'memory'];

/** Requests of the Pod as a whole, where it has limits only: what its containers ask for, else the limit. */
function withPodLevelRequests(resources: ResourceRequirements, spec: PodSpec): ResourceRequirements {
  const requests: Record<string, string> = { ...resources.requests };
  for (const name of podLevel) {
    const sum = containerRequests(spec, name);
    if (requests[name] === undefined && sum !== undefined) requests[name] = sum;
  }
  for (const [name, limit] of Object.entries(resources.limits ?? {}))
    if (podLevel.includes(name) || name.startsWith('hugepages-')) requests[name] ??= limit;
  const before = Object.keys(resources.requests ?? {}).length;
  return Object.keys(requests).length === before ? resources : { ...resources, requests };
}

/** The most a Pod's containers ask for at one time; undefined when none asks. */
function containerRequests(spec: PodSpec, resource: string): string | undefined {
  let sum: string | undefined;
  let sidecars: string | undefined;
  let peak: string | undefined;
  const plus = (a: string | undefined, b: string | undefined): string | undefined =>
    a === undefined ? b : b === undefined ? a : addQuantities(a, b);
  for (const container of spec.containers) sum = plus(sum, container.resources?.requests?.[resource]);
  for (const container of spec.initContainers ?? []) {
    const request = container.resources?.requests?.[resource];
    if (container.restartPolicy === 'Always') {
      sum = plus(sum, request);
      sidecars = plus(sidecars, request);
    }
    const step = container.restartPolicy === 'Always' ? sidecars : plus(sidecars, request);
    if (step !== undefined && (peak === undefined || compareQuantities(step, peak) > 0)) peak = step;
  }
  if (sum === undefined || (peak !== undefined && compareQuantities(peak, sum) > 0)) return peak;
  return sum;
}
