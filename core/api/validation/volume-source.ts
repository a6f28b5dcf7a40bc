/**
 * What storage outside the cluster must be told: the sources that a Pod's volume and a PersistentVolume have in common.
 * (kubernetes v1.34.1 pkg/apis/core/validation/validation.go)
 */
import { invalidValue, required, unsupported } from '../field-error.ts';
import type {
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  HostPathVolumeSource,
  ISCSIPersistentVolumeSource,
  ISCSIVolumeSource,
  NFSVolumeSource,
  PersistentVolumeSpec,
  QuobyteVolumeSource,
  Volume,
} from '../generated/types.ts';
import { byteLength } from '../../text/label-format.ts';
import { checkForm, checkOneOf, label, type Errors } from './fields.ts';
import { checkNoBackSteps } from './paths.ts';

type Source = Readonly<Record<string, unknown>>;

/** Texts and lists that may not be missing or empty. */
export function requireParts(errors: Errors, field: string, source: object, parts: readonly string[]): void {
  for (const part of parts) {
    const value = (source as Source)[part] as string | readonly string[] | undefined;
    if (value === undefined || value.length === 0) errors.push(required(`${field}.${part}`));
  }
}

/** The parts of sources about which no more is asked than that they are given. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  glusterfs: ['endpoints', 'path'],
  rbd: ['monitors', 'image'],
  cinder: ['volumeID'],
  cephfs: ['monitors'],
  vsphereVolume: ['volumePath'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  azureFile: ['secretName', 'shareName'],
  gcePersistentDisk: ['pdName'],
  awsElasticBlockStore: ['volumeID'],
};

/** Where Kubernetes calls a source by another name than the API does. */
const errorField: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };

/** What is wrong with a source of the given name, where both sorts of volume have it. */
export function checkSharedSource(
  errors: Errors,
  at: string,
  name: string,
  volume: Volume | PersistentVolumeSpec,
): void {
  const field = `${at}.${errorField[name] ?? name}`;
  const source = (volume as unknown as Source)[name] as object;
  requireParts(errors, field, source, wanted[name] ?? []);
  const { hostPath, gcePersistentDisk, awsElasticBlockStore, nfs, flocker, quobyte, fc } = volume;
  if (name === 'hostPath' && hostPath !== undefined) checkHostPath(errors, field, hostPath);
  if (name === 'gcePersistentDisk') checkPartition(errors, field, gcePersistentDisk?.partition);
  if (name === 'awsElasticBlockStore') checkPartition(errors, field, awsElasticBlockStore?.partition);
  if (name === 'nfs' && nfs !== undefined) checkNfs(errors, field, nfs);
  if (name === 'flocker' && flocker !== undefined) checkFlocker(errors, field, flocker);
  if (name === 'quobyte' && quobyte !== undefined) checkQuobyte(errors, field, quobyte);
  if (name === 'fc' && fc !== undefined) checkFibreChannel(errors, field, fc);
  const { flexVolume, azureDisk, storageos, iscsi } = volume;
  if (name === 'flexVolume' && flexVolume !== undefined) checkFlex(errors, field, flexVolume);
  if (name === 'azureDisk' && azureDisk !== undefined) checkAzureDisk(errors, field, azureDisk);
  if (name === 'storageos' && storageos !== undefined) {
    const { volumeName = '', volumeNamespace = '' } = storageos;
    if (volumeName === '') errors.push(required(`${field}.volumeName`));
    else checkForm(errors, `${field}.volumeName`, volumeName, label);
    if (volumeNamespace !== '') checkForm(errors, `${field}.volumeNamespace`, volumeNamespace, label);
  }
  if (name === 'iscsi' && iscsi !== undefined) checkIscsi(errors, field, iscsi);
}

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

function checkHostPath(errors: Errors, field: string, { path, type }: HostPathVolumeSource): void {
  if (path === '') {
    errors.push(required(`${field}.path`));
    return;
  }
  checkNoBackSteps(errors, `${field}.path`, path);
  if (type !== undefined) checkOneOf(errors, `${field}.type`, type, hostPathTypes);
}

function checkPartition(errors: Errors, field: string, partition = 0): void {
  if (partition < 0 || partition > 255)
    errors.push(invalidValue(`${field}.partition`, partition, 'must be between 1 and 255, inclusive'));
}

function checkNfs(errors: Errors, field: string, { server, path }: NFSVolumeSource): void {
  if (server === '') errors.push(required(`${field}.server`));
  if (path === '') errors.push(required(`${field}.path`));
  if (!path.startsWith('/')) errors.push(invalidValue(`${field}.path`, path, 'must be an absolute path'));
}

function checkFlocker(errors: Errors, field: string, source: FlockerVolumeSource): void {
  const { datasetName: name = '', datasetUUID: uuid = '' } = source;
  if (name === '' && uuid === '')
    errors.push(required(field, 'one of datasetName and datasetUUID is required'));
  if (name !== '' && uuid !== '')
    errors.push(
      invalidValue(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'),
    );
  if (name.includes('/')) errors.push(invalidValue(`${field}.datasetName`, name, "must not contain '/'"));
}

const hostPorts = 'must be a host:port pair or multiple pairs separated by commas';

function checkQuobyte(errors: Errors, field: string, source: QuobyteVolumeSource): void {
  const { registry, tenant = '', volume } = source;
  if (registry === '') errors.push(required(`${field}.registry`, hostPorts));
  else if (byteLength(tenant) >= 65)
    errors.push(required(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
  else
    for (const pair of registry.split(','))
      if (!/^(?:[^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(pair))
        errors.push(invalidValue(`${field}.registry`, registry, hostPorts));
  if (volume === '') errors.push(required(`${field}.volume`));
}

function checkLun(errors: Errors, field: string, lun: number): void {
  if (lun < 0 || lun > 255)
    errors.push(invalidValue(`${field}.lun`, lun, 'must be between 0 and 255, inclusive'));
}

function checkFibreChannel(errors: Errors, field: string, source: FCVolumeSource): void {
  const { targetWWNs = [], wwids = [], lun } = source;
  if (targetWWNs.length === 0 && wwids.length === 0)
    errors.push(required(`${field}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'));
  if (targetWWNs.length > 0 && wwids.length > 0)
    errors.push(
      invalidValue(
        `${field}.targetWWNs`,
        targetWWNs,
        'targetWWNs and wwids can not be specified simultaneously',
      ),
    );
  if (targetWWNs.length === 0) return;
  if (lun === undefined) errors.push(required(`${field}.lun`, 'lun is required if targetWWNs is specified'));
  else checkLun(errors, field, lun);
}

type FlexSource = Pick<FlexVolumeSource, 'driver' | 'options'>;

function checkFlex(errors: Errors, field: string, { driver, options = {} }: FlexSource): void {
  if (driver === '') errors.push(required(`${field}.driver`));
  for (const key of Object.keys(options).sort()) {
    const domain = `.${(key.split('/')[0] ?? '').toLowerCase()}`;
    if (domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io'))
      errors.push(
        invalidValue(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'),
      );
  }
}

const managedUri =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const blobUri = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

function checkAzureDisk(errors: Errors, field: string, disk: AzureDiskVolumeSource): void {
  const { diskURI, cachingMode, kind } = disk;
  requireParts(errors, field, disk, ['diskName', 'diskURI']);
  if (cachingMode !== undefined)
    checkOneOf(errors, `${field}.cachingMode`, cachingMode, ['None', 'ReadOnly', 'ReadWrite']);
  if (kind === undefined) return;
  checkOneOf(errors, `${field}.kind`, kind, ['Dedicated', 'Managed', 'Shared']);
  const [start, form] = kind === 'Managed' ? ['/subscriptions/', managedUri] : ['https://', blobUri];
  if (!diskURI.startsWith(start)) errors.push(unsupported(`${field}.diskURI`, diskURI, [form]));
}

const names: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
};

/** The name of a target or of who asks it; `undefined`: right. */
function wrongName(name: string): 'unknown' | 'malformed' | undefined {
  const form = names[name.slice(0, 3)];
  if (form === undefined) return 'unknown';
  return form.test(name) ? undefined : 'malformed';
}

function checkIscsi(
  errors: Errors,
  field: string,
  source: ISCSIVolumeSource | ISCSIPersistentVolumeSource,
): void {
  const { targetPortal, iqn, lun, initiatorName } = source;
  if (targetPortal === '') errors.push(required(`${field}.targetPortal`));
  if (iqn === '') errors.push(required(`${field}.iqn`));
  else checkIscsiName(errors, `${field}.iqn`, iqn);
  checkLun(errors, field, lun);
  const asks = source.chapAuthDiscovery === true || source.chapAuthSession === true;
  if (asks && source.secretRef === undefined) errors.push(required(`${field}.secretRef`));
  if (initiatorName !== undefined) checkIscsiName(errors, `${field}.initiatorname`, initiatorName);
}

function checkIscsiName(errors: Errors, field: string, name: string): void {
  const wrong = wrongName(name);
  if (wrong === undefined) return;
  const detail =
    wrong === 'malformed' ? 'must be valid format' : 'must be valid format starting with iqn, eui, or naa';
  errors.push(invalidValue(field, name, detail));
}

/** Characters of a volume's name and its portal. */
export const mostPortalCharacters = 64;
export const portalTooLong =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
