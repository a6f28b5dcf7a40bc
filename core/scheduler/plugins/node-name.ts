/** A Pod that names its node goes nowhere else. (kubernetes v1.34.1 plugins/nodename/node_name.go) */
import { unresolvable, type EnqueuePlugin, type FilterPlugin } from '../framework.ts';

const name = 'NodeName';
const rejection = unresolvable(name, "node(s) didn't match the requested node name");

export const nodeName: FilterPlugin & EnqueuePlugin = {
  name,
  filter(pod, info) {
    const wanted = pod.spec.nodeName ?? '';
    return wanted === '' || wanted === info.name ? undefined : rejection;
  },
  mayHelp: (event) => event.resource === 'Node' && event.action === 'Add',
};
