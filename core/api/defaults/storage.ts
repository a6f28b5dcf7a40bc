/** Defaults of volumes, claims and classes. (kubernetes v1.34.1 pkg/apis/core/v1/defaults.go, storage/v1/defaults.go) */
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  StorageClass,
} from '../generated/types.ts';
import { withQuantityDefaults } from './container.ts';
import { fill, fillZero, mapField, setField } from './fill.ts';
import { withClaimSpecDefaults, withSharedSourceDefaults } from './volume.ts';

export function withClaimDefaults(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const spec = withClaimSpecDefaults((claim.spec as PersistentVolumeClaimSpec | undefined) ?? {});
  return mapField(fill(setField(claim, 'spec', spec), { status: {} }), 'status', (status) =>
    fillZero(status, { phase: 'Pending' }),
  );
}

export function withVolumeObjectDefaults(volume: PersistentVolume): PersistentVolume {
  let spec = fillZero((volume.spec as PersistentVolume['spec'] | undefined) ?? {}, {
    persistentVolumeReclaimPolicy: 'Retain',
  });
  spec = fill(spec, { volumeMode: 'Filesystem' });
  spec = mapField(spec, 'capacity', withQuantityDefaults);
  spec = withSharedSourceDefaults(spec);
  return mapField(fill(setField(volume, 'spec', spec), { status: {} }), 'status', (status) =>
    fillZero(status, { phase: 'Pending' }),
  );
}

export const withStorageClassDefaults = (storageClass: StorageClass): StorageClass =>
  fill(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
