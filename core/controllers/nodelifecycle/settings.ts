/** The flags of the node lifecycle controller, and the instants of its loops. */
import { millisecond, second } from '../../time/time.ts';
import type { Ticks } from '../ticks.ts';
import { defaultGrace, type GracePeriods } from './health.ts';
import { defaultRates, type EvictionRates } from './zone-state.ts';

export interface NodeSettings {
  readonly grace: GracePeriods;
  readonly rates: EvictionRates;
  /** When the health of nodes is looked at. */
  readonly passes: Ticks;
}

/**
 * --node-monitor-period is the pause between two passes, and a pass takes 1.5 ms: 69 of them took 345.106 s on a real
 * control plane of a dozen nodes.
 */
export const defaultSettings: NodeSettings = {
  grace: defaultGrace,
  rates: defaultRates,
  passes: { prefix: 'pass/', period: 5 * second + 1.5 * millisecond },
};

/** The same passes where only silence is waited for, which renewals keep putting off. */
export const idlePasses = ({ period }: Ticks): Ticks => ({ prefix: 'idle/', period });

/** When nodes get the NoExecute taints they wait for (NodeEvictionPeriod). */
export const taintPasses: Ticks = { prefix: 'taint/', period: 100 * millisecond };
