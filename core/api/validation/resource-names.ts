/** Which resources may be named where. (kubernetes v1.34.1 pkg/apis/core/helper/helpers.go) */
import { invalidValue } from '../field-error.ts';
import { qualifiedNameErrors } from '../../text/label-format.ts';
import { checkForm, type Errors } from './fields.ts';

const ofContainers: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

const counted = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
];

const computed = [
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
];

const ofQuotas: ReadonlySet<string> = new Set([...computed, ...counted]);

const standard: ReadonlySet<string> = new Set([...ofQuotas, 'storage']);

/** Only whole numbers of them. */
const whole: ReadonlySet<string> = new Set(counted);

export const isHugePage = (name: string): boolean => name.startsWith('hugepages-');

/** Without a domain, or with Kubernetes' own. */
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** `nvidia.com/gpu`: what a device plugin offers. */
export const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedNameErrors(`requests.${name}`).length === 0;

export const isWhole = (name: string): boolean => whole.has(name) || isExtended(name);

/** Whether a request may be less than its limit. */
export const overcommits = (name: string): boolean => isNative(name) && !isHugePage(name);

export const isOfQuotas = (name: string): boolean =>
  ofQuotas.has(name) || isHugePage(name) || name.startsWith('requests.hugepages-');

/** The name of any resource. */
export function checkResourceName(errors: Errors, field: string, name: string): boolean {
  const before = errors.length;
  checkForm(errors, field, name, qualifiedNameErrors);
  if (errors.length > before) return false;
  if (
    !name.includes('/') &&
    !standard.has(name) &&
    !isHugePage(name) &&
    !name.startsWith('requests.hugepages-')
  )
    errors.push(invalidValue(field, name, 'must be a standard resource type or fully qualified'));
  return errors.length === before;
}

/** The name of what a container asks for. */
export function checkContainerResourceName(errors: Errors, field: string, name: string): void {
  checkResourceName(errors, field, name);
  if (!name.includes('/')) {
    if (!ofContainers.has(name) && !isHugePage(name))
      errors.push(invalidValue(field, name, 'must be a standard resource for containers'));
  } else if (!isNative(name) && !isExtended(name))
    errors.push(invalidValue(field, name, "doesn't follow extended resource name standard"));
}

/** The name of what a quota counts. */
export function checkQuotaResourceName(errors: Errors, field: string, name: string): void {
  checkResourceName(errors, field, name);
  if (!name.includes('/') && !isOfQuotas(name))
    errors.push(invalidValue(field, name, 'must be a standard resource for quota'));
}

/** What a LimitRange limits. */
export function checkLimitType(errors: Errors, field: string, type: string): void {
  const before = errors.length;
  checkForm(errors, field, type, qualifiedNameErrors);
  if (errors.length > before || type.includes('/')) return;
  if (!['Pod', 'Container', 'PersistentVolumeClaim'].includes(type))
    errors.push(invalidValue(field, type, 'must be a standard limit type or fully qualified'));
}
