/** What a run is made of: the cluster, its timings, and what people do to it. A scenario file parses to this. */
import type { SimulatedWebhook } from '../../core/apiserver/admission/webhooks.ts';
import type { NewObject } from '../../core/api/request.ts';
import type { KubectlAction } from '../../core/client/kubectl-job.ts';
import type { FlowSpec } from '../../core/apiserver/flow.ts';
import type { AuthorizationMode } from '../../core/apiserver/apiserver.ts';
import type { Load } from '../../core/metrics/load.ts';
import type { LoadedController } from '../../core/controllers/own/own-sync.ts';
import type { PluginConfig } from '../../core/scheduler/arguments.ts';
import type { SchedulerPlugin } from '../../core/scheduler/own-plugin.ts';
import type { PluginChoice } from '../../core/scheduler/plugins/registry.ts';
import type { Seed } from '../../core/random/draw.ts';
import type { Images, NodeSpec } from '../../core/kubelet/spec.ts';
import type { Fault } from '../network/fault.ts';
import type { NetworkSpec } from '../network/network.ts';
import type { Duration, VirtualTime } from '../../core/time/time.ts';

export type { Image as ImageSpec, NodeSpec } from '../../core/kubelet/spec.ts';

/** Requests a second a client may send, and at once (client-go's QPS and Burst); 0 QPS: no limit. */
export interface ClientLimit {
  readonly qps: number;
  readonly burst: number;
}

/** What a person does with kubectl at a time of the run. */
export type Action = KubectlAction;

/** A fault at a time of the run. `for`: a crashed process starts again after that long, a certificate is renewed. */
export type FaultAction = Fault & { readonly at: VirtualTime; readonly for?: Duration | undefined };

/** A Pod of a workload trace: created, and deleted after its time. */
export interface WorkloadPod {
  readonly object: NewObject;
  readonly createAt: VirtualTime;
  readonly deleteAt?: VirtualTime | undefined;
}

export interface SchedulerSpec {
  readonly limits?: ClientLimit | undefined;
  readonly backoff: { readonly initial: Duration; readonly max: Duration };
  readonly percentageOfNodesToScore?: number | undefined;
  /** At least one. */
  readonly profiles: readonly {
    readonly schedulerName: string;
    readonly choice: PluginChoice;
    readonly pluginConfig: readonly PluginConfig[];
  }[];
  /** A user's own. */
  readonly plugins?: readonly LoadedPlugin[] | undefined;
}

/** A plugin and the file it comes from. A trace keeps the file's name. */
export interface LoadedPlugin {
  readonly file: string;
  readonly plugin: SchedulerPlugin;
}

export interface ClusterSpec {
  readonly seed: Seed;
  readonly apiservers: number;
  /** How many processes of each there are, of which one leads. Absent: one. */
  readonly schedulers?: number | undefined;
  readonly controllerManagers?: number | undefined;
  /** Controllers of one's own, each a process. */
  readonly ownControllers?: readonly LoadedController[] | undefined;
  /** Leaders are elected by a Lease. Absent: where there are several of a component. */
  readonly leaderElection?: boolean | undefined;
  /** Who decides what somebody may. */
  readonly authorizationMode: AuthorizationMode;
  /** What serving costs an apiserver, and how much it takes on. Absent: nothing, and everything. */
  readonly flow?: FlowSpec | undefined;
  /** How webhooks behave, by their names. */
  readonly webhooks: Readonly<Record<string, SimulatedWebhook>>;
  readonly nodes: readonly NodeSpec[];
  readonly images: Images;
  readonly network: NetworkSpec;
  readonly limits: {
    readonly controllerManager: ClientLimit;
    readonly scheduler: ClientLimit;
    readonly kubelet: ClientLimit;
  };
  /** `exact`: every Lease renewal is written, and watches get a bookmark a minute; `derived`: only what changes a decision. */
  readonly heartbeats: 'exact' | 'derived';
  /** What a KubeSchedulerConfiguration says. Absent: one profile of the default plugins. */
  readonly scheduler?: SchedulerSpec | undefined;
  /** 100: score every node; 0: the adaptive default. */
  readonly percentageOfNodesToScore: number;
  /** etcd compaction by the apiserver; 0: never. */
  readonly compactionInterval: Duration;
  readonly actions: readonly Action[];
  readonly faults: readonly FaultAction[];
  readonly workload: readonly WorkloadPod[];
  /** What the world asks of workloads: the metrics APIs are answered from it. Absent: nothing, and there are none. */
  readonly loads?: readonly Load[] | undefined;
}
