/** Pods for Windows, and for Linux what is only for Windows. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { forbidden, invalidValue } from '../field-error.ts';
import type { Container, PodSpec, WindowsSecurityContextOptions } from '../generated/types.ts';
import { byteLength } from '../../text/label-format.ts';
import { subdomain, type Errors } from './fields.ts';

const mostCredentialBytes = 64 * 1024;

export function checkWindowsOptions(
  errors: Errors,
  field: string,
  options: WindowsSecurityContextOptions | undefined,
): void {
  if (options === undefined) return;
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: credentials, runAsUserName: user } = options;
  for (const message of name === undefined ? [] : subdomain(name))
    errors.push(invalidValue(`${field}.gmsaCredentialSpecName`, name ?? '', message));
  if (credentials === '')
    errors.push(
      invalidValue(
        `${field}.gmsaCredentialSpec`,
        credentials,
        'gmsaCredentialSpec cannot be an empty string',
      ),
    );
  else if (credentials !== undefined && byteLength(credentials) > mostCredentialBytes)
    errors.push(
      invalidValue(
        `${field}.gmsaCredentialSpec`,
        credentials,
        'gmsaCredentialSpec size must be under 64 KiB',
      ),
    );
  for (const message of user === undefined ? [] : userNameErrors(user))
    errors.push(invalidValue(`${field}.runAsUserName`, user ?? '', message));
}

const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsName =
  /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const mostDomainBytes = 256;
const mostUserBytes = 104;

/** `DOMAIN\user`. */
function userNameErrors(name: string): readonly string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (hasControls(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const [user = '', domain] = parts.reverse();
  const wrong: string[] = [];
  if (domain !== undefined && byteLength(domain) >= mostDomainBytes)
    wrong.push(`runAsUserName's Domain length must be under ${mostDomainBytes} characters`);
  if (domain !== undefined && !netBios.test(domain) && !dnsName.test(domain))
    wrong.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (user === '') wrong.push("runAsUserName's User cannot be empty");
  else if (byteLength(user) > mostUserBytes)
    wrong.push(`runAsUserName's User length must not be longer than ${mostUserBytes} characters`);
  if (/^[. ]+$/.test(user)) wrong.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user))
    wrong.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  return wrong;
}

const hasControls = (text: string): boolean =>
  [...text].some((character) => character < ' ' || character === '\u007f');

interface Placed {
  readonly container: Pick<Container, 'securityContext'>;
  readonly field: string;
}

/** Every container of every sort, and where it is: first those that run first. */
function placed(field: string, spec: PodSpec): readonly Placed[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((part) =>
    ((spec[part] as readonly Container[] | undefined) ?? []).map((container, i) => ({
      container,
      field: `${field}.${part}[${i}]`,
    })),
  );
}

/** All containers are processes of the host, or none is. */
export function checkHostProcess(errors: Errors, field: string, spec: PodSpec): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const all = placed(field, spec);
  let onHost = 0;
  for (const { container, field: at } of all) {
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own)
      errors.push(
        invalidValue(
          `${at}.securityContext.windowsOptions.hostProcess`,
          own,
          `pod hostProcess value must be identical if both are specified, was ${ofPod}`,
        ),
      );
    if (own ?? ofPod ?? false) onHost++;
  }
  if (onHost === 0) return;
  if (onHost !== all.length)
    errors.push(
      invalidValue(
        field,
        '',
        'If pod contains any hostProcess containers then all containers must be HostProcess containers',
      ),
    );
  if (spec.hostNetwork !== true)
    errors.push(
      invalidValue(
        `${field}.hostNetwork`,
        false,
        'hostNetwork must be true if pod contains any hostProcess containers',
      ),
    );
}

export function checkForLinux(errors: Errors, field: string, spec: PodSpec): void {
  const why = 'windows options cannot be set for a linux pod';
  if (spec.securityContext?.windowsOptions !== undefined)
    errors.push(forbidden(`${field}.securityContext.windowsOptions`, why));
  for (const { container, field: at } of placed(field, spec))
    if (container.securityContext?.windowsOptions !== undefined)
      errors.push(forbidden(`${at}.securityContext.windowsOptions`, why));
}

const notForWindows = 'cannot be set for a windows pod';

/** What a Pod for Windows may not say, in Kubernetes' order. */
export function checkForWindows(errors: Errors, field: string, spec: PodSpec): void {
  const security = spec.securityContext ?? {};
  const refuse = (path: string, value: unknown): void => {
    if (value !== undefined) errors.push(forbidden(`${field}.${path}`, notForWindows));
  };
  refuse('securityContext.appArmorProfile', security.appArmorProfile);
  refuse('securityContext.seLinuxOptions', security.seLinuxOptions);
  refuse('hostUsers', spec.hostUsers);
  refuse('hostPID', spec.hostPID === true ? true : undefined);
  refuse('hostIPC', spec.hostIPC === true ? true : undefined);
  for (const part of ['seccompProfile', 'fsGroup', 'fsGroupChangePolicy'] as const)
    refuse(`securityContext.${part}`, security[part]);
  refuse('securityContext.sysctls', (security.sysctls ?? []).length > 0 ? true : undefined);
  refuse('shareProcessNamespace', spec.shareProcessNamespace);
  for (const part of [
    'runAsUser',
    'runAsGroup',
    'supplementalGroups',
    'supplementalGroupsPolicy',
    'seLinuxChangePolicy',
  ] as const)
    refuse(`securityContext.${part}`, security[part]);
  for (const { container, field: at } of placed(field, spec)) checkContainer(errors, at, container);
}

function checkContainer(errors: Errors, field: string, { securityContext = {} }: Placed['container']): void {
  for (const part of [
    'appArmorProfile',
    'seLinuxOptions',
    'seccompProfile',
    'capabilities',
    'readOnlyRootFilesystem',
    'privileged',
    'allowPrivilegeEscalation',
    'procMount',
    'runAsUser',
    'runAsGroup',
  ] as const)
    if (securityContext[part] !== undefined)
      errors.push(forbidden(`${field}.securityContext.${part}`, notForWindows));
}
