/**
 * The hollow kubelet of the recordings as a client of the simulated cluster: one process for all nodes. A Pod that is
 * bound to a node that is up is Pending with its container being created at once, Running 800 ms later, and Ready then
 * or when its annotation says so; one that is to be deleted ends 300 ms later and is deleted without grace. Each node
 * renews its Lease every 10 s while it is up.
 */
import type { Json, Pod } from '../../../core/api/generated/types.ts';
import type { ClientEvent, ClientRequest } from '../../../core/client/component.ts';
import {
  newInformers,
  reduceInformers,
  viewOf,
  type Delta,
  type Informers,
  type InformerTag,
} from '../../../core/client/informer.ts';
import { isTerminal } from '../../../core/api/pod.ts';
import type { ApiRequest } from '../../../core/api/request.ts';
import type { Step } from '../../../core/reducer.ts';
import {
  microTimeText,
  millisecond,
  second,
  timeText,
  type Duration,
  type VirtualTime,
} from '../../../core/time/time.ts';
import type { Deed } from './deed.ts';
import { heartbeat, hollowLease, hollowNode, type HollowNode } from './hollow-node.ts';
import { behaviourOf, hollowStatus, startAfter, type Stage } from './hollow-status.ts';
import { enrolled, nameOf, type Rolls } from './pod-reference.ts';

/** What is done to nodes, and to Pods on them, at times of the run. */
export type Incident = Extract<Deed, { do: 'ready' | 'addNode' | 'stopNode' | 'startNode' }>;

interface Nested {
  readonly [name: string]: { readonly stage: Stage; readonly ip: string };
}

export interface HollowState {
  readonly namespace: string;
  /** Of a node that joins, where nothing else is said. */
  readonly usualLabels: Readonly<Record<string, string>>;
  readonly nodes: Readonly<Record<string, HollowNode & { readonly up: boolean }>>;
  readonly script: readonly Incident[];
  readonly informers: Informers;
  readonly rolls: Rolls;
  /** By uid, of those that have been seen on a node that is up. */
  readonly pods: Nested;
  readonly addresses: number;
  /** When the next Pod may become Running, Ready or finished. */
  readonly freeAt: VirtualTime;
}

export type HollowTag =
  | InformerTag
  | { readonly of: 'incident'; readonly index: number }
  | { readonly of: 'node'; readonly node: string }
  | { readonly of: 'lease'; readonly node: string }
  | { readonly of: 'pod'; readonly key: string; readonly uid: string; readonly step: PodStep }
  | { readonly of: 'written' };

type PodStep = 'run' | 'ready' | 'exit' | 'end';
type HollowStep = Step<HollowState, ClientRequest<HollowTag>>;
type Requests = readonly ClientRequest<HollowTag>[];

const userAgent = 'hollow-kubelet';
const renewInterval: Duration = 10 * second;
/** It tells of one Pod after another, as the recorded one did: what one tells has had its effect when the next comes. */
const writeInterval: Duration = 40 * millisecond;
/** Of a great many some are told at once: nobody waits longer. */
const longestWait: Duration = 1 * second;

export const newHollowKubelet = (
  namespace: string,
  nodes: readonly HollowNode[],
  usualLabels: Readonly<Record<string, string>>,
  script: readonly Incident[],
): HollowState => ({
  namespace,
  usualLabels,
  nodes: Object.fromEntries(nodes.map((node) => [node.name, { ...node, up: true }])),
  script,
  informers: newInformers(userAgent, [{ resource: 'pods' }]),
  rolls: {},
  pods: {},
  addresses: 0,
  freeAt: 0,
});

export function reduceHollowKubelet(
  state: HollowState,
  event: ClientEvent<HollowTag>,
  now: VirtualTime,
): HollowStep {
  const heard = reduceInformers(state.informers, event);
  if (heard !== undefined) {
    let next: HollowState = { ...state, informers: heard.informers };
    const requests: ClientRequest<HollowTag>[] = [...heard.requests];
    if (event.type === 'start') requests.push(...beginning(next, now));
    for (const delta of heard.deltas) {
      const step = onPod(next, delta as Delta<Pod>, now);
      next = step.state;
      requests.push(...step.requests);
    }
    return { state: next, requests };
  }
  if (event.type === 'timer') return onTimer(state, event.tag, now);
  return { state, requests: [] };
}

const call = (request: ApiRequest): ClientRequest<HollowTag> => ({
  do: 'call',
  tag: { of: 'written' },
  userAgent,
  request,
});

const remind = (tag: HollowTag, after: Duration, background = false): ClientRequest<HollowTag> => ({
  do: 'timer',
  tag,
  after,
  background,
});

const beginning = (state: HollowState, now: VirtualTime): Requests => [
  ...Object.values(state.nodes).flatMap((node) => joining(node, now)),
  ...state.script.map((incident, index) => remind({ of: 'incident', index }, Math.max(0, incident.at - now))),
];

function joining(node: HollowNode, now: VirtualTime): Requests {
  return [
    call({ verb: 'create', resource: 'nodes', object: hollowNode(node, now) }),
    call({
      verb: 'create',
      resource: 'leases',
      namespace: 'kube-node-lease',
      object: hollowLease(node.name, now),
    }),
    remind({ of: 'lease', node: node.name }, renewInterval, true),
  ];
}

function onTimer(state: HollowState, tag: HollowTag, now: VirtualTime): HollowStep {
  switch (tag.of) {
    case 'incident':
      return onIncident(state, state.script[tag.index], now);
    case 'lease':
      return { state, requests: state.nodes[tag.node]?.up === true ? renewal(tag.node, now) : [] };
    case 'pod': {
      const pod = viewOf(state.informers, 'pods').objects.get(tag.key);
      if (pod?.metadata.uid !== tag.uid || !isUp(state, pod)) return { state, requests: [] };
      return onStep(state, pod, tag.step, now);
    }
    case 'node':
    case 'written':
    case 'informer':
      return { state, requests: [] };
  }
}

const renewal = (node: string, now: VirtualTime): Requests => [
  call({
    verb: 'patch',
    resource: 'leases',
    namespace: 'kube-node-lease',
    name: node,
    patchType: 'merge',
    patch: { spec: { renewTime: microTimeText(now) } },
  }),
  remind({ of: 'lease', node }, renewInterval, true),
];

function onIncident(state: HollowState, incident: Incident | undefined, now: VirtualTime): HollowStep {
  switch (incident?.do) {
    case undefined:
      return { state, requests: [] };
    case 'addNode': {
      const { node: name, labels: given } = incident;
      const labels = Object.keys(given).length > 0 ? given : state.usualLabels;
      const number = Object.keys(state.nodes).length;
      const node = { name, labels, number, zone: undefined };
      const nodes = { ...state.nodes, [name]: { ...node, up: true } };
      return { state: { ...state, nodes }, requests: joining(node, now) };
    }
    case 'stopNode':
      return { state: withPower(state, incident.node, false), requests: [] };
    case 'startNode':
      return restart(withPower(state, incident.node, true), incident.node, now);
    case 'ready': {
      const name = nameOf(incident.pod, state.rolls) ?? '';
      const pod = viewOf(state.informers, 'pods').objects.get(`${state.namespace}/${name}`);
      return pod === undefined
        ? { state, requests: [] }
        : write(state, pod, incident.ready ? 'ready' : 'running', now);
    }
  }
}

function withPower(state: HollowState, name: string, up: boolean): HollowState {
  const node = state.nodes[name];
  return node === undefined ? state : { ...state, nodes: { ...state.nodes, [name]: { ...node, up } } };
}

/** A kubelet that is back says so, and looks at its Pods anew. */
function restart(state: HollowState, name: string, now: VirtualTime): HollowStep {
  let next = state;
  const requests: ClientRequest<HollowTag>[] = [
    call({
      verb: 'patch',
      resource: 'nodes',
      subresource: 'status',
      name,
      patchType: 'merge',
      patch: { status: heartbeat(now) } as unknown as Json,
    }),
    ...renewal(name, now),
  ];
  for (const pod of viewOf(state.informers, 'pods').objects.valuesOf('node', name)) {
    const step = look(next, pod, undefined, now);
    next = step.state;
    requests.push(...step.requests);
  }
  return { state: next, requests };
}

const isUp = (state: HollowState, pod: Pod): boolean => state.nodes[pod.spec.nodeName ?? '']?.up === true;

function onPod(state: HollowState, { type, object: pod, before }: Delta<Pod>, now: VirtualTime): HollowStep {
  const { uid } = pod.metadata;
  if (type === 'deleted') {
    const { [uid]: _gone, ...pods } = state.pods;
    return { state: { ...state, pods }, requests: [] };
  }
  const next = type === 'added' ? { ...state, rolls: enrolled(state.rolls, pod) } : state;
  return isUp(next, pod) ? look(next, pod, before, now) : { state: next, requests: [] };
}

/** What a change of a Pod means to its kubelet: it is new here, or it is to go. */
function look(state: HollowState, pod: Pod, before: Pod | undefined, now: VirtualTime): HollowStep {
  const { uid, deletionTimestamp } = pod.metadata;
  const known = state.pods[uid];
  const leaving = deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined;
  if (leaving) return { state, requests: [remindPod(pod, 'end', behaviourOf(pod).terminationAfter)] };
  if (known !== undefined || deletionTimestamp !== undefined || isTerminal(pod))
    return { state, requests: [] };
  const addresses = state.addresses + 1;
  const ip = `10.1.${addresses >> 8}.${addresses & 255}`;
  const born = { ...state, addresses, pods: { ...state.pods, [uid]: { stage: 'creating' as const, ip } } };
  const step = write(born, pod, 'creating', now);
  return { state: step.state, requests: [...step.requests, remindPod(pod, 'run', startAfter)] };
}

function remindPod(pod: Pod, step: PodStep, after: Duration): ClientRequest<HollowTag> {
  const { namespace = '', name, uid } = pod.metadata;
  return remind({ of: 'pod', key: `${namespace}/${name}`, uid, step }, after);
}

function onStep(state: HollowState, pod: Pod, step: PodStep, now: VirtualTime): HollowStep {
  const behaviour = behaviourOf(pod);
  const stage = state.pods[pod.metadata.uid]?.stage;
  const ended = stage === 'succeeded' || stage === 'failed';
  const isLeaving = pod.metadata.deletionTimestamp !== undefined;
  switch (step) {
    case 'run': {
      if (ended || isLeaving) return { state, requests: [] };
      const { readyAfter, exitAfter } = behaviour;
      const written = write(state, pod, readyAfter === undefined ? 'ready' : 'running', now);
      const requests = [...written.requests];
      if (readyAfter !== undefined) requests.push(remindPod(pod, 'ready', readyAfter));
      if (exitAfter !== undefined) requests.push(remindPod(pod, 'exit', exitAfter));
      return { state: written.state, requests };
    }
    case 'ready':
      return ended || isLeaving ? { state, requests: [] } : write(state, pod, 'ready', now);
    case 'exit':
      if (ended || isLeaving) return { state, requests: [] };
      return write(state, pod, behaviour.exitCode === 0 ? 'succeeded' : 'failed', now);
    case 'end': {
      const { namespace, name, uid } = pod.metadata;
      const written = ended ? { state, requests: [] } : write(state, pod, 'succeeded', now);
      const gone = call({
        verb: 'delete',
        resource: 'pods',
        namespace,
        name,
        gracePeriodSeconds: 0,
        preconditions: { uid },
      });
      // The status is answered before the deletion leaves.
      const wait = Math.max(0, written.state.freeAt - writeInterval - now) + 10 * millisecond;
      const after = { ...gone, after: wait } as ClientRequest<HollowTag>;
      return { state: written.state, requests: [...written.requests, after] };
    }
  }
}

function write(state: HollowState, pod: Pod, stage: Stage, now: VirtualTime): HollowStep {
  const { namespace, name, uid } = pod.metadata;
  const ip = state.pods[uid]?.ip ?? '';
  const number = state.nodes[pod.spec.nodeName ?? '']?.number ?? 0;
  const host = { hostIp: `10.200.0.${number}`, podIp: ip };
  const status = hollowStatus(pod, stage, behaviourOf(pod).exitCode, host, timeText(now));
  const pods = { ...state.pods, [uid]: { stage, ip } };
  const request = call({
    verb: 'patch',
    resource: 'pods',
    subresource: 'status',
    namespace,
    name,
    patchType: 'merge',
    patch: { status } as unknown as Json,
  });
  if (stage === 'creating') return { state: { ...state, pods }, requests: [request] };
  const at = Math.min(Math.max(now, state.freeAt), now + longestWait);
  const later = { ...request, after: at - now } as ClientRequest<HollowTag>;
  return { state: { ...state, pods, freeAt: at + writeInterval }, requests: [later] };
}
