/**
 * What a node may do with its Pods: each step of a kubelet is held against what its container runtime has from then on. The
 * numbers of the laws are those of the properties in the corpus of real failures.
 */
import type { Pod } from '../../core/api/generated/types.ts';
import { podRequests } from '../../core/api/pod-resources.ts';
import { milliValue, wholeValue } from '../../core/text/quantity.ts';
import { planOf } from '../../core/kubelet/plan.ts';
import {
  placesOf,
  type KubeletState,
  type RuntimeContainer,
  type RuntimePod,
} from '../../core/kubelet/state.ts';
import { minute, second, type Duration, type VirtualTime } from '../../core/time/time.ts';
import type { Observer } from '../../sim/engine/world.ts';
import { LawBook } from './law-book.ts';

/** What Kubernetes has. A test that gives other rules sees the laws broken. */
export interface KubeletRules {
  /** No container has less between SIGTERM and SIGKILL. */
  readonly shortestGrace: Duration;
  readonly firstBackoff: Duration;
  readonly longestBackoff: Duration;
  /** From the last restart of a container; its next one is a first one again. */
  readonly forgottenAfter: Duration;
  /** The share of a node's allocatable that its Pods may ask for. */
  readonly share: number;
}

export const kubernetesRules: KubeletRules = {
  shortestGrace: 2 * second,
  firstBackoff: 10 * second,
  longestBackoff: 300 * second,
  forgottenAfter: 10 * minute,
  share: 1,
};

/** What the last restart of a container makes its next one wait. */
interface Restart {
  readonly at: VirtualTime;
  readonly delay: Duration;
}

/** One look at one Pod of a node. */
interface Place {
  readonly kubelet: string;
  readonly uid: string;
  readonly pod: RuntimePod;
  readonly now: VirtualTime;
}

export class KubeletLaws extends LawBook implements Observer {
  private readonly rules: KubeletRules;
  /** What the nodes have of the Pods of a name, by uid. */
  private readonly named = new Map<string, Map<string, RuntimePod>>();
  /** By kubelet and container. */
  private readonly restarts = new Map<string, Map<string, Restart>>();

  constructor(rules: KubeletRules = kubernetesRules) {
    super();
    this.rules = rules;
  }

  stepped(kubelet: string, ...[before, step, now, event]: Tail<Parameters<Observer['stepped']>>): void {
    if (!kubelet.startsWith('kubelet/')) return;
    const [was, is] = [before as KubeletState, step.state as KubeletState];
    // What it remembers of back-offs is lost with its process.
    if (event.type === 'start') this.restarts.delete(kubelet);
    if (was.memory.workers !== is.memory.workers) this.room(kubelet, is);
    if (was.memory.workers === is.memory.workers && was.runtime.orphans === is.runtime.orphans) return;
    for (const { key: uid, before: old, after: pod } of placesOf(was).difference(placesOf(is))) {
      if (pod === undefined) this.removed(kubelet, old, now);
      else this.changed({ kubelet, uid, pod, now }, old, is);
    }
  }

  /** P28: the Pods that were let in and have not ended fit on the node together. */
  private room(kubelet: string, { memory, host }: KubeletState): void {
    const asked = { cpu: 0, memory: 0, pods: 0 };
    for (const { pod, state, status } of memory.workers.values()) {
      if (state === 'terminated' || status?.phase === 'Succeeded' || status?.phase === 'Failed') continue;
      const { milliCpu, memory: bytes } = podRequests(pod);
      asked.cpu += milliCpu;
      asked.memory += bytes;
      asked.pods++;
    }
    const { allocatable } = host.node;
    const given = {
      cpu: milliValue(allocatable['cpu'] ?? '0'),
      memory: wholeValue(allocatable['memory'] ?? '0'),
      pods: wholeValue(allocatable['pods'] ?? '0'),
    };
    const fits = (['cpu', 'memory', 'pods'] as const).every(
      (name) => asked[name] <= given[name] * this.rules.share,
    );
    this.law('P28 room', fits, () => `${kubelet}: ${JSON.stringify(asked)} of ${JSON.stringify(given)}`);
  }

  private changed(place: Place, old: RuntimePod | undefined, state: KubeletState): void {
    const { uid, pod } = place;
    const name = `${pod.namespace}/${pod.name}`;
    const same = this.named.get(name) ?? new Map<string, RuntimePod>();
    this.named.set(name, same.set(uid, pod));
    const spec = state.memory.workers.get(uid)?.pod;
    pod.containers.forEach((container, index) => {
      const last = old?.containers[index];
      if (container === undefined || container === last) return;
      if (container.id !== last?.id) this.started(place, name, index, container);
      else this.stopped(place, spec, index, container);
    });
  }

  private started(place: Place, name: string, index: number, container: RuntimeContainer): void {
    this.alone(place, name);
    if (container.previous === undefined) return;
    this.backedOff(place, `${place.uid} ${index}`, container.previous.at);
  }

  /** P18: of the Pods of a name one runs at a time, wherever they are. */
  private alone({ kubelet, uid, now }: Place, name: string): void {
    const others = [...(this.named.get(name) ?? [])].filter(
      ([other, pod]) => other !== uid && pod.containers.some((container) => runs(container, now)),
    );
    this.law('P18', others.length === 0, () => `${kubelet} starts ${name} while another of it runs`);
  }

  /** P28: the first restart is at once, and each one after it waits twice as long as the one before, to a limit. */
  private backedOff({ kubelet, now, pod }: Place, container: string, endedAt: VirtualTime): void {
    const { firstBackoff, longestBackoff, forgottenAfter } = this.rules;
    const known = this.restarts.get(kubelet) ?? new Map<string, Restart>();
    const last = known.get(container);
    const isFirst = last === undefined || now - last.at > forgottenAfter;
    const delay = isFirst ? 0 : last.delay;
    this.law('P28 back-off', now - endedAt >= delay, () => {
      const waited = (now - endedAt) / second;
      return `${kubelet} restarts ${pod.name} after ${waited} s, not ${delay / second}`;
    });
    const next = isFirst ? firstBackoff : Math.min(2 * delay, longestBackoff);
    this.restarts.set(kubelet, known.set(container, { at: now, delay: next }));
  }

  /**
   * P28: who is told to stop has the grace period for it, and two seconds of it after SIGTERM at the least.
   */
  private stopped(
    { kubelet, now, pod }: Place,
    spec: Pod | undefined,
    index: number,
    { end }: RuntimeContainer,
  ): void {
    if (end?.exitCode !== killed) return;
    const grace = spec === undefined ? graceOfOrphans : graceOf(spec, index);
    const hook = spec === undefined ? 0 : (planOf(spec.spec).containers[index]?.preStop ?? 0);
    const preStop = Math.min(hook, grace);
    const least = Math.max(grace, preStop + this.rules.shortestGrace);
    this.law('P28 grace', end.at - now >= least, () => {
      const given = (end.at - now) / second;
      return `${kubelet} kills ${pod.name} after ${given} s, of ${grace / second} (preStop ${preStop / second})`;
    });
  }

  /** What the runtime has no more cannot have run until now. */
  private removed(kubelet: string, pod: RuntimePod | undefined, now: VirtualTime): void {
    const running = pod?.containers.some((container) => runs(container, now)) === true;
    this.law('P28 grace', !running, () => `${kubelet} kills ${pod?.name ?? ''} at once`);
  }
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

/** 128 + SIGKILL. */
const killed = 137;

const runs = (container: RuntimeContainer | undefined, now: VirtualTime): boolean =>
  container !== undefined && (container.end === undefined || container.end.at > now);

/** Of Pods that nobody knows any more. */
const graceOfOrphans = 1 * second;

/** What the Pod's deletion says; of a Pod that stays, what the probe says that failed. */
function graceOf({ metadata, spec }: Pod, index: number): Duration {
  const planned = planOf(spec).containers[index];
  const own = spec.terminationGracePeriodSeconds ?? 30;
  const wanted =
    metadata.deletionTimestamp === undefined
      ? (planned?.liveness?.terminationGracePeriodSeconds ?? own)
      : (metadata.deletionGracePeriodSeconds ?? own);
  return wanted * second;
}
