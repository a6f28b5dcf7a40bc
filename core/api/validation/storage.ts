/** Claims and volumes. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { forbidden, invalidValue, required, unsupported } from '../field-error.ts';
import { internal } from '../go/internal.ts';
import { unifiedDiff } from '../go/unified-diff.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  TypedObjectReference,
} from '../generated/types.ts';
import { same } from '../merge-patch.ts';
import { compareQuantities, quantityText, wholeValue } from '../../text/quantity.ts';
import {
  checkForm,
  checkImmutableField,
  checkLabelSelector,
  checkOneOf,
  json,
  label,
  subdomain,
  type Errors,
} from './fields.ts';
import { checkNodeSelector } from './placement.ts';
import { checkVolumeSource } from './volume-object.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const volumeModes = ['Block', 'Filesystem'];

export const checkClaim = (errors: Errors, claim: PersistentVolumeClaim): void => {
  checkClaimSpec(errors, 'spec', claim.spec);
};

export function checkClaimSpec(errors: Errors, field: string, spec: PersistentVolumeClaimSpec): void {
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required(`${field}.accessModes`, 'at least 1 access mode is required'));
  checkLabelSelector(errors, `${field}.selector`, spec.selector);
  checkAccessModes(errors, `${field}.accessModes`, modes);
  const storage = spec.resources?.requests?.['storage'];
  if (storage === undefined) errors.push(required(`${field}.resources[storage]`));
  else checkPositive(errors, `${field}.resources[storage]`, storage);
  if ((spec.storageClassName ?? '') !== '')
    checkForm(errors, `${field}.storageClassName`, spec.storageClassName ?? '', subdomain);
  if (spec.volumeMode !== undefined) checkOneOf(errors, `${field}.volumeMode`, spec.volumeMode, volumeModes);
  checkDataSources(errors, field, spec);
  if ((spec.volumeAttributesClassName ?? '') !== '')
    checkForm(errors, `${field}.volumeAttributesClassName`, spec.volumeAttributesClassName ?? '', subdomain);
}

function checkPositive(errors: Errors, field: string, quantity: string): void {
  if (compareQuantities(quantity, '0') <= 0)
    errors.push(invalidValue(field, quantityText(quantity), 'must be greater than zero'));
}

const claims = 'PersistentVolumeClaim';

/** The strategy of a claim has made the two say the same, where one was given. */
function checkDataSources(errors: Errors, field: string, spec: PersistentVolumeClaimSpec): void {
  const { dataSource: old, dataSourceRef: now } = spec;
  if (old !== undefined) checkDataSource(errors, `${field}.dataSource`, old);
  if (now !== undefined) checkDataSource(errors, `${field}.dataSourceRef`, now);
  if (old === undefined || now === undefined) return;
  const wrong = (detail: string): void => {
    errors.push(invalidValue(field, `${field}.dataSource`, detail));
  };
  if ((now.namespace ?? '') !== '') wrong('may not be specified when dataSourceRef.namespace is specified');
  else if (old.kind !== now.kind || old.name !== now.name || old.apiGroup !== now.apiGroup)
    wrong('must match dataSourceRef');
}

type DataSource = Pick<TypedObjectReference, 'apiGroup' | 'kind' | 'name' | 'namespace'>;

function checkDataSource(errors: Errors, field: string, source: DataSource): void {
  const { name, kind, apiGroup = '', namespace = '' } = source;
  if (name === '') errors.push(required(`${field}.name`));
  if (kind === '') errors.push(required(`${field}.kind`));
  if (apiGroup === '' && kind !== claims)
    errors.push(
      invalidValue(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"),
    );
  if (apiGroup !== '') checkForm(errors, `${field}.apiGroup`, apiGroup, subdomain);
  if (namespace !== '') checkForm(errors, `${field}.namespace`, namespace, label);
}

function checkAccessModes(errors: Errors, field: string, modes: readonly string[]): void {
  for (const mode of modes) checkOneOf(errors, field, mode, accessModes);
  const others = modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode));
  if (modes.includes('ReadWriteOncePod') && others)
    errors.push(forbidden(field, 'may not use ReadWriteOncePod with other access modes'));
}

const claimMayChange =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
const betaClass = 'volume.beta.kubernetes.io/storage-class';

/** A claim may be bound to its volume once, and a bound claim may grow. */
export function checkClaimUpdate(
  errors: Errors,
  next: PersistentVolumeClaim,
  before: PersistentVolumeClaim,
): void {
  const [annotation, wasAnnotation] = [annotatedClass(next), annotatedClass(before)];
  const [name, was] = [next.spec.storageClassName, before.spec.storageClassName];
  const isUpgrade =
    wasAnnotation !== undefined &&
    was === undefined &&
    name === wasAnnotation &&
    (annotation === undefined || annotation === wasAnnotation);
  if (!isUpgrade && (annotation ?? '') !== (wasAnnotation ?? ''))
    errors.push(invalidValue(`metadata.annotations.${betaClass}`, annotation ?? '', 'field is immutable'));
  if (next.spec === before.spec) return;
  const changed = comparable(next, before);
  if (!same(changed, before.spec))
    errors.push(forbidden('spec', `${claimMayChange}\n${claimDiff(before.spec, changed)}`));
  checkSize(errors, next, before);
  checkImmutableField(errors, 'volumeMode', json(next.spec.volumeMode), json(before.spec.volumeMode));
  checkAttributesClass(errors, next.spec.volumeAttributesClassName, before.spec.volumeAttributesClassName);
}

const claimDiff = (before: PersistentVolumeClaimSpec, next: PersistentVolumeClaimSpec): string =>
  unifiedDiff(internal('PersistentVolumeClaimSpec', before), internal('PersistentVolumeClaimSpec', next));

const annotatedClass = ({ metadata }: PersistentVolumeClaim): string | undefined =>
  metadata.annotations?.[betaClass];

/** The new spec with all that may change put back. */
function comparable(
  { spec: next, status }: PersistentVolumeClaim,
  { spec: before, metadata }: PersistentVolumeClaim,
): PersistentVolumeClaimSpec {
  const isBound = (status as PersistentVolumeClaim['status'] | undefined)?.phase === 'Bound';
  const annotated = metadata.annotations?.[betaClass];
  const isNamed =
    next.storageClassName !== undefined && (annotated === undefined || next.storageClassName === annotated);
  const requests = next.resources?.requests;
  return {
    ...next,
    volumeName: (before.volumeName ?? '') === '' ? before.volumeName : next.volumeName,
    // A claim that was made before there was a default class gets it later.
    storageClassName: before.storageClassName === undefined && isNamed ? undefined : next.storageClassName,
    volumeAttributesClassName:
      isBound && next.volumeAttributesClassName !== undefined
        ? before.volumeAttributesClassName
        : next.volumeAttributesClassName,
    resources:
      isBound && requests !== undefined
        ? {
            ...next.resources,
            requests: { ...requests, storage: before.resources?.requests?.['storage'] ?? '0' },
          }
        : next.resources,
  };
}

/** What a volume has it keeps; an expansion that failed may be taken back down to there. */
function checkSize(errors: Errors, next: PersistentVolumeClaim, before: PersistentVolumeClaim): void {
  const [size, was] = [next, before].map(({ spec }) => spec.resources?.requests?.['storage'] ?? '0');
  const has = (before.status as PersistentVolumeClaim['status'] | undefined)?.capacity?.['storage'] ?? '0';
  if (compareQuantities(size ?? '0', was ?? '0') < 0 && compareQuantities(size ?? '0', has) <= 0)
    errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
}

function checkAttributesClass(errors: Errors, next: string | undefined, before: string | undefined): void {
  if (before === undefined || next === before) return;
  const field = 'spec.volumeAttributesClassName';
  if (next === undefined) errors.push(forbidden(field, 'update from non-nil value to nil is forbidden'));
  else if (next === '')
    errors.push(forbidden(field, 'update from non-nil value to an empty string is forbidden'));
}

export function checkVolumeObject(errors: Errors, { spec, metadata }: PersistentVolume): void {
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required('spec.accessModes'));
  checkAccessModes(errors, 'spec.accessModes', modes);
  checkCapacity(errors, spec);
  const policy = spec.persistentVolumeReclaimPolicy ?? '';
  if (policy !== '')
    checkOneOf(errors, 'spec.persistentVolumeReclaimPolicy', policy, ['Delete', 'Recycle', 'Retain']);
  const affinity = spec.nodeAffinity;
  if (affinity !== undefined) {
    if (affinity.required === undefined)
      errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
    else checkNodeSelector(errors, 'spec.nodeAffinity.required', affinity.required);
  }
  checkVolumeSource(errors, spec, metadata.name);
  if (policy === 'Recycle' && /^\/(?:\.?\/)*\.?$/.test(spec.hostPath?.path ?? ''))
    errors.push(
      forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"),
    );
  if ((spec.storageClassName ?? '') !== '')
    checkForm(errors, 'spec.storageClassName', spec.storageClassName ?? '', subdomain);
  if (spec.volumeMode !== undefined) checkOneOf(errors, 'spec.volumeMode', spec.volumeMode, volumeModes);
  checkVolumeAttributes(errors, spec);
}

function checkCapacity(errors: Errors, { capacity = {} }: PersistentVolumeSpec): void {
  const names = Object.keys(capacity).sort();
  if (names.length === 0) errors.push(required('spec.capacity'));
  if (capacity['storage'] === undefined || names.length > 1)
    errors.push({ ...unsupported('spec.capacity', null, ['storage']), badValue: json(capacity) });
  for (const name of names) {
    const quantity = capacity[name] ?? '0';
    const field = `spec.capacity[${name}]`;
    if (wholeValue(quantity) < 0)
      errors.push(invalidValue(field, wholeValue(quantity), 'must be a valid resource quantity'));
    checkPositive(errors, field, quantity);
  }
}

function checkVolumeAttributes(errors: Errors, spec: PersistentVolumeSpec): void {
  const name = spec.volumeAttributesClassName;
  if (name === undefined) return;
  if (name === '') errors.push(required('spec.volumeAttributesClassName', 'an empty string is disallowed'));
  else checkForm(errors, 'spec.volumeAttributesClassName', name, subdomain);
  if (spec.csi === undefined)
    errors.push(required('spec.csi', 'has to be specified when using volumeAttributesClassName'));
}

/** What the volume is stays; where it may be used may be said once. */
export function checkVolumeUpdate(errors: Errors, next: PersistentVolume, before: PersistentVolume): void {
  if (next.spec === before.spec) return;
  const [now, was] = [sourceOf(next.spec, before.spec), sourceOf(before.spec, before.spec)];
  if (!same(now, was))
    errors.push(
      forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'),
    );
  checkImmutableField(errors, 'volumeMode', json(next.spec.volumeMode), json(before.spec.volumeMode));
  if (before.spec.nodeAffinity !== undefined)
    checkImmutableField(errors, 'nodeAffinity', json(next.spec.nodeAffinity), json(before.spec.nodeAffinity));
  const [name, old] = [next.spec.volumeAttributesClassName, before.spec.volumeAttributesClassName];
  if (old !== undefined && name === undefined)
    errors.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'));
}

/** The one field of a spec that says what the volume is. A secret for expansions may be added. */
function sourceOf(spec: PersistentVolumeSpec, before: PersistentVolumeSpec): object {
  const {
    accessModes: _1,
    capacity: _2,
    claimRef: _3,
    mountOptions: _4,
    nodeAffinity: _5,
    persistentVolumeReclaimPolicy: _6,
    storageClassName: _7,
    volumeAttributesClassName: _8,
    volumeMode: _9,
    ...source
  } = spec;
  if (source.csi === undefined || before.csi === undefined) return source;
  if (before.csi.controllerExpandSecretRef !== undefined) return source;
  return { ...source, csi: { ...source.csi, controllerExpandSecretRef: undefined } };
}
