/** taint-eviction: when a Pod with such tolerations goes from a node with such taints. Every field is compared. */
import type { Taint, Toleration } from '../../../core/api/generated/types.ts';
import { noExecuteTaints, stayOf } from '../../../core/controllers/tainteviction/toleration.ts';
import { wholeCaseFamily } from '../family.ts';

interface Case {
  readonly taints: readonly Taint[] | null;
  readonly tolerations: readonly Toleration[] | null;
}

export const taintEvictionFamily = wholeCaseFamily('taint-eviction', answerOf);

function answerOf({ taints, tolerations }: Case): object {
  const driving = noExecuteTaints(taints ?? []);
  const { allTolerated, used, seconds } = stayOf(driving, tolerations ?? []);
  const decision = driving.length === 0 ? 'noTaints' : allTolerated ? tolerated(seconds) : 'evictNow';
  return { allTolerated, usedTolerations: used.length, seconds: seconds ?? 0, decision };
}

const tolerated = (seconds: number | undefined): string => (seconds === undefined ? 'forever' : 'evictAfter');
