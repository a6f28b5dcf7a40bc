/** A Pod that names its node goes nowhere else. (kubernetes v1.34.1 plugins/nodename/node_name.go) */
import { unresolvable, type EnqueuePlugin, type FilterPlugin } from '../framework.ts';

const name = 'NodeName';
const rejection = unresolvable(name, "node(s) didn't match the requested node name");

export const nodeName: FilterPlugin & EnqueuePlugin = {
  name,
  byNode: true,
  filter(pod, info) {
    const wanted = pod.spec.nodeName ?? '';
    return wanted === '' || wanted === info.name ? undefined : rejection;
  },
  /** Pods that name a node are bound already when they are created: the scheduler sees one only by mistake. */
  filterRows(pod, { columns, rows, from, to, verdicts }) {
    if ((pod.spec.nodeName ?? '') === '') return;
    for (let i = from; i < to; i++)
      verdicts[i] ??= this.filter(pod, columns.nodeAt(rows[i] ?? -1), undefined);
  },
  mayHelp: (event) => event.resource === 'Node' && event.action === 'Add',
};
