/** What of a Pod the plugins go by that judge a node by itself: Pods of which it is equal are judged alike. */
import type { PodSpec } from '../api/generated/types.ts';
import type { PodInfo, PodShape } from './pod-info.ts';

interface Known {
  readonly shape: PodShape;
  readonly likeness: string;
}

const remembered = new WeakMap<PodSpec, Known>();

/** Equal for two Pods that no plugin with `byNode` can tell apart. */
export function likenessOf({ spec, shape }: PodInfo): string {
  const known = remembered.get(spec);
  if (known?.shape === shape) return known.likeness;
  // Which nodes have the images is no matter of one node alone.
  const likeness = JSON.stringify([
    spec.nodeName,
    spec.nodeSelector,
    spec.affinity?.nodeAffinity,
    spec.tolerations,
    { ...shape, images: undefined },
  ]);
  remembered.set(spec, { shape, likeness });
  return likeness;
}
