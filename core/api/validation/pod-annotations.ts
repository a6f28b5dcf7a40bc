/** Annotations that mean something to Kubernetes itself. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { forbidden, invalidValue, type FieldError } from '../field-error.ts';
import type { AppArmorProfile, PodSpec, SeccompProfile } from '../generated/types.ts';
import type { Errors } from './fields.ts';
import { checkDescendingPath } from './paths.ts';
import { containersIn } from '../pod-containers.ts';

type Annotations = Readonly<Record<string, string>>;

const mirror = 'kubernetes.io/config.mirror';
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/';
const appArmor = 'container.apparmor.security.beta.kubernetes.io/';

const isSpecial = (key: string): boolean =>
  key === mirror ||
  key === deletionCost ||
  key === seccompOfPod ||
  key.startsWith(seccompOfContainer) ||
  key.startsWith(appArmor);

export function checkPodAnnotations(
  errors: Errors,
  field: string,
  annotations: Annotations,
  spec: PodSpec,
): void {
  const keys = Object.keys(annotations).filter(isSpecial).sort();
  if (keys.length === 0) return;
  const value = (key: string): string => annotations[key] ?? '';
  if (keys.includes(mirror) && (spec.nodeName ?? '') === '')
    errors.push(
      invalidValue(
        `${field}[${mirror}]`,
        value(mirror),
        'must set spec.nodeName if mirror pod annotation is set',
      ),
    );
  if (keys.includes(deletionCost) && !isInt32(value(deletionCost)))
    errors.push(invalidValue(`${field}[${deletionCost}]`, value(deletionCost), 'must be a 32bit integer'));
  if (keys.includes(seccompOfPod)) checkSeccomp(errors, `${field}.${seccompOfPod}`, value(seccompOfPod));
  for (const key of keys)
    if (key.startsWith(seccompOfContainer)) checkSeccomp(errors, `${field}.${key}`, value(key));
  for (const key of keys)
    if (key.startsWith(appArmor)) checkAppArmor(errors, `${field}[${key}]`, key, value(key), spec);
}

/** In one spelling: no sign but minus, no zeros before. */
function isInt32(text: string): boolean {
  if (!/^(?:0|-\d+|[1-9]\d*)$/.test(text)) return false;
  const value = Number(text);
  return value >= -2_147_483_648 && value <= 2_147_483_647;
}

function checkSeccomp(errors: Errors, field: string, profile: string): void {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return;
  if (profile.startsWith('localhost/'))
    checkDescendingPath(errors, field, profile.slice('localhost/'.length));
  else errors.push(invalidValue(field, profile, 'must be a valid seccomp profile'));
}

function checkAppArmor(errors: Errors, field: string, key: string, profile: string, spec: PodSpec): void {
  const name = key.slice(appArmor.length);
  if (!containersIn('spec', spec).some(({ container }) => container.name === name))
    errors.push(invalidValue(field, name, 'container not found'));
  const isKnown = ['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/');
  if (!isKnown)
    errors.push(invalidValue(field, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`));
}

/** Whoever says it twice, in the old annotation and in the field, says the same. */
export function checkNewPodAnnotations(
  errors: Errors,
  field: string,
  annotations: Annotations,
  spec: PodSpec,
): void {
  const keys = Object.keys(annotations).filter(isSpecial);
  if (keys.length === 0) return;
  const match = (path: string, profile: Profile | undefined, key: string, what: string): void => {
    const said = annotations[key];
    const problem =
      profile === undefined || said === undefined ? undefined : mismatch(path, profile, said, what);
    if (problem !== undefined) errors.push(problem);
  };
  const security = spec.securityContext;
  match(`${field}.securityContext.seccompProfile`, security?.seccompProfile, seccompOfPod, 'seccomp');
  const containers = containersIn(field, spec);
  for (const { container, field: at } of containers)
    match(
      `${at}.securityContext.seccompProfile`,
      container.securityContext?.seccompProfile,
      seccompOfContainer + container.name,
      'seccomp',
    );
  if (spec.os?.name === 'windows') return;
  for (const { container, field: at } of containers)
    match(
      `${at}.securityContext.appArmorProfile`,
      container.securityContext?.appArmorProfile ?? security?.appArmorProfile,
      appArmor + container.name,
      'apparmor',
    );
}

type Profile = SeccompProfile | AppArmorProfile;

function mismatch(field: string, profile: Profile, said: string, what: string): FieldError | undefined {
  const { type, localhostProfile } = profile;
  const wrongType = forbidden(`${field}.type`, `${what} type in annotation and field must match`);
  if (type === 'Unconfined') return said === 'unconfined' ? undefined : wrongType;
  if (type === 'RuntimeDefault') {
    const isDefault = said === 'runtime/default' || (what === 'seccomp' && said === 'docker/default');
    return isDefault ? undefined : wrongType;
  }
  if (type !== 'Localhost') return undefined;
  if (!said.startsWith('localhost/')) return wrongType;
  return said === `localhost/${localhostProfile ?? ''}`
    ? undefined
    : forbidden(`${field}.localhostProfile`, `${what} profile in annotation and field must match`);
}

/** What was said of these at the start stays. */
export function checkPodAnnotationsUpdate(
  errors: Errors,
  field: string,
  next: Annotations = {},
  before: Annotations = {},
): void {
  for (const key of Object.keys(before).sort()) {
    if (next[key] === before[key]) continue;
    if (key.startsWith(appArmor))
      errors.push(forbidden(`${field}[${key}]`, 'may not remove or update AppArmor annotations'));
    if (key === mirror)
      errors.push(forbidden(`${field}[${key}]`, 'may not remove or update mirror pod annotation'));
  }
  for (const key of Object.keys(next).sort()) {
    if (Object.hasOwn(before, key)) continue;
    if (key.startsWith(appArmor))
      errors.push(forbidden(`${field}[${key}]`, 'may not add AppArmor annotations'));
    if (key === mirror) errors.push(forbidden(`${field}[${key}]`, 'may not add mirror pod annotation'));
  }
}
