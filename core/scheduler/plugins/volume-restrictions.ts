/**
 * Disks that only one node, or one Pod, may use at a time.
 * (kubernetes v1.34.1 plugins/volumerestrictions/volume_restrictions.go)
 */
import type { Volume } from '../../api/generated/types.ts';
import { claimsOf } from '../../api/pod-claims.ts';
import { claimNamed, isClaimOf, nameOf } from '../claims.ts';
import {
  eachNode,
  unresolvable,
  unschedulable,
  type EnqueuePlugin,
  type FilterPlugin,
  type PreFilterResult,
  type Snapshot,
} from '../framework.ts';
import { emptyNodeInfo, withPod, type NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';

const name = 'VolumeRestrictions';
const diskTaken = unschedulable(name, 'node(s) had no available disk');
const claimTaken = unschedulable(
  name,
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
);

interface Exclusive {
  /** The Pod's claims that one Pod may use at a time. */
  readonly claims: readonly string[];
  /** How many times other Pods use them, anywhere. */
  readonly uses: number;
}

const isRestricted = (volume: Volume): boolean =>
  volume.gcePersistentDisk !== undefined ||
  volume.awsElasticBlockStore !== undefined ||
  volume.rbd !== undefined ||
  volume.iscsi !== undefined;

function collide(wanted: Volume, used: Volume): boolean {
  const { gcePersistentDisk, awsElasticBlockStore, iscsi, rbd } = wanted;
  const shared = (
    a: { readonly readOnly?: boolean | undefined },
    b: { readonly readOnly?: boolean | undefined },
  ) => a.readOnly === true && b.readOnly === true;
  if (gcePersistentDisk !== undefined && used.gcePersistentDisk?.pdName === gcePersistentDisk.pdName)
    return !shared(gcePersistentDisk, used.gcePersistentDisk);
  if (
    awsElasticBlockStore !== undefined &&
    used.awsElasticBlockStore?.volumeID === awsElasticBlockStore.volumeID
  )
    return true;
  if (iscsi !== undefined && used.iscsi?.iqn === iscsi.iqn) return !shared(iscsi, used.iscsi);
  if (rbd === undefined || used.rbd === undefined) return false;
  const { monitors, pool, image } = used.rbd;
  const sameImage = pool === rbd.pool && image === rbd.image;
  return sameImage && rbd.monitors.some((monitor) => monitors.includes(monitor)) && !shared(rbd, used.rbd);
}

const collidesOn = (pod: PodInfo, info: NodeInfo): boolean =>
  (pod.spec.volumes ?? []).some(
    (volume) =>
      isRestricted(volume) &&
      info.pods.some((other) => (other.spec.volumes ?? []).some((used) => collide(volume, used))),
  );

const usesOf = (claims: readonly string[], pod: PodInfo): number =>
  claimsOf(pod.spec, nameOf(pod)).filter(({ claim, ephemeral }) => !ephemeral && claims.includes(claim))
    .length;

function usesAnywhere(claims: readonly string[], pod: PodInfo, snapshot: Snapshot): number {
  let uses = 0;
  if (claims.length > 0)
    eachNode(snapshot, (info) => {
      for (const other of info.pods)
        if (other.namespace === pod.namespace && usesOf(claims, other) > 0) uses++;
    });
  return uses;
}

export const volumeRestrictions: FilterPlugin<Exclusive> & EnqueuePlugin = {
  name,
  bySpec: ({ volumes }) => volumes === undefined,
  preFilter(pod, snapshot): PreFilterResult<Exclusive> {
    if (pod.spec.volumes === undefined) return { outcome: 'skip' };
    const claims: string[] = [];
    for (const { claim: claimName, ephemeral } of claimsOf(pod.spec, nameOf(pod))) {
      if (ephemeral) continue;
      const claim = claimNamed(snapshot.listers, pod.namespace, claimName);
      if (claim === undefined) {
        const missing = `persistentvolumeclaim "${claimName}" not found`;
        return { outcome: 'reject', rejection: unresolvable(name, missing) };
      }
      if (claim.spec.accessModes?.includes('ReadWriteOncePod') === true) claims.push(claimName);
    }
    const uses = usesAnywhere(claims, pod, snapshot);
    return uses === 0 && !pod.spec.volumes.some(isRestricted)
      ? { outcome: 'skip' }
      : { outcome: 'filter', state: { claims, uses } };
  },
  filter(pod, info, { uses }) {
    if (collidesOn(pod, info)) return diskTaken;
    return uses > 0 ? claimTaken : undefined;
  },
  changed: (pod, { claims, uses }, other, _node, by) => ({
    claims,
    uses: other.namespace === pod.namespace ? uses + by * usesOf(claims, other) : uses,
  }),
  mayHelp(event, pod) {
    if (event.resource === 'Node') return event.action === 'Add';
    if (event.resource === 'PersistentVolumeClaim') return isClaimOf(pod, event.after);
    if (event.resource !== 'AssignedPod' || event.action !== 'Delete') return false;
    const { before } = event;
    if (before.namespace !== pod.namespace) return false;
    return collidesOn(pod, withPod(emptyNodeInfo(before.nodeName), before)) || sharesClaim(pod, before);
  },
};

/** The claim may be one that only one Pod may use. */
function sharesClaim(pod: PodInfo, other: PodInfo): boolean {
  const claims = claimsOf(other.spec, nameOf(other)).map(({ claim }) => claim);
  return claimsOf(pod.spec, nameOf(pod)).some(({ claim }) => claims.includes(claim));
}
