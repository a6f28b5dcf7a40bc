/** node-zone-state: the state of a zone with so many nodes that are not Ready, and its eviction rates. Every field is compared. */
import {
  defaultRates,
  reducedRate,
  zoneStateOf,
  type EvictionRates,
} from '../../../core/controllers/nodelifecycle/zone-state.ts';
import { wholeCaseFamily } from '../family.ts';

interface Case {
  readonly nodes: number;
  readonly notReady: number;
  readonly largeClusterSizeThreshold: number;
  readonly unhealthyZoneThreshold: number;
}

export const nodeZoneStateFamily = wholeCaseFamily(
  'node-zone-state',
  answerOf,
  ({ nodes, notReady }) => `${notReady} of ${nodes} are not Ready`,
);

function answerOf({ nodes, notReady, ...thresholds }: Case): object {
  const rates: EvictionRates = { ...defaultRates, ...thresholds };
  return {
    state: zoneStateOf({ ready: nodes - notReady, notReady }, rates),
    unhealthy: notReady,
    healthyQPS: rates.evictionRate,
    reducedQPS: reducedRate(nodes, rates),
  };
}
