/**
 * The EndpointSlices of each Service with a selector (kubernetes v1.34.1 pkg/controller/endpointslice and
 * staging/src/k8s.io/endpointslice). What was written is remembered until the cache shows it: a sync that did not know
 * of a slice it made would make it twice.
 */
import { keyFor, splitKey, type ApiObject, type ObjectKey } from '../api/object.ts';
import type { EndpointSlice, Node, Service } from '../api/generated/types.ts';
import { conditionOf } from '../api/pod.ts';
import type { ApiAnswer, ApiRequest } from '../api/request.ts';
import { labelTerm, type View } from '../api/view.ts';
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
  endpointChanges,
  indexService,
  noServices,
  podsOf,
  servicesOf,
  type ServicesByTerm,
} from './service-pods.ts';
import { addressTypeOf, labelsFor, managedBy, manager, reconcile, serviceName } from './service-slices.ts';
import type { Desired } from './slice-reconcile.ts';
import { cpuShares, isOverloaded, type ByZone } from './topology-hints.ts';
import { second } from '../time/time.ts';
import { hearOf, isStale, noWrittenSlices, noteAnswer, type WrittenSlices } from './slice-tracker.ts';
import { noTriggers, triggered, triggerTime, type Triggers } from './trigger-time.ts';

interface SliceMemory {
  readonly services: ServicesByTerm;
  readonly triggers: Triggers;
  readonly written: WrittenSlices;
  /** For each Service that has hints by its annotation, how many each zone has. */
  readonly hinted: OrderedMap<ObjectKey, ByZone>;
}

export const endpointSliceController: Controller<SliceMemory> = {
  name: 'endpointslice-controller',
  component: 'endpoint-slice-controller',
  workers: 5,
  follows: ['services', 'pods', 'endpointslices', 'nodes'],
  pods: { when: endpointChanges },
  initial: {
    services: noServices,
    triggers: noTriggers,
    written: noWrittenSlices,
    hinted: OrderedMap.empty(),
  },
  maxRetries: 15,
  backoff: { first: second, most: 1_000 * second },
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
      return onNode(memory, caches, delta);
  }
}

/** Services whose hints no longer suit the zones' nodes. */
function onNode(
  { hinted }: SliceMemory,
  caches: Informers,
  { object, before, type }: Delta,
): Effects<SliceMemory> | undefined {
  if (hinted.size === 0 || (type === 'updated' && countsAlike(object as Node, before as Node)))
    return undefined;
  const now = sharesOf(viewOf(caches, 'nodes'));
  const mark = [...hinted.entries()].flatMap(([key, allocated]) =>
    isOverloaded(allocated, now) ? [key] : [],
  );
  return mark.length === 0 ? undefined : { mark };
}

const countsAlike = (a: Node, b: Node): boolean =>
  conditionOf(a.status, 'Ready')?.status === conditionOf(b.status, 'Ready')?.status &&
  a.metadata.labels === b.metadata.labels &&
  a.status.allocatable?.['cpu'] === b.status.allocatable?.['cpu'];

function onSlice(memory: SliceMemory, delta: Delta): Effects<SliceMemory> | undefined {
  const { namespace, labels = {} } = delta.object.metadata;
  const service = labels[serviceName];
  if (service === undefined || labels[managedBy] !== manager) return undefined;
  const key = keyFor(namespace, service);
  const heard = hearOf(memory.written, key, delta);
  if (heard === undefined) return undefined;
  return {
    ...(heard.isOwn ? {} : { mark: [key] }),
    ...(heard.written === memory.written ? {} : { memory: { ...memory, written: heard.written } }),
  };
}

function answered(
  { memory }: Context<SliceMemory>,
  key: ObjectKey,
  request: ApiRequest,
  answer: ApiAnswer,
): Effects<SliceMemory> | undefined {
  const written = noteAnswer(memory.written, key, request, answer);
  return written === memory.written ? undefined : { memory: { ...memory, written } };
}

function* sync({ caches, memory }: Context<SliceMemory>, key: ObjectKey): Sync<SliceMemory> {
  const service = viewOf(caches, 'services').objects.get(key);
  if (service === undefined)
    return {
      remember: (kept) => ({
        ...kept,
        triggers: kept.triggers.delete(key),
        written: kept.written.delete(key),
        hinted: kept.hinted.delete(key),
      }),
    };
  if (service.spec.type === 'ExternalName' || service.spec.selector === undefined) return done;
  const existing = slicesOf(caches, key);
  if (isStale(existing, memory.written, key)) return failed;
  const pods = podsOf(caches, service);
  const trigger = triggered(memory.triggers, key, service, pods);
  const nodes = viewOf(caches, 'nodes');
  const plan = reconcile(
    service,
    pods,
    existing,
    (name) => nodes.objects.get(name),
    memory.hinted.get(key),
    () => sharesOf(nodes),
  );
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
    hinted: plan.hinted === undefined ? kept.hinted.delete(key) : kept.hinted.set(key, plan.hinted),
  });
  const answers = requests.length === 0 ? [] : (yield { requests, remember }).answers;
  const error = answers.find(
    (answer, i) => !answer.ok && !(requests[i]?.verb === 'delete' && refused(answer, 'NotFound')),
  );
  const said = plan.events.map(({ type, reason, message }) => news(service, type, reason, message));
  const isDropped = error !== undefined && namespaceTerminating(error);
  const errors = [...plan.errors, ...(error === undefined || isDropped ? [] : [messageOf(error)])];
  if (errors.length === 0) return { remember, news: said };
  const what = errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`;
  const message = `Error updating Endpoint Slices for Service ${key}: ${what}`;
  return {
    failed: true,
    remember,
    news: [...said, news(service, 'Warning', 'FailedToUpdateEndpointSlices', message)],
  };
}

/** The shares of the zones, which change when a node does: kept beside the view they are made of. */
const shares = new WeakMap<object, { readonly of: ByZone | undefined }>();

function sharesOf(nodes: View<'nodes'>): ByZone | undefined {
  let known = shares.get(nodes.objects);
  if (known === undefined) {
    known = { of: cpuShares(nodes.objects.objects.values()) };
    shares.set(nodes.objects, known);
  }
  return known.of;
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

function withTrigger<T extends { readonly metadata: Pick<ApiObject['metadata'], 'annotations'> }>(
  slice: T,
  at: string | undefined,
): T {
  const { [triggerTime]: _, ...others } = slice.metadata.annotations ?? {};
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
    addressType: addressTypeOf(service),
    endpoints,
    ports,
  };
  return slice as unknown as ApiObject;
}
