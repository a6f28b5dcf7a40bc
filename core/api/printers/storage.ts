/** Volumes and what they come from. (kubernetes v1.34.1 pkg/printers/internalversion/printers.go) */
import type {
  CSIDriver,
  CSINode,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../generated/types.ts';
import type { ApiObject } from '../object.ts';
import { age, boolean, integer, name, nameColumn, printer, text, wide, type Printer } from './column.ts';
import { orNone, quantityOrZero, unset } from './format.ts';

export const persistentVolumePrinter: Printer = printer<PersistentVolume>([
  name,
  text('Capacity', ({ spec }) => quantityOrZero(spec.capacity?.['storage'])),
  text('Access Modes', ({ spec }) => accessModes(spec.accessModes)),
  text('Reclaim Policy', ({ spec }) => spec.persistentVolumeReclaimPolicy ?? ''),
  text('Status', (volume) => phaseOf(volume)),
  text('Claim', ({ spec: { claimRef } }) =>
    claimRef === undefined ? '' : `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`,
  ),
  text('StorageClass', (volume) => classOf(volume)),
  text('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName ?? unset),
  text('Reason', ({ status }) => status.reason ?? ''),
  age,
  wide('VolumeMode', ({ spec }) => spec.volumeMode ?? unset),
]);

export const persistentVolumeClaimPrinter: Printer = printer<PersistentVolumeClaim>([
  name,
  text('Status', (claim) => phaseOf(claim)),
  text('Volume', ({ spec }) => spec.volumeName ?? ''),
  text('Capacity', (claim) => (isBound(claim) ? quantityOrZero(claim.status.capacity?.['storage']) : '')),
  text('Access Modes', (claim) => (isBound(claim) ? accessModes(claim.status.accessModes) : '')),
  text('StorageClass', (claim) => classOf(claim)),
  text('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName ?? unset),
  age,
  wide('VolumeMode', ({ spec }) => spec.volumeMode ?? unset),
]);

const isBound = ({ spec }: PersistentVolumeClaim): boolean => (spec.volumeName ?? '') !== '';

const phaseOf = ({ metadata, status }: PersistentVolume | PersistentVolumeClaim): string =>
  metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating';

/** The annotation is older than the field and wins. */
const classOf = ({ metadata, spec }: PersistentVolume | PersistentVolumeClaim): string =>
  metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName ?? '';

const shortModes = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
] as const;

const accessModes = (modes: readonly string[] = []): string =>
  shortModes
    .filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',');

export const storageClassPrinter: Printer = printer<StorageClass>([
  { column: nameColumn, cell: (object) => `${object.metadata.name}${isDefault(object) ? ' (default)' : ''}` },
  text('Provisioner', ({ provisioner }) => provisioner),
  text('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
  text('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
  text('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
  age,
]);

const isDefault = ({ metadata: { annotations = {} } }: ApiObject): boolean =>
  annotations['storageclass.kubernetes.io/is-default-class'] === 'true' ||
  annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true';

export const csiNodePrinter: Printer = printer<CSINode>([
  name,
  integer('Drivers', ({ spec }) => spec.drivers.length),
  age,
]);

export const csiDriverPrinter: Printer = printer<CSIDriver>([
  name,
  boolean('AttachRequired', ({ spec }) => spec.attachRequired ?? true),
  boolean('PodInfoOnMount', ({ spec }) => spec.podInfoOnMount ?? false),
  boolean('StorageCapacity', ({ spec }) => spec.storageCapacity ?? false),
  text('TokenRequests', ({ spec }) =>
    spec.tokenRequests === undefined ? unset : spec.tokenRequests.map(({ audience }) => audience).join(','),
  ),
  boolean('RequiresRepublish', ({ spec }) => spec.requiresRepublish ?? false),
  text('Modes', ({ spec }) => orNone(spec.volumeLifecycleModes?.join(','))),
  age,
]);
