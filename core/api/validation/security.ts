/** As whom and how confined containers run. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { duplicate, invalidValue, required, tooLong } from '../field-error.ts';
import { internal } from '../go/internal.ts';
import type {
  AppArmorProfile,
  Container,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
} from '../generated/types.ts';
import { byteLength } from '../../text/label-format.ts';
import { checkOneOf, checkRange, type Errors } from './fields.ts';
import { checkDescendingPath } from './paths.ts';
import { checkWindowsOptions } from './windows.ts';

const mostId = 2_147_483_647;

function checkId(errors: Errors, field: string, id: number | undefined): void {
  if (id !== undefined) checkRange(errors, field, id, 0, mostId);
}

export function checkPodSecurity(errors: Errors, field: string, spec: PodSpec): void {
  const security = spec.securityContext ?? {};
  for (const part of ['fsGroup', 'runAsUser', 'runAsGroup'] as const)
    checkId(errors, `${field}.${part}`, security[part]);
  (security.supplementalGroups ?? []).forEach((group, i) => {
    checkId(errors, `${field}.supplementalGroups[${i}]`, group);
  });
  if (spec.hostPID === true && spec.shareProcessNamespace === true)
    errors.push(
      invalidValue(
        `${field}.shareProcessNamespace`,
        true,
        'ShareProcessNamespace and HostPID cannot both be enabled',
      ),
    );
  checkSysctls(errors, `${field}.sysctls`, security, spec);
  if (security.fsGroupChangePolicy !== undefined)
    checkOneOf(errors, `${field}.fsGroupChangePolicy`, security.fsGroupChangePolicy, [
      'Always',
      'OnRootMismatch',
    ]);
  checkSeccomp(errors, `${field}.seccompProfile`, security.seccompProfile);
  checkWindowsOptions(errors, `${field}.windowsOptions`, security.windowsOptions);
  checkAppArmor(errors, `${field}.appArmorProfile`, security.appArmorProfile);
  if (security.supplementalGroupsPolicy !== undefined)
    checkOneOf(errors, `${field}.supplementalGroupsPolicy`, security.supplementalGroupsPolicy, [
      'Merge',
      'Strict',
    ]);
  if (security.seLinuxChangePolicy !== undefined)
    checkOneOf(errors, `${field}.seLinuxChangePolicy`, security.seLinuxChangePolicy, [
      'MountOption',
      'Recursive',
    ]);
}

const sysctlFormat = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const sysctl = new RegExp(sysctlFormat);
const mostSysctlCharacters = 253;

/** A Pod in the host's namespace must not change what is the host's. */
function checkSysctls(errors: Errors, field: string, security: PodSecurityContext, spec: PodSpec): void {
  const names = new Set<string>();
  (security.sysctls ?? []).forEach(({ name }, i) => {
    const at = `${field}[${i}].name`;
    const wrong = (detail: string): void => {
      errors.push(invalidValue(at, name, detail));
    };
    if (name === '') errors.push(required(at));
    else if (!sysctl.test(name) || name.length > mostSysctlCharacters)
      wrong(`must have at most ${mostSysctlCharacters} characters and match regex ${sysctlFormat}`);
    else if (names.has(name)) errors.push(duplicate(at, name));
    const dotted = name.replaceAll('/', '.');
    if (spec.hostNetwork === true && dotted.startsWith('net.'))
      wrong("may not be specified when 'hostNetwork' is true");
    else if (spec.hostIPC === true && isOfIpc(dotted)) wrong("may not be specified when 'hostIPC' is true");
    names.add(name);
  });
}

/** (component-helpers/node/util/sysctl/namespace.go) */
const isOfIpc = (name: string): boolean =>
  name === 'kernel.sem' || ['kernel.shm', 'kernel.msg', 'fs.mqueue.'].some((start) => name.startsWith(start));

const seccompTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function checkSeccomp(errors: Errors, field: string, profile: SeccompProfile | undefined): void {
  if (profile === undefined) return;
  const { type, localhostProfile } = profile;
  if (type === '') errors.push(required(`${field}.type`, 'type is required when seccompProfile is set'));
  else checkOneOf(errors, `${field}.type`, type, seccompTypes);
  if (type !== 'Localhost') {
    if (localhostProfile !== undefined)
      errors.push(
        invalidValue(
          `${field}.localhostProfile`,
          internal('SeccompProfile', profile),
          'can only be set when seccomp type is Localhost',
        ),
      );
  } else if (localhostProfile === undefined)
    errors.push(required(`${field}.localhostProfile`, 'must be set when seccomp type is Localhost'));
  else checkDescendingPath(errors, `${field}.localhostProfile`, localhostProfile);
}

/** The longest path that Linux has, in bytes. */
const mostPathBytes = 4095;

function checkAppArmor(errors: Errors, field: string, profile: AppArmorProfile | undefined): void {
  if (profile === undefined) return;
  const { type, localhostProfile: local } = profile;
  const at = `${field}.localhostProfile`;
  if (type === 'Localhost') {
    if (local === undefined || (local.trim() === local && local === ''))
      errors.push(required(at, 'must be set when AppArmor type is Localhost'));
    else if (local.trim() !== local)
      errors.push(invalidValue(at, local, 'must not be padded with whitespace'));
    if (local !== undefined && byteLength(local) > mostPathBytes) errors.push(tooLong(at, mostPathBytes));
  } else if (type === 'RuntimeDefault' || type === 'Unconfined') {
    if (local !== undefined)
      errors.push(invalidValue(at, local, 'can only be set when AppArmor type is Localhost'));
  } else if (type === '')
    errors.push(required(`${field}.type`, 'type is required when appArmorProfile is set'));
  else checkOneOf(errors, `${field}.type`, type, seccompTypes);
}

export function checkContainerSecurity(
  errors: Errors,
  field: string,
  { securityContext: security }: Container,
  spec: PodSpec,
): void {
  if (security === undefined) return;
  checkId(errors, `${field}.runAsUser`, security.runAsUser);
  checkId(errors, `${field}.runAsGroup`, security.runAsGroup);
  if (security.procMount !== undefined) {
    checkOneOf(errors, `${field}.procMount`, security.procMount, ['Default', 'Unmasked']);
    if (spec.hostUsers !== false && security.procMount === 'Unmasked')
      errors.push(
        invalidValue(`${field}.procMount`, security.procMount, '`hostUsers` must be false to use `Unmasked`'),
      );
  }
  checkSeccomp(errors, `${field}.seccompProfile`, security.seccompProfile);
  if (security.allowPrivilegeEscalation === false) {
    const wrong = (what: string): void => {
      errors.push(
        invalidValue(
          field,
          internal('SecurityContext', security),
          `cannot set \`allowPrivilegeEscalation\` to false and ${what}`,
        ),
      );
    };
    if (security.privileged === true) wrong('`privileged` to true');
    for (const capability of security.capabilities?.add ?? [])
      if (capability === 'CAP_SYS_ADMIN') wrong('`capabilities.Add` CAP_SYS_ADMIN');
  }
  checkWindowsOptions(errors, `${field}.windowsOptions`, security.windowsOptions);
  checkAppArmor(errors, `${field}.appArmorProfile`, security.appArmorProfile);
}
