/**
 * What the server makes of volumes and claims.
 * (kubernetes v1.34.1 pkg/registry/core/persistentvolume/strategy.go, pkg/api/persistentvolumeclaim/util.go)
 */
import type { PersistentVolumeClaimSpec } from '../../api/generated/types.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';
import type { Fields, Stored } from './stored.ts';

/** The phase begins when the volume does. */
export const createVolume = (object: Stored): Stored => ({
  ...object,
  status: { phase: 'Pending', lastPhaseTransitionTime: object.metadata.creationTimestamp },
});

/**
 * The status of a volume as it is written: the time of its phase's beginning is the server's, unless the client gives
 * another one itself. (persistentvolumeStatusStrategy.PrepareForUpdate)
 */
export function volumeStatus(status: Fields, before: Fields = {}, now: VirtualTime): Fields {
  const { lastPhaseTransitionTime: given } = status;
  const { lastPhaseTransitionTime: last } = before;
  if (status['phase'] === before['phase'])
    return given === undefined && last !== undefined ? { ...status, lastPhaseTransitionTime: last } : status;
  return given === undefined || given === last
    ? { ...status, lastPhaseTransitionTime: timeText(now) }
    : status;
}

/** `dataSource` and `dataSourceRef` say the same, and the first may only name a claim or a snapshot. */
export function createClaim(object: Stored): Stored {
  const spec = object.spec as unknown as PersistentVolumeClaimSpec;
  const normal = withoutOtherSource(withoutForeignSource(spec));
  const { dataSource, dataSourceRef } = normal;
  if (dataSource !== undefined && dataSourceRef === undefined)
    return withSpec(object, { ...normal, dataSourceRef: dataSource });
  if (dataSourceRef !== undefined && dataSource === undefined && dataSourceRef.namespace === undefined) {
    const { apiGroup, kind, name } = dataSourceRef;
    const copied = apiGroup === undefined ? { kind, name } : { apiGroup, kind, name };
    return withSpec(object, { ...normal, dataSource: copied });
  }
  return normal === spec ? object : withSpec(object, normal);
}

/** A source in another namespace is behind a gate that is off (CrossNamespaceVolumeDataSource). */
function withoutForeignSource(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  if ((spec.dataSourceRef?.namespace ?? '') === '') return spec;
  const { dataSourceRef: _, ...rest } = spec;
  return rest;
}

function withoutOtherSource(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, ...rest } = spec;
  if (dataSource === undefined || spec.dataSourceRef !== undefined) return spec;
  const { kind, apiGroup = '' } = dataSource;
  const isClaim = kind === 'PersistentVolumeClaim' && apiGroup === '';
  const isSnapshot = kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io';
  return isClaim || isSnapshot ? spec : rest;
}

const withSpec = (object: Stored, spec: PersistentVolumeClaimSpec): Stored => ({
  ...object,
  spec: spec as unknown as Fields,
});
