/**
 * One pass of monitorNodeHealth: what became of each node that may have changed, and of the zones
 * (kubernetes v1.34.1 pkg/controller/nodelifecycle/node_lifecycle_controller.go).
 *
 * The real one visits every node at every pass. A visit of a node about which nothing is new does nothing, so here only
 * those are visited that changed, or that have been silent for long enough: with the same decisions at the same instants.
 */
import { heartbeatsOf } from '../../api/heartbeats.ts';
import { keyFor } from '../../api/object.ts';
import type { Lease, Node } from '../../api/generated/types.ts';
import { viewOf, type Informers } from '../../client/informer.ts';
import type { VirtualTime } from '../../time/time.ts';
import {
  refused,
  type Ask,
  type Context,
  type News,
  type Outcome,
  type Reply,
  type Sync,
} from '../controller.ts';
import { get, updateStatus } from '../requests.ts';
import { passAt, type Ticks } from '../ticks.ts';
import { nextServiceAt } from './eviction-queue.ts';
import { observe, type Observation } from './health.ts';
import { markPods } from './mark-pods.ts';
import {
  disruption,
  forgotten,
  queuedForTaint,
  timeOfDeadline,
  unqueued,
  visited,
  withDirty,
  withZone,
  type NodeMemory,
} from './memory.ts';
import { idlePasses, taintPasses, type NodeSettings } from './settings.ts';
import { hasNoExecute, notReady, oppositeOf, swapTaints, taintOfReady, unreachable } from './taints.ts';
import { zoneKeyOf } from './zone-state.ts';

type Step<T> = Generator<Ask<NodeMemory>, T, Reply>;
type Change = (memory: NodeMemory) => NodeMemory;

/** Nodes that are visited at once (--concurrent-node-syncs has no say here; nodeUpdateWorkerSize). */
const workers = 8;
const updateTries = 5;

export function* monitorNodeHealth(
  { caches, memory, now }: Context<NodeMemory>,
  settings: NodeSettings,
): Sync<NodeMemory> {
  const due = dueNodes(memory, now);
  const nodes = viewOf(caches, 'nodes').objects;
  const present = due.flatMap((name) => nodes.get(name) ?? []);
  const added = present.filter(({ metadata }) => !memory.nodes.has(metadata.name));
  const gone = due.filter((name) => nodes.get(name) === undefined && memory.nodes.has(name));
  const begin: Change = (kept) => {
    let next = kept;
    for (const name of due) next = { ...next, dirty: next.dirty.delete(name) };
    for (const node of present) next = withZone(next, zoneKeyOf(node), settings.rates);
    for (const name of gone) next = forgotten(next, name);
    return next;
  };
  const said = [
    ...added.map(({ metadata: { name, uid } }) =>
      nodeNews(name, uid, 'RegisteredNode', `Registered Node ${name} in Controller`),
    ),
    ...gone.map((name) =>
      nodeNews(
        name,
        memory.nodes.get(name)?.uid ?? '',
        'RemovingNode',
        `Removing Node ${name} from Controller`,
      ),
    ),
  ];
  yield { requests: [], remember: begin, news: said };
  let mine = begin(memory);
  for (const node of added) yield* makeReachable(node, now);
  for (let at = 0; at < present.length; at += workers) {
    const change = yield* visitAll(caches, mine, present.slice(at, at + workers), now, settings);
    mine = change(mine);
  }
  return yield* afterVisits(caches, mine, now, settings);
}

/** In order of their names. */
function dueNodes({ dirty, deadlines, ends }: NodeMemory, now: VirtualTime): readonly string[] {
  const due = new Set<string>(dirty.keys());
  for (const ordered of [deadlines, ends])
    for (const [deadline, name] of ordered.entries()) {
      if (timeOfDeadline(deadline) >= now) break;
      due.add(name);
    }
  return [...due].sort();
}

const nodeNews = (name: string, uid: string, reason: string, what: string): News => ({
  regarding: { kind: 'Node', apiVersion: 'v1', name, uid },
  occurrence: { type: 'Normal', reason, message: `Node ${name} event: ${what}` },
});

/** Takes off the taints that drive Pods away. */
function* makeReachable(node: Node, now: VirtualTime): Step<void> {
  if (!hasNoExecute(node, unreachable) && !hasNoExecute(node, notReady)) return;
  yield* swapTaints<NodeMemory>(node, undefined, [unreachable, notReady], now);
}

interface Visited {
  readonly node: Node;
  readonly lease: Lease | undefined;
  readonly seen: Observation;
}

/** Some nodes side by side. Answers what it has remembered. */
function* visitAll(
  caches: Informers,
  memory: NodeMemory,
  nodes: readonly Node[],
  now: VirtualTime,
  settings: NodeSettings,
): Step<Change> {
  const looked = nodes.map((node) => look(caches, memory, node, now, settings));
  const writes = looked.filter(({ seen }) => seen.status !== undefined);
  const found = looked.filter(({ seen }) => seen.status === undefined);
  if (writes.length > 0) {
    const { answers } = yield { requests: writes.map(statusWrite) };
    for (let i = 0; i < writes.length; i++) {
      const written = writes[i] as Visited;
      const settled =
        answers[i]?.ok === true ? written : yield* again(caches, memory, written.node, now, settings);
      if (settled !== undefined) found.push(settled);
    }
  }
  const left = nodes.filter((node) => !found.some((each) => each.node.metadata.name === node.metadata.name));
  const change: Change = (kept) => {
    let next = kept;
    for (const each of found) next = remembered(next, each, now);
    for (const { metadata } of left) next = withDirty(next, metadata.name);
    return next;
  };
  const at = passAt(taintPasses, memory.start ?? 0, now);
  const isQueued = found.some(({ seen }) => taintOfReady(seen.current?.status ?? 'True') !== undefined);
  yield {
    requests: [],
    remember: change,
    ...(isQueued ? { markAfter: [{ key: at.key, delay: at.at - now }] } : {}),
    news: found.filter(hasBecomeUnready).map(({ node }) => becameUnready(node)),
  };
  for (const each of found) yield* taintAtOnce(each, now);
  return yield* podsToo(caches, memory, found, change, now);
}

function look(
  caches: Informers,
  memory: NodeMemory,
  node: Node,
  now: VirtualTime,
  { grace, passes }: NodeSettings,
): Visited {
  const { name } = node.metadata;
  const lease = viewOf(caches, 'leases').objects.get(keyFor('kube-node-lease', name));
  const known = memory.nodes.get(name)?.health;
  const isAlive = heartbeatsOf(lease) === 'derived';
  const saved = known !== undefined && isAlive ? { ...known, probe: now } : known;
  const heardAt = passAt(passes, memory.start ?? 0, memory.renewals.get(name) ?? now).at;
  const renewedAt = known?.renewTime === undefined ? now : Math.min(heardAt, now);
  return { node, lease, seen: observe(node, lease, saved, renewedAt, now, grace) };
}

const statusWrite = ({ node, seen }: Visited) =>
  updateStatus('nodes', { ...node, status: seen.status ?? node.status });

/** The Node was another by then: it is read, looked at and written again. */
function* again(
  caches: Informers,
  memory: NodeMemory,
  node: Node,
  now: VirtualTime,
  settings: NodeSettings,
): Step<Visited | undefined> {
  for (let i = 1; i < updateTries; i++) {
    const [read] = (yield { requests: [get('nodes', undefined, node.metadata.name)] }).answers;
    if (read?.ok !== true || read.object === undefined) return undefined;
    const fresh = look(caches, memory, read.object as Node, now, settings);
    if (fresh.seen.status === undefined) return fresh;
    const [written] = (yield { requests: [statusWrite(fresh)] }).answers;
    if (written?.ok === true) return fresh;
    if (refused(written, 'NotFound')) return undefined;
  }
  return undefined;
}

function remembered(memory: NodeMemory, { node, lease, seen }: Visited, now: VirtualTime): NodeMemory {
  const { health, current, silentAt } = seen;
  const heartbeats = heartbeatsOf(lease);
  const nothingFollows = current?.status === 'Unknown' || heartbeats === 'derived';
  // What was forgotten of the Lease when the status changed is noticed at the next pass.
  const looksAgain = lease !== undefined && heartbeats !== 'derived' && health.renewTime === undefined;
  const next = visited(memory, {
    node,
    health,
    isReady: current?.status === 'True',
    silentAt: looksAgain ? now : nothingFollows ? undefined : silentAt,
    isEnd: heartbeats === 'ended',
  });
  const taint = taintOfReady(current?.status ?? 'True');
  if (current === undefined) return next;
  if (taint === undefined) return unqueued(next, node);
  return hasNoExecute(node, oppositeOf(taint))
    ? next
    : queuedForTaint(next, node, hasNoExecute(node, taint), now);
}

const hasBecomeUnready = ({ seen }: Visited): boolean =>
  seen.observed === 'True' && seen.current !== undefined && seen.current.status !== 'True';

const becameUnready = ({ metadata: { name, uid } }: Node): News => ({
  regarding: { kind: 'Node', apiVersion: 'v1', name, uid },
  occurrence: { type: 'Normal', reason: 'NodeNotReady', message: `Node ${name} status is now: NodeNotReady` },
});

/** A node that is tainted already, with the other taint, has no need to wait; one that is Ready loses both. */
function* taintAtOnce({ node, seen }: Visited, now: VirtualTime): Step<void> {
  if (seen.current === undefined) return;
  const taint = taintOfReady(seen.current.status);
  if (taint === undefined) return yield* makeReachable(node, now);
  const other = oppositeOf(taint);
  if (hasNoExecute(node, other)) yield* swapTaints<NodeMemory>(node, taint, [other], now);
}

function* podsToo(
  caches: Informers,
  memory: NodeMemory,
  found: readonly Visited[],
  change: Change,
  now: VirtualTime,
): Step<Change> {
  const pods = viewOf(caches, 'pods').objects;
  const concerned = found.filter(
    (each) =>
      hasBecomeUnready(each) || (memory.retry.has(each.node.metadata.name) && each.seen.observed !== 'True'),
  );
  if (concerned.length === 0 && memory.retry.size === 0) return change;
  const failed = yield* markPods<NodeMemory>(
    concerned.map(({ node: { metadata } }) => [metadata.name, [...pods.valuesOf('node', metadata.name)]]),
    now,
  );
  const settle: Change = (kept) => {
    let next = kept;
    for (const { node } of found) {
      const { name } = node.metadata;
      if (failed.has(name)) next = withDirty({ ...next, retry: next.retry.set(name, true) }, name);
      else if (next.retry.has(name)) next = { ...next, retry: next.retry.delete(name) };
    }
    return next;
  };
  yield { requests: [], remember: settle };
  return (kept) => settle(change(kept));
}

/** What follows for the zones, and when the next pass has something to do. */
function* afterVisits(
  caches: Informers,
  memory: NodeMemory,
  now: VirtualTime,
  { rates, passes }: NodeSettings,
): Sync<NodeMemory> {
  const { isTotal } = disruption(memory, rates, now);
  yield { requests: [], remember: (kept) => disruption(kept, rates, now).memory };
  let mine = disruption(memory, rates, now).memory;
  const nodes = viewOf(caches, 'nodes').objects;
  const unready = isTotal ? [...mine.unready.keys()].flatMap((name) => nodes.get(name) ?? []) : [];
  for (const node of unready) yield* makeReachable(node, now);
  const anew: Change = (kept) => {
    let next = kept;
    for (const node of unready) next = withDirty(unqueued(next, node), node.metadata.name);
    return next;
  };
  mine = anew(mine);
  return { remember: anew, markAfter: nextPasses(mine, now, passes) };
}

function nextPasses(
  memory: NodeMemory,
  now: VirtualTime,
  passes: Ticks,
): NonNullable<Outcome<NodeMemory>['markAfter']> {
  const { start = 0, dirty, deadlines, ends, zones } = memory;
  const marks: { key: string; delay: number }[] = [];
  const mark = (ticks: Ticks, at: VirtualTime): void => {
    const pass = passAt(ticks, start, Math.max(at, now + 1));
    marks.push({ key: pass.key, delay: pass.at - now });
  };
  const [silent, ended] = [deadlines.first()?.[0], ends.first()?.[0]];
  if (dirty.size > 0) mark(passes, now);
  if (silent !== undefined) mark(idlePasses(passes), timeOfDeadline(silent) + 1);
  if (ended !== undefined) mark(passes, timeOfDeadline(ended) + 1);
  for (const { queue } of Object.values(zones)) {
    const at = nextServiceAt(queue);
    if (at !== undefined) mark(taintPasses, at);
  }
  return marks;
}
