/**
 * Which Pods a DaemonSet makes and which it gives up: first so that each node has what it should (`planNodes`), then so
 * that the Pods become those of the newest template (`planUpdate`).
 * (kubernetes v1.34.1 pkg/controller/daemon: podsShouldBeOnNode, and update.go rollingUpdate)
 */
import type { DaemonSet, Node, Pod } from '../../api/generated/types.ts';
import { isPodAvailable, isPodReady, isTerminal } from '../../api/pod.ts';
import type { VirtualTime } from '../../time/time.ts';
import { scaledValue } from '../deployment/math.ts';
import type { PlacedNode } from './placement.ts';
import { hashLabel, targetNodeOf } from './pod.ts';

/** A DaemonSet as a sync finds it. */
export interface Situation {
  readonly set: DaemonSet;
  /** The hash of its template's revision. */
  readonly hash: string;
  /** In the order of their names. */
  readonly nodes: readonly PlacedNode[];
  readonly podsOn: ReadonlyMap<string, readonly Pod[]>;
  readonly now: VirtualTime;
}

export interface Change {
  /** Names of nodes that are to have a Pod (more). */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

export interface NodeChange extends Change {
  /** Of those that are removed, the ones that have failed or, what no daemon should, succeeded. */
  readonly ended: readonly { readonly pod: Pod; readonly node: string }[];
}

const nothing: readonly never[] = [];
const noChange: Change = { create: nothing, remove: nothing };

/** The Pods by their nodes. Those that have ended and are being deleted are no longer anybody's concern. */
export function groupByNode(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (isTerminal(pod) && pod.metadata.deletionTimestamp !== undefined) continue;
    const node = targetNodeOf(pod);
    if (node === undefined) continue;
    const group = groups.get(node);
    if (group === undefined) groups.set(node, [pod]);
    else group.push(pod);
  }
  return groups;
}

/**
 * What each node lacks and has too much of. On a node that `isHeld` no failed Pod is removed yet: the next might fail
 * at once too.
 */
export function planNodes(situation: Situation, isHeld: (node: string) => boolean): NodeChange {
  const { nodes, podsOn } = situation;
  const create: string[] = [];
  const remove: Pod[] = [];
  const ended: { readonly pod: Pod; readonly node: string }[] = [];
  const known = new Set<string>();
  for (const placed of nodes) {
    const { name } = placed.node.metadata;
    known.add(name);
    const pods = podsOn.get(name);
    if (pods === undefined) {
      if (placed.run) create.push(name);
      continue;
    }
    const living = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
    if (!placed.keep) {
      remove.push(...living);
      continue;
    }
    for (const pod of living)
      if (isTerminal(pod) && !(pod.status.phase === 'Failed' && isHeld(name)))
        ended.push({ pod, node: name });
    const running = living.filter((pod) => !isTerminal(pod)).sort(olderFirst);
    if (!allowsSurge(situation.set)) remove.push(...running.slice(1));
    else if (running.length > 1) remove.push(...surplusOf(situation, running));
    else if (running.length === 0 && placed.run) create.push(name);
  }
  // Nobody else deletes a Pod that waits for a node that is gone.
  for (const [name, pods] of podsOn)
    if (!known.has(name)) remove.push(...pods.filter(({ spec }) => (spec.nodeName ?? '') === ''));
  return { create, remove: [...ended.map(({ pod }) => pod), ...remove], ended };
}

const allowsSurge = (set: DaemonSet): boolean => maxSurge(set, 1) > 0;

/** With a surge two may stay: an old one that is ready, until a new one is available. */
function surplusOf({ set, hash, now }: Situation, running: readonly Pod[]): readonly Pod[] {
  const [updated, ...moreUpdated] = running.filter((pod) => isUpdated(pod, hash));
  const [old, ...moreOld] = running.filter((pod) => !isUpdated(pod, hash));
  const surplus = running.filter((pod) => moreUpdated.includes(pod) || moreOld.includes(pod));
  if (old === undefined || updated === undefined) return surplus;
  const isOver = !isPodReady(old) || isPodAvailable(updated, set.spec.minReadySeconds ?? 0, now);
  return isOver ? [...surplus, old] : surplus;
}

export const isUpdated = (pod: Pod, hash: string): boolean =>
  hash !== '' && pod.metadata.labels?.[hashLabel] === hash;

/** Those on a node before those that wait for it, then the older ones. */
export function olderFirst(a: Pod, b: Pod): number {
  const [waitsA, waitsB] = [(a.spec.nodeName ?? '') === '' ? 1 : 0, (b.spec.nodeName ?? '') === '' ? 1 : 0];
  if (waitsA !== waitsB) return waitsA - waitsB;
  const [createdA, createdB] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (createdA !== createdB) return createdA < createdB ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** The new and the old Pod of a node; undefined where there are more of either: the node is to be tidied first. */
interface Pair {
  readonly updated: Pod | undefined;
  readonly old: Pod | undefined;
}

function pairOn(pods: readonly Pod[], hash: string): Pair | undefined {
  let updated: Pod | undefined;
  let old: Pod | undefined;
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    if (isUpdated(pod, hash)) {
      if (updated !== undefined) return undefined;
      updated = pod;
    } else {
      if (old !== undefined) return undefined;
      old = pod;
    }
  }
  return { updated, old };
}

interface PlacedPair {
  readonly name: string;
  readonly run: boolean;
  readonly pair: Pair | undefined;
}

/** What a rolling update does next, or undefined where it must wait for what the cache knows of a node. */
export function planUpdate(situation: Situation): Change | undefined {
  const { set, hash, nodes, podsOn } = situation;
  if (isAllUpdated(podsOn, hash)) return noChange;
  const wanted = nodes.filter(({ run }) => run);
  const surge = maxSurge(set, wanted.length);
  let unavailable = maxUnavailable(set, wanted.length);
  if (wanted.length > 0 && unavailable === 0 && surge === 0) unavailable = 1;
  const runs = new Map(nodes.map(({ node, run }): [string, boolean] => [node.metadata.name, run]));
  const names = new Set([...podsOn.keys(), ...wanted.map(({ node }: { node: Node }) => node.metadata.name)]);
  const pairs = [...names].sort().map((name) => ({
    name,
    run: runs.get(name),
    pair: pairOn(podsOn.get(name) ?? nothing, hash),
  }));
  if (surge === 0) return replaceInPlace(situation, pairs, unavailable);
  const placed: PlacedPair[] = [];
  for (const { name, run, pair } of pairs) {
    if (run === undefined && pair?.old !== undefined && pair.updated === undefined) return undefined;
    placed.push({ name, run: run ?? false, pair });
  }
  return replaceBySurge(situation, placed, surge, wanted.length);
}

function isAllUpdated(podsOn: Situation['podsOn'], hash: string): boolean {
  for (const pods of podsOn.values()) for (const pod of pods) if (!isUpdated(pod, hash)) return false;
  return true;
}

/** Deletes as many old Pods as may be unavailable, those that are so already first; `planNodes` makes the new ones. */
function replaceInPlace(
  situation: Situation,
  pairs: readonly { readonly pair: Pair | undefined }[],
  mostUnavailable: number,
): Change {
  let unavailable = 0;
  const replaced: Pod[] = [];
  const candidates: Pod[] = [];
  for (const { pair } of pairs) {
    const { old, updated } = pair ?? {};
    const only = old === undefined || updated === undefined ? (old ?? updated) : undefined;
    if (only === undefined) unavailable++;
    else if (!isAvailable(situation, only)) {
      unavailable++;
      if (only === old) replaced.push(only);
    } else if (only === old && unavailable < mostUnavailable) candidates.push(only);
  }
  const more = Math.max(0, mostUnavailable - unavailable);
  return { create: nothing, remove: [...replaced, ...candidates.slice(0, more)] };
}

const isAvailable = ({ set, now }: Situation, pod: Pod): boolean =>
  isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now);

/** Makes new Pods beside old ones, and deletes an old one when the new one beside it is available. */
function replaceBySurge(
  situation: Situation,
  pairs: readonly PlacedPair[],
  surge: number,
  wanted: number,
): Change {
  let surging = 0;
  let available = 0;
  const create: string[] = [];
  const candidates: string[] = [];
  const remove: Pod[] = [];
  const misplaced: Pod[] = [];
  for (const { name, run, pair } of pairs) {
    if (pair === undefined) {
      surging++;
      continue;
    }
    const { old, updated } = pair;
    const counted = old ?? updated;
    if (counted !== undefined && isAvailable(situation, counted)) available++;
    if (old === undefined) continue;
    if (updated !== undefined) {
      if (isAvailable(situation, updated)) remove.push(old);
      else surging++;
    } else if (isAvailable(situation, old)) {
      if (!run) misplaced.push(old);
      else if (surging < surge) candidates.push(name);
    } else if (run) create.push(name);
    else remove.push(old);
  }
  // On a node where none belongs any more, an old Pod goes when there are enough without it.
  remove.push(...misplaced.slice(0, Math.max(0, available - wanted)));
  return { create: [...create, ...candidates.slice(0, Math.max(0, surge - surging))], remove };
}

const rollingOf = ({
  spec,
}: DaemonSet): NonNullable<NonNullable<DaemonSet['spec']['updateStrategy']>['rollingUpdate']> =>
  (spec.updateStrategy?.type === 'RollingUpdate' ? spec.updateStrategy.rollingUpdate : undefined) ?? {};

const maxSurge = (set: DaemonSet, nodes: number): number =>
  scaledValue(rollingOf(set).maxSurge ?? 0, nodes, true);

const maxUnavailable = (set: DaemonSet, nodes: number): number =>
  scaledValue(rollingOf(set).maxUnavailable ?? 0, nodes, true);
