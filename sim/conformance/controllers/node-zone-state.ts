/** node-zone-state: the state of a zone with so many nodes that are not Ready, and its eviction rates. Every field is compared. */
import {
  defaultRates,
  reducedRate,
  zoneStateOf,
  type EvictionRates,
} from '../../../core/controllers/nodelifecycle/zone-state.ts';
import { firstDifference } from '../difference.ts';
import type { Family } from '../family.ts';

interface Case {
  readonly nodes: number;
  readonly notReady: number;
  readonly largeClusterSizeThreshold: number;
  readonly unhealthyZoneThreshold: number;
}

export const nodeZoneStateFamily: Family = {
  name: 'node-zone-state',
  *answer(cases) {
    for (const recorded of cases) {
      const asked = recorded as unknown as Case;
      const name = `${asked.notReady} of ${asked.nodes} are not Ready`;
      yield { name, difference: firstDifference(recorded, { ...asked, ...answerOf(asked) }) };
    }
  },
};

function answerOf({ nodes, notReady, ...thresholds }: Case): object {
  const rates: EvictionRates = { ...defaultRates, ...thresholds };
  return {
    state: zoneStateOf({ ready: nodes - notReady, notReady }, rates),
    unhealthy: notReady,
    healthyQPS: rates.evictionRate,
    reducedQPS: reducedRate(nodes, rates),
  };
}
