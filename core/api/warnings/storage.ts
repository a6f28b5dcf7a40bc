/** Of claims, volumes and classes. (kubernetes v1.34.1 pkg/api/persistentvolumeclaim, pkg/api/persistentvolume, pkg/api/storage) */
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  StorageClass,
} from '../generated/types.ts';
import { compareQuantities, quantityText, roundUpQuantity } from '../../text/quantity.ts';
import { nodeLabelWarnings, termWarnings } from './node-label.ts';

const betaClass = 'volume.beta.kubernetes.io/storage-class';

const classWarnings = (annotations: Readonly<Record<string, string>> | undefined): readonly string[] =>
  annotations?.[betaClass] === undefined
    ? []
    : [`metadata.annotations[${betaClass}]: deprecated since v1.8; use "storageClassName" attribute instead`];

function bytesWarnings(field: string, amount: string | undefined): readonly string[] {
  if (amount === undefined || compareQuantities(roundUpQuantity(amount, 0), amount) === 0) return [];
  return [
    `${field}[storage]: fractional byte value ${JSON.stringify(quantityText(amount))} is invalid, must be an integer`,
  ];
}

export const claimWarnings = ({ metadata, spec }: PersistentVolumeClaim): readonly string[] => [
  ...classWarnings(metadata.annotations),
  ...claimSpecWarnings('spec', spec),
];

export const claimSpecWarnings = (
  field: string,
  { resources }: PersistentVolumeClaimSpec,
): readonly string[] => [
  ...bytesWarnings(`${field}.resources.requests`, resources?.requests?.['storage']),
  ...bytesWarnings(`${field}.resources.limits`, resources?.limits?.['storage']),
];

const oldSources = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const;

const mountOptions = 'volume.beta.kubernetes.io/mount-options';

export function volumeWarnings({ metadata, spec }: PersistentVolume): readonly string[] {
  const { annotations } = metadata;
  return [
    ...classWarnings(annotations),
    ...(annotations?.[mountOptions] === undefined
      ? []
      : [
          `metadata.annotations[${mountOptions}]: deprecated since v1.31; use "mountOptions" attribute instead`,
        ]),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle'
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : []),
    ...(spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap((term, i) =>
      termWarnings(`spec.nodeAffinity.required.nodeSelectorTerms[${i}]`, term),
    ),
    ...oldSources.flatMap(([source, why]) =>
      spec[source] === undefined ? [] : [`spec.${source === 'storageos' ? 'storageOS' : source}: ${why}`],
    ),
    ...bytesWarnings('spec.capacity', spec.capacity?.['storage']),
  ];
}

export const storageClassWarnings = ({ allowedTopologies = [] }: StorageClass): readonly string[] =>
  allowedTopologies.flatMap(({ matchLabelExpressions = [] }, i) =>
    matchLabelExpressions.flatMap(({ key }, j) =>
      nodeLabelWarnings(`allowedTopologies[${i}].matchLabelExpressions[${j}].key`, key, `${key} is `),
    ),
  );
