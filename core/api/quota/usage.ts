/**
 * What an object uses of a quota, and which of a quota's resources it can use. Pods, Services and claims have measures of
 * their own; of everything else there is a count. (kubernetes v1.34.1 pkg/quota/v1/evaluator/core,
 * apiserver/pkg/quota/v1/generic/evaluator.go)
 */
import type { PersistentVolumeClaim, Pod, PodSpec, ResourceQuota, Service } from '../generated/types.ts';
import { groupResource, type ResourceInfo } from '../kinds.ts';
import { qualifiedNameErrors } from '../../text/label-format.ts';
import type { ApiObject } from '../object.ts';
import { isTerminal } from '../pod.ts';
import { compareQuantities, roundUpQuantity } from '../../text/quantity.ts';
import { podLimitList, podRequestList, type ResourceList } from '../resource-list.ts';
import { parseTimeText, second, type VirtualTime } from '../../time/time.ts';
import { claimMatchesScope, matchesNoScope, podMatchesScope, type ScopeRequirement } from './scope.ts';

/** How the objects of one resource are measured. */
export interface QuotaEvaluator {
  /** Those of the names that a quota limits this resource's objects by. */
  readonly matching: (names: readonly string[]) => readonly string[];
  readonly usage: (object: ApiObject, now: VirtualTime) => ResourceList;
  readonly matchesScope: (requirement: ScopeRequirement, object: ApiObject) => boolean;
  /** What the object must say where these resources are limited, and does not; undefined: it says all. */
  readonly constraint: (required: readonly string[], object: ApiObject) => string | undefined;
}

/** A quota as it may be before anybody has looked at it. */
export type MaybeCounted = Omit<ResourceQuota, 'status'> & {
  readonly status?: ResourceQuota['status'] | undefined;
};

/** How objects of a resource are measured. */
export function quotaEvaluatorFor(info: ResourceInfo): QuotaEvaluator {
  const name = groupResource(info);
  let found = evaluators.get(name);
  if (found === undefined) {
    found = counting(aliases.has(name) ? [`count/${name}`, name] : [`count/${name}`]);
    evaluators.set(name, found);
  }
  return found;
}

/** Whether the quota limits anything of the resource, and is for objects like this. */
export const quotaMatches = (
  { spec, status }: MaybeCounted,
  evaluator: QuotaEvaluator,
  object: ApiObject,
): boolean =>
  evaluator.matching(Object.keys(status?.hard ?? {})).length > 0 &&
  (spec.scopes ?? []).every((scopeName) =>
    evaluator.matchesScope({ scopeName, operator: 'Exists' }, object),
  ) &&
  (spec.scopeSelector?.matchExpressions ?? []).every((requirement) =>
    evaluator.matchesScope(requirement, object),
  );

/** Counted by their plain names too, for as long as there are quotas. */
const aliases: ReadonlySet<string> = new Set([
  'configmaps',
  'resourcequotas',
  'replicationcontrollers',
  'secrets',
]);

function counting(names: readonly string[]): QuotaEvaluator {
  const usage: ResourceList = Object.fromEntries(names.map((name) => [name, '1']));
  return {
    matching: (given) => given.filter((name) => names.includes(name)),
    usage: () => usage,
    matchesScope: matchesNoScope,
    constraint: () => undefined,
  };
}

const podNames: ReadonlySet<string> = new Set([
  'count/pods',
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
]);

const pods: QuotaEvaluator = {
  matching: (given) =>
    given.filter(
      (name) =>
        podNames.has(name) ||
        name.startsWith('hugepages-') ||
        name.startsWith('requests.hugepages-') ||
        (name.startsWith('requests.') && !isNative(name)),
    ),
  usage: (object, now) => podUsage(object as Pod, now),
  matchesScope: (requirement, object) => podMatchesScope(requirement, object as Pod),
  constraint: (required, object) => missingOf(required, (object as Pod).spec),
};

/** A Pod that has ended, or should have, is counted and uses nothing. */
function podUsage(pod: Pod, now: VirtualTime): ResourceList {
  if (hasEnded(pod, now)) return { 'count/pods': '1' };
  const usage = computeUsage(podRequestList(pod.spec), podLimitList(pod.spec));
  return { 'count/pods': '1', ...usage };
}

function hasEnded(pod: Pod, now: VirtualTime): boolean {
  // A Pod that is being created may have no status yet.
  if ((pod.status as Pod['status'] | undefined) !== undefined && isTerminal(pod)) return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  return now > (parseTimeText(deletionTimestamp) ?? now) + deletionGracePeriodSeconds * second;
}

/** Requests under their own names and as `requests.…`, limits as `limits.…`. (podComputeUsageHelper) */
function computeUsage(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage: Record<string, string> = { pods: '1' };
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) {
    const request = requests[name];
    const limit = limits[name];
    if (request !== undefined) {
      usage[name] = request;
      usage[`requests.${name}`] = request;
    }
    if (limit !== undefined) usage[`limits.${name}`] = limit;
  }
  for (const [name, request] of Object.entries(requests)) {
    if (name.startsWith('hugepages-')) {
      usage[name] = request;
      usage[`requests.${name}`] = request;
    }
    if (isExtended(name)) usage[`requests.${name}`] = request;
  }
  return usage;
}

const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedNameErrors(`requests.${name}`).length === 0;

/** Whoever limits these makes every container say them. The real one calls it a mistake that is kept. */
const mustBeSaid: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

function missingOf(required: readonly string[], spec: PodSpec): string | undefined {
  const demanded = required.filter((name) => mustBeSaid.has(name)).sort();
  if (demanded.length === 0 || saysForAll(spec)) return undefined;
  const containers = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name, resources }) => ({
    name,
    said: computeUsage(resources?.requests ?? {}, resources?.limits ?? {}),
  }));
  const parts = demanded.flatMap((resource) => {
    const silent = containers.filter(({ said }) => said[resource] === undefined).map(({ name }) => name);
    return silent.length === 0 ? [] : [`${resource} for: ${[...new Set(silent)].sort().join(',')}`];
  });
  return parts.length === 0 ? undefined : `must specify ${parts.join('; ')}`;
}

/** Resources of the whole Pod stand for those of its containers. (IsPodLevelResourcesSet) */
const saysForAll = ({ resources }: PodSpec): boolean =>
  [...Object.keys(resources?.requests ?? {}), ...Object.keys(resources?.limits ?? {})].some(
    (name) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-'),
  );

const serviceNames: ReadonlySet<string> = new Set([
  'count/services',
  'services',
  'services.nodeports',
  'services.loadbalancers',
]);

const services: QuotaEvaluator = {
  matching: (given) => given.filter((name) => serviceNames.has(name)),
  usage: (object) => serviceUsage(object as unknown as Service),
  matchesScope: matchesNoScope,
  constraint: () => undefined,
};

/** Node ports may not be allocated yet: what counts is whether they will be. */
function serviceUsage({ spec }: Service): ResourceList {
  const ports = spec?.ports ?? [];
  const isBalanced = spec?.type === 'LoadBalancer';
  const allocated =
    isBalanced && spec.allocateLoadBalancerNodePorts === false
      ? ports.filter(({ nodePort }) => (nodePort ?? 0) !== 0).length
      : ports.length;
  return {
    'count/services': '1',
    services: '1',
    'services.loadbalancers': isBalanced ? '1' : '0',
    'services.nodeports': isBalanced || spec?.type === 'NodePort' ? String(allocated) : '0',
  };
}

const claimNames = ['persistentvolumeclaims', 'requests.storage'] as const;
const ofClass = '.storageclass.storage.k8s.io/';

const claims: QuotaEvaluator = {
  matching: (given) =>
    given.filter(
      (name) =>
        name === 'count/persistentvolumeclaims' ||
        claimNames.some((own) => name === own || name.endsWith(`${ofClass}${own}`)),
    ),
  usage: (object) => claimUsage(object as unknown as PersistentVolumeClaim),
  matchesScope: (requirement, object) =>
    claimMatchesScope(requirement, object as unknown as PersistentVolumeClaim),
  constraint: () => undefined,
};

function claimUsage(claim: PersistentVolumeClaim): ResourceList {
  const { metadata, spec } = claim;
  const usage: Record<string, string> = { 'count/persistentvolumeclaims': '1', persistentvolumeclaims: '1' };
  const className =
    metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName ?? '';
  if (className !== '') usage[`${className}${ofClass}persistentvolumeclaims`] = '1';
  const storage = storageOf(claim);
  if (storage !== undefined) {
    usage['requests.storage'] = storage;
    if (className !== '') usage[`${className}${ofClass}requests.storage`] = storage;
  }
  return usage;
}

/** What is asked for, or was allocated if that is more, in whole bytes. */
function storageOf({ spec, status }: PersistentVolumeClaim): string | undefined {
  const asked = spec.resources?.requests?.['storage'];
  if (asked === undefined) return undefined;
  const allocated = status?.allocatedResources?.['storage'];
  return inWholeBytes(allocated !== undefined && compareQuantities(allocated, asked) > 0 ? allocated : asked);
}

function inWholeBytes(quantity: string): string {
  const rounded = roundUpQuantity(quantity, 0);
  return compareQuantities(rounded, quantity) === 0 ? quantity : rounded;
}

const evaluators = new Map<string, QuotaEvaluator>([
  ['pods', pods],
  ['services', services],
  ['persistentvolumeclaims', claims],
]);
