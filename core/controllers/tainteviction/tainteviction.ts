/**
 * Deletes Pods from nodes that have NoExecute taints: at once, or when their tolerations run out (kubernetes v1.34.1
 * pkg/controller/tainteviction). What is planned for a Pod is kept in mind; a taint that goes, or a Pod that tolerates it,
 * cancels it.
 */
import { splitKey, type ObjectKey } from '../../api/object.ts';
import type { Node, Pod, Taint } from '../../api/generated/types.ts';
import { same } from '../../api/merge-patch.ts';
import { viewOf, type Delta } from '../../client/informer.ts';
import { OrderedMap } from '../../collections/ordered-map.ts';
import { millisecond, second, type VirtualTime } from '../../time/time.ts';
import {
  done,
  failed,
  refused,
  type Context,
  type Controller,
  type Effects,
  type News,
  type Outcome,
  type Sync,
} from '../controller.ts';
import { disruptionTarget, patchPodStatus, withPodCondition } from '../pod-condition.ts';
import { podChange } from '../pod-interest.ts';
import { get, remove } from '../requests.ts';
import { noExecuteTaints, stayOf } from './toleration.ts';

/** A Pod that waits to be deleted, or `fired` where that was done already. */
type Plan = { readonly since: VirtualTime; readonly at: VirtualTime; readonly uid: string } | 'fired';

interface TaintMemory {
  /** The NoExecute taints of nodes that have some. */
  readonly tainted: OrderedMap<string, readonly Taint[]>;
  readonly plans: OrderedMap<ObjectKey, Plan>;
}

/** Nodes and evictions have keys of their own: `node/NAME`, `evict/NAMESPACE/NAME`; a Pod's begins with `pod/`. */
const [ofNode, ofEviction, ofPod] = ['node/', 'evict/', 'pod/'];

export const taintEvictionController: Controller<TaintMemory> = {
  name: 'taint-eviction-controller',
  userAgent: 'node-controller',
  component: 'taint-eviction-controller',
  // Each eviction has a thread of its own.
  workers: 10_000,
  maxRetries: 5,
  backoff: { first: 10 * millisecond, most: 10 * millisecond },
  follows: ['nodes', 'pods'],
  pods: { when: podChange.deleted | podChange.node | podChange.tolerations },
  initial: { tainted: OrderedMap.empty(), plans: OrderedMap.empty() },
  handle,
  sync,
};

function handle({ memory }: Context<TaintMemory>, delta: Delta): Effects<TaintMemory> | undefined {
  if (delta.stream === 'nodes') return onNode(delta);
  if (memory.tainted.size === 0 && memory.plans.size === 0) return undefined;
  const pod = delta.object as Pod;
  const before = delta.before as Pod | undefined;
  if (delta.type === 'deleted')
    return memory.plans.has(delta.key) ? { mark: [ofPod + delta.key] } : undefined;
  if (!memory.tainted.has(pod.spec.nodeName ?? '')) return undefined;
  const isSame =
    before !== undefined &&
    before.spec.nodeName === pod.spec.nodeName &&
    (before.spec.tolerations === pod.spec.tolerations || same(before.spec.tolerations, pod.spec.tolerations));
  return isSame ? undefined : { mark: [ofPod + delta.key] };
}

function onNode({ object, before, type, key }: Delta): Effects<TaintMemory> | undefined {
  const next = type === 'deleted' ? [] : noExecuteTaints((object as Node).spec.taints);
  const last = noExecuteTaints((before as Node | undefined)?.spec.taints);
  return last.length + next.length === 0 || (type === 'updated' && same(last, next))
    ? undefined
    : { mark: [ofNode + key] };
}

function sync(context: Context<TaintMemory>, key: string): Sync<TaintMemory> {
  if (key.startsWith(ofNode)) return syncNode(context, key.slice(ofNode.length));
  if (key.startsWith(ofPod)) return syncPod(context, key.slice(ofPod.length));
  return evict(context, key.slice(ofEviction.length));
}

function* syncNode({ caches, memory, now }: Context<TaintMemory>, name: string): Sync<TaintMemory> {
  const node = viewOf(caches, 'nodes').objects.get(name);
  const taints = noExecuteTaints(node?.spec.taints);
  const remember = (kept: TaintMemory): TaintMemory => ({
    ...kept,
    tainted: taints.length === 0 ? kept.tainted.delete(name) : kept.tainted.set(name, taints),
  });
  if (node === undefined) return { remember };
  const pods = [...viewOf(caches, 'pods').objects.valuesOf('node', name)];
  const steps = pods.map((pod) => planned(memory, pod, taints, now));
  return together(steps, remember);
}

function* syncPod({ caches, memory, now }: Context<TaintMemory>, key: ObjectKey): Sync<TaintMemory> {
  const pod = viewOf(caches, 'pods').objects.get(key);
  if (pod === undefined) return together([cancelled(memory, key)]);
  const taints = memory.tainted.get(pod.spec.nodeName ?? '');
  return taints === undefined ? done : together([planned(memory, pod, taints, now)]);
}

/** What is decided about one Pod. */
interface Decision {
  readonly key: ObjectKey;
  /** What is planned now; undefined: nothing. `as it was`: no change. */
  readonly plan: Plan | undefined | 'as it was';
  readonly at?: VirtualTime;
  readonly delay?: number;
  readonly news?: News;
}

function cancelled(memory: TaintMemory, key: ObjectKey): Decision {
  const plan = memory.plans.get(key);
  if (plan === undefined || plan === 'fired') return { key, plan: undefined };
  return { key, plan: undefined, news: eviction(key, plan.uid, 'Cancelling deletion of Pod') };
}

function planned({ plans }: TaintMemory, pod: Pod, taints: readonly Taint[], now: VirtualTime): Decision {
  const { namespace = '', name, uid } = pod.metadata;
  const key = `${namespace}/${name}`;
  const off = cancelled({ plans } as TaintMemory, key);
  if (taints.length === 0) return off;
  const { allTolerated, seconds } = stayOf(taints, pod.spec.tolerations);
  if (!allTolerated) return { ...off, plan: { since: now, at: now, uid }, delay: 0 };
  if (seconds === undefined) return off;
  const before = plans.get(key);
  // What was planned first holds, though the taints or the tolerations be others now.
  if (before === 'fired' || (before !== undefined && before.since < now)) return { key, plan: 'as it was' };
  const delay = seconds * second;
  return { ...off, plan: { since: now, at: now + delay, uid }, delay };
}

function together(
  decisions: readonly Decision[],
  first: (memory: TaintMemory) => TaintMemory = (memory) => memory,
): Outcome<TaintMemory> {
  const changes = decisions.filter(({ plan }) => plan !== 'as it was');
  return {
    remember: (memory) => {
      const next = first(memory);
      let { plans } = next;
      for (const { key, plan } of changes)
        if (plan === undefined) plans = plans.delete(key);
        else if (plan !== 'as it was') plans = plans.set(key, plan);
      return { ...next, plans };
    },
    unmark: changes.map(({ key }) => ofEviction + key),
    markAfter: changes.flatMap(({ key, delay }) =>
      delay === undefined ? [] : [{ key: ofEviction + key, delay }],
    ),
    news: changes.flatMap(({ news: said }) => (said === undefined ? [] : [said])),
  };
}

function eviction(key: ObjectKey, uid: string, what: string): News {
  const { namespace, name } = splitKey(key);
  return {
    regarding: { kind: 'Pod', apiVersion: 'v1', namespace, name, uid },
    occurrence: { type: 'Normal', reason: 'TaintManagerEviction', message: `${what} ${key}` },
  };
}

/** The Pod is told why, and deleted. It is announced once, however often it has to be tried. */
function* evict({ memory, now }: Context<TaintMemory>, key: ObjectKey): Sync<TaintMemory> {
  const plan = memory.plans.get(key);
  if (plan === undefined || (plan !== 'fired' && plan.at > now)) return done;
  const remember = (kept: TaintMemory): TaintMemory => ({ ...kept, plans: kept.plans.set(key, 'fired') });
  const { namespace, name } = splitKey(key);
  const said = plan === 'fired' ? [] : [eviction(key, plan.uid, 'Marking for deletion Pod')];
  const [read] = (yield { requests: [get('pods', namespace, name)], remember, news: said }).answers;
  if (refused(read, 'NotFound')) return done;
  if (read?.ok !== true || read.object === undefined) return failed;
  const pod = read.object as Pod;
  const { generation } = pod.metadata;
  const conditions = withPodCondition(
    pod.status.conditions,
    { ...byTaint, observedGeneration: generation },
    now,
  );
  if (conditions !== undefined) {
    const [marked] = (yield { requests: [patchPodStatus(pod, { conditions })] }).answers;
    if (marked?.ok !== true) return refused(marked, 'NotFound') ? done : failed;
  }
  const [deleted] = (yield { requests: [remove('pods', pod)] }).answers;
  return deleted?.ok === true || refused(deleted, 'NotFound') ? done : failed;
}

const byTaint = {
  type: disruptionTarget,
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
};
