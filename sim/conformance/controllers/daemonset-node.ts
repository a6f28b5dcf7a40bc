/**
 * daemonset-node: whether a DaemonSet's Pod belongs on a node, whether one that is there may stay, and the tolerations it
 * has. Every field is compared.
 */
import type { Affinity, Node, PodTemplateSpec, Toleration } from '../../../core/api/generated/types.ts';
import { placementOn, tolerationsOf } from '../../../core/controllers/daemon/placement.ts';
import { wholeCaseFamily } from '../family.ts';

interface Case {
  readonly node: Node;
  readonly template: {
    readonly affinity: Affinity | null;
    readonly hostNetwork: boolean;
    readonly nodeName: string;
    readonly nodeSelector: Readonly<Record<string, string>> | null;
    readonly tolerations: readonly Toleration[] | null;
  };
}

export const daemonsetNodeFamily = wholeCaseFamily('daemonset-node', answerOf);

function answerOf(asked: Case): object {
  const template = templateOf(asked);
  const { run, keep } = placementOn(template, asked.node);
  return { podTolerations: tolerationsOf(template), shouldRun: run, shouldContinueRunning: keep };
}

function templateOf({ template }: Case): PodTemplateSpec {
  const { affinity, hostNetwork, nodeName, nodeSelector, tolerations } = template;
  return {
    spec: {
      containers: [],
      affinity: affinity ?? undefined,
      hostNetwork,
      nodeName,
      nodeSelector: nodeSelector ?? undefined,
      tolerations: tolerations ?? undefined,
    },
  };
}
