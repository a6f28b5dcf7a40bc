/** What a kubelet is told of its node, of the images it may run, and of how long the container runtime takes. */
import type { Pod, Taint } from '../api/generated/types.ts';
import { lognormal, type Distribution } from '../random/distribution.ts';
import { purposeOf, type Purpose, type Seed } from '../random/draw.ts';
import { millisecond, second } from '../time/time.ts';

/** A node as its kubelet registers it. */
export interface NodeSpec {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly unschedulable?: boolean;
  /** Quantities by resource: cpu, memory, pods, ephemeral-storage, nvidia.com/gpu. */
  readonly capacity: Readonly<Record<string, string>>;
  /** Absent: the capacity. */
  readonly allocatable?: Readonly<Record<string, string>>;
}

/** How an image behaves on a node. */
export interface Image {
  /** From "Pulling image" to "Successfully pulled image", when no other pull is in the way. */
  readonly pull: Distribution;
  /** From container started to the process serving: its probes succeed from then on. */
  readonly startup: Distribution;
  /** The container exits by itself after this long. Absent: it runs for ever; as an init container, it ends after `startup`. */
  readonly exitAfter?: Distribution;
  /** @default 0 */
  readonly exitCode?: number;
  /** How it ends in Pods of an Indexed Job, by their completion index: the first entry that has it. What it does not say is as above. */
  readonly byCompletionIndex?: readonly IndexedExit[];
  readonly sizeBytes?: number;
  /** From SIGTERM to the exit of the process. @default lognormal, median 300 ms, p99 2 s */
  readonly stop?: Distribution;
  /** Of a container that ended after SIGTERM. @default 143, as a process without a handler */
  readonly stopExitCode?: number;
}

/** How a container ends whose Pod has one of these completion indexes, both ends included. */
export interface IndexedExit {
  readonly from: number;
  readonly to: number;
  readonly exitAfter?: Distribution;
  readonly exitCode?: number;
}

export interface Images {
  readonly default: Image;
  readonly byName: Readonly<Record<string, Image>>;
  /** A container of a Pod that is not always restarted ends well after this long, where its image says nothing. Absent: it runs for ever. */
  readonly finishAfter?: Distribution;
}

/** How long the container runtime and the kubelet's own steps take. */
export interface RuntimeTimings {
  /** Mounting the volumes and making the sandbox with its network. */
  readonly sandbox: Distribution;
  /** Asking the registry whether an image that is present is still the newest: `imagePullPolicy: Always`. */
  readonly imageCheck: Distribution;
}

export const defaultTimings: RuntimeTimings = {
  sandbox: lognormal(300 * millisecond, 1_500 * millisecond),
  imageCheck: lognormal(400 * millisecond, 2 * second),
};

export const defaultStop: Distribution = lognormal(300 * millisecond, 2 * second);
export const defaultStopExitCode = 143;

export interface KubeletSpec {
  readonly seed: Seed;
  readonly node: NodeSpec;
  /** The addresses of the node's Pods: `10.244.3.0/24`. */
  readonly podCidr: string;
  readonly hostIp: string;
  readonly images: Images;
  /** Of each of the two clients: requests (`kubeAPIQPS`, `kubeAPIBurst`) and Events (`eventRecordQPS`, `eventBurst`). */
  readonly limits: { readonly qps: number; readonly burst: number };
  /** `exact`: Lease renewals and periodic status reports are written; `derived`: neither is after registration. */
  readonly heartbeats: 'exact' | 'derived';
  /** @default defaultTimings */
  readonly timings?: RuntimeTimings;
}

/** The image's behaviour, by its name as the Pod writes it. */
export function imageOf(images: Images, name: string): Image {
  const own = images.byName[name];
  return own !== undefined && Object.hasOwn(images.byName, name) ? own : images.default;
}

/** When and how a container of the image ends in a Pod. */
export function exitOf(image: Image, { metadata }: Pod): Pick<Image, 'exitAfter' | 'exitCode'> {
  if (image.byCompletionIndex === undefined) return image;
  const text = metadata.annotations?.['batch.kubernetes.io/job-completion-index'];
  const index = text === undefined ? -1 : Number(text);
  const own = image.byCompletionIndex.find(({ from, to }) => from <= index && index <= to);
  return own === undefined ? image : { ...image, ...own };
}

/** The draws of a kubelet, by purpose. */
export interface Luck {
  readonly sandbox: Purpose;
  readonly pull: Purpose;
  readonly startup: Purpose;
  readonly exit: Purpose;
  readonly stop: Purpose;
  readonly id: Purpose;
  /** Where in its period something periodic begins. */
  readonly phase: Purpose;
}

let latest: { readonly seed: Seed; readonly luck: Luck } | undefined;

/** Every kubelet of a run shares one set of purposes: the last one made is kept. */
export function luckOf(seed: Seed): Luck {
  if (latest?.seed !== seed) latest = { seed, luck: newLuck(seed) };
  return latest.luck;
}

const newLuck = (seed: Seed): Luck => ({
  sandbox: purposeOf(seed, 'kubelet/sandbox'),
  pull: purposeOf(seed, 'kubelet/pull'),
  startup: purposeOf(seed, 'kubelet/startup'),
  exit: purposeOf(seed, 'kubelet/exit'),
  stop: purposeOf(seed, 'kubelet/stop'),
  id: purposeOf(seed, 'kubelet/container-id'),
  phase: purposeOf(seed, 'kubelet/phase'),
});
