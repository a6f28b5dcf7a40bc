/** Plugins after other schedulers. No profile has them unless it names them; scenarios/schedulers/ has ready ones. */
import type { SchedulerPlugin } from './own-plugin.ts';
import { marathonConstraints } from './plugins/others/marathon-constraints.ts';
import { mesosDominantResourceFairness, mesosOffers } from './plugins/others/mesos-offers.ts';
import {
  swarmAffinity,
  swarmConstraint,
  swarmDependency,
  swarmHealth,
} from './plugins/others/swarm-filters.ts';
import { swarmBinpack, swarmRandom, swarmSpread } from './plugins/others/swarm-strategies.ts';

export const otherSchedulers: readonly SchedulerPlugin[] = [
  swarmConstraint,
  swarmAffinity,
  swarmDependency,
  swarmHealth,
  swarmSpread,
  swarmBinpack,
  swarmRandom,
  marathonConstraints,
  mesosDominantResourceFairness,
  mesosOffers,
];
