/**
 * The Node object: registration, the status that a kubelet gives it, and the Lease that says the kubelet lives.
 * (kubernetes v1.34.1 pkg/kubelet/kubelet_node_status.go, nodestatus/setters.go, component-helpers/apimachinery/lease)
 */
import type { Lease, Node, NodeCondition, NodeStatus, NodeSystemInfo } from '../api/generated/types.ts';
import { heartbeatsAnnotation, type Heartbeats } from '../api/heartbeats.ts';
import type { NewObject } from '../api/request.ts';
import { bits, purposeOf } from '../random/draw.ts';
import { microTimeText, second, minute, timeText, type Duration, type VirtualTime } from '../time/time.ts';
import type { KubeletSpec } from './spec.ts';
import type { Host } from './state.ts';

export const renewInterval: Duration = 10 * second;
export const reportInterval: Duration = 5 * minute;
const leaseDurationSeconds = 40;

const nodeVersion = 'v1.34.1';

export const labelsOf = ({ node }: KubeletSpec): Readonly<Record<string, string>> => ({
  'beta.kubernetes.io/arch': 'amd64',
  'beta.kubernetes.io/os': 'linux',
  'kubernetes.io/arch': 'amd64',
  'kubernetes.io/hostname': node.name,
  'kubernetes.io/os': 'linux',
  ...node.labels,
});

/** The Node as it is registered: everything but readiness, which is told once the kubelet has looked at its runtime. */
export function newNode(spec: KubeletSpec, { node: { labels }, info }: Host, now: VirtualTime): NewObject {
  const { node, podCidr } = spec;
  const object = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels,
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true', ...node.annotations },
    },
    spec: {
      podCIDR: podCidr,
      podCIDRs: [podCidr],
      taints: node.taints.length === 0 ? undefined : node.taints,
      unschedulable: node.unschedulable === true ? true : undefined,
    },
    status: nodeStatusOf(spec, info, false, undefined, now),
  };
  return object;
}

function nodeStatusOf(
  spec: KubeletSpec,
  info: NodeSystemInfo,
  ready: boolean,
  known: NodeStatus | undefined,
  now: VirtualTime,
): NodeStatus {
  const { node, hostIp } = spec;
  return {
    capacity: node.capacity,
    allocatable: node.allocatable ?? node.capacity,
    conditions: conditionsOf(ready, known, timeText(now)),
    addresses: [
      { type: 'InternalIP', address: hostIp },
      { type: 'Hostname', address: node.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
    nodeInfo: info,
  };
}

/** What a Node says of its machine. */
export const systemInfoOf = (name: string): NodeSystemInfo => ({
  machineID: machineId(name, 'machine'),
  systemUUID: machineId(name, 'system'),
  bootID: machineId(name, 'boot'),
  kernelVersion: '6.8.0',
  osImage: 'Linux',
  containerRuntimeVersion: 'containerd://2.1.4',
  kubeletVersion: nodeVersion,
  kubeProxyVersion: '',
  operatingSystem: 'linux',
  architecture: 'amd64',
});

const machines = purposeOf('nodes', 'machine-id');
const machineId = (node: string, part: string): string =>
  [0, 1, 2, 3].map((i) => bits(machines, node, part, i).toString(16).padStart(8, '0')).join('');

function conditionsOf(ready: boolean, known: NodeStatus | undefined, now: string): readonly NodeCondition[] {
  const condition = (type: string, status: string, reason: string, message: string): NodeCondition => {
    const before = known?.conditions?.find((held) => held.type === type);
    const since = before?.status === status ? before.lastTransitionTime : now;
    return { type, status, lastHeartbeatTime: now, lastTransitionTime: since, reason, message };
  };
  return [
    condition(
      'MemoryPressure',
      'False',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    ready
      ? condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
      : condition(
          'Ready',
          'False',
          'KubeletNotReady',
          '[container runtime status check may not have completed yet]',
        ),
  ];
}

/** The Node whose status the kubelet is about to write, as the apiserver has it. */
export function statusPatch(
  spec: KubeletSpec,
  { info }: Host,
  known: Node,
  now: VirtualTime,
): { readonly status: NodeStatus } {
  return { status: nodeStatusOf(spec, info, true, known.status, now) };
}

export const leaseNamespace = 'kube-node-lease';

/** What a Lease says of renewals that are not written; nothing where each is. */
const annotationsOf = ({ heartbeats }: KubeletSpec, said: Heartbeats): Readonly<Record<string, string>> =>
  heartbeats === 'exact' ? {} : { [heartbeatsAnnotation]: said };

export function newLease(spec: KubeletSpec, nodeUid: string | undefined, now: VirtualTime): NewObject {
  const { name } = spec.node;
  const annotations = annotationsOf(spec, 'derived');
  const owner = { apiVersion: 'v1', kind: 'Node', name, uid: nodeUid ?? '' };
  const object = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: leaseNamespace,
      ...(spec.heartbeats === 'exact' ? {} : { annotations }),
      ownerReferences: nodeUid === undefined ? [] : [owner],
    },
    spec: { holderIdentity: name, leaseDurationSeconds, renewTime: microTimeText(now) },
  };
  return object;
}

/** The same Lease, renewed. */
export const renewed = (
  lease: Lease,
  spec: KubeletSpec,
  now: VirtualTime,
  said: Heartbeats = 'derived',
): Lease => ({
  ...lease,
  metadata:
    spec.heartbeats === 'exact'
      ? lease.metadata
      : {
          ...lease.metadata,
          annotations: { ...lease.metadata.annotations, ...annotationsOf(spec, said) },
        },
  spec: {
    ...lease.spec,
    holderIdentity: spec.node.name,
    leaseDurationSeconds,
    renewTime: microTimeText(now),
  },
});
