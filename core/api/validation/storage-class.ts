/** StorageClasses, CSIDrivers and CSINodes. (kubernetes v1.34.1 pkg/apis/storage/validation/validation.go) */
import { duplicate, forbidden, invalidValue, required, tooLong } from '../field-error.ts';
import { internal } from '../go/internal.ts';
import type {
  CSIDriver,
  CSINode,
  CSINodeDriver,
  StorageClass,
  TopologySelectorTerm,
} from '../generated/types.ts';
import { byteLength, qualifiedNameErrors } from '../../text/label-format.ts';
import { same } from '../merge-patch.ts';
import { checkForm, checkImmutableField, checkOneOf, json, subdomain, type Errors } from './fields.ts';

const mostParameters = 512;
/** 256 KiB for keys and values together. */
const parameterBytes = 262_144;

export function checkStorageClass(errors: Errors, storageClass: StorageClass): void {
  const { parameters = {}, reclaimPolicy, volumeBindingMode } = storageClass;
  const provisioner = (storageClass.provisioner as string | undefined) ?? '';
  if (provisioner === '') errors.push(required('provisioner'));
  else checkForm(errors, 'provisioner', provisioner.toLowerCase(), qualifiedNameErrors);
  checkParameters(errors, parameters);
  if (reclaimPolicy !== undefined && reclaimPolicy !== '')
    checkOneOf(errors, 'reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']);
  if (volumeBindingMode === undefined) errors.push(required('volumeBindingMode'));
  else checkOneOf(errors, 'volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']);
  checkTopologies(errors, storageClass.allowedTopologies ?? []);
}

function checkParameters(errors: Errors, parameters: Readonly<Record<string, string>>): void {
  const keys = Object.keys(parameters);
  if (keys.length > mostParameters) {
    errors.push(tooLong('parameters', mostParameters));
    return;
  }
  let bytes = 0;
  for (const key of keys) {
    if (key === '') errors.push(invalidValue('parameters', key, 'field can not be empty.'));
    bytes += byteLength(key) + byteLength(parameters[key] ?? '');
  }
  if (bytes > parameterBytes) errors.push(tooLong('parameters', parameterBytes));
}

/**
 * Where volumes may be: keys and values once each, and no term twice. Kubernetes compares a term also with one empty one for
 * each there is, so that a term without expressions is a duplicate as often. (validateAllowedTopologies)
 */
function checkTopologies(errors: Errors, terms: readonly TopologySelectorTerm[]): void {
  terms.forEach((term, i) => {
    const at = `allowedTopologies[${i}]`;
    const keys = new Set<string>();
    (term.matchLabelExpressions ?? []).forEach(({ key, values }, j) => {
      const field = `${at}.matchLabelExpressions[${j}]`;
      if (values.length === 0) errors.push(required(`${field}.values`));
      values.forEach((value, k) => {
        if (values.indexOf(value) < k) errors.push(duplicate(`${field}.values[${k}]`, value));
      });
      checkForm(errors, `${field}.key`, key, qualifiedNameErrors);
      if (keys.has(key)) errors.push(duplicate(`${field}.key`, key));
      keys.add(key);
    });
    const compared = [...terms.map((): TopologySelectorTerm => ({})), ...terms.slice(0, i)];
    for (const other of compared)
      if (same(rawTerm(other), rawTerm(term))) errors.push(duplicate(`${at}.matchLabelExpressions`, ''));
  });
}

/** A term as sets: the order in which it was written does not count. */
const rawTerm = (term: TopologySelectorTerm): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    (term.matchLabelExpressions ?? []).map(({ key, values }) => [key, [...new Set(values)].sort()]),
  );

export function checkStorageClassUpdate(errors: Errors, next: StorageClass, before: StorageClass): void {
  if (!same(next.parameters, before.parameters))
    errors.push(forbidden('parameters', 'updates to parameters are forbidden.'));
  if (next.provisioner !== before.provisioner)
    errors.push(forbidden('provisioner', 'updates to provisioner are forbidden.'));
  if (next.reclaimPolicy !== before.reclaimPolicy)
    errors.push(forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.'));
  checkImmutableField(
    errors,
    'volumeBindingMode',
    json(next.volumeBindingMode),
    json(before.volumeBindingMode),
  );
}

const mostDriverBytes = 63;

/** The name of a CSI driver: lower and upper case are one. */
export function checkDriverName(errors: Errors, field: string, name: string): void {
  if (name === '') errors.push(required(field));
  if (byteLength(name) > mostDriverBytes) errors.push(tooLong(field, mostDriverBytes));
  for (const message of subdomain(name.toLowerCase())) errors.push(invalidValue(field, name, message));
}

/** Seconds between two reports of how many volumes a node can take. */
const leastUpdatePeriod = 10;

/** Kubernetes names the first of them otherwise than the manifest does. */
const attachField = 'spec.attachedRequired';

export function checkDriver(errors: Errors, { spec }: CSIDriver): void {
  if (spec.attachRequired === undefined) errors.push(required(attachField));
  for (const part of ['podInfoOnMount', 'storageCapacity'] as const)
    if (spec[part] === undefined) errors.push(required(`spec.${part}`));
  if (spec.fsGroupPolicy !== undefined)
    checkOneOf(errors, 'spec.fsGroupPolicy', spec.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType']);
  checkTokenRequests(errors, spec.tokenRequests ?? []);
  (spec.volumeLifecycleModes ?? []).forEach((mode) => {
    checkOneOf(errors, 'spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral']);
  });
  if (spec.seLinuxMount === undefined) errors.push(required('spec.seLinuxMount'));
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  if (period !== undefined && period < leastUpdatePeriod)
    errors.push(
      invalidValue(
        'spec.nodeAllocatableUpdatePeriodSeconds',
        period,
        `must be greater than or equal to ${leastUpdatePeriod} seconds`,
      ),
    );
}

const leastTokenSeconds = 600;
const mostTokenSeconds = 4_294_967_296;

function checkTokenRequests(
  errors: Errors,
  requests: readonly { readonly audience: string; readonly expirationSeconds?: number | undefined }[],
): void {
  const seen = new Set<string>();
  requests.forEach(({ audience, expirationSeconds: seconds }, i) => {
    const at = `spec.tokenRequests[${i}]`;
    if (seen.has(audience)) {
      errors.push(duplicate(`${at}.audience`, audience));
      return;
    }
    seen.add(audience);
    if (seconds === undefined) return;
    if (seconds < leastTokenSeconds)
      errors.push(
        invalidValue(`${at}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'),
      );
    if (seconds > mostTokenSeconds)
      errors.push(
        invalidValue(
          `${at}.expirationSeconds`,
          seconds,
          'may not specify a duration larger than 2^32 seconds',
        ),
      );
  });
}

export function checkDriverUpdate(
  errors: Errors,
  { spec: next }: CSIDriver,
  { spec: before }: CSIDriver,
): void {
  checkImmutableField(errors, attachField, json(next.attachRequired), json(before.attachRequired));
  checkImmutableField(
    errors,
    'spec.volumeLifecycleModes',
    json(next.volumeLifecycleModes),
    json(before.volumeLifecycleModes),
  );
}

/** A manifest may lack the list. */
const driversOf = (spec: CSINode['spec']): CSINode['spec']['drivers'] =>
  (spec.drivers as CSINode['spec']['drivers'] | undefined) ?? [];

export function checkDriversOfNode(errors: Errors, { spec }: CSINode): void {
  const names = new Set<string>();
  driversOf(spec).forEach((driver, i) => {
    checkNodeDriver(errors, `spec.drivers[${i}]`, driver, names);
  });
}

/** Bytes of the name that a driver has for a node. */
const mostNodeIDBytes = 256;

/** `names`: of the drivers before it. Kubernetes names the driver where one of its keys is wrong. */
function checkNodeDriver(errors: Errors, field: string, driver: CSINodeDriver, names: Set<string>): void {
  checkDriverName(errors, `${field}.name`, driver.name);
  if (driver.nodeID === '') errors.push(required(`${field}.nodeID`));
  if (byteLength(driver.nodeID) > mostNodeIDBytes)
    errors.push(
      invalidValue(`${field}.nodeID`, driver.nodeID, `must be ${mostNodeIDBytes} characters or less`),
    );
  const count = driver.allocatable?.count;
  if (count !== undefined && count < 0)
    errors.push(invalidValue(`${field}.allocatable.count`, count, 'must be greater than or equal to 0'));
  if (names.has(driver.name)) errors.push(duplicate(`${field}.name`, driver.name));
  names.add(driver.name);
  const keys = new Set<string>();
  (driver.topologyKeys ?? []).forEach((key) => {
    if (key === '') errors.push(required(field));
    if (keys.has(key)) errors.push(duplicate(field, key));
    keys.add(key);
    checkForm(errors, field, key, qualifiedNameErrors);
  });
}

/** What a driver has said of a node stays until the driver goes, but for how many volumes it can take. */
export function checkDriversOfNodeUpdate(errors: Errors, next: CSINode, before: CSINode): void {
  for (const { allocatable: _was, ...old } of driversOf(before.spec))
    for (const { allocatable: _now, ...now } of driversOf(next.spec))
      if (now.name === old.name && !same(now, old))
        errors.push(invalidValue('spec.drivers', internal('CSINodeDriver', now), 'field is immutable'));
}
