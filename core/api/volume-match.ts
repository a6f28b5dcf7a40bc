/** Which volume and which class suit a claim (kubernetes v1.34.1 pkg/controller/volume/persistentvolume/index.go, pkg/volume/util). */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from './generated/types.ts';
import { compareQuantities } from '../text/quantity.ts';
import { matchesLabels, requirementsOf } from './selector.ts';

const betaClass = 'volume.beta.kubernetes.io/storage-class';
const isDefaultClass = 'storageclass.kubernetes.io/is-default-class';

/** The class a claim names: in its spec, or as it was done before there was that field. */
export const classOf = (claim: PersistentVolumeClaim): string | undefined =>
  claim.metadata.annotations?.[betaClass] ?? claim.spec?.storageClassName;

/** The volume says that it is for this claim. */
export const isFor = (volume: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean => {
  const reference = volume.spec?.claimRef;
  const named = reference?.name === metadata.name && reference.namespace === metadata.namespace;
  return named && (reference.uid === undefined || reference.uid === metadata.uid);
};

/** The volume meant for the claim, or else the smallest free one that will do; of those that `may` be chosen. */
export function matching(
  volumes: Iterable<PersistentVolume>,
  claim: PersistentVolumeClaim,
  may: (volume: PersistentVolume) => boolean = () => true,
): PersistentVolume | undefined {
  let best: PersistentVolume | undefined;
  const size = (volume: PersistentVolume): string => volume.spec?.capacity?.['storage'] ?? '0';
  for (const volume of volumes) {
    if (!may(volume)) continue;
    if (isFor(volume, claim)) return volume;
    if (
      volume.spec?.claimRef !== undefined ||
      volume.metadata.deletionTimestamp !== undefined ||
      !willDo(volume, claim)
    )
      continue;
    if (best === undefined || compareQuantities(size(volume), size(best)) < 0) best = volume;
  }
  return best;
}

function willDo({ metadata, spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const wanted = claim.spec;
  if (
    (spec?.storageClassName ?? '') !== (classOf(claim) ?? '') ||
    (spec?.volumeMode ?? 'Filesystem') !== (wanted?.volumeMode ?? 'Filesystem')
  )
    return false;
  if ((wanted?.accessModes ?? []).some((mode) => spec?.accessModes?.includes(mode) !== true)) return false;
  if (wanted?.selector !== undefined && !matchesLabels(requirementsOf(wanted.selector), metadata.labels))
    return false;
  return (
    compareQuantities(spec?.capacity?.['storage'] ?? '0', wanted?.resources?.requests?.['storage'] ?? '0') >=
    0
  );
}

/** The node that was chosen for a claim's first consumer. */
export const selectedNode = 'volume.kubernetes.io/selected-node';

/** A volume is chosen for claims of this class when a Pod that uses them has a node. */
export const waitsForConsumer = (storageClass: StorageClass | undefined): boolean =>
  storageClass?.volumeBindingMode === 'WaitForFirstConsumer';

/** The newest class marked as the default. */
export function defaultClass(classes: Iterable<StorageClass>): StorageClass | undefined {
  let newest: StorageClass | undefined;
  for (const storageClass of classes) {
    if (storageClass.metadata.annotations?.[isDefaultClass] !== 'true') continue;
    if (
      newest === undefined ||
      (storageClass.metadata.creationTimestamp ?? '') > (newest.metadata.creationTimestamp ?? '')
    )
      newest = storageClass;
  }
  return newest;
}
