/**
 * Mirrors Endpoints that somebody wrote for a Service without a selector into EndpointSlices, for that is what proxies read
 * (kubernetes v1.34.1 pkg/controller/endpointslicemirroring).
 */
import { keyFor, splitKey, type ApiObject, type ObjectKey } from '../api/object.ts';
import type {
  DiscoveryEndpointPort,
  Endpoint,
  EndpointAddress,
  Endpoints,
  EndpointSlice,
  Service,
} from '../api/generated/types.ts';
import { same } from '../api/merge-patch.ts';
import type { ApiRequest } from '../api/request.ts';
import { labelTerm } from '../api/view.ts';
import { viewOf, type Delta, type Informers } from '../client/informer.ts';
import { second, millisecond } from '../time/time.ts';
import {
  done,
  failed,
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
import { managedBy, serviceName } from './service-slices.ts';
import { portsName } from './slice-reconcile.ts';
import { hearOf, isStale, noWrittenSlices, noteAnswer, type WrittenSlices } from './slice-tracker.ts';
import { triggerTime } from './trigger-time.ts';

const manager = 'endpointslicemirroring-controller.k8s.io';
const leader = 'control-plane.alpha.kubernetes.io/leader';
const skipMirror = 'endpointslice.kubernetes.io/skip-mirror';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
/** --mirroring-max-endpoints-per-subset. */
const maxPerSubset = 1_000;

export const endpointSliceMirroringController: Controller<WrittenSlices> = {
  name: 'endpointslicemirroring-controller',
  component: 'endpoint-slice-mirroring-controller',
  workers: 5,
  maxRetries: 15,
  backoff: { first: 100 * millisecond, most: 100 * second },
  follows: ['endpoints', 'services', 'endpointslices'],
  initial: noWrittenSlices,
  handle,
  answered: ({ memory }, key, request, answer) => {
    const written = noteAnswer(memory, key, request, answer);
    return written === memory ? undefined : { memory: written };
  },
  sync,
};

function handle(
  { memory, caches }: Context<WrittenSlices>,
  delta: Delta,
): Effects<WrittenSlices> | undefined {
  switch (delta.stream) {
    case 'services': {
      const [service, before] = [delta.object as Service, delta.before as Service | undefined];
      const hasNone = service.spec.selector === undefined;
      const isNews = delta.type !== 'updated' || (before?.spec.selector === undefined) !== hasNone;
      return isNews && (hasNone || delta.type === 'updated') ? { mark: [delta.key] } : undefined;
    }
    case 'endpoints':
      return onEndpoints(caches, delta);
    default:
      return onSlice(memory, delta);
  }
}

/** Most Endpoints are of a Service with a selector, whose slices are made of its Pods: they are let be. */
function onEndpoints(caches: Informers, { object, before, key }: Delta): Effects<WrittenSlices> | undefined {
  const service = viewOf(caches, 'services').objects.get(key);
  if (service?.spec.selector !== undefined) return undefined;
  const isMirrored =
    shouldMirror(object as Endpoints) || (before !== undefined && shouldMirror(before as Endpoints));
  return isMirrored ? { mark: [key] } : undefined;
}

function onSlice(written: WrittenSlices, delta: Delta): Effects<WrittenSlices> | undefined {
  const { namespace, labels = {} } = delta.object.metadata;
  if (labels[managedBy] !== manager) return undefined;
  const key = keyFor(namespace, labels[serviceName] ?? '');
  const heard = hearOf(written, key, delta);
  if (heard === undefined) return undefined;
  return { memory: heard.written, ...(heard.isOwn ? {} : { mark: [key] }) };
}

const shouldMirror = ({ metadata: { labels = {}, annotations = {} } }: Endpoints): boolean =>
  labels[skipMirror] !== 'true' && !(leader in annotations);

function* sync({ caches, memory }: Context<WrittenSlices>, key: ObjectKey): Sync<WrittenSlices> {
  const endpoints = viewOf(caches, 'endpoints').objects.get(key);
  const service = viewOf(caches, 'services').objects.get(key);
  const existing = slicesOf(caches, key);
  const isWanted =
    endpoints !== undefined &&
    shouldMirror(endpoints) &&
    service !== undefined &&
    service.spec.selector === undefined;
  if (!isWanted) return yield* write(existing.map((slice) => remove('endpointslices', slice)));
  if (isStale(existing, memory, key)) return failed;
  const mirror = mirrorOf(endpoints);
  const requests = plan(endpoints, existing, mirror.slices);
  const said =
    mirror.skipped === 0
      ? []
      : [
          news(
            endpoints,
            'Warning',
            'TooManyAddressesToMirror',
            `A max of ${maxPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. ${mirror.skipped} addresses were skipped`,
          ),
        ];
  if (said.length > 0) yield { requests: [], news: said };
  return yield* write(requests);
}

function* write(requests: readonly ApiRequest[]): Sync<WrittenSlices> {
  if (requests.length === 0) return done;
  const { answers } = yield { requests };
  const error = answers.find((answer) => !answer.ok && !refused(answer, 'NotFound'));
  return error === undefined || namespaceTerminating(error) ? done : failed;
}

function slicesOf(caches: Informers, key: ObjectKey): readonly EndpointSlice[] {
  const { namespace, name } = splitKey(key);
  const slices = viewOf(caches, 'endpointslices').objects;
  return [...slices.valuesOf('label', labelTerm(namespace, serviceName, name))].filter(
    ({ metadata }) => metadata.labels?.[managedBy] === manager,
  );
}

interface MirroredSlice {
  readonly addressType: 'IPv4' | 'IPv6';
  readonly ports: readonly DiscoveryEndpointPort[];
  readonly endpoints: Endpoint[];
}

/** One slice for each family of addresses of each set of ports. */
function mirrorOf({ subsets = [] }: Endpoints): {
  readonly slices: ReadonlyMap<string, MirroredSlice>;
  readonly skipped: number;
} {
  const slices = new Map<string, MirroredSlice>();
  let skipped = 0;
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const mirrored = ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
      name,
      port,
      protocol,
      ...(appProtocol === undefined ? {} : { appProtocol }),
    }));
    const all = [
      ...addresses.map((address) => ({ address, ready: true })),
      ...notReadyAddresses.map((address) => ({ address, ready: false })),
    ];
    skipped += Math.max(all.length - maxPerSubset, 0);
    for (const { address, ready } of all.slice(0, maxPerSubset)) {
      const addressType = address.ip.includes(':') ? 'IPv6' : 'IPv4';
      const name = groupName(addressType, mirrored);
      const slice = slices.get(name) ?? { addressType, ports: mirrored, endpoints: [] };
      slices.set(name, slice);
      slice.endpoints.push(endpointOf(address, ready));
    }
  }
  return { slices, skipped };
}

const groupName = (addressType: string, ports: readonly DiscoveryEndpointPort[]): string =>
  `${addressType} ${portsName(ports)}`;

const endpointOf = ({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname === undefined || hostname === '' ? {} : { hostname }),
  ...(targetRef === undefined ? {} : { targetRef }),
  ...(nodeName === undefined ? {} : { nodeName }),
});

/** The first slice of a group is kept, the others go; one that would go becomes one that would be made. */
function plan(
  endpoints: Endpoints,
  existing: readonly EndpointSlice[],
  wanted: ReadonlyMap<string, MirroredSlice>,
): readonly ApiRequest[] {
  const made: MirroredSlice[] = [];
  const changed: (readonly [EndpointSlice, MirroredSlice])[] = [];
  const groups = new Map<string, EndpointSlice[]>();
  for (const slice of existing) {
    const name = groupName(slice.addressType, slice.ports ?? []);
    groups.set(name, [...(groups.get(name) ?? []), slice]);
  }
  const gone: EndpointSlice[] = [];
  for (const [name, slices] of groups) gone.push(...(wanted.has(name) ? slices.slice(1) : slices));
  for (const [name, mirrored] of wanted) {
    const kept = groups.get(name)?.[0];
    if (kept === undefined) made.push(mirrored);
    else if (!isMirror(kept, mirrored, endpoints)) changed.push([kept, mirrored]);
  }
  while (made.length > 0 && gone.some(({ addressType }) => addressType === made[0]?.addressType)) {
    const at = gone.findIndex(({ addressType }) => addressType === made[0]?.addressType);
    const [slice, mirrored] = [gone[at], made.shift()];
    gone.splice(at, 1);
    if (slice !== undefined && mirrored !== undefined) changed.push([slice, mirrored]);
  }
  const isEnding = endpoints.metadata.deletionTimestamp !== undefined;
  return [
    ...(isEnding ? [] : made).map((mirrored) =>
      create('endpointslices', sliceOf(endpoints, mirrored, { generateName: `${endpoints.metadata.name}-` })),
    ),
    ...changed.map(([{ metadata }, mirrored]) =>
      update('endpointslices', sliceOf(endpoints, mirrored, metadata) as ApiObject),
    ),
    ...gone.map((slice) => remove('endpointslices', slice)),
  ];
}

const isMirror = (slice: EndpointSlice, mirrored: MirroredSlice, endpoints: Endpoints): boolean =>
  same([...(slice.endpoints ?? [])].sort(byAddress), [...mirrored.endpoints].sort(byAddress)) &&
  same(slice.metadata.labels, labelsOf(endpoints)) &&
  same(slice.metadata.annotations ?? {}, annotationsOf(endpoints));

const byAddress = (a: Endpoint, b: Endpoint): number =>
  (a.addresses[0] ?? '') < (b.addresses[0] ?? '') ? -1 : 1;

const labelsOf = ({ metadata }: Endpoints): Readonly<Record<string, string>> => ({
  ...metadata.labels,
  [serviceName]: metadata.name,
  [managedBy]: manager,
});

function annotationsOf({ metadata }: Endpoints): Readonly<Record<string, string>> {
  const { [triggerTime]: _, [lastApplied]: __, ...others } = metadata.annotations ?? {};
  return others;
}

function sliceOf(
  endpoints: Endpoints,
  { addressType, ports, endpoints: mirrored }: MirroredSlice,
  metadata: { readonly generateName?: string | undefined; readonly name?: string },
): ApiObject {
  const annotations = annotationsOf(endpoints);
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...metadata,
      namespace: endpoints.metadata.namespace,
      labels: labelsOf(endpoints),
      annotations: Object.keys(annotations).length === 0 ? undefined : annotations,
      ownerReferences: [ownerReferenceTo(endpoints)],
    },
    addressType,
    endpoints: mirrored,
    ports,
  };
  return slice as unknown as ApiObject;
}
