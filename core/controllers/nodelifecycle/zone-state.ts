/**
 * How disrupted a zone is, and how fast Pods may be driven from its nodes then: a zone that has lost many nodes at once is
 * more likely cut off than dead (kubernetes v1.34.1 pkg/controller/nodelifecycle/node_lifecycle_controller.go).
 */
import type { Node } from '../../api/generated/types.ts';

/** `Initial`: no pass has counted it yet. */
export type ZoneState = 'Initial' | 'Normal' | 'PartialDisruption' | 'FullDisruption';

/** The flags of the same names. */
export interface EvictionRates {
  /** Nodes a second whose Pods are driven away (--node-eviction-rate). */
  readonly evictionRate: number;
  /** The same of a zone that is partly disrupted (--secondary-node-eviction-rate). */
  readonly secondaryEvictionRate: number;
  /** Up to as many nodes a partly disrupted zone has no evictions at all (--large-cluster-size-threshold). */
  readonly largeClusterSizeThreshold: number;
  /** From this share of nodes that are not Ready a zone is partly disrupted (--unhealthy-zone-threshold). */
  readonly unhealthyZoneThreshold: number;
}

export const defaultRates: EvictionRates = {
  evictionRate: 0.1,
  secondaryEvictionRate: 0.01,
  largeClusterSizeThreshold: 50,
  unhealthyZoneThreshold: 0.55,
};

/** How many of a zone's nodes are Ready, and how many are not. */
export interface ZoneCount {
  readonly ready: number;
  readonly notReady: number;
}

/** The share is a float32, as the real one's is. */
export function zoneStateOf({ ready, notReady }: ZoneCount, rates: EvictionRates): ZoneState {
  if (ready === 0 && notReady > 0) return 'FullDisruption';
  const share = Math.fround(notReady / (notReady + ready));
  const isPartly = notReady > 2 && share >= Math.fround(rates.unhealthyZoneThreshold);
  return isPartly ? 'PartialDisruption' : 'Normal';
}

/** The rate of a zone that is partly disrupted (ReducedQPSFunc). */
export const reducedRate = (nodes: number, rates: EvictionRates): number =>
  nodes > rates.largeClusterSizeThreshold ? rates.secondaryEvictionRate : 0;

/** The rate of a zone in a state, as long as not every zone is fully disrupted. */
export const rateOf = (state: ZoneState, { ready, notReady }: ZoneCount, rates: EvictionRates): number =>
  state === 'PartialDisruption' ? reducedRate(ready + notReady, rates) : rates.evictionRate;

const [region, zone] = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone'];
const [oldRegion, oldZone] = [
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
];

/** The zone of a node, or the empty text (component-helpers/node/topology, GetZoneKey). */
export function zoneKeyOf({ metadata: { labels = {} } }: Node): string {
  const itsRegion = labels[oldRegion] ?? labels[region] ?? '';
  const itsZone = labels[oldZone] ?? labels[zone] ?? '';
  return itsRegion === '' && itsZone === '' ? '' : `${itsRegion}:\u0000:${itsZone}`;
}

/** A node with this label does not count for its zone. */
export const isExcluded = ({ metadata: { labels = {} } }: Node): boolean =>
  'node.kubernetes.io/exclude-disruption' in labels;
