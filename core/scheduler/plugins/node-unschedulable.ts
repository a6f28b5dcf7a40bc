/** A cordoned node takes only Pods that tolerate it. (kubernetes v1.34.1 plugins/nodeunschedulable/node_unschedulable.go) */
import type { Taint } from '../../api/generated/types.ts';
import type { ColumnGroup } from '../columns.ts';
import { unresolvable, type EnqueuePlugin, type FilterPlugin } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import { isTolerated } from '../../api/taints.ts';

const name = 'NodeUnschedulable';
const rejection = unresolvable(name, 'node(s) were unschedulable');
const cordon: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

const cordoned: ColumnGroup<Uint8Array> = {
  make: (rows) => new Uint8Array(rows),
  write: (column, row, info, isSameNode) => {
    if (!isSameNode) column[row] = info.node?.spec.unschedulable === true ? 1 : 0;
  },
};

const toleratesCordon = (pod: PodInfo): boolean => isTolerated(pod.spec.tolerations, cordon);

export const nodeUnschedulable: FilterPlugin & EnqueuePlugin = {
  name,
  byNode: true,
  filter(pod, info) {
    return info.node?.spec.unschedulable === true && !toleratesCordon(pod) ? rejection : undefined;
  },
  filterRows(pod, { columns, rows, from, to, verdicts }) {
    const column = columns.group(cordoned);
    const tolerated = toleratesCordon(pod);
    for (let i = from; i < to; i++)
      if (column[rows[i] as number] === 1 && !tolerated) verdicts[i] ??= rejection;
  },
  mayHelp(event, pod) {
    if (event.resource === 'Pod') return event.action === 'UpdatePodToleration' && event.uid === pod.uid;
    if (event.resource !== 'Node' || event.action === 'Delete') return false;
    if (event.after.spec.unschedulable === true) return false;
    return (
      event.action === 'Add' ||
      (event.action === 'UpdateNodeTaint' && event.before.spec.unschedulable === true)
    );
  },
};
