/** Volumes of a Pod: exactly one source each. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go, ValidateVolumes) */
import { duplicate, forbidden, invalidValue, required } from '../field-error.ts';
import type { CSIVolumeSource, PodSpec, Volume } from '../generated/types.ts';
import { byteLength } from '../../text/label-format.ts';
import { compareQuantities } from '../../text/quantity.ts';
import {
  checkAnnotations,
  checkForm,
  checkLabels,
  checkOneOf,
  label,
  subdomain,
  type Errors,
} from './fields.ts';
import { checkDescendingPath, checkItems, checkMode } from './paths.ts';
import { checkDownwardFile, checkProjected } from './projected.ts';
import { checkDriverName } from './storage-class.ts';
import { checkClaimSpec } from './storage.ts';
import { checkSharedSource, mostPortalCharacters, portalTooLong } from './volume-source.ts';

/** The volumes that can be mounted, by name. */
export type Volumes = ReadonlyMap<string, Volume>;

/** Checks every volume. `podName` is that of a Pod: a template has none. */
export function checkVolumes(
  errors: Errors,
  field: string,
  spec: PodSpec,
  podName: string | undefined,
): Volumes {
  const volumes = spec.volumes ?? [];
  const right = new Map<string, Volume>();
  const made = new Set(
    volumes.filter(({ ephemeral }) => ephemeral !== undefined).map(({ name }) => `${podName ?? ''}-${name}`),
  );
  volumes.forEach((volume, i) => {
    const at = `${field}[${i}]`;
    const before = errors.length;
    checkSource(errors, at, volume, podName);
    if (volume.name === '') errors.push(required(`${at}.name`));
    else checkForm(errors, `${at}.name`, volume.name, label);
    if (right.has(volume.name)) errors.push(duplicate(`${at}.name`, volume.name));
    if (errors.length === before) right.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (podName !== undefined && claim !== undefined && made.has(claim))
      errors.push(
        invalidValue(
          `${at}.persistentVolumeClaim.claimName`,
          claim,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      );
  });
  return right;
}

/** In the order in which the first one counts. */
const sources = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
] as const;

type SourceName = (typeof sources)[number];

/** As Kubernetes spells them there. */
const misspelt: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

function checkSource(errors: Errors, field: string, volume: Volume, podName: string | undefined): void {
  let given = 0;
  for (const source of sources) {
    if (volume[source] === undefined) continue;
    if (given > 0)
      errors.push(
        forbidden(`${field}.${misspelt[source] ?? source}`, 'may not specify more than 1 volume type'),
      );
    else {
      checkSharedSource(errors, field, source, volume);
      checkOwnSource(errors, field, source, volume);
      if (source === 'ephemeral') checkClaimName(errors, field, volume.name, podName);
    }
    given++;
  }
  const { iscsi } = volume;
  if (
    iscsi?.initiatorName !== undefined &&
    byteLength(`${volume.name}:${iscsi.targetPortal}`) > mostPortalCharacters
  )
    errors.push(invalidValue(`${field}.name`, volume.name, portalTooLong));
  if (given === 0) errors.push(required(field, 'must specify a volume type'));
}

/** The name that the claim of an ephemeral volume will have. */
function checkClaimName(errors: Errors, field: string, name: string, podName: string | undefined): void {
  if (podName === undefined || podName === '' || name === '') return;
  const claim = `${podName}-${name}`;
  for (const message of subdomain(claim))
    errors.push(invalidValue(`${field}.name`, name, `PVC name ${JSON.stringify(claim)}: ${message}`));
}

/** What only a Pod's volume can be. */
function checkOwnSource(errors: Errors, at: string, source: SourceName, volume: Volume): void {
  const field = `${at}.${source}`;
  const { emptyDir, gitRepo, secret, configMap, downwardAPI } = volume;
  if (
    source === 'emptyDir' &&
    emptyDir?.sizeLimit !== undefined &&
    compareQuantities(emptyDir.sizeLimit, '0') < 0
  )
    errors.push(forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
  if (source === 'gitRepo') {
    if ((gitRepo?.repository ?? '') === '') errors.push(required(`${field}.repository`));
    checkDescendingPath(errors, `${field}.directory`, gitRepo?.directory ?? '');
  }
  if (source === 'secret' && secret !== undefined) {
    if ((secret.secretName ?? '') === '') errors.push(required(`${field}.secretName`));
    checkMode(errors, `${field}.defaultMode`, secret.defaultMode);
    checkItems(errors, `${field}.items`, secret.items);
  }
  if (source === 'configMap' && configMap !== undefined) {
    if ((configMap.name ?? '') === '') errors.push(required(`${field}.name`));
    checkMode(errors, `${field}.defaultMode`, configMap.defaultMode);
    checkItems(errors, `${field}.items`, configMap.items);
  }
  if (source === 'persistentVolumeClaim' && volume.persistentVolumeClaim?.claimName === '')
    errors.push(required(`${field}.claimName`));
  if (source === 'downwardAPI' && downwardAPI !== undefined) {
    checkMode(errors, `${field}.defaultMode`, downwardAPI.defaultMode);
    for (const file of downwardAPI.items ?? []) checkDownwardFile(errors, field, file);
  }
  if (source === 'projected' && volume.projected !== undefined)
    checkProjected(errors, field, volume.projected);
  if (source === 'csi' && volume.csi !== undefined) checkCsi(errors, field, volume.csi);
  if (source === 'cinder' && volume.cinder?.secretRef?.name === '')
    errors.push(required(`${field}.secretRef.name`));
  if (source === 'storageos' && volume.storageos?.secretRef?.name === '')
    errors.push(required(`${field}.secretRef.name`));
  if (source === 'ephemeral') checkClaimTemplate(errors, `${field}.volumeClaimTemplate`, volume.ephemeral);
  if (source === 'image' && volume.image?.pullPolicy !== undefined)
    checkOneOf(errors, `${field}.pullPolicy`, volume.image.pullPolicy, ['Always', 'IfNotPresent', 'Never']);
}

function checkCsi(errors: Errors, field: string, { driver, nodePublishSecretRef }: CSIVolumeSource): void {
  checkDriverName(errors, `${field}.driver`, driver);
  if (nodePublishSecretRef === undefined) return;
  const { name = '' } = nodePublishSecretRef;
  if (name === '') errors.push(required(`${field}.nodePublishSecretRef.name`));
  else checkForm(errors, `${field}.name`, name, subdomain);
}

/** A claim that is made with the Pod: only labels and annotations of its metadata count. */
function checkClaimTemplate(errors: Errors, field: string, ephemeral: Volume['ephemeral']): void {
  const template = ephemeral?.volumeClaimTemplate;
  if (template === undefined) {
    errors.push(required(field));
    return;
  }
  const { annotations, labels, ...others } = template.metadata ?? {};
  checkAnnotations(errors, `${field}.metadata.annotations`, annotations);
  checkLabels(errors, `${field}.metadata.labels`, labels);
  for (const [part, value] of Object.entries(others))
    if (value !== undefined && value !== '')
      errors.push(forbidden(`${field}.metadata.${part}`, 'cannot be set'));
  checkClaimSpec(errors, `${field}.spec`, template.spec);
}
