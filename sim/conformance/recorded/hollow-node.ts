/** The Node and the Lease of a hollow kubelet, as the recordings' samples have them. */
import type { NodeStatus } from '../../../core/api/generated/types.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { microTimeText, timeText, type VirtualTime } from '../../../core/time/time.ts';

export interface HollowNode {
  readonly name: string;
  readonly number: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined: by its number. */
  readonly zone: string | undefined;
}

const capacity = { cpu: '32', 'ephemeral-storage': '100Gi', memory: '256Gi', pods: '250' };

const zones = ['zone-a', 'zone-b', 'zone-c'] as const;

export function hollowNode({ name, number, labels, zone }: HollowNode, now: VirtualTime): NewObject {
  const object = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/zone': zone ?? zones[number % 3] ?? 'zone-a',
        ...labels,
      },
    },
    spec: {},
    status: {
      capacity,
      allocatable: capacity,
      ...heartbeat(now),
      addresses: [
        { type: 'InternalIP', address: `10.200.0.${number}` },
        { type: 'Hostname', address: name },
      ],
    },
  };
  return object;
}

/** Ready, and no pressure. */
export function heartbeat(now: VirtualTime): Pick<NodeStatus, 'conditions'> {
  const time = timeText(now);
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
    reason,
    message: reason,
  });
  return {
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
      condition('Ready', 'True', 'KubeletReady'),
    ],
  };
}

export function hollowLease(name: string, now: VirtualTime): NewObject {
  const object = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-node-lease' },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTimeText(now) },
  };
  return object;
}
