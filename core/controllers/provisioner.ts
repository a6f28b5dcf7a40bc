/**
 * Stands for every storage provisioner of the cluster: a claim that a StorageClass has handed to its provisioner gets a
 * PersistentVolume after a while (as kubernetes-sigs/sig-storage-lib-external-provisioner makes them).
 */
import type { ObjectKey } from '../api/object.ts';
import type { PersistentVolumeClaim, StorageClass } from '../api/generated/types.ts';
import { viewOf, type Delta } from '../client/informer.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import { lognormal, sample } from '../random/distribution.ts';
import { purposeOf } from '../random/draw.ts';
import { millisecond, second, type VirtualTime } from '../time/time.ts';
import {
  failed,
  messageOf,
  news,
  refused,
  type Context,
  type Controller,
  type Effects,
  type Sync,
} from './controller.ts';
import { provisionerAnnotation } from './persistent-volume.ts';
import { classOf } from '../api/volume-match.ts';
import { create } from './requests.ts';

/** When the volume of each claim under way will be there. */
type Provisioning = OrderedMap<ObjectKey, VirtualTime>;

/** What a cloud takes to make a disk. */
const provisioningTime = lognormal(1_500 * millisecond, 8 * second);

export const provisioner: Controller<Provisioning> = {
  name: 'external-provisioner',
  component: 'external-provisioner',
  workers: 100,
  follows: ['persistentvolumeclaims', 'storageclasses'],
  initial: OrderedMap.empty(),
  handle,
  sync,
};

function handle(
  _: Context<Provisioning>,
  { stream, key, object, type }: Delta,
): Effects<Provisioning> | undefined {
  if (stream !== 'persistentvolumeclaims') return undefined;
  return type === 'deleted' || isWanted(object as PersistentVolumeClaim) ? { mark: [key] } : undefined;
}

const isWanted = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  metadata.deletionTimestamp === undefined &&
  metadata.annotations?.[provisionerAnnotation] !== undefined &&
  (spec?.volumeName ?? '') === '';

function* sync({ caches, memory, seed, now }: Context<Provisioning>, key: ObjectKey): Sync<Provisioning> {
  const claim = viewOf(caches, 'persistentvolumeclaims').objects.get(key);
  const storageClass =
    claim === undefined ? undefined : viewOf(caches, 'storageclasses').objects.get(classOf(claim) ?? '');
  const forgetting = (under: Provisioning): Provisioning => under.delete(key);
  if (claim === undefined || storageClass === undefined || !isWanted(claim)) return { remember: forgetting };
  const readyAt = memory.get(key);
  if (readyAt === undefined) {
    const takes = sample(provisioningTime, purposeOf(seed, 'volume-provisioning'), claim.metadata.uid);
    const message = `External provisioner is provisioning volume for claim "${key}"`;
    return {
      again: takes,
      remember: (under) => under.set(key, now + takes),
      news: [news(claim, 'Normal', 'Provisioning', message)],
    };
  }
  if (readyAt > now) return { again: readyAt - now };
  const volume = volumeFor(claim, storageClass);
  const [answer] = (yield { requests: [create('persistentvolumes', volume)] }).answers;
  const { name } = volume.metadata;
  if (answer?.ok === true)
    return {
      remember: forgetting,
      news: [news(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`)],
    };
  if (refused(answer, 'AlreadyExists')) return { remember: forgetting };
  return { ...failed, news: [news(claim, 'Warning', 'ProvisioningFailed', messageOf(answer))] };
}

function volumeFor(claim: PersistentVolumeClaim, storageClass: StorageClass) {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const volumeName = `pvc-${uid}`;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volumeName,
      annotations: { 'pv.kubernetes.io/provisioned-by': storageClass.provisioner },
    },
    spec: {
      accessModes: claim.spec?.accessModes,
      capacity: { storage: claim.spec?.resources?.requests?.['storage'] ?? '0' },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
      ...sourceOf(claim, storageClass.provisioner),
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: claim.spec?.volumeMode ?? 'Filesystem',
    },
    status: {},
  };
}

/**
 * A driver's volume; a directory of the node where the provisioner's name is no driver's, such as `k8s.io/minikube-hostpath`
 * (minikube pkg/storage/storage_provisioner.go). The names of drivers have no slash, those of other provisioners do.
 */
function sourceOf({ metadata }: PersistentVolumeClaim, provisionedBy: string): object {
  if (!provisionedBy.includes('/'))
    return { csi: { driver: provisionedBy, volumeHandle: `pvc-${metadata.uid}` } };
  return {
    hostPath: { path: `/tmp/hostpath-provisioner/${metadata.namespace ?? ''}/${metadata.name}`, type: '' },
  };
}
