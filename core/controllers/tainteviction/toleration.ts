/** How long a Pod may stay on a node with its taints (kubernetes v1.34.1 pkg/controller/tainteviction/taint_eviction.go). */
import { tolerates } from '../../api/taints.ts';
import type { Taint, Toleration } from '../../api/generated/types.ts';

/** The taints that drive Pods away which are there already. */
export const noExecuteTaints = (taints: readonly Taint[] | undefined): readonly Taint[] =>
  taints?.filter(({ effect }) => effect === 'NoExecute') ?? none;

const none: readonly never[] = [];

export interface Stay {
  readonly allTolerated: boolean;
  /** For each taint the first toleration that tolerates it (GetMatchingTolerations). */
  readonly used: readonly Toleration[];
  /** 0: it goes at once; undefined: it may stay for ever. */
  readonly seconds: number | undefined;
}

/** A Pod that does not tolerate each of the taints goes at once; one that does, after its shortest toleration. */
export function stayOf(taints: readonly Taint[], tolerations: readonly Toleration[] | undefined): Stay {
  const used: Toleration[] = [];
  for (const taint of taints) {
    const toleration = tolerations?.find((each) => tolerates(each, taint));
    if (toleration === undefined) return { allTolerated: false, used: none, seconds: 0 };
    used.push(toleration);
  }
  return { allTolerated: true, used, seconds: shortest(used) };
}

function shortest(tolerations: readonly Toleration[]): number | undefined {
  if (tolerations.length === 0) return 0;
  let least: number | undefined;
  for (const { tolerationSeconds } of tolerations)
    if (tolerationSeconds !== undefined && (least === undefined || tolerationSeconds < least))
      least = tolerationSeconds;
  return least === undefined ? undefined : Math.max(least, 0);
}
