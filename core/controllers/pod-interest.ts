/**
 * Who is asked about a change of a Pod. A Pod changes several times, and most controllers look at one thing of it: what has
 * changed is worked out once, and a controller is asked only where it says that this may matter to it.
 */
import { controllerOf } from '../api/object.ts';
import type { Pod } from '../api/generated/types.ts';
import { isPodReady } from '../api/pod.ts';
import type { Delta } from '../client/informer.ts';
import type { AnyController } from './controller.ts';

/** What is asked of a change, each a bit. */
export const podChange = {
  deleted: 1,
  /** It is being deleted. */
  ending: 2,
  /** Its owners are others, or it is new. */
  owners: 4,
  /** Its labels are others, or it is new. */
  labels: 8,
  /** It has another node. */
  node: 16,
  /** Another phase; a new one begins as Pending. */
  phase: 32,
  readiness: 64,
  /** Its IPs, or the name that it has in DNS. */
  address: 128,
  containers: 256,
  tolerations: 512,
  /** Not a change: it has volumes. */
  volumes: 1_024,
} as const;

/** Every bit, of another Pod that has its name. */
const anything = 2_047;

export interface PodInterest {
  /** Only Pods whose controller is of this kind now or was before, and those that have, or had, none. */
  readonly of?: string;
  /** Only changes with one of these bits of `podChange`. */
  readonly when?: number;
}

/** What has changed. That two parts are not one object is taken for a change: whoever is asked looks for himself. */
export function changesOf({ type, object, before }: Delta): number {
  const pod = object as Pod;
  const old = before as Pod | undefined;
  if (old !== undefined && old !== pod && old.metadata.uid !== pod.metadata.uid) return anything;
  let bits = type === 'deleted' ? podChange.deleted : 0;
  const { metadata, spec, status } = pod;
  if (metadata.deletionTimestamp !== undefined) bits |= podChange.ending;
  if (metadata.ownerReferences !== old?.metadata.ownerReferences || old === undefined)
    bits |= podChange.owners;
  if (metadata.labels !== old?.metadata.labels || old === undefined) bits |= podChange.labels;
  if ((status.phase ?? 'Pending') !== (old?.status.phase ?? 'Pending')) bits |= podChange.phase;
  if (isPodReady(pod) !== (old !== undefined && isPodReady(old))) bits |= podChange.readiness;
  if (
    status.podIP !== old?.status.podIP ||
    (status.podIPs?.length ?? 0) !== (old?.status.podIPs?.length ?? 0)
  )
    bits |= podChange.address;
  if (spec.volumes !== undefined) bits |= podChange.volumes;
  return spec === old?.spec ? bits : bits | changesOfSpec(spec, old?.spec);
}

function changesOfSpec(spec: Pod['spec'], old: Pod['spec'] | undefined): number {
  let bits = 0;
  if ((spec.nodeName ?? '') !== (old?.nodeName ?? '')) bits |= podChange.node;
  if (spec.hostname !== old?.hostname || spec.subdomain !== old?.subdomain) bits |= podChange.address;
  if (spec.containers !== old?.containers) bits |= podChange.containers;
  if (spec.tolerations !== old?.tolerations) bits |= podChange.tolerations;
  if (old?.volumes !== undefined) bits |= podChange.volumes;
  return bits;
}

/** The places, among these controllers, of those that are to be asked about a change of a Pod. */
export function podAudience(controllers: readonly AnyController[]): (delta: Delta) => readonly number[] {
  const kinds = new Set(controllers.map(({ pods }) => pods?.of));
  /** By what has changed, for each kind of controller that somebody is interested in; made when they are first asked for. */
  const known = new Map<string | undefined, (readonly number[] | undefined)[]>();
  return (delta) => {
    const changes = changesOf(delta);
    const kind = controllerOf(delta.object)?.kind;
    const before = delta.before === undefined ? kind : controllerOf(delta.before)?.kind;
    if (kind !== before) return askedAbout(controllers, changes, [kind, before]);
    const common = kind === undefined || kinds.has(kind) ? kind : '';
    let lists = known.get(common);
    if (lists === undefined) known.set(common, (lists = new Array<undefined>(anything + 1).fill(undefined)));
    return (lists[changes] ??= askedAbout(controllers, changes, [common]));
  };
}

const askedAbout = (
  controllers: readonly AnyController[],
  changes: number,
  kinds: readonly (string | undefined)[],
): readonly number[] =>
  controllers.flatMap(({ follows, pods }, at) => {
    const isAsked =
      follows.includes('pods') &&
      (pods?.of === undefined || kinds.some((kind) => kind === undefined || kind === pods.of)) &&
      (pods?.when === undefined || (changes & pods.when) !== 0);
    return isAsked ? [at] : [];
  });
