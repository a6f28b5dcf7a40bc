/**
 * The EndpointSlices of each Service with a selector (kubernetes v1.34.1 pkg/controller/endpointslice and
 * staging/src/k8s.io/endpointslice). What was written is remembered until the cache shows it: a sync that did not know
 * of a slice it made would make it twice.
 */
import { keyFor, splitKey, type ApiObject, type ObjectKey } from '../api/object.ts';
import type { Endpoint, EndpointSlice, Pod, Service } from '../api/generated/types.ts';
import { same } from '../api/merge-patch.ts';
import { isPodReady } from '../api/pod.ts';
import type { ApiAnswer, ApiRequest } from '../api/request.ts';
import { labelTerm } from '../api/view.ts';
import { viewOf, type Delta, type Informers } from '../client/informer.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import {
  done,
  failed,
  messageOf,
  namespaceTerminating,
  news,
  refused,
  type Context,
  type Controller,
  type Effects,
  type Sync,
} from './controller.ts';
import { ownerReferenceTo } from './replica-kind.ts';
import { create, remove, update } from './requests.ts';
import {
  headlessLabel,
  indexService,
  isEndpoint,
  isHeadless,
  noServices,
  podsOf,
  publishedHostname,
  servicesOf,
  targetPort,
  type ServicesByTerm,
} from './service-pods.ts';
import { planSlices, portsName, type Desired, type Ports } from './slice-reconcile.ts';
import { noTriggers, triggered, triggerTime, type Triggers } from './trigger-time.ts';

const serviceName = 'kubernetes.io/service-name';
const managedBy = 'endpointslice.kubernetes.io/managed-by';
const manager = 'endpointslice-controller.k8s.io';

interface SliceMemory {
  readonly services: ServicesByTerm;
  readonly triggers: Triggers;
  /** For each Service the generation of each slice as last written, by uid; -1 where it was deleted. */
  readonly written: OrderedMap<ObjectKey, Readonly<Record<string, number>>>;
}

const deleted = -1;

export const endpointSliceController: Controller<SliceMemory> = {
  name: 'endpointslice-controller',
  component: 'endpoint-slice-controller',
  workers: 5,
  follows: ['services', 'pods', 'endpointslices', 'nodes'],
  initial: { services: noServices, triggers: noTriggers, written: OrderedMap.empty() },
  maxRetries: 15,
  handle,
  answered,
  sync,
};

function handle({ memory, caches }: Context<SliceMemory>, delta: Delta): Effects<SliceMemory> | undefined {
  switch (delta.stream) {
    case 'pods': {
      const mark = servicesOf(memory.services, caches, delta);
      return mark.length === 0 ? undefined : { mark };
    }
    case 'services':
      return { mark: [delta.key], memory: { ...memory, services: indexService(memory.services, delta) } };
    case 'endpointslices':
      return onSlice(memory, delta);
    default:
      return undefined;
  }
}

/** A slice that is not as it was last written here was changed by somebody else. */
function onSlice(memory: SliceMemory, { object, type }: Delta): Effects<SliceMemory> | undefined {
  const service = object.metadata.labels?.[serviceName];
  if (service === undefined || object.metadata.labels?.[managedBy] !== manager) return undefined;
  const key = keyFor(object.metadata.namespace, service);
  const known = memory.written.get(key) ?? {};
  const generation = known[object.metadata.uid];
  if (type !== 'deleted')
    return generation !== undefined && (object.metadata.generation ?? 0) <= generation
      ? undefined
      : { mark: [key] };
  const written = memory.written.set(key, without(known, object.metadata.uid));
  return generation === deleted
    ? { memory: { ...memory, written } }
    : { mark: [key], memory: { ...memory, written } };
}

function answered(
  { memory }: Context<SliceMemory>,
  key: ObjectKey,
  request: ApiRequest,
  answer: ApiAnswer,
): Effects<SliceMemory> | undefined {
  if (!answer.ok || answer.object === undefined) return undefined;
  const { uid, generation = 0 } = answer.object.metadata;
  const known = memory.written.get(key) ?? {};
  return {
    memory: {
      ...memory,
      written: memory.written.set(key, { ...known, [uid]: request.verb === 'delete' ? deleted : generation }),
    },
  };
}

function* sync({ caches, memory }: Context<SliceMemory>, key: ObjectKey): Sync<SliceMemory> {
  const service = viewOf(caches, 'services').objects.get(key);
  if (service === undefined)
    return {
      remember: (kept) => ({
        ...kept,
        triggers: kept.triggers.delete(key),
        written: kept.written.delete(key),
      }),
    };
  if (service.spec.type === 'ExternalName' || service.spec.selector === undefined) return done;
  const existing = slicesOf(caches, key);
  if (isStale(existing, memory.written.get(key) ?? {})) return failed;
  const pods = podsOf(caches, service);
  const trigger = triggered(memory.triggers, key, service, pods);
  const wanted = desiredOf(caches, service, pods);
  const plan = planSlices(existing, wanted.desired, (slice) => labelled(slice, service));
  const timed = <T extends Pick<ApiObject, 'metadata'>>(slice: T): T => withTrigger(slice, trigger.at);
  const isEnding = service.metadata.deletionTimestamp !== undefined;
  const requests: ApiRequest[] = [
    ...(isEnding ? [] : plan.create).map((made) => create('endpointslices', timed(sliceOf(service, made)))),
    ...plan.update.map((slice) => update('endpointslices', timed(slice))),
    ...plan.delete.map((slice) => remove('endpointslices', slice)),
  ];
  const remember = (kept: SliceMemory): SliceMemory => ({
    ...kept,
    triggers: kept.triggers.set(key, trigger.known),
  });
  if (requests.length === 0) return wanted.missingNode ? { failed: true, remember } : { remember };
  const { answers } = yield { requests, remember };
  const error = answers.find(
    (answer, i) => !answer.ok && !(requests[i]?.verb === 'delete' && refused(answer, 'NotFound')),
  );
  if (error === undefined) return wanted.missingNode ? failed : done;
  if (namespaceTerminating(error)) return done;
  const message = `Error updating Endpoint Slices for Service ${key}: ${messageOf(error)}`;
  return { failed: true, news: [news(service, 'Warning', 'FailedToUpdateEndpointSlices', message)] };
}

function slicesOf(caches: Informers, key: ObjectKey): readonly EndpointSlice[] {
  const { namespace, name } = splitKey(key);
  const found: EndpointSlice[] = [];
  for (const slice of viewOf(caches, 'endpointslices').objects.valuesOf(
    'label',
    labelTerm(namespace, serviceName, name),
  ))
    if (slice.metadata.labels?.[managedBy] === manager) found.push(slice);
  return found;
}

const without = <V>(map: Readonly<Record<string, V>>, key: string): Readonly<Record<string, V>> =>
  Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));

function isStale(slices: readonly EndpointSlice[], written: Readonly<Record<string, number>>): boolean {
  const seen = new Set<string>();
  for (const { metadata } of slices) {
    seen.add(metadata.uid);
    const generation = written[metadata.uid];
    if (generation === deleted || (generation !== undefined && (metadata.generation ?? 0) < generation))
      return true;
  }
  return Object.keys(written).some((uid) => written[uid] !== deleted && !seen.has(uid));
}

const reserved: ReadonlySet<string> = new Set([serviceName, managedBy, headlessLabel]);

function labelsFor(service: Service): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const [label, value] of Object.entries(service.metadata.labels ?? {}))
    if (!reserved.has(label)) labels[label] = value;
  labels[serviceName] = service.metadata.name;
  labels[managedBy] = manager;
  if (isHeadless(service)) labels[headlessLabel] = '';
  return labels;
}

function labelled(slice: EndpointSlice, service: Service): EndpointSlice {
  const labels = labelsFor(service);
  return same(labels, slice.metadata.labels) ? slice : { ...slice, metadata: { ...slice.metadata, labels } };
}

function withTrigger<T extends { readonly metadata: Pick<ApiObject['metadata'], 'annotations'> }>(
  slice: T,
  at: string | undefined,
): T {
  const others = without(slice.metadata.annotations ?? {}, triggerTime);
  const annotations = at === undefined ? others : { ...others, [triggerTime]: at };
  return {
    ...slice,
    metadata: {
      ...slice.metadata,
      annotations: Object.keys(annotations).length === 0 ? undefined : annotations,
    },
  };
}

function sliceOf(service: Service, { ports, endpoints }: Desired): ApiObject {
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${service.metadata.name}-`,
      namespace: service.metadata.namespace,
      labels: labelsFor(service),
      ownerReferences: [ownerReferenceTo(service)],
    },
    addressType: (service.spec.ipFamilies ?? [])[0] === 'IPv6' ? 'IPv6' : 'IPv4',
    endpoints,
    ports,
  };
  return slice as unknown as ApiObject;
}

/** The endpoints there should be, by their ports. A Pod whose Node is not known yet is left out, and looked at again. */
function desiredOf(
  caches: Informers,
  service: Service,
  pods: readonly Pod[],
): { readonly desired: readonly Desired[]; readonly missingNode: boolean } {
  const nodes = viewOf(caches, 'nodes');
  const groups = new Map<string, { readonly ports: Ports; readonly endpoints: Endpoint[] }>();
  let missingNode = false;
  for (const pod of pods) {
    if (!isEndpoint(pod, true)) continue;
    const node = nodes.objects.get(pod.spec.nodeName ?? '');
    if (node === undefined && service.spec.publishNotReadyAddresses !== true) {
      missingNode = true;
      continue;
    }
    const ports = portsOf(service, pod);
    const name = portsName(ports);
    const group = groups.get(name) ?? { ports, endpoints: [] };
    groups.set(name, group);
    group.endpoints.push(endpointOf(service, pod, node?.metadata.labels?.['topology.kubernetes.io/zone']));
  }
  return { desired: [...groups.values()], missingNode };
}

function portsOf(service: Service, pod: Pod): Ports {
  const ports: Ports[number][] = [];
  for (const port of service.spec.ports ?? []) {
    const number = targetPort(pod, port);
    if (number === undefined) continue;
    ports.push({
      name: port.name ?? '',
      port: number,
      protocol: port.protocol ?? 'TCP',
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    });
  }
  return ports;
}

function endpointOf(service: Service, pod: Pod, zone: string | undefined): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = publishedHostname(pod, service);
  const { namespace, name, uid } = pod.metadata;
  return {
    addresses: [pod.status.podIP ?? ''],
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(zone === undefined ? {} : { zone }),
  };
}
