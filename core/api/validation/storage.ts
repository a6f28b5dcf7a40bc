/** Claims, volumes and classes. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go, pkg/apis/storage/validation) */
import { forbidden, invalidValue, required } from '../field-error.ts';
import { internal } from '../go/internal.ts';
import { unifiedDiff } from '../go/unified-diff.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  StorageClass,
} from '../generated/types.ts';
import { same } from '../merge-patch.ts';
import { compareQuantities, quantityText } from '../quantity.ts';
import { checkForm, checkLabelSelector, checkOneOf, subdomain, type Errors } from './fields.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

export function checkClaimSpec(errors: Errors, field: string, spec: PersistentVolumeClaimSpec): void {
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required(`${field}.accessModes`, 'at least 1 access mode is required'));
  checkLabelSelector(errors, `${field}.selector`, spec.selector);
  checkAccessModes(errors, `${field}.accessModes`, modes);
  const storage = spec.resources?.requests?.['storage'];
  if (storage === undefined) errors.push(required(`${field}.resources[storage]`));
  else if (compareQuantities(storage, '0') <= 0)
    errors.push(
      invalidValue(`${field}.resources[storage]`, quantityText(storage), 'must be greater than zero'),
    );
  if ((spec.storageClassName ?? '') !== '')
    checkForm(errors, `${field}.storageClassName`, spec.storageClassName ?? '', subdomain);
  if (spec.volumeMode !== undefined)
    checkOneOf(errors, `${field}.volumeMode`, spec.volumeMode, ['Block', 'Filesystem']);
  // An old dataSource that cannot be used is dropped; what is kept is copied into dataSourceRef.
  if (spec.dataSource?.kind !== 'PersistentVolumeClaim' && spec.dataSource?.kind !== 'VolumeSnapshot') return;
  for (const part of ['dataSource', 'dataSourceRef'])
    if (spec.dataSource.name === '') errors.push(required(`${field}.${part}.name`));
}

function checkAccessModes(errors: Errors, field: string, modes: readonly string[]): void {
  for (const mode of modes) checkOneOf(errors, field, mode, accessModes);
  if (modes.includes('ReadWriteOncePod') && modes.length > 1)
    errors.push(forbidden(field, 'may not use ReadWriteOncePod with other access modes'));
}

const claimMayChange =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

/** A claim may be bound to its volume once, and a bound claim may grow. */
export function checkClaimUpdate(
  errors: Errors,
  next: PersistentVolumeClaim,
  before: PersistentVolumeClaim,
): void {
  if (next.spec === before.spec) return;
  const bound = before.status.phase === 'Bound';
  let put: PersistentVolumeClaimSpec = next.spec;
  if ((before.spec.volumeName ?? '') === '') put = { ...put, volumeName: before.spec.volumeName };
  const [size, old] = [
    next.spec.resources?.requests?.['storage'] ?? '0',
    before.spec.resources?.requests?.['storage'] ?? '0',
  ];
  // A claim that was made before there was a default class gets it later.
  if (before.spec.storageClassName === undefined) put = { ...put, storageClassName: undefined };
  if (bound) {
    put = { ...put, volumeAttributesClassName: before.spec.volumeAttributesClassName };
    put = { ...put, resources: { ...put.resources, requests: before.spec.resources?.requests } };
  }
  if (!same(put, before.spec))
    errors.push(forbidden('spec', `${claimMayChange}\n${claimDiff(before.spec, put)}`));
  else if (bound && compareQuantities(size, old) < 0)
    errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
}

const claimDiff = (before: PersistentVolumeClaimSpec, next: PersistentVolumeClaimSpec): string =>
  unifiedDiff(internal('PersistentVolumeClaimSpec', before), internal('PersistentVolumeClaimSpec', next));

export function checkVolumeObject(errors: Errors, { spec }: PersistentVolume): void {
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required('spec.accessModes'));
  checkAccessModes(errors, 'spec.accessModes', modes);
  const storage = spec.capacity?.['storage'];
  if (storage === undefined) errors.push(required('spec.capacity'));
  else if (compareQuantities(storage, '0') <= 0)
    errors.push(invalidValue('spec.capacity[storage]', quantityText(storage), 'must be greater than zero'));
  if (spec.persistentVolumeReclaimPolicy !== undefined)
    checkOneOf(errors, 'spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, [
      'Delete',
      'Recycle',
      'Retain',
    ]);
  if ((spec.storageClassName ?? '') !== '')
    checkForm(errors, 'spec.storageClassName', spec.storageClassName ?? '', subdomain);
}

export function checkStorageClass(errors: Errors, storageClass: StorageClass): void {
  if (storageClass.provisioner === '') errors.push(required('provisioner'));
  for (const key of Object.keys(storageClass.parameters ?? {}))
    if (key === '') errors.push(invalidValue('parameters', key, 'field can not be empty.'));
  if (storageClass.reclaimPolicy !== undefined)
    checkOneOf(errors, 'reclaimPolicy', storageClass.reclaimPolicy, ['Delete', 'Retain']);
  if (storageClass.volumeBindingMode !== undefined)
    checkOneOf(errors, 'volumeBindingMode', storageClass.volumeBindingMode, [
      'Immediate',
      'WaitForFirstConsumer',
    ]);
}

export function checkStorageClassUpdate(errors: Errors, next: StorageClass, before: StorageClass): void {
  if (!same(next.parameters, before.parameters))
    errors.push(forbidden('parameters', 'updates to parameters are forbidden.'));
  if (next.provisioner !== before.provisioner)
    errors.push(forbidden('provisioner', 'updates to provisioner are forbidden.'));
  for (const part of ['reclaimPolicy', 'volumeBindingMode'] as const)
    if (next[part] !== before[part])
      errors.push(
        part === 'reclaimPolicy'
          ? forbidden(part, 'updates to reclaimPolicy are forbidden.')
          : invalidValue(part, next[part] ?? null, 'field is immutable'),
      );
}
