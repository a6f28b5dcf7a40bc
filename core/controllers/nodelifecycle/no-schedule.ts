/**
 * Keeps a Node's NoSchedule taints as its conditions say (kubernetes v1.34.1 pkg/controller/nodelifecycle,
 * doNoScheduleTaintingPass). Every new Node begins with `not-ready` (admission puts it there): this takes it off.
 *
 * In the real one it is a queue with workers of its own in the same controller, so here it is run as one.
 */
import type { ObjectKey } from '../../api/object.ts';
import type { Node, Taint } from '../../api/generated/types.ts';
import { same } from '../../api/merge-patch.ts';
import { conditionOf } from '../../api/pod.ts';
import { viewOf, type Delta } from '../../client/informer.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';
import {
  done,
  failed,
  refused,
  type Context,
  type Controller,
  type Effects,
  type Sync,
} from '../controller.ts';
import { patch } from '../requests.ts';

export const noScheduleTaints: Controller<undefined> = {
  name: 'node-controller',
  component: 'node-controller',
  workers: 8,
  follows: ['nodes'],
  initial: undefined,
  handle,
  sync,
};

function handle(_: Context<undefined>, { object, before, type, key }: Delta): Effects<undefined> | undefined {
  if (type === 'deleted') return undefined;
  const node = object as Node;
  const old = before as Node | undefined;
  const same =
    old !== undefined && old.spec === node.spec && old.status.conditions === node.status.conditions;
  return same ? undefined : { mark: [key] };
}

/** The taint of each condition's status (nodeConditionToTaintKeyStatusMap). */
const taintOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: 'node.kubernetes.io/not-ready', Unknown: 'node.kubernetes.io/unreachable' },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};
const conditionTypes = Object.keys(taintOf);
const unschedulable = 'node.kubernetes.io/unschedulable';
const managed: ReadonlySet<string> = new Set([
  unschedulable,
  ...Object.values(taintOf).flatMap((byStatus) => Object.values(byStatus)),
]);

const isManaged = (taint: Taint): boolean => taint.effect === 'NoSchedule' && managed.has(taint.key);

function* sync({ caches, now }: Context<undefined>, key: ObjectKey): Sync<undefined> {
  const node = viewOf(caches, 'nodes').objects.get(key);
  if (node === undefined) return done;
  const taints = taintsOf(node, now);
  if (taints === undefined) return done;
  const change = {
    metadata: { resourceVersion: node.metadata.resourceVersion },
    spec: { taints: taints.length === 0 ? null : taints.map(plain) },
  };
  const [answer] = (yield { requests: [patch('nodes', node, change)] }).answers;
  return answer?.ok === true || refused(answer, 'NotFound') ? done : failed;
}

const plain = ({ key, effect, value, timeAdded }: Taint): Record<string, string> => ({
  key,
  effect,
  ...(value === undefined ? {} : { value }),
  ...(typeof timeAdded === 'string' ? { timeAdded } : {}),
});

/** The taints the Node should have; undefined where it has them. */
export function taintsOf(node: Node, now: VirtualTime): readonly Taint[] | undefined {
  const wanted: string[] = [];
  for (const type of conditionTypes) {
    const taint = taintOf[type]?.[conditionOf(node.status, type)?.status ?? ''];
    if (taint !== undefined) wanted.push(taint);
  }
  if (node.spec.unschedulable === true) wanted.push(unschedulable);
  const taints = node.spec.taints ?? [];
  const present = taints.filter(isManaged).map(({ key }) => key);
  if (present.length === 0 && wanted.length === 0) return undefined;
  if (same([...present].sort(), [...wanted].sort())) return undefined;
  const kept = taints.filter((taint) => !isManaged(taint) || wanted.includes(taint.key));
  const added = wanted
    .filter((key) => !present.includes(key))
    .map((key): Taint => ({ key, effect: 'NoSchedule', timeAdded: timeText(now) }));
  return [...kept, ...added];
}
