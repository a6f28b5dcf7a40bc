/** The environment of a container. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { invalidValue, required } from '../field-error.ts';
import type { EnvFromSource, EnvVar } from '../generated/types.ts';
import { withoutTrailingDash } from '../names/forms.ts';
import { checkFieldReference, checkResourceReference } from './downward.ts';
import { checkForm, configKeyErrors, subdomain, type Errors, type NameForm } from './fields.ts';

/** What a process may learn of its Pod. */
const fieldsOfPod = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

const variableName: NameForm = (name) => [
  ...(name === '' ? ['environment variable name must be non-empty'] : []),
  ...(/^[ -<>-~]+$/.test(name)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]),
];

export function checkEnv(errors: Errors, field: string, variables: readonly EnvVar[]): void {
  variables.forEach((variable, i) => {
    const name = (variable.name as string | undefined) ?? '';
    if (name === '') errors.push(required(`${field}[${i}].name`));
    else checkForm(errors, `${field}[${i}].name`, name, variableName);
    checkSource(errors, `${field}[${i}].valueFrom`, variable);
  });
}

function checkSource(errors: Errors, field: string, { value = '', valueFrom: source }: EnvVar): void {
  if (source === undefined) return;
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source;
  if (fieldRef !== undefined) checkFieldReference(errors, `${field}.fieldRef`, fieldRef, fieldsOfPod);
  if (resourceFieldRef !== undefined)
    checkResourceReference(errors, `${field}.resourceFieldRef`, resourceFieldRef, false);
  for (const [part, reference] of [
    ['configMapKeyRef', configMapKeyRef],
    ['secretKeyRef', secretKeyRef],
  ] as const) {
    if (reference === undefined) continue;
    checkForm(errors, `${field}.${part}.name`, reference.name ?? '', subdomain);
    const key = (reference.key as string | undefined) ?? '';
    if (key === '') errors.push(required(`${field}.${part}.key`));
    else checkForm(errors, `${field}.${part}.key`, key, configKeyErrors);
  }
  const given = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter(
    (part) => part !== undefined,
  ).length;
  const wrong = (detail: string): void => {
    errors.push(invalidValue(field, '', detail));
  };
  if (given === 0)
    wrong('must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`');
  else if (value !== '') wrong('may not be specified when `value` is not empty');
  else if (given > 1) wrong('may not have more than one field specified at a time');
}

/** Where there is none or too many, Kubernetes names the list. */
export function checkEnvFrom(errors: Errors, field: string, sources: readonly EnvFromSource[]): void {
  sources.forEach(({ prefix = '', configMapRef, secretRef }, i) => {
    const at = `${field}[${i}]`;
    if (prefix !== '') checkForm(errors, `${at}.prefix`, prefix, variableName);
    if (configMapRef !== undefined) checkObject(errors, `${at}.configMapRef`, configMapRef.name ?? '');
    if (secretRef !== undefined) checkObject(errors, `${at}.secretRef`, secretRef.name ?? '');
    if (configMapRef === undefined && secretRef === undefined)
      errors.push(invalidValue(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (configMapRef !== undefined && secretRef !== undefined)
      errors.push(invalidValue(field, '', 'may not have more than one field specified at a time'));
  });
}

/** A name that may be a prefix. */
function checkObject(errors: Errors, field: string, name: string): void {
  if (name === '') errors.push(required(`${field}.name`));
  else
    for (const message of subdomain(withoutTrailingDash(name)))
      errors.push(invalidValue(`${field}.name`, name, message));
}
