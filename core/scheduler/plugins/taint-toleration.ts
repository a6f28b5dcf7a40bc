/**
 * Keeps Pods off nodes whose taints they do not tolerate, and prefers nodes with fewer taints that only advise.
 * (kubernetes v1.34.1 plugins/tainttoleration/taint_toleration.go)
 */
import type { Taint, Toleration } from '../../api/generated/types.ts';
import type { ColumnGroup } from '../columns.ts';
import {
  defaultNormalize,
  unresolvable,
  type EnqueuePlugin,
  type FilterPlugin,
  type Rejection,
  type ScorePlugin,
} from '../framework.ts';
import { firstUntolerated, isTolerated } from '../../api/taints.ts';

const name = 'TaintToleration';

/** The taints of every node, by row: most have none, and many share one list. */
const taintColumn: ColumnGroup<(readonly Taint[] | undefined)[]> = {
  make: (rows) => new Array<readonly Taint[] | undefined>(rows).fill(undefined),
  write: (column, row, info, isSameNode) => {
    if (isSameNode) return;
    const taints = info.node?.spec.taints;
    column[row] = taints === undefined || taints.length === 0 ? undefined : taints;
  },
};

/** The same refusal for the same taint: what a report counts by identity it counts by text too. */
const refusals = new Map<string, Rejection>();
const refusalBound = 10_000;

function refusalOf(taint: Taint): Rejection {
  const text = `${taint.key}: ${taint.value ?? ''}`;
  let rejection = refusals.get(text);
  if (rejection === undefined) {
    rejection = unresolvable(name, `node(s) had untolerated taint {${text}}`);
    if (refusals.size >= refusalBound) refusals.clear();
    refusals.set(text, rejection);
  }
  return rejection;
}

function judge(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
): Rejection | undefined {
  const taint = firstUntolerated(taints, tolerations);
  return taint === undefined ? undefined : refusalOf(taint);
}

/** Tolerations that can answer a taint that only advises. */
const advisory = (tolerations: readonly Toleration[] | undefined): readonly Toleration[] =>
  (tolerations ?? []).filter(({ effect }) => (effect ?? '') === '' || effect === 'PreferNoSchedule');

function intolerable(taints: readonly Taint[] | undefined, tolerations: readonly Toleration[]): number {
  if (taints === undefined) return 0;
  let count = 0;
  for (const taint of taints)
    if (taint.effect === 'PreferNoSchedule' && !isTolerated(tolerations, taint)) count++;
  return count;
}

export const taintToleration: FilterPlugin & ScorePlugin<readonly Toleration[]> & EnqueuePlugin = {
  name,
  byNode: true,
  filter: (pod, info) => judge(info.node?.spec.taints, pod.spec.tolerations),
  filterRows(pod, { columns, rows, from, to, verdicts }) {
    const column = columns.group(taintColumn);
    const { tolerations } = pod.spec;
    for (let i = from; i < to; i++) {
      const taints = column[rows[i] as number];
      if (taints !== undefined) verdicts[i] ??= judge(taints, tolerations);
    }
  },
  preScore: (pod) => ({ state: advisory(pod.spec.tolerations) }),
  score: (_pod, info, tolerations) => intolerable(info.node?.spec.taints, tolerations),
  scoreRows(_pod, { columns, rows, count }, tolerations, scores) {
    const column = columns.group(taintColumn);
    for (let i = 0; i < count; i++) {
      const taints = column[rows[i] as number];
      scores[i] = taints === undefined ? 0 : intolerable(taints, tolerations);
    }
  },
  normalize(scores, count) {
    defaultNormalize(scores, count, true);
  },
  mayHelp(event, pod) {
    if (event.resource === 'Pod') return event.action === 'UpdatePodToleration' && event.uid === pod.uid;
    if (event.resource !== 'Node' || event.action === 'Delete') return false;
    const { tolerations } = pod.spec;
    if (firstUntolerated(event.after.spec.taints, tolerations) !== undefined) return false;
    if (event.action === 'Add') return true;
    return (
      event.action === 'UpdateNodeTaint' &&
      firstUntolerated(event.before.spec.taints, tolerations) !== undefined
    );
  },
};
