/**
 * The state of a kubelet: what it was told (`spec`), what its process remembers and a crash loses (`memory`), and what
 * the container runtime and the node's disk hold (`runtime`).
 *
 * The runtime is a timeline: a container knows when it will have ended, so containers go on ending while the kubelet is
 * down, and nothing has to happen for that.
 */
import type { HostIP, Lease, NodeSystemInfo, Pod, PodStatus, Time } from '../api/generated/types.ts';
import type { ClientEvent, ClientRequest } from '../client/component.ts';
import { newInformers, type Informers, type InformerTag } from '../client/informer.ts';
import type { Recollection } from '../client/event-correlator.ts';
import type { RecorderTag, Reporter } from '../client/recorder.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import type { Duration, VirtualTime } from '../time/time.ts';
import type { ResourceAmounts } from '../api/pod-resources.ts';
import { unused, type AdmittingNode, type Used } from './admission.ts';
import type { Backoff } from './backoff.ts';
import type { Plan } from './plan.ts';
import type { Cidr } from './pod-ip.ts';
import type { ProbeTimes } from './probes.ts';
import type { FoundSources, Need } from './sources.ts';
import type { KubeletSpec, Luck } from './spec.ts';

/** What a call or a timer of the kubelet is for. */
export type KubeletTag =
  | InformerTag
  | RecorderTag
  | { readonly of: 'node'; readonly step: NodeStep }
  | { readonly of: 'lease'; readonly step: LeaseStep }
  | { readonly of: 'report' }
  /** Looks at a Pod again. */
  | { readonly of: 'pod'; readonly uid: string }
  | { readonly of: 'podStatus'; readonly uid: string }
  | { readonly of: 'podDelete'; readonly uid: string }
  /** Asks for a ConfigMap or a Secret of a Pod. */
  | {
      readonly of: 'source';
      readonly uid: string;
      readonly resource: Need['resource'];
      readonly name: string;
    };

/** `look` and `correct`: the Node is read and its status written, after nothing came through for a while. */
export type NodeStep = 'create' | 'get' | 'status' | 'retry' | 'look' | 'correct';
/** `again`: the Lease is read because its renewal failed. */
export type LeaseStep = 'get' | 'again' | 'create' | 'renew' | 'timer';

export type KubeletEvent = ClientEvent<KubeletTag>;
export type KubeletRequest = ClientRequest<KubeletTag>;

export interface KubeletState {
  readonly spec: KubeletSpec;
  readonly host: Host;
  readonly memory: Memory;
  readonly runtime: Runtime;
}

/** What follows from the spec, worked out once. */
export interface Host {
  readonly luck: Luck;
  readonly cidr: Cidr;
  readonly node: AdmittingNode;
  readonly info: NodeSystemInfo;
  /** Whose Events it records. */
  readonly reporter: Reporter;
  /** As each Pod's status says it. */
  readonly hostIps: readonly HostIP[];
  /** Where in each second the runtime's containers are listed. */
  readonly relistPhase: Duration;
}

export interface Memory {
  readonly informers: Informers;
  /** How many Events it has recorded, and which of them of its Node. */
  readonly recorded: number;
  readonly nodeEvents: Recollection | undefined;
  /** When the token bucket of each client is full again: of requests, and of Events. */
  readonly callsFullAt: VirtualTime;
  readonly eventCallsFullAt: VirtualTime;
  /** The process has been up since; the runtime's containers are listed each second from then on. */
  readonly startedAt: VirtualTime;
  /** Registrations that have failed one after another; undefined: the Node is registered. */
  readonly registrationFailures: number | undefined;
  readonly lease: Lease | undefined;
  /** A worker for each Pod of the node, by uid. */
  readonly workers: OrderedMap<string, PodWorker>;
  /** What the Pods that have not ended hold of the node. */
  readonly used: Used;
  /** The images that are being pulled, once for each worker that waits for one. */
  readonly pulling: readonly string[];
  /** When the pulls that were asked for are done: images are pulled one by one. */
  readonly pullerFreeAt: VirtualTime;
}

export interface Runtime {
  /** Sandboxes and containers that no worker has, by the Pod's uid: what it has is its `place`. */
  readonly orphans: OrderedMap<string, RuntimePod>;
  /** Images on the node's disk. */
  readonly images: OrderedMap<string, true>;
  /** The place in the Pod CIDR that was given last; each time around counts on. */
  readonly lastAddress: number;
}

export interface RuntimePod {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  /** The place in the Pod CIDR; undefined: the host's own address. */
  readonly address: number | undefined;
  /** The sandbox is gone and its address free. */
  readonly stopped: boolean;
  /** By index in the Pod's plan. */
  readonly containers: readonly (RuntimeContainer | undefined)[];
}

export interface RuntimeContainer {
  readonly id: string;
  readonly restartCount: number;
  readonly startedAt: VirtualTime;
  /** The process answers its probes from then on. */
  readonly servesAt: VirtualTime;
  /** Undefined: it runs until it is stopped. */
  readonly end: ContainerEnd | undefined;
  /** The container of that name before it. */
  readonly previous: EndedContainer | undefined;
}

export interface ContainerEnd {
  readonly at: VirtualTime;
  readonly exitCode: number;
  readonly reason: string;
}

interface EndedContainer extends ContainerEnd {
  readonly id: string;
  readonly startedAt: VirtualTime;
}

/** What keeps a Pod's worker from going on. */
export type Activity =
  | { readonly doing: 'sandbox'; readonly until: VirtualTime }
  | {
      readonly doing: 'pull';
      readonly container: number;
      readonly image: string;
      readonly requestedAt: VirtualTime;
      readonly startedAt: VirtualTime;
      readonly until: VirtualTime;
    };

/** What the kubelet's process knows of one Pod (kubernetes v1.34.1 pkg/kubelet/pod_workers.go). */
export interface PodWorker {
  /** As last heard. */
  readonly pod: Pod;
  readonly state: 'syncing' | 'terminating' | 'terminated';
  readonly since: VirtualTime;
  readonly startTime: Time;
  /** What the runtime holds of it; undefined: it never had a sandbox, or was not let in. */
  readonly place: RuntimePod | undefined;
  /** What it holds of the node; undefined: nothing, it has ended. */
  readonly holds: ResourceAmounts | undefined;
  /** What its spec means. */
  readonly plan: Plan;
  /** The Events that were recorded of it. The real kubelet keeps those of the last 4,096 objects, whether they are there or not. */
  readonly events: Recollection | undefined;
  readonly activity: Activity | undefined;
  /** By index in the Pod's plan. */
  readonly containers: readonly ContainerMemory[];
  /** The ConfigMaps and Secrets it takes from; undefined: they have not been asked for. */
  readonly sources: PodSources | undefined;
  /** What is true of the Pod as far as the kubelet knows, and the last of it that went to the apiserver. */
  readonly status: PodStatus | undefined;
  readonly sent: PodStatus | undefined;
  /** A status or a deletion is on its way, or waits to be tried again. */
  readonly busy: boolean;
  /** Of the Pod as the last answered status write left it. */
  readonly revision: number;
  /** The next timer that was set. */
  readonly wakeAt: VirtualTime;
  /** The object is gone from the apiserver. */
  readonly gone: boolean;
}

export interface PodSources {
  /** So many answers are to come. */
  readonly asked: number;
  readonly found: FoundSources;
  /** When the last answer came. */
  readonly at: VirtualTime;
  /** Something is missing: they are asked for again then. */
  readonly retryAt: VirtualTime | undefined;
  /** How long a volume is left alone the next time that it cannot be set up. */
  readonly delay: Duration;
}

/** A value being changed within one turn. */
export type Draft<T> = { -readonly [Field in keyof T]: T[Field] };
export type WorkerDraft = Draft<PodWorker>;

/** A copy of a worker to change: a literal, because spreads of objects this wide are slow. */
export function draftOf(worker: PodWorker): WorkerDraft {
  const { pod, state, since, startTime, place, holds, plan, events } = worker;
  const { activity, containers, sources, status, sent, busy, revision, wakeAt, gone } = worker;
  return {
    pod,
    state,
    since,
    startTime,
    place,
    holds,
    plan,
    events,
    activity,
    containers,
    sources,
    status,
    sent,
    busy,
    revision,
    wakeAt,
    gone,
  };
}

/** What dies with the kubelet's process: back-offs, probe results, why a start was put off. */
export interface ContainerMemory {
  readonly backoff: Backoff | undefined;
  readonly probes: (ProbeTimes & { readonly id: string }) | undefined;
  readonly waiting: Waiting | undefined;
}

export interface Waiting {
  readonly reason: string;
  readonly message: string;
}

export const freshContainer: ContainerMemory = { backoff: undefined, probes: undefined, waiting: undefined };

export const userAgent = 'kubelet';
export const podStream = 'pods';

export function newMemory(spec: KubeletSpec): Memory {
  const { name } = spec.node;
  const scope = { index: 'node', term: name, fieldSelector: `spec.nodeName=${name}` };
  return {
    informers: newInformers(userAgent, [{ resource: 'pods', stream: podStream, scope }]),
    recorded: 0,
    nodeEvents: undefined,
    callsFullAt: 0,
    eventCallsFullAt: 0,
    startedAt: 0,
    registrationFailures: 0,
    lease: undefined,
    workers: OrderedMap.empty(),
    used: unused,
    pulling: [],
    pullerFreeAt: 0,
  };
}

export const newRuntime: Runtime = {
  orphans: OrderedMap.empty(),
  images: OrderedMap.empty(),
  lastAddress: 0,
};

/** All sandboxes and containers on the node, by the Pod's uid. */
export function placesOf({ memory, runtime }: KubeletState): OrderedMap<string, RuntimePod> {
  let places = runtime.orphans;
  memory.workers.scan(undefined, undefined, (uid, { place }) => {
    if (place !== undefined) places = places.set(uid, place);
  });
  return places;
}
