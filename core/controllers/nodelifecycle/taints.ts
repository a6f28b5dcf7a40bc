/**
 * How the node controller puts taints on a node and takes them off: it reads the Node, and writes it only if it has not
 * changed meanwhile (kubernetes v1.34.1 pkg/controller/controller_utils.go, AddOrUpdateTaintOnNode and RemoveTaintOffNode).
 */
import type { Json, Node, Taint } from '../../api/generated/types.ts';
import { refused, type Ask, type Reply } from '../controller.ts';
import { get, patch } from '../requests.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';

export const unreachable = 'node.kubernetes.io/unreachable';
export const notReady = 'node.kubernetes.io/not-ready';
export type ConditionTaint = typeof unreachable | typeof notReady;

export const oppositeOf = (key: ConditionTaint): ConditionTaint =>
  key === unreachable ? notReady : unreachable;

/** The NoExecute taint that a status of Ready stands for; undefined for True. */
export const taintOfReady = (status: string): ConditionTaint | undefined =>
  status === 'Unknown' ? unreachable : status === 'False' ? notReady : undefined;

const isIt = (taint: Taint, key: string): boolean => taint.key === key && taint.effect === 'NoExecute';

export const hasNoExecute = ({ spec }: Node, key: ConditionTaint): boolean =>
  (spec.taints ?? []).some((taint) => isIt(taint, key));

const tries = 5;

/** Puts on one NoExecute taint and takes off another. True when the node has it so, or is gone. */
export function* swapTaints<Memory>(
  node: Node,
  add: ConditionTaint | undefined,
  take: readonly ConditionTaint[],
  now: VirtualTime,
): Generator<Ask<Memory>, boolean, Reply> {
  for (let i = 0; i < tries; i++) {
    const [read] = (yield { requests: [get('nodes', undefined, node.metadata.name)] }).answers;
    if (refused(read, 'NotFound')) return true;
    if (read?.ok !== true || read.object === undefined) return false;
    const fresh = read.object as Node;
    const taints = fresh.spec.taints ?? [];
    const kept = taints.filter((taint) => !take.some((key) => isIt(taint, key)));
    const isThere = add === undefined || kept.some((taint) => isIt(taint, add));
    if (isThere && kept.length === taints.length) return true;
    const next = isThere
      ? kept
      : [...kept, { key: add, effect: 'NoExecute', timeAdded: timeText(now) } satisfies Taint];
    const change = {
      metadata: { resourceVersion: fresh.metadata.resourceVersion },
      spec: { taints: next.length === 0 ? null : (next as unknown as Json) },
    };
    const [written] = (yield { requests: [patch('nodes', fresh, change)] }).answers;
    if (written?.ok === true) return true;
    if (!refused(written, 'Conflict')) return false;
  }
  return false;
}
