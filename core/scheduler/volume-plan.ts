/**
 * What becomes of a Pod's claims that wait for their first consumer, on one node: which volumes they would be bound to,
 * and for which a new one would be made. (kubernetes v1.34.1 plugins/volumebinding/binder.go, FindPodVolumes)
 *
 * Simplified: storage capacity (CSIStorageCapacity) is not looked at.
 */
import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../api/generated/types.ts';
import { matchesAnyTerm } from '../api/node-affinity.ts';
import { keyOf, type ObjectKey } from '../api/object.ts';
import { compareQuantities } from '../text/quantity.ts';
import { classOf, matching, selectedNode, waitsForConsumer } from '../api/volume-match.ts';
import type { OrderedMap } from '../collections/ordered-map.ts';
import { claimsOf } from '../api/pod-claims.ts';
import { claimNamed, isBound, nameOf } from './claims.ts';
import type { Listers, Snapshot } from './framework.ts';
import type { PodInfo } from './pod-info.ts';

/** The volumes of one Pod that has a node and is not bound yet. */
export interface VolumePlan {
  readonly node: string;
  /** Claims, each with the volume that is to be its own. */
  readonly bind: readonly { readonly claim: ObjectKey; readonly volume: string }[];
  /** Claims for which a volume is to be made. */
  readonly provision: readonly ObjectKey[];
}

/** By the keys of the Pods. */
export type VolumePlans = OrderedMap<ObjectKey, VolumePlan>;

/** What has been decided and is not yet seen. (AssumeCache) */
export interface Reserved {
  readonly volumes: ReadonlyMap<string, ObjectKey>;
  readonly claims: ReadonlyMap<ObjectKey, string>;
}

export function reservedBy(plans: VolumePlans | undefined): Reserved {
  const volumes = new Map<string, ObjectKey>();
  const claims = new Map<ObjectKey, string>();
  plans?.scan(undefined, undefined, (_pod, { node, bind, provision }) => {
    for (const { claim, volume } of bind) {
      volumes.set(volume, claim);
      claims.set(claim, node);
    }
    for (const claim of provision) claims.set(claim, node);
  });
  return { volumes, claims };
}

/** The Pod's claims that are bound when it has a node. */
export const waitingClaims = (pod: PodInfo, listers: Listers): readonly PersistentVolumeClaim[] =>
  claimsOf(pod.spec, nameOf(pod)).flatMap(({ claim: name }) => {
    const claim = claimNamed(listers, pod.namespace, name);
    return claim !== undefined && !isBound(claim) && isDelayed(claim, listers) ? [claim] : [];
  });

/** A claim that somebody has chosen a volume for already is the volume controller's. */
export const isDelayed = (claim: PersistentVolumeClaim, listers: Listers): boolean =>
  (claim.spec.volumeName ?? '') === '' && waitsForConsumer(classFor(claim, listers));

const classFor = (claim: PersistentVolumeClaim, { storageClasses }: Listers): StorageClass | undefined =>
  storageClasses.objects.get(classOf(claim) ?? '');

/** Undefined: one of the claims could not be served on the node. */
export function planFor(
  claims: readonly PersistentVolumeClaim[],
  node: Node,
  { volumes, claims: chosen }: Reserved,
  listers: Listers,
): VolumePlan | undefined {
  const bind: { readonly claim: ObjectKey; readonly volume: string }[] = [];
  const provision: ObjectKey[] = [];
  for (const claim of [...claims].sort(bySize)) {
    const key = keyOf(claim);
    const at = chosen.get(key) ?? claim.metadata.annotations?.[selectedNode];
    if (at !== undefined && at !== node.metadata.name) return undefined;
    const may = (volume: PersistentVolume): boolean =>
      (volumes.get(volume.metadata.name) ?? key) === key &&
      !bind.some((other) => other.volume === volume.metadata.name) &&
      isFree(volume) &&
      isReachable(volume, node);
    const volume =
      at === undefined ? matching(listers.volumes.objects.objects.values(), claim, may) : undefined;
    if (volume !== undefined) bind.push({ claim: key, volume: volume.metadata.name });
    else if (canProvision(classFor(claim, listers), node)) provision.push(key);
    else return undefined;
  }
  return { node: node.metadata.name, bind, provision };
}

/** Small claims take small volumes first. */
const bySize = (a: PersistentVolumeClaim, b: PersistentVolumeClaim): number =>
  compareQuantities(
    a.spec.resources?.requests?.['storage'] ?? '0',
    b.spec.resources?.requests?.['storage'] ?? '0',
  );

const isFree = ({ spec, status }: PersistentVolume): boolean =>
  spec.claimRef !== undefined || status.phase === 'Available';

export function isReachable(volume: PersistentVolume, node: Node): boolean {
  const terms = volume.spec.nodeAffinity?.required?.nodeSelectorTerms;
  return terms === undefined || matchesAnyTerm(terms, node);
}

function canProvision(storageClass: StorageClass | undefined, { metadata }: Node): boolean {
  if (storageClass === undefined) return false;
  const { provisioner, allowedTopologies = [] } = storageClass;
  if (provisioner === '' || provisioner === 'kubernetes.io/no-provisioner') return false;
  return (
    allowedTopologies.length === 0 ||
    allowedTopologies.some(({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? '')),
    )
  );
}

/** The plan of a Pod that goes to a node; undefined: nothing of it waits. */
export function volumePlan(pod: PodInfo, node: string, snapshot: Snapshot): VolumePlan | undefined {
  const claims = waitingClaims(pod, snapshot.listers);
  const info = snapshot.nodes.get(node)?.node;
  if (claims.length === 0 || info === undefined) return undefined;
  return planFor(claims, info, reservedBy(snapshot.volumePlans), snapshot.listers);
}

/** Whether all claims of a plan are bound. */
export const isCarriedOut = ({ bind, provision }: VolumePlan, { claims }: Listers): boolean =>
  [...bind.map(({ claim }) => claim), ...provision].every((key) => {
    const claim = claims.objects.get(key);
    return claim !== undefined && isBound(claim);
  });
