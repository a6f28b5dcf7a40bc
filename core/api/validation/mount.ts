/** Where volumes are in a container. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { forbidden, invalidValue, required } from '../field-error.ts';
import type { Container, VolumeMount } from '../generated/types.ts';
import { checkOneOf, type Errors } from './fields.ts';
import { checkDescendingPath, hasBackSteps } from './paths.ts';
import type { Volumes } from './volume.ts';

/** Where the path within the volume or the propagation is wrong, Kubernetes names the list. */
export function checkMounts(errors: Errors, field: string, container: Container, volumes: Volumes): void {
  const devices = container.volumeDevices ?? [];
  const paths = new Set<string>();
  (container.volumeMounts ?? []).forEach((mount, i) => {
    const at = `${field}[${i}]`;
    const { name, mountPath, subPath = '', subPathExpr = '' } = mount;
    const wrong = (part: string, value: string, detail: string): void => {
      errors.push(invalidValue(`${at}.${part}`, value, detail));
    };
    if (name === '') errors.push(required(`${at}.name`));
    if (!volumes.has(name))
      errors.push({ type: 'Not found', field: `${at}.name`, badValue: name, detail: '' });
    if (mountPath === '') errors.push(required(`${at}.mountPath`));
    if (paths.has(mountPath)) wrong('mountPath', mountPath, 'must be unique');
    paths.add(mountPath);
    if (devices.some((device) => device.name === name))
      wrong('name', name, 'must not already exist in volumeDevices');
    if (devices.some((device) => device.devicePath === mountPath))
      wrong('mountPath', mountPath, 'must not already exist as a path in volumeDevices');
    if (volumes.get(name)?.image !== undefined)
      for (const part of ['subPath', 'subPathExpr'] as const)
        if ((mount[part] ?? '') !== '') wrong(part, mount[part] ?? '', 'not allowed in image volume sources');
    if (subPath !== '') checkDescendingPath(errors, `${field}.subPath`, subPath);
    if (subPathExpr !== '') {
      if (subPath !== '') wrong('subPathExpr', subPathExpr, 'subPathExpr and subPath are mutually exclusive');
      checkDescendingPath(errors, `${field}.subPathExpr`, subPathExpr);
    }
    checkPropagation(errors, `${field}.mountPropagation`, mount, container);
    checkRecursiveReadOnly(errors, `${field}.recursiveReadOnly`, mount);
  });
}

function checkPropagation(
  errors: Errors,
  field: string,
  { mountPropagation: mode }: VolumeMount,
  { securityContext }: Container,
): void {
  if (mode === undefined) return;
  checkOneOf(errors, field, mode, ['Bidirectional', 'HostToContainer', 'None']);
  if (mode === 'Bidirectional' && securityContext?.privileged !== true)
    errors.push(
      forbidden(field, 'Bidirectional mount propagation is available only to privileged containers'),
    );
}

function checkRecursiveReadOnly(errors: Errors, field: string, mount: VolumeMount): void {
  const { recursiveReadOnly: mode, readOnly, mountPropagation = 'None' } = mount;
  if (mode === undefined || mode === 'Disabled') return;
  if (mode !== 'Enabled' && mode !== 'IfPossible') {
    checkOneOf(errors, field, mode, ['Disabled', 'Enabled', 'IfPossible']);
    return;
  }
  if (readOnly !== true) errors.push(forbidden(field, 'may only be specified when readOnly is true'));
  if (mountPropagation !== 'None')
    errors.push(forbidden(field, 'may only be specified when mountPropagation is None or not specified'));
}

export function checkDevices(errors: Errors, field: string, container: Container, volumes: Volumes): void {
  const mounts = container.volumeMounts ?? [];
  const [names, paths] = [new Set<string>(), new Set<string>()];
  (container.volumeDevices ?? []).forEach(({ name, devicePath: path }, i) => {
    const at = `${field}[${i}]`;
    const wrong = (part: string, value: string, detail: string): void => {
      errors.push(invalidValue(`${at}.${part}`, value, detail));
    };
    const volume = volumes.get(name);
    const isClaim = volume?.persistentVolumeClaim !== undefined || volume?.ephemeral !== undefined;
    if (name === '') errors.push(required(`${at}.name`));
    if (names.has(name)) wrong('name', name, 'must be unique');
    if (volume !== undefined && !isClaim)
      wrong(
        'name',
        name,
        'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
      );
    if (volume === undefined)
      errors.push({ type: 'Not found', field: `${at}.name`, badValue: name, detail: '' });
    if (path === '') errors.push(required(`${at}.devicePath`));
    if (paths.has(path)) wrong('devicePath', path, 'must be unique');
    if (hasBackSteps(path)) wrong('devicePath', path, "can not contain backsteps ('..')");
    else paths.add(path);
    if (mounts.some((mount) => mount.name === name))
      wrong('name', name, 'must not already exist in volumeMounts');
    if (mounts.some((mount) => mount.mountPath === path))
      wrong('devicePath', path, 'must not already exist as a path in volumeMounts');
    if (name !== '') names.add(name);
  });
}
