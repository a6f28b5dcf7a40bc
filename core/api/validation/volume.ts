/** Volumes of a Pod. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go, ValidateVolumes) */
import { duplicate, forbidden, invalidValue, required, unsupported } from '../field-error.ts';
import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  PodSpec,
  ProjectedVolumeSource,
  Volume,
} from '../generated/types.ts';
import { compareQuantities } from '../quantity.ts';
import { checkForm, label, type Errors } from './fields.ts';

/** Checks every volume; the names of those that can be mounted. */
export function checkVolumes(
  errors: Errors,
  field: string,
  volumes: readonly Volume[] | undefined,
  spec: PodSpec,
): ReadonlySet<string> {
  const names = new Set<string>();
  (volumes ?? []).forEach((volume, i) => {
    const at = `${field}[${i}]`;
    const before = errors.length;
    if (volume.name === '') errors.push(required(`${at}.name`));
    else checkForm(errors, `${at}.name`, volume.name, label);
    if (names.has(volume.name)) errors.push(duplicate(`${at}.name`, volume.name));
    checkSource(errors, at, volume, spec);
    if (errors.length === before) names.add(volume.name);
  });
  return names;
}

function checkSource(errors: Errors, field: string, volume: Volume, spec: PodSpec): void {
  const sources = Object.keys(volume).filter((part) => part !== 'name');
  for (const extra of sources.slice(1))
    errors.push(forbidden(`${field}.${extra}`, 'may not specify more than 1 volume type'));
  const { hostPath, emptyDir, secret, configMap, persistentVolumeClaim, downwardAPI, projected } = volume;
  if (emptyDir?.sizeLimit !== undefined && compareQuantities(emptyDir.sizeLimit, '0') < 0)
    errors.push(
      forbidden(`${field}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity'),
    );
  if (sources.length > 1) return;
  if (hostPath !== undefined) {
    if (hostPath.path === '') errors.push(required(`${field}.hostPath.path`));
    else checkNoBackSteps(errors, `${field}.hostPath.path`, hostPath.path);
  }
  if (secret !== undefined) {
    if ((secret.secretName ?? '') === '') errors.push(required(`${field}.secret.secretName`));
    checkMode(errors, `${field}.secret.defaultMode`, secret.defaultMode);
    checkItems(errors, `${field}.secret.items`, secret.items);
  }
  if (configMap !== undefined) {
    if ((configMap.name ?? '') === '') errors.push(required(`${field}.configMap.name`));
    checkMode(errors, `${field}.configMap.defaultMode`, configMap.defaultMode);
    checkItems(errors, `${field}.configMap.items`, configMap.items);
  }
  if (persistentVolumeClaim?.claimName === '')
    errors.push(required(`${field}.persistentVolumeClaim.claimName`));
  for (const file of downwardAPI?.items ?? []) checkDownwardFile(errors, `${field}.downwardAPI`, file);
  if (projected !== undefined) checkProjected(errors, `${field}.projected`, projected, spec);
}

function checkMode(errors: Errors, field: string, mode: number | undefined): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777))
    errors.push(invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
}

function checkItems(errors: Errors, field: string, items: readonly KeyToPath[] | undefined): void {
  (items ?? []).forEach((item, i) => {
    const at = `${field}[${i}]`;
    if (item.key === '') errors.push(required(`${at}.key`));
    if (item.path === '') errors.push(required(`${at}.path`));
    checkDescendingPath(errors, `${at}.path`, item.path);
    checkMode(errors, `${at}.mode`, item.mode);
  });
}

function checkDescendingPath(errors: Errors, field: string, path: string): void {
  if (path.startsWith('/')) errors.push(invalidValue(field, path, 'must be a relative path'));
  checkNoBackSteps(errors, field, path);
}

function checkNoBackSteps(errors: Errors, field: string, path: string): void {
  if (path.split('/').includes('..')) errors.push(invalidValue(field, path, "must not contain '..'"));
}

const downwardPaths = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

function checkDownwardFile(errors: Errors, field: string, file: DownwardAPIVolumeFile): void {
  if (file.path === '') errors.push(required(`${field}.path`));
  const path = file.fieldRef?.fieldPath;
  if (
    path !== undefined &&
    !downwardPaths.includes(path) &&
    !/^metadata\.(?:annotations|labels)\['/.test(path)
  )
    errors.push(unsupported(`${field}.fieldRef.fieldPath`, path, downwardPaths));
}

/** Ten minutes. */
const leastTokenSeconds = 600;

function checkProjected(errors: Errors, field: string, volume: ProjectedVolumeSource, spec: PodSpec): void {
  checkMode(errors, `${field}.defaultMode`, volume.defaultMode);
  (volume.sources ?? []).forEach((source, i) => {
    const at = `${field}.sources[${i}]`;
    const token = source.serviceAccountToken;
    if (source.configMap !== undefined && (source.configMap.name ?? '') === '')
      errors.push(required(`${at}.configMap.name`));
    if (source.secret !== undefined && (source.secret.name ?? '') === '')
      errors.push(required(`${at}.secret.name`));
    for (const file of source.downwardAPI?.items ?? []) checkDownwardFile(errors, `${at}.downwardAPI`, file);
    if (token === undefined) return;
    const seconds = token.expirationSeconds ?? 3600;
    if (seconds < leastTokenSeconds)
      errors.push(
        invalidValue(
          `${at}.serviceAccountToken.expirationSeconds`,
          seconds,
          'may not specify a duration less than 10 minutes',
        ),
      );
    if (token.path === '') errors.push(required(`${field}.path`));
    if (spec.serviceAccountName === undefined)
      errors.push(
        forbidden(`${at}.serviceAccountToken`, 'must not be specified when serviceAccountName is not set'),
      );
  });
}
