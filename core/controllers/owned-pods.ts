/**
 * How many Pods each controller of Pods has, and how they are: a count patched by every change of a Pod, so that a sync
 * need not walk a thousand Pods because one of them became ready. Those that nobody controls are counted too: where
 * there are none, nobody has to look for one to adopt.
 */
import { isPodActive, isPodReady } from '../api/pod.ts';
import { controllerOf } from '../api/object.ts';
import type { Pod } from '../api/generated/types.ts';
import { OrderedMap } from '../collections/ordered-map.ts';

/** The Pods of one owner that carry the same labels. */
export interface LabelledPods {
  readonly labels: Readonly<Record<string, string>>;
  readonly total: number;
  /** Neither finished nor being deleted. */
  readonly active: number;
  /** Active and Ready. */
  readonly ready: number;
}

/** By the owner's uid. An owner's Pods nearly always have one set of labels: its template's. */
export type OwnedPods = OrderedMap<string, readonly LabelledPods[]>;

export const noOwnedPods: OwnedPods = OrderedMap.empty();

/** How many Pods of each namespace nobody controls; a namespace without one is not there. */
export type OrphanCounts = OrderedMap<string, number>;

export const noOrphans: OrphanCounts = OrderedMap.empty();

/** The counts after a Pod has come, changed or gone. */
export function countOrphan(
  orphans: OrphanCounts,
  before: Pod | undefined,
  after: Pod | undefined,
): OrphanCounts {
  if (before !== undefined && after !== undefined && hasSameOwners(before, after)) return orphans;
  const [was, is] = [isOrphan(before), isOrphan(after)];
  if (was === is) return orphans;
  const namespace = (after ?? before)?.metadata.namespace ?? '';
  const count = (orphans.get(namespace) ?? 0) + (is ? 1 : -1);
  return count === 0 ? orphans.delete(namespace) : orphans.set(namespace, count);
}

/** Most changes of a Pod leave its owners as they are, and the list of them too. */
const hasSameOwners = (before: Pod, after: Pod): boolean =>
  before.metadata.ownerReferences === after.metadata.ownerReferences;

const isOrphan = (pod: Pod | undefined): boolean => pod !== undefined && controllerOf(pod) === undefined;

/** The counts after a Pod has come, changed or gone. */
export function countPod(owned: OwnedPods, before: Pod | undefined, after: Pod | undefined): OwnedPods {
  const ownerBefore = ownerOf(before);
  if (before !== undefined && after !== undefined) {
    const isSame = hasSameOwners(before, after) || ownerBefore === ownerOf(after);
    if (isSame && countsAlike(before, after)) return owned;
  }
  const ownerAfter = ownerOf(after);
  let next = owned;
  if (before !== undefined && ownerBefore !== undefined) next = counted(next, ownerBefore, before, -1);
  if (after !== undefined && ownerAfter !== undefined) next = counted(next, ownerAfter, after, 1);
  return next;
}

const ownerOf = (pod: Pod | undefined): string | undefined =>
  pod === undefined ? undefined : controllerOf(pod)?.uid;

const countsAlike = (before: Pod, after: Pod): boolean =>
  sameLabels(labelsOf(before), labelsOf(after)) &&
  isPodActive(before) === isPodActive(after) &&
  isPodReady(before) === isPodReady(after);

const noLabels: Readonly<Record<string, string>> = {};
const labelsOf = (pod: Pod): Readonly<Record<string, string>> => pod.metadata.labels ?? noLabels;

function counted(owned: OwnedPods, owner: string, pod: Pod, by: 1 | -1): OwnedPods {
  const groups = owned.get(owner) ?? [];
  const labels = labelsOf(pod);
  const active = isPodActive(pod) ? by : 0;
  const ready = active !== 0 && isPodReady(pod) ? by : 0;
  const at = groups.findIndex((group) => sameLabels(group.labels, labels));
  const group = groups[at];
  if (group === undefined) return owned.set(owner, [...groups, { labels, total: by, active, ready }]);
  const total = group.total + by;
  const changed = groups.slice();
  if (total === 0) changed.splice(at, 1);
  else
    changed[at] = { labels: group.labels, total, active: group.active + active, ready: group.ready + ready };
  return changed.length === 0 ? owned.delete(owner) : owned.set(owner, changed);
}

export function sameLabels(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean {
  if (a === b) return true;
  let count = 0;
  for (const key in a) {
    if (a[key] !== b[key]) return false;
    count++;
  }
  return count === Object.keys(b).length;
}
