/** What a PersistentVolume is made of: exactly one source. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { forbidden, invalidValue, required } from '../field-error.ts';
import type { CSIPersistentVolumeSource, PersistentVolumeSpec, SecretReference } from '../generated/types.ts';
import { byteLength } from '../../text/label-format.ts';
import { checkForm, label, subdomain, type Errors } from './fields.ts';
import { checkNoBackSteps } from './paths.ts';
import { checkDriverName } from './storage-class.ts';
import { checkSharedSource, mostPortalCharacters, portalTooLong } from './volume-source.ts';

/** In the order in which the first one counts. */
const sources = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const;

export function checkVolumeSource(errors: Errors, spec: PersistentVolumeSpec, name: string): void {
  let given = 0;
  for (const source of sources) {
    if (spec[source] === undefined) continue;
    if (given > 0 && source !== 'flexVolume')
      errors.push(
        forbidden(
          `spec.${source === 'cephfs' ? 'cephFS' : source}`,
          'may not specify more than 1 volume type',
        ),
      );
    else {
      given++;
      checkSharedSource(errors, 'spec', source, spec);
      checkOwnSource(errors, source, spec, name);
    }
  }
  if (given === 0) errors.push(required('spec', 'must specify a volume type'));
}

/** What only a PersistentVolume is asked. */
function checkOwnSource(
  errors: Errors,
  source: (typeof sources)[number],
  spec: PersistentVolumeSpec,
  name: string,
): void {
  const { csi, local, glusterfs, azureFile, iscsi, cinder, storageos } = spec;
  if (source === 'csi' && csi !== undefined) checkCsi(errors, 'spec.csi', csi);
  if (source === 'local') {
    const path = local?.path ?? '';
    if (path === '') errors.push(required('spec.local.path'));
    else checkNoBackSteps(errors, 'spec.local.path', path);
    if (spec.nodeAffinity === undefined)
      errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  }
  const namespace = glusterfs?.endpointsNamespace;
  if (source === 'glusterfs' && namespace !== undefined) {
    if (namespace === '')
      errors.push(
        invalidValue(
          'spec.glusterfs.endpointsNamespace',
          namespace,
          'if the endpointnamespace is set, it must be a valid namespace name',
        ),
      );
    else checkForm(errors, 'spec.glusterfs.endpointsNamespace', namespace, label);
  }
  if (source === 'azureFile' && azureFile?.secretNamespace === '')
    errors.push(required('spec.azureFile.secretNamespace'));
  if (source === 'iscsi' && iscsi !== undefined) {
    if (
      iscsi.initiatorName !== undefined &&
      byteLength(`${name}:${iscsi.targetPortal}`) > mostPortalCharacters
    )
      errors.push(invalidValue('spec.iscsi.targetportal', iscsi.targetPortal, portalTooLong));
    if (iscsi.secretRef !== undefined && (iscsi.secretRef.name ?? '') === '')
      errors.push(required('spec.iscsi.secretRef.name'));
  }
  if (source === 'cinder') checkWhole(errors, 'spec.cinder.secretRef', cinder?.secretRef);
  if (source === 'storageos') checkWhole(errors, 'spec.storageos.secretRef', storageos?.secretRef);
}

/** A secret by name and namespace. */
function checkWhole(errors: Errors, field: string, secret: SecretReference | undefined): void {
  if (secret === undefined) return;
  if ((secret.name ?? '') === '') errors.push(required(`${field}.name`));
  if ((secret.namespace ?? '') === '') errors.push(required(`${field}.namespace`));
}

const secrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

function checkCsi(errors: Errors, field: string, csi: CSIPersistentVolumeSource): void {
  checkDriverName(errors, `${field}.driver`, csi.driver);
  if (csi.volumeHandle === '') errors.push(required(`${field}.volumeHandle`));
  for (const part of secrets) {
    const secret = csi[part];
    if (secret === undefined) continue;
    const { name = '', namespace = '' } = secret;
    if (name === '') errors.push(required(`${field}.${part}.name`));
    else checkForm(errors, `${field}.${part}.name`, name, subdomain);
    if (namespace === '') errors.push(required(`${field}.${part}.namespace`));
    else checkForm(errors, `${field}.${part}.namespace`, namespace, label);
  }
}
