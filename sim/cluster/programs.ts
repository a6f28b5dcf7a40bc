/** The processes of a cluster: etcd, the apiservers, the control plane, a kubelet for each node, and those who use it. */
import { newApiserver, reduceApiserver } from '../../core/apiserver/apiserver.ts';
import {
  adminUser,
  certificateOf,
  componentUser,
  controllerUser,
  nodeUser,
} from '../../core/apiserver/authentication/identities.ts';
import { electing } from '../../core/client/leader-election.ts';
import { newKubectl, reduceKubectl } from '../../core/client/kubectl.ts';
import { newWorkload, reduceWorkload } from '../../core/client/workload.ts';
import { controllers } from '../../core/controllers/registry.ts';
import { tokensAgent } from '../../core/controllers/serviceaccount-tokens.ts';
import { agentOf } from '../../core/controllers/worker/state.ts';
import { anyController } from '../../core/controllers/controller.ts';
import { managing, newControllerManager, reduceControllerManager } from '../../core/controllers/manager.ts';
import { ownController } from '../../core/controllers/own/own-sync.ts';
import { newKubelet, reduceKubelet, restartKubelet } from '../../core/kubelet/kubelet.ts';
import { minute } from '../../core/time/time.ts';
import { lastRenewal, renewalTimer } from '../../core/kubelet/registration.ts';
import { apiserverProgram, clientProgram, type Program } from '../process/program.ts';
import { keyringOf } from '../process/keyring.ts';
import { etcd } from './etcd.ts';
import { ownProcess, replicaNames } from './names.ts';
import { schedulerOf, settingsOf } from './scheduler.ts';
import type { ClusterSpec, NodeSpec } from './spec.ts';

/** In the order of their numbers; etcd is always the first. */
export function programsOf(spec: ClusterSpec): readonly Program[] {
  return [
    etcd,
    ...apiservers(spec),
    ...schedulers(spec),
    ...controllerManagers(spec),
    ...ownControllers(spec),
    ...spec.nodes.map((node, index) => kubelet(spec, node, index)),
    ...users(spec),
  ];
}

function schedulers(spec: ClusterSpec): readonly Program[] {
  const { seed, limits, schedulers: count = 1 } = spec;
  const { first, reduce } = schedulerOf({
    seed,
    limits: limits.scheduler,
    settings: settingsOf(spec),
    plugins: spec.scheduler?.plugins ?? [],
  });
  const keyring = keyringOf(certificateOf(componentUser('kube-scheduler')));
  return replicaNames('kube-scheduler', count).map((name) => {
    const common = { name, kind: 'scheduler' as const, keyring };
    if (!isElected(spec, count)) return clientProgram({ ...common, first, reduce });
    const election = { seed, lease: 'kube-scheduler', process: name, component: 'default-scheduler' };
    return clientProgram({ ...common, ...electing(election, first, reduce) });
  });
}

function controllerManagers(spec: ClusterSpec): readonly Program[] {
  const { seed, limits, loads, controllerManagers: count = 1 } = spec;
  const first = newControllerManager({ seed, limits: limits.controllerManager, loads });
  return replicaNames('kube-controller-manager', count).map((name) => {
    const common = { name, kind: 'controller-manager' as const, keyring: controllerKeyring };
    if (!isElected(spec, count)) return clientProgram({ ...common, first, reduce: reduceControllerManager });
    const lease = 'kube-controller-manager';
    const election = { seed, lease, process: name, component: lease };
    return clientProgram({ ...common, ...electing(election, first, reduceControllerManager) });
  });
}

/** Each is a process of its own, with the kubeconfig of an administrator. */
const ownControllers = ({ seed, ownControllers: all = [] }: ClusterSpec): readonly Program[] =>
  all.map((loaded) => {
    const { name } = loaded.controller;
    const { first, reduce } = managing(name, [anyController(ownController(loaded))]);
    return clientProgram({
      name: `${ownProcess}${name}`,
      kind: 'controller-manager',
      keyring: administrator,
      first: first({ seed, limits: unlimited }),
      reduce,
    });
  });

const unlimited = { qps: 0, burst: 0 };

/** With one replica nobody else could lead: its Lease would be written every two seconds for nothing. */
const isElected = ({ leaderElection }: ClusterSpec, replicas: number): boolean =>
  leaderElection ?? replicas > 1;

function apiservers(spec: ClusterSpec): readonly Program[] {
  return replicaNames('kube-apiserver', spec.apiservers).map((name) => {
    const first = newApiserver({
      name,
      seed: spec.seed,
      authorizationMode: spec.authorizationMode,
      flow: spec.flow,
      webhooks: spec.webhooks,
      compactionInterval: spec.compactionInterval,
      bookmarkInterval: spec.heartbeats === 'exact' ? minute : 0,
    });
    return apiserverProgram({ name, kind: 'apiserver', first, reduce: reduceApiserver });
  });
}

/** Node i has the address 10.200.0.0 + i + 1, and a /24 (beyond 110 Pods: a /22) of its own for its Pods. */
function kubelet(spec: ClusterSpec, node: NodeSpec, index: number): Program {
  const first = newKubelet({
    seed: spec.seed,
    node,
    podCidr: podCidrOf(node, index),
    hostIp: `10.200.${(index + 1) >> 8}.${(index + 1) & 255}`,
    images: spec.images,
    limits: spec.limits.kubelet,
    heartbeats: spec.heartbeats,
  });
  return clientProgram({
    name: `kubelet/${node.name}`,
    kind: 'kubelet',
    keyring: keyringOf(certificateOf(nodeUser(node.name))),
    first,
    restarted: restartKubelet,
    heartbeats: spec.heartbeats === 'exact' ? undefined : { last: lastRenewal, again: renewalTimer },
    reduce: reduceKubelet,
  });
}

function podCidrOf(node: NodeSpec, index: number): string {
  const wide = Number(node.capacity['pods'] ?? '110') > 250;
  const block = wide ? index * 4 : index;
  const prefix = wide ? 22 : 24;
  // 10.0.0.0/9 has 32,768 blocks of 256 addresses; the host addresses above lie outside it.
  return `10.${block >> 8}.${block & 255}.0/${prefix}`;
}

/** A person with the kubeconfig that kubeadm leaves: admin.conf. */
const administrator = keyringOf(certificateOf(adminUser));

/**
 * The informers use the process's certificate, and so does the controller that makes tokens; each other controller uses the
 * account of its name. (--use-service-account-credentials)
 */
const controllerKeyring = keyringOf(
  certificateOf(componentUser('kube-controller-manager')),
  Object.fromEntries(
    controllers
      .map(agentOf)
      .filter((agent) => agent !== tokensAgent)
      .map((agent) => [agent, certificateOf(controllerUser(agent))]),
  ),
);

function users(spec: ClusterSpec): readonly Program[] {
  const kubectl = clientProgram({
    name: 'kubectl',
    kind: 'user',
    keyring: administrator,
    first: newKubectl(spec.actions),
    reduce: reduceKubectl,
  });
  if (spec.workload.length === 0) return [kubectl];
  return [
    kubectl,
    clientProgram({
      name: 'workload',
      kind: 'workload',
      keyring: administrator,
      first: newWorkload(spec.workload),
      reduce: reduceWorkload,
    }),
  ];
}
