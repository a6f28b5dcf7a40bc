/**
 * Pods of one app go to different racks. A rack is the label `rack` of a node (another label with the argument
 * `rackLabel`), an app the label `app` of a Pod.
 */
import type { SchedulerPlugin } from '../../core/scheduler/own-plugin.ts';

function rackAntiAffinity(rackLabel: string): SchedulerPlugin {
  return {
    name: 'RackAntiAffinity',
    configured(args) {
      const { rackLabel: label = 'rack', ...rest } = args;
      const [unknown] = Object.keys(rest);
      if (unknown !== undefined) throw new Error(`unknown argument ${unknown}; there is rackLabel`);
      if (typeof label !== 'string') throw new Error('rackLabel must be a text');
      return rackAntiAffinity(label);
    },
    /** The racks on which the app is already. */
    preFilter(pod, snapshot) {
      const app = pod.labels?.['app'];
      if (app === undefined) return { outcome: 'skip' };
      const racks = new Set<string | undefined>();
      for (const node of snapshot.nodes.values())
        if (node.pods.some((other) => other.namespace === pod.namespace && other.labels?.['app'] === app))
          racks.add(node.node?.metadata.labels?.[rackLabel]);
      return { outcome: 'filter', state: racks };
    },
    filter(_pod, node, racks) {
      const rack = node.node?.metadata.labels?.[rackLabel];
      if (rack === undefined) return 'node(s) had no rack';
      return (racks as Set<string>).has(rack) ? 'node(s) were on a rack with a Pod of the app' : undefined;
    },
    /** A Pod that has gone may help, or a node. */
    mayHelp: (event) => event.resource === 'Node' || event.resource === 'AssignedPod',
  };
}

export const plugin = rackAntiAffinity('rack');
