/**
 * The extension points of the framework at which only plugins of one's own do anything unforeseen: PostFilter, and all
 * from Reserve to PostBind. The default plugins at these points (DefaultPreemption, VolumeBinding, DefaultBinder) stand
 * here by their names: the scheduler does their work itself.
 * (kubernetes v1.34.1 staging/src/k8s.io/kube-scheduler/framework/interface.go)
 */
import type { LastLook, Plugin, Rejection, Snapshot } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** A Pod that has a node and waits there for plugins that asked it to. */
export interface WaitingPod {
  readonly pod: PodInfo;
  readonly node: string;
  /** The plugins that have not yet allowed it. */
  readonly pending: readonly string[];
}

/** The Pods that wait at Permit, in the hands of one plugin. What it says takes effect when its method has returned. */
export interface WaitingPods {
  /** In the order of their keys. */
  readonly pods: readonly WaitingPod[];
  /** This plugin no longer has the Pod wait. It goes on when no other has. */
  allow(pod: PodInfo): void;
  /** The Pod is given up, whoever had it wait. */
  reject(pod: PodInfo, message: string): void;
}

export type PostFilterAnswer =
  /** The Pod is nominated to a node, of which these Pods are pushed off. No other plugin is asked. */
  | { readonly outcome: 'nominate'; readonly node: string; readonly evict?: readonly PodInfo[] | undefined }
  /** It knows no way. The next plugin is asked, unless the rejection is unresolvable. */
  | { readonly outcome: 'reject'; readonly rejection: Rejection };

export interface PostFilterPlugin extends Plugin {
  /** `verdictOf`: why a node was rejected; undefined: it was not. */
  postFilter(
    pod: PodInfo,
    snapshot: Snapshot,
    verdictOf: (node: string) => Rejection | undefined,
    waiting: WaitingPods,
  ): PostFilterAnswer;
}

/** The Pod waits until it is allowed, at most so long (and never longer than 15 minutes). */
export interface Wait {
  readonly waitSeconds: number;
}

export interface PermitPlugin extends Plugin {
  permit(
    pod: PodInfo,
    node: NodeInfo,
    snapshot: Snapshot,
    waiting: WaitingPods,
  ): Rejection | Wait | undefined;
}

export interface UnreservePlugin extends Plugin {
  unreserve(pod: PodInfo, node: NodeInfo, snapshot: Snapshot, waiting: WaitingPods): void;
}

export type PreBindAnswer =
  | { readonly outcome: 'ready'; /** What it took. @default 0 */ readonly seconds?: number | undefined }
  | { readonly outcome: 'reject'; readonly rejection: Rejection }
  /** An error: the Pod is tried again by itself. */
  | { readonly outcome: 'fail'; readonly message: string };

export interface PreBindPlugin extends Plugin {
  preBind(pod: PodInfo, node: NodeInfo, snapshot: Snapshot): PreBindAnswer;
}

export type BindAnswer =
  /** The next plugin binds it. */
  | { readonly outcome: 'skip' }
  /** It sends the Binding itself; the Pod is given the Binding's annotations. */
  | { readonly outcome: 'bind'; readonly annotations?: Readonly<Record<string, string>> | undefined }
  | { readonly outcome: 'reject'; readonly rejection: Rejection }
  | { readonly outcome: 'fail'; readonly message: string };

export interface BindPlugin extends Plugin {
  bind(pod: PodInfo, node: NodeInfo, snapshot: Snapshot): BindAnswer;
}

export interface PostBindPlugin extends Plugin {
  postBind(pod: PodInfo, node: NodeInfo, snapshot: Snapshot, waiting: WaitingPods): void;
}

/** What is run where no node will do, in order. */
export type PostFilters = readonly (PostFilterPlugin | 'DynamicResources' | 'DefaultPreemption')[];

/** What is run from the choice of a node until the Pod is bound, in order. */
export interface CyclePlugins {
  readonly reserves: readonly LastLook[];
  /** In the opposite order. */
  readonly unreserves: readonly UnreservePlugin[];
  readonly permits: readonly PermitPlugin[];
  readonly preBinds: readonly (PreBindPlugin | 'VolumeBinding')[];
  readonly binds: readonly (BindPlugin | 'DefaultBinder')[];
  readonly postBinds: readonly PostBindPlugin[];
}
