/**
 * How the endpoints of a Service are laid into EndpointSlices with as few writes as may be: slices that change anyway are
 * filled first, then one that has room for all the rest, then new ones; they are not evened out
 * (kubernetes v1.34.1 staging/src/k8s.io/endpointslice/reconciler.go).
 */
import type { DiscoveryEndpointPort, Endpoint, EndpointSlice } from '../api/generated/types.ts';
import { same } from '../api/merge-patch.ts';
import type { Hintable, Hinted } from './topology-hints.ts';

/** --max-endpoints-per-slice. */
const maxEndpointsPerSlice = 100;

export type Ports = readonly DiscoveryEndpointPort[];

/** Endpoints that share the same ports. */
export interface Desired {
  readonly ports: Ports;
  readonly endpoints: readonly Endpoint[];
}

export interface SlicePlan {
  /** Slices to be made: their ports and endpoints. */
  readonly create: readonly Desired[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
}

/** Ports that say the same have the same name here. */
export const portsName = (ports: Ports | undefined): string =>
  (ports ?? [])
    .map((port) => `${port.name ?? ''}/${port.protocol ?? ''}/${port.port ?? ''}/${port.appProtocol ?? ''}`)
    .sort()
    .join(' ');

/** What makes an endpoint the same one: its address, hostname and Pod. */
const identity = (endpoint: Endpoint): string =>
  `${endpoint.addresses.join(',')} ${endpoint.hostname ?? ''} ${endpoint.targetRef?.namespace ?? ''}/${endpoint.targetRef?.name ?? ''}`;

const alike = (a: Endpoint, b: Endpoint): boolean =>
  same(a.conditions, b.conditions) &&
  a.nodeName === b.nodeName &&
  a.zone === b.zone &&
  a.targetRef?.uid === b.targetRef?.uid;

/** What hints make of the slices that will be written and those that would be left alone. */
export type Hinting = (slices: Hintable<Desired>) => Pick<Hinted<Desired>, 'create' | 'update'>;

/**
 * The writes that bring `existing` to `desired`. `labelled` gives a slice the labels it should have, and returns the same
 * object where it has them. A Service without endpoints keeps one empty slice. Slices are written in order of their names.
 */
export function planSlices(
  existing: readonly EndpointSlice[],
  desired: readonly Desired[],
  labelled: (slice: EndpointSlice) => EndpointSlice,
  limit = maxEndpointsPerSlice,
  hinting: Hinting = (slices) => slices,
): SlicePlan {
  const create: Desired[] = [];
  const update: EndpointSlice[] = [];
  let gone: EndpointSlice[] = [];
  for (const group of desired) {
    const slices = existing.filter((slice) => portsName(slice.ports) === portsName(group.ports));
    const plan = planGroup(slices, group, labelled, limit);
    create.push(...plan.create);
    update.push(...plan.update);
    gone.push(...plan.delete);
  }
  const wanted = new Set(desired.map(({ ports }) => portsName(ports)));
  for (const slice of existing) if (!wanted.has(portsName(slice.ports))) gone.push(slice);
  if (existing.length === gone.length && create.length === 0) {
    const only = gone.length === 1 ? gone[0] : undefined;
    const isPlaceholder =
      only !== undefined &&
      (only.endpoints ?? []).length === 0 &&
      (only.ports ?? []).length === 0 &&
      labelled(only) === only;
    if (isPlaceholder) gone = [];
    else create.push({ ports: [], endpoints: [] });
  }
  const touched = new Set([...update, ...gone].map(({ metadata }) => metadata.name));
  const unchanged = existing.filter(({ metadata }) => !touched.has(metadata.name));
  const hinted = hinting({ create, update: [...update].sort(byName), unchanged });
  return reused({ ...hinted, delete: gone }, labelled);
}

const byName = (a: EndpointSlice, b: EndpointSlice): number => (a.metadata.name < b.metadata.name ? -1 : 1);

/** A slice that would be deleted becomes one that would be created: one write for two. */
function reused(plan: SlicePlan, labelled: (slice: EndpointSlice) => EndpointSlice): SlicePlan {
  const shared = Math.min(plan.create.length, plan.delete.length);
  const turned = plan.delete.slice(0, shared).map((slice, i): EndpointSlice => {
    const next = plan.create[plan.create.length - 1 - i];
    return { ...labelled(slice), ports: next?.ports ?? [], endpoints: next?.endpoints ?? [] };
  });
  return {
    create: plan.create.slice(0, plan.create.length - shared),
    update: [...plan.update, ...turned],
    delete: plan.delete.slice(shared),
  };
}

function planGroup(
  slices: readonly EndpointSlice[],
  { ports, endpoints }: Desired,
  labelled: (slice: EndpointSlice) => EndpointSlice,
  limit: number,
): SlicePlan {
  const left = new Map(endpoints.map((endpoint) => [identity(endpoint), endpoint]));
  const gone: EndpointSlice[] = [];
  const changed: EndpointSlice[] = [];
  let unchanged: EndpointSlice[] = [];
  for (const slice of slices) {
    const kept: Endpoint[] = [];
    let differs = false;
    for (const endpoint of slice.endpoints ?? []) {
      const wanted = left.get(identity(endpoint));
      if (wanted === undefined) continue;
      left.delete(identity(endpoint));
      kept.push(wanted);
      differs ||= !alike(wanted, endpoint);
    }
    const next = labelled(slice);
    if (kept.length === 0 && (slice.endpoints ?? []).length > 0) gone.push(slice);
    else if (differs || kept.length !== (slice.endpoints ?? []).length)
      changed.push({ ...next, endpoints: kept });
    else if (next !== slice) changed.push({ ...next, endpoints: slice.endpoints ?? [] });
    else unchanged.push(slice);
  }
  // Of the endpoints that are left, the smallest address is taken first; the real one takes any.
  const rest = [...left.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint);
  const updates = [...changed]
    .sort((a, b) => b.endpoints.length - a.endpoints.length)
    .map((slice) => filled(slice, rest, limit));
  const create: Desired[] = [];
  while (rest.length > 0) {
    const roomy = rest.length < limit ? roomiest(unchanged, rest.length, limit) : undefined;
    if (roomy === undefined) create.push({ ports, endpoints: rest.splice(0, limit) });
    else {
      unchanged = unchanged.filter((slice) => slice !== roomy);
      updates.push(filled(roomy, rest, limit));
    }
  }
  return { create, update: updates, delete: gone };
}

const filled = (slice: EndpointSlice, rest: Endpoint[], limit: number): EndpointSlice => {
  const room = limit - (slice.endpoints ?? []).length;
  return room <= 0 || rest.length === 0
    ? slice
    : { ...slice, endpoints: [...(slice.endpoints ?? []), ...rest.splice(0, room)] };
};

/** The slice that will be the fullest once it has taken so many more. */
function roomiest(slices: readonly EndpointSlice[], more: number, limit: number): EndpointSlice | undefined {
  let best: EndpointSlice | undefined;
  let least = limit;
  for (const slice of slices) {
    const spare = limit - more - (slice.endpoints ?? []).length;
    if (spare >= 0 && spare < least) [best, least] = [slice, spare];
  }
  return best;
}
