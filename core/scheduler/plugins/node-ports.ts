/** A port of the host belongs to one Pod. (kubernetes v1.34.1 plugins/nodeports/node_ports.go, framework/types.go HostPortInfo) */
import { unschedulable, type EnqueuePlugin, type FilterPlugin } from '../framework.ts';
import type { HostPort } from '../pod-info.ts';

const name = 'NodePorts';
const rejection = unschedulable(name, "node(s) didn't have free ports for the requested pod ports");

/** 0.0.0.0 stands for every address. */
const clash = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port &&
  a.protocol === b.protocol &&
  (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0');

const anyClash = (wanted: readonly HostPort[], used: readonly HostPort[]): boolean =>
  wanted.some((port) => used.some((other) => clash(port, other)));

export const nodePorts: FilterPlugin & EnqueuePlugin = {
  name,
  byNode: true,
  preFilter: (pod) =>
    pod.shape.hostPorts.length === 0 ? { outcome: 'skip' } : { outcome: 'filter', state: undefined },
  filter: (pod, info) => (anyClash(pod.shape.hostPorts, info.hostPorts) ? rejection : undefined),
  mayHelp(event, pod) {
    if (event.resource === 'Node') return event.action === 'Add';
    if (event.resource !== 'AssignedPod' || event.action !== 'Delete') return false;
    return anyClash(pod.shape.hostPorts, event.before.shape.hostPorts);
  },
};
