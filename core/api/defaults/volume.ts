/** Defaults of a volume. (kubernetes v1.34.1 pkg/apis/core/v1/defaults.go) */
import type {
  DownwardAPIVolumeFile,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  Volume,
  VolumeProjection,
} from '../generated/types.ts';
import { withResourceDefaults } from './container.ts';
import { fill, fillZero, mapField, mapList } from './fill.ts';

/** rw-r--r-- */
const fileMode = 0o644;

/** A volume with its defaults: one without a source is an empty directory. */
export function withVolumeDefaults(volume: Volume): Volume {
  let result = volume;
  if (Object.keys(volume).every((field) => field === 'name')) return { ...volume, emptyDir: {} };
  result = mapField(result, 'secret', (source) => fill(source, { defaultMode: fileMode }));
  result = mapField(result, 'configMap', (source) => fill(source, { defaultMode: fileMode }));
  result = mapField(result, 'downwardAPI', (source) =>
    mapField(fill(source, { defaultMode: fileMode }), 'items', (items) =>
      mapList(items, withFieldRefDefaults),
    ),
  );
  result = mapField(result, 'projected', (source) =>
    mapField(fill(source, { defaultMode: fileMode }), 'sources', (sources) =>
      mapList(sources, withProjectionDefaults),
    ),
  );
  result = withSharedSourceDefaults(result);
  return mapField(result, 'ephemeral', (source) =>
    mapField(source, 'volumeClaimTemplate', (template) =>
      mapField(fill(template, { metadata: {} }), 'spec', withClaimSpecDefaults),
    ),
  );
}

/** The sources that a Pod's volume and a PersistentVolume have in common. */
type Shared = Pick<Volume & PersistentVolumeSpec, 'azureDisk' | 'hostPath' | 'iscsi' | 'rbd' | 'scaleIO'>;

export function withSharedSourceDefaults<V extends Volume | PersistentVolumeSpec>(volume: V): V {
  let result: Shared = volume as Shared;
  result = mapField(result, 'hostPath', (source) => fill(source, { type: '' }));
  result = mapField(result, 'iscsi', (source) => fillZero(source, { iscsiInterface: 'default' }));
  result = mapField(result, 'rbd', (source) =>
    fillZero(source, { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' }),
  );
  result = mapField(result, 'azureDisk', (source) =>
    fill(source, { cachingMode: 'ReadWrite', kind: 'Shared', fsType: 'ext4', readOnly: false }),
  );
  result = mapField(result, 'scaleIO', (source) =>
    fillZero(source, { storageMode: 'ThinProvisioned', fsType: 'xfs' }),
  );
  return result as V;
}

const withFieldRefDefaults = (file: DownwardAPIVolumeFile): DownwardAPIVolumeFile =>
  mapField(
    mapField(file, 'fieldRef', (reference) => fillZero(reference, { apiVersion: 'v1' })),
    'resourceFieldRef',
    (reference) => fill(reference, { divisor: '0' }),
  );

function withProjectionDefaults(projection: VolumeProjection): VolumeProjection {
  const result = mapField(projection, 'serviceAccountToken', (token) =>
    fill(token, { expirationSeconds: 3600 }),
  );
  return mapField(result, 'downwardAPI', (source) =>
    mapField(source, 'items', (items) => mapList(items, withFieldRefDefaults)),
  );
}

/** What a PersistentVolumeClaim asks for, wherever it is written. */
export const withClaimSpecDefaults = (spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec =>
  mapField(fill(spec, { resources: {}, volumeMode: 'Filesystem' }), 'resources', withResourceDefaults);
