/**
 * The Endpoints of each Service with a selector: its Pods' addresses, ready and not ready, by their ports
 * (kubernetes v1.34.1 pkg/controller/endpoint/endpoints_controller.go, pkg/api/v1/endpoints/util.go).
 */
import { splitKey, type ObjectKey } from '../api/object.ts';
import type {
  EndpointAddress,
  EndpointPort,
  Endpoints,
  EndpointSubset,
  Pod,
  Service,
} from '../api/generated/types.ts';
import { same } from '../api/merge-patch.ts';
import { isPodReady } from '../api/pod.ts';
import { viewOf, type Delta } from '../client/informer.ts';
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
import {
  endpointChanges,
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
import { noTriggers, triggered, triggerTime, type Triggers } from './trigger-time.ts';
import { create, update } from './requests.ts';

const managedBy = 'endpoints.kubernetes.io/managed-by';
const overCapacity = 'endpoints.kubernetes.io/over-capacity';
/** Endpoints hold no more addresses than this; the rest are left out, and an annotation says so. */
const maxEndpoints = 1_000;

interface EndpointMemory {
  readonly services: ServicesByTerm;
  readonly triggers: Triggers;
  /** The resourceVersion that each had when it was last written: a cache that still shows it is behind. */
  readonly outdated: OrderedMap<ObjectKey, string>;
}

export const endpointController: Controller<EndpointMemory> = {
  name: 'endpoint-controller',
  component: 'endpoint-controller',
  workers: 5,
  follows: ['services', 'pods', 'endpoints'],
  pods: { when: endpointChanges },
  initial: { services: noServices, triggers: noTriggers, outdated: OrderedMap.empty() },
  maxRetries: 15,
  handle,
  sync,
};

function handle(
  { memory, caches }: Context<EndpointMemory>,
  delta: Delta,
): Effects<EndpointMemory> | undefined {
  if (delta.stream === 'pods') {
    const mark = servicesOf(memory.services, caches, delta);
    return mark.length === 0 ? undefined : { mark };
  }
  if (delta.stream === 'services')
    return { mark: [delta.key], memory: { ...memory, services: indexService(memory.services, delta) } };
  // Endpoints that somebody deletes are made again.
  return delta.type === 'deleted' ? { mark: [delta.key] } : undefined;
}

function* sync({ caches, memory }: Context<EndpointMemory>, key: ObjectKey): Sync<EndpointMemory> {
  const service = viewOf(caches, 'services').objects.get(key);
  const { namespace, name } = splitKey(key);
  if (service === undefined) {
    const { answers } = yield {
      requests: [{ verb: 'delete', resource: 'endpoints', namespace, name }],
      remember: (kept) => ({
        ...kept,
        triggers: kept.triggers.delete(key),
        outdated: kept.outdated.delete(key),
      }),
    };
    return answers[0]?.ok === true || refused(answers[0], 'NotFound') ? done : failed;
  }
  if (service.spec.type === 'ExternalName' || service.spec.selector === undefined) return done;
  const current = viewOf(caches, 'endpoints').objects.get(key);
  const had = current?.metadata.resourceVersion;
  // What this cache shows was written over: to compare with it could leave a fast change back unwritten. (endpoints_tracker.go)
  if (had !== undefined && memory.outdated.get(key) === had) return failed;
  const pods = podsOf(caches, service);
  const trigger = triggered(memory.triggers, key, service, pods);
  const remember = (kept: EndpointMemory): EndpointMemory => ({
    ...kept,
    triggers: kept.triggers.set(key, trigger.known),
  });
  const next = endpointsOf(service, pods, current, trigger.at);
  if (current !== undefined && isUpToDate(current, next)) return { remember };
  const request = current === undefined ? create('endpoints', next) : update('endpoints', next as Endpoints);
  const { answers } = yield { requests: [request], remember };
  const [answer] = answers;
  if (answer?.ok === true && had !== undefined && answer.object?.metadata.resourceVersion !== had)
    return { remember: (kept) => ({ ...kept, outdated: kept.outdated.set(key, had) }) };
  if (answer?.ok === true || namespaceTerminating(answer)) return done;
  const [reason, what] =
    current === undefined ? ['FailedToCreateEndpoint', 'create'] : ['FailedToUpdateEndpoint', 'update'];
  return {
    failed: true,
    news: [
      news(current ?? service, 'Warning', reason, `Failed to ${what} endpoint ${key}: ${messageOf(answer)}`),
    ],
  };
}

interface WantedEndpoints {
  readonly apiVersion: 'v1';
  readonly kind: 'Endpoints';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string | undefined;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly subsets?: readonly EndpointSubset[];
}

function endpointsOf(
  service: Service,
  pods: readonly Pod[],
  current: Endpoints | undefined,
  changedAt: string | undefined,
): WantedEndpoints {
  const { subsets, left } = subsetsOf(service, pods);
  const labels: Record<string, string> = { ...service.metadata.labels, [managedBy]: 'endpoint-controller' };
  if (isHeadless(service)) labels[headlessLabel] = '';
  else delete labels[headlessLabel];
  const annotations: Record<string, string> = { ...current?.metadata.annotations };
  if (changedAt === undefined) delete annotations[triggerTime];
  else annotations[triggerTime] = changedAt;
  if (left) annotations[overCapacity] = 'truncated';
  else delete annotations[overCapacity];
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...current?.metadata,
      name: service.metadata.name,
      namespace: service.metadata.namespace,
      labels,
      annotations: Object.keys(annotations).length === 0 ? undefined : annotations,
    },
    ...(subsets.length === 0 ? {} : { subsets }),
  };
}

/** The trigger time alone is no reason to write. */
function isUpToDate(current: Endpoints, next: WantedEndpoints): boolean {
  const withoutTime = (annotations: Readonly<Record<string, string>> | undefined): unknown => ({
    ...annotations,
    [triggerTime]: undefined,
  });
  return (
    same(current.subsets ?? [], next.subsets ?? []) &&
    same(current.metadata.labels, next.metadata.labels) &&
    same(withoutTime(current.metadata.annotations), withoutTime(next.metadata.annotations))
  );
}

interface Group {
  readonly ports: readonly EndpointPort[];
  readonly ready: EndpointAddress[];
  readonly notReady: EndpointAddress[];
}

/** Addresses that share the same ports form one subset, in order of their IPs (RepackSubsets). */
export function subsetsOf(
  service: Service,
  pods: readonly Pod[],
): { readonly subsets: readonly EndpointSubset[]; readonly left: boolean } {
  const groups = new Map<string, Group>();
  const tolerant = service.spec.publishNotReadyAddresses === true;
  let count = 0;
  let left = false;
  for (const pod of pods) {
    if (!isEndpoint(pod, tolerant)) continue;
    const ports = portsOf(service, pod);
    if (ports === undefined) continue;
    if (count >= maxEndpoints) {
      left = true;
      continue;
    }
    count++;
    const name = JSON.stringify(ports);
    const group = groups.get(name) ?? { ports, ready: [], notReady: [] };
    groups.set(name, group);
    (tolerant || isPodReady(pod) ? group.ready : group.notReady).push(addressOf(service, pod));
  }
  const subsets = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { ready, notReady, ports }]) => ({
      ...(ready.length === 0 ? {} : { addresses: byAddress(ready) }),
      ...(notReady.length === 0 ? {} : { notReadyAddresses: byAddress(notReady) }),
      ...(ports.length === 0 ? {} : { ports }),
    }));
  return { subsets, left };
}

const byAddress = (addresses: readonly EndpointAddress[]): readonly EndpointAddress[] =>
  [...addresses].sort((a, b) =>
    a.ip < b.ip || (a.ip === b.ip && (a.targetRef?.uid ?? '') < (b.targetRef?.uid ?? '')) ? -1 : 1,
  );

/** Undefined: the Service has ports, and this Pod none of them. */
function portsOf(service: Service, pod: Pod): readonly EndpointPort[] | undefined {
  const wanted = service.spec.ports ?? [];
  const ports: EndpointPort[] = [];
  for (const port of wanted) {
    const number = targetPort(pod, port);
    if (number === undefined) continue;
    ports.push({
      ...(port.name === undefined || port.name === '' ? {} : { name: port.name }),
      port: number,
      protocol: port.protocol ?? 'TCP',
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    });
  }
  if (wanted.length > 0 && ports.length === 0) return undefined;
  return ports.sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
}

function addressOf(service: Service, pod: Pod): EndpointAddress {
  const hostname = publishedHostname(pod, service);
  const { namespace, name, uid } = pod.metadata;
  return {
    ip: pod.status.podIP ?? '',
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}
