/**
 * Hints by the annotation `service.kubernetes.io/topology-mode: Auto`: each zone gets a share of the endpoints that is its
 * share of the nodes' CPU (kubernetes v1.34.1 staging/src/k8s.io/endpointslice/topologycache). Where Go ranges over a
 * map, here the zones come by name.
 */
import { conditionOf } from '../api/pod.ts';
import type { Endpoint, EndpointSlice, Node } from '../api/generated/types.ts';
import { milliValue } from '../text/quantity.ts';

/** No zone may have so much less than its share (overloadThreshold). */
const overload = 0.2;

export type ByZone = Readonly<Record<string, number>>;

/** The share of the CPU of the nodes that each zone has; undefined where some node does not tell, or there is one zone. */
export function cpuShares(nodes: Iterable<Node>): ByZone | undefined {
  const cpu: Record<string, number> = {};
  let total = 0;
  for (const node of nodes) {
    const { labels = {} } = node.metadata;
    if ('node-role.kubernetes.io/control-plane' in labels || 'node-role.kubernetes.io/master' in labels)
      continue;
    if (conditionOf(node.status, 'Ready')?.status !== 'True') continue;
    const milli = milliValue(node.status.allocatable?.['cpu'] ?? '0');
    const zone = labels['topology.kubernetes.io/zone'] ?? '';
    if (zone === '' || milli === 0) return undefined;
    cpu[zone] = (cpu[zone] ?? 0) + milli;
    total += milli;
  }
  const zones = Object.keys(cpu).sort();
  if (total === 0 || zones.length < 2) return undefined;
  return Object.fromEntries(zones.map((zone) => [zone, (cpu[zone] ?? 0) / total]));
}

/** Slices as a sync will write them, and those it would leave alone. */
export interface Hintable<Made> {
  readonly create: readonly Made[];
  readonly update: readonly EndpointSlice[];
  readonly unchanged: readonly EndpointSlice[];
}

type WithEndpoints = { readonly endpoints?: readonly Endpoint[] | undefined };

export interface Hinted<Made> {
  readonly create: readonly Made[];
  readonly update: readonly EndpointSlice[];
  /** How many hints each zone has; undefined: there are none. */
  readonly allocated: ByZone | undefined;
  /** Why there are none. */
  readonly refusal: string | undefined;
}

interface Allocation {
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
}

const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready === true;
const endpointsOf = (slice: WithEndpoints): readonly Endpoint[] => slice.endpoints ?? [];

const hasHints = (slice: WithEndpoints): boolean =>
  endpointsOf(slice).some(({ hints }) => hints !== undefined);

const without = <T extends WithEndpoints>(slice: T): T =>
  hasHints(slice)
    ? { ...slice, endpoints: endpointsOf(slice).map(({ hints: _, ...endpoint }) => endpoint) }
    : slice;

/** The slices without hints; those that had some are updated (RemoveHintsFromSlices). */
export const withoutHints = <Made extends WithEndpoints>({
  create,
  update,
  unchanged,
}: Hintable<Made>): Pick<Hinted<Made>, 'create' | 'update'> => ({
  create: create.map(without),
  update: [...update, ...unchanged.filter(hasHints)].map(without),
});

/** The slices with a hint for each ready endpoint, or without any and why (AddHints). */
export function withTopologyHints<Made extends WithEndpoints>(
  slices: Hintable<Made>,
  shares: ByZone | undefined,
): Hinted<Made> {
  const refuse = (refusal: string): Hinted<Made> => ({
    ...withoutHints(slices),
    allocated: undefined,
    refusal,
  });
  const all = [...slices.create, ...slices.update, ...slices.unchanged];
  const count = all.reduce((sum, slice) => sum + endpointsOf(slice).filter(isReady).length, 0);
  const allocations = allocationsOf(shares, count);
  if (typeof allocations === 'string') return refuse(allocations);
  const allocated: Record<string, number> = {};
  const update = [...slices.update];
  for (const slice of slices.unchanged) {
    const hints = hintsOf(slice, allocated, allocations);
    if (hints === undefined) update.push(slice);
    else for (const [zone, more] of Object.entries(hints)) allocated[zone] = (allocated[zone] ?? 0) + more;
  }
  const ready = [...slices.create, ...update].flatMap((slice) => endpointsOf(slice).filter(isReady));
  if (ready.some(({ zone = '' }) => zone === ''))
    return refuse('One or more endpoints do not have a zone specified');
  for (const { zone = '' } of ready) allocated[zone] = (allocated[zone] ?? 0) + 1;
  const moves = redistribution(ready, allocations, allocated);
  if (Object.keys(allocated).length === 0) return refuse('No hints allocated for zones');
  let next = 0;
  const hinted = <T extends WithEndpoints>(slice: T): T => ({
    ...slice,
    endpoints: endpointsOf(slice).map((endpoint) =>
      isReady(endpoint)
        ? { ...endpoint, hints: { forZones: [{ name: moves[next++] ?? endpoint.zone ?? '' }] } }
        : endpoint,
    ),
  });
  return { create: slices.create.map(hinted), update: update.map(hinted), allocated, refusal: undefined };
}

/** How many endpoints each zone should have, or why that cannot be told. */
function allocationsOf(
  shares: ByZone | undefined,
  count: number,
): Readonly<Record<string, Allocation>> | string {
  if (shares === undefined)
    return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  const zones = Object.keys(shares).sort();
  const sizes = `(${count} endpoints, ${zones.length} zones)`;
  if (zones.length > count) return `Insufficient number of endpoints ${sizes}`;
  const desired = zones.map((zone) => (shares[zone] ?? 0) * count);
  const minima = desired.map((wanted) => Math.ceil(wanted * (1 / (1 + overload))));
  const together = minima.reduce((sum, minimum) => sum + minimum, 0);
  if (together > count)
    return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${sizes}`;
  return Object.fromEntries(
    zones.map((zone, i) => {
      const minimum = minima[i] ?? 0;
      return [
        zone,
        { minimum, maximum: minimum + count - together, desired: Math.max(desired[i] ?? 0, minimum) },
      ];
    }),
  );
}

/** The hints of a slice that may stay as it is; undefined where it must be changed (getHintsByZone). */
function hintsOf(
  slice: EndpointSlice,
  allocated: ByZone,
  allocations: Readonly<Record<string, Allocation>>,
): ByZone | undefined {
  const hints: Record<string, number> = {};
  for (const endpoint of endpointsOf(slice)) {
    if (!isReady(endpoint)) continue;
    const forZones = endpoint.hints?.forZones ?? [];
    if (forZones.length === 0) return undefined;
    for (const { name } of forZones) {
      if (allocations[name] === undefined) return undefined;
      hints[name] = (hints[name] ?? 0) + 1;
    }
  }
  for (const [zone, more] of Object.entries(hints))
    if (more + (allocated[zone] ?? 0) > (allocations[zone]?.maximum ?? 0)) return undefined;
  return hints;
}

/**
 * Zones that have more than their share give endpoints to those that have less. Answers the zone that each endpoint is for
 * where it is not its own, and changes what is allocated accordingly.
 */
function redistribution(
  ready: readonly Endpoint[],
  allocations: Readonly<Record<string, Allocation>>,
  allocated: Record<string, number>,
): readonly (string | undefined)[] {
  const { giving, receiving } = exchange(allocations, allocated);
  return ready.map(({ zone = '' }) => {
    const toGive = giving.get(zone) ?? 0;
    const receiver = [...receiving.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .find(([, left]) => left > 0);
    if (toGive === 0 || receiver === undefined) return undefined;
    const [name, left] = receiver;
    giving.set(zone, toGive - 1);
    receiving.set(name, left - 1);
    allocated[name] = (allocated[name] ?? 0) + 1;
    allocated[zone] = (allocated[zone] ?? 0) - 1;
    return name;
  });
}

/** How many each zone gives, and how many each receives (getGivingAndReceivingZones). */
function exchange(
  allocations: Readonly<Record<string, Allocation>>,
  allocated: ByZone,
): { readonly giving: Map<string, number>; readonly receiving: Map<string, number> } {
  const surplus: Record<string, number> = {};
  const lack: Record<string, number> = {};
  for (const [zone, { desired }] of Object.entries(allocations)) {
    const more = (allocated[zone] ?? 0) - desired;
    if (more > 0) surplus[zone] = more;
    else if (more < 0) lack[zone] = -more;
  }
  const giving = new Map<string, number>();
  const receiving = new Map<string, number>();
  for (;;) {
    const [giver, receiver] = [most(surplus), most(lack)];
    if (giver === undefined || receiver === undefined) break;
    const [toGive, toReceive] = [surplus[giver] ?? 0, lack[receiver] ?? 0];
    if ((toGive < 1 && toReceive < 1) || toGive < 0.5 || toReceive < 0.5) break;
    giving.set(giver, (giving.get(giver) ?? 0) + 1);
    receiving.set(receiver, (receiving.get(receiver) ?? 0) + 1);
    surplus[giver] = toGive - 1;
    lack[receiver] = toReceive - 1;
  }
  return { giving, receiving };
}

function most(zones: ByZone): string | undefined {
  let found: string | undefined;
  let number = 0;
  for (const zone of Object.keys(zones).sort())
    if ((zones[zone] ?? 0) > number) [found, number] = [zone, zones[zone] ?? 0];
  return found;
}

/** True where some zone has too few endpoints for its share of the nodes as they are now (serviceOverloaded). */
export function isOverloaded(allocated: ByZone, shares: ByZone | undefined): boolean {
  const zones = Object.keys(allocated);
  if (zones.length === 0) return false;
  if (shares === undefined) return true;
  const total = zones.reduce((sum, zone) => sum + (allocated[zone] ?? 0), 0);
  return Object.entries(shares).some(
    ([zone, share]) => (allocated[zone] ?? -1) < Math.ceil(total * share * (1 / (1 + overload))),
  );
}
