/** The cluster as a plugin is shown it. */
import type { Snapshot } from './framework.ts';
import { listersOf } from './listers.ts';
import { treeSize } from './node-tree.ts';
import type { Work } from './scheduler.ts';

/** The cluster at this instant. */
export const snapshotOf = ({ cache, nominated, informers, volumePlans }: Work): Snapshot => ({
  nodes: cache.nodes,
  nodeCount: treeSize(cache.tree),
  imageNodes: cache.imageNodes,
  affinityNodes: cache.affinityNodes,
  nominated,
  volumePlans,
  listers: listersOf(informers),
});
