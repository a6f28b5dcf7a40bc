/**
 * replicaset-rank: which Pods of a ReplicaSet are deleted first, and how many related Pods stand beside each.
 * Every field is compared. The related Pods of a case are its own and the others it names.
 */
import type { Pod } from '../../../core/api/generated/types.ts';
import { inDeletionOrder, ranksOf } from '../../../core/controllers/deletion-order.ts';
import { parseTimeText } from '../../../core/time/time.ts';
import { wholeCaseFamily } from '../family.ts';

interface Case {
  readonly now: string;
  readonly pods: readonly Pod[];
  readonly otherRelatedPods: readonly Pod[] | null;
}

export const replicaSetRankFamily = wholeCaseFamily('replicaset-rank', answerOf);

function answerOf({ now, pods, otherRelatedPods }: Case): object {
  const related = [...pods, ...(otherRelatedPods ?? [])];
  const order = inDeletionOrder(pods, related, parseTimeText(now) ?? 0);
  return { ranks: ranksOf(pods, related), deletionOrder: order.map(({ metadata }) => metadata.name) };
}
