/** Whether a node takes a Pod, and the one reason it gives. Method: a table. */
import { expect, test } from 'vitest';
import type { Pod, Taint } from '../../../core/api/generated/types.ts';
import { podRequests } from '../../../core/api/pod-resources.ts';
import { admit, allowanceOf, unused, usedWith, type AdmittingNode } from '../../../core/kubelet/admission.ts';
import { container, pod } from './world.ts';

const allocatable = { cpu: '2', memory: '1Gi', pods: '2', 'example.com/gpu': '1' };

const node: AdmittingNode = {
  name: 'node-1',
  labels: { zone: 'a', cores: '8' },
  taints: [],
  allocatable,
  allows: allowanceOf(allocatable),
};

const asking = (name: string, requests: Record<string, string>): Pod =>
  pod(name, { spec: { containers: [container({ resources: { requests } })] } });

const onPort = (name: string, hostPort: number, hostIP = ''): Pod =>
  pod(name, { spec: { containers: [container({ ports: [{ containerPort: 80, hostPort, hostIP }] })] } });

const wanting = (operator: string, values: readonly string[]): Pod =>
  pod('p', {
    spec: {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'cores', operator, values }] }],
          },
        },
      },
    },
  });

const gone: Taint = { key: 'gone', effect: 'NoExecute' };

interface Row {
  readonly why: string;
  readonly pod: Pod;
  readonly others?: readonly Pod[];
  readonly taints?: readonly Taint[];
  readonly reason?: string;
  readonly message?: string;
}

test.each<Row>([
  { why: 'it fits', pod: asking('p', { cpu: '2' }) },
  {
    why: 'cpu is told in thousandths',
    pod: asking('p', { cpu: '1' }),
    others: [asking('o', { cpu: '1500m' })],
    reason: 'OutOfcpu',
    message: "Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000",
  },
  {
    why: 'memory is told in bytes',
    pod: asking('p', { memory: '2Gi' }),
    reason: 'OutOfmemory',
    message: "Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824",
  },
  {
    why: 'the count of Pods comes first',
    pod: asking('p', { cpu: '9' }),
    others: [pod('a'), pod('b')],
    reason: 'OutOfpods',
    message: "Node didn't have enough resource: pods, requested: 1, used: 2, capacity: 2",
  },
  {
    why: 'an extended resource is short',
    pod: asking('p', { 'example.com/gpu': '2' }),
    reason: 'OutOfexample.com/gpu',
  },
  {
    why: 'an unknown extended resource is left to its plugin',
    pod: asking('p', { 'example.com/fpga': '2' }),
  },
  {
    why: 'the selector does not match',
    pod: pod('p', { spec: { nodeSelector: { zone: 'b' } } }),
    reason: 'NodeAffinity',
    message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
  },
  { why: 'Gt holds', pod: wanting('Gt', ['4']) },
  { why: 'Gt is strict', pod: wanting('Gt', ['8']), reason: 'NodeAffinity' },
  { why: 'NotIn fails', pod: wanting('NotIn', ['8']), reason: 'NodeAffinity' },
  {
    why: 'it was meant for another node',
    pod: pod('p', { spec: { nodeName: 'node-2' } }),
    reason: 'NodeName',
  },
  {
    why: 'the host port is taken',
    pod: onPort('p', 80),
    others: [onPort('o', 80, '10.0.0.1')],
    reason: 'NodePorts',
  },
  {
    why: 'the same port on another address is free',
    pod: onPort('p', 80, '10.0.0.2'),
    others: [onPort('o', 80, '10.0.0.1')],
  },
  { why: 'a NoExecute taint is not tolerated', pod: pod('p'), taints: [gone], reason: 'TaintToleration' },
  {
    why: 'a NoExecute taint is tolerated',
    pod: pod('p', { spec: { tolerations: [{ operator: 'Exists' }] } }),
    taints: [gone],
  },
  {
    why: 'NoSchedule is no concern of the kubelet',
    pod: pod('p'),
    taints: [{ key: 'k', effect: 'NoSchedule' }],
  },
  {
    why: 'another operating system',
    pod: pod('p', { spec: { os: { name: 'windows' } } }),
    reason: 'PodOSNotSupported',
  },
])('$why', ({ pod: asked, others = [], taints = [], reason, message }) => {
  let used = unused;
  for (const other of others) used = usedWith(used, podRequests(other), 1);
  const rejection = admit(asked, { ...node, taints }, used, () => others);
  expect(rejection?.reason).toBe(reason);
  if (message !== undefined) expect(rejection?.message).toBe(message);
});
