/**
 * LimitRanger: containers that say nothing get the namespace's defaults; what is outside its bounds is refused. The real
 * one goes through maps, so the order of its messages is chance; here it is that of the resources' names.
 * (kubernetes v1.34.1 plugin/pkg/admission/limitranger/admission.go)
 */
import type {
  Container,
  LimitRange,
  LimitRangeItem,
  PersistentVolumeClaim,
  Pod,
  PodSpec,
  ResourceRequirements,
} from '../../api/generated/types.ts';
import { aggregate } from '../../api/field-error.ts';
import { milliValue, quantityText, wholeValue } from '../../text/quantity.ts';
import { objectsOfNamespace } from './namespaced.ts';
import { refuse, type AdmissionContext, type AdmissionPlugin, type Operation } from './plugin.ts';
import { podLimitsAsWritten, podRequestsAsWritten, type ResourceList } from '../../api/resource-list.ts';

export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  resources: ['pods', 'persistentvolumeclaims'],
  operations: ['CREATE', 'UPDATE'],
  subresources: ['resize'],
  admit: ({ operation, resource, subresource, namespace }, object, context) => {
    if (resource !== 'pods' || !setsResources(operation, subresource)) return object;
    if (object.metadata.deletionTimestamp !== undefined && operation === 'UPDATE') return object;
    let pod = object as Pod;
    for (const range of limitRangesIn(context, namespace)) pod = withDefaultLimits(pod, range);
    return pod;
  },
  validate: (attributes, context) => {
    const { operation, resource, subresource, namespace, object } = attributes;
    if (object === undefined || (resource === 'pods' && !setsResources(operation, subresource)))
      return undefined;
    if (object.metadata.deletionTimestamp !== undefined && operation === 'UPDATE') return undefined;
    for (const range of limitRangesIn(context, namespace)) {
      const problems =
        resource === 'pods'
          ? podProblems(object as Pod, range)
          : claimProblems(object as PersistentVolumeClaim, range);
      if (problems.length > 0) return refuse(attributes, aggregate(problems));
    }
    return undefined;
  },
};

/** A Pod gets its resources when it is created, and others by a resize, never by an update. */
const setsResources = (operation: Operation, subresource: string): boolean =>
  operation === 'CREATE' ? subresource === '' : subresource === 'resize';

/** The LimitRanges of a namespace: one list for as long as none of the cluster's changes. */
export const limitRangesIn = (context: AdmissionContext, namespace: string): readonly LimitRange[] =>
  objectsOfNamespace(context.view('limitranges'), namespace) as readonly unknown[] as readonly LimitRange[];

const annotation = 'kubernetes.io/limit-ranger';

/** The Pod with the defaults of one LimitRange, and a note of what was set. */
export function withDefaultLimits(pod: Pod, { spec }: LimitRange): Pod {
  const requests: Record<string, string> = {};
  const limits: Record<string, string> = {};
  for (const item of spec?.limits ?? [])
    if (item.type === 'Container') {
      Object.assign(requests, item.defaultRequest);
      Object.assign(limits, item.default);
    }
  const notes: string[] = [];
  const filled = (what: string) => (container: Container) =>
    filledContainer(container, what, requests, limits, notes);
  const containers = pod.spec.containers.map(filled('container'));
  const initContainers = pod.spec.initContainers?.map(filled('init container'));
  if (notes.length === 0) return pod;
  const note = `LimitRanger plugin set: ${notes.join('; ')}`;
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, [annotation]: note } },
    spec:
      initContainers === undefined
        ? { ...pod.spec, containers }
        : { ...pod.spec, containers, initContainers },
  };
}

function filledContainer(
  container: Container,
  what: string,
  requests: ResourceList,
  limits: ResourceList,
  notes: string[],
): Container {
  const { resources } = container;
  const setRequests = missingIn(resources?.requests, requests);
  const setLimits = missingIn(resources?.limits, limits);
  if (setRequests.length > 0) notes.push(`${setRequests.join(', ')} request for ${what} ${container.name}`);
  if (setLimits.length > 0) notes.push(`${setLimits.join(', ')} limit for ${what} ${container.name}`);
  if (setRequests.length + setLimits.length === 0) return container;
  return {
    ...container,
    resources: withMissing(withMissing(resources, 'limits', limits), 'requests', requests),
  };
}

/** A list that stays empty is left out, as it is when it is written. */
function withMissing(
  resources: ResourceRequirements | undefined,
  which: 'limits' | 'requests',
  defaults: ResourceList,
): ResourceRequirements {
  const list = { ...defaults, ...resources?.[which] };
  return Object.keys(list).length === 0 ? { ...resources } : { ...resources, [which]: list };
}

const missingIn = (given: ResourceList | undefined, defaults: ResourceList): readonly string[] =>
  Object.keys(defaults)
    .filter((name) => given?.[name] === undefined)
    .sort();

/** Everything one LimitRange has against a Pod. */
export const podProblems = (pod: Pod, { spec }: LimitRange): readonly string[] =>
  (spec?.limits ?? []).flatMap((item) => {
    switch (item.type) {
      case 'Container':
        return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ resources }) =>
          problemsOf(item, resources?.requests ?? {}, resources?.limits ?? {}),
        );
      case 'Pod':
        return problemsOfPod(item, pod.spec);
      default:
        return [];
    }
  });

const problemsOfPod = (item: LimitRangeItem, spec: PodSpec): readonly string[] =>
  problemsOf(item, podRequestsAsWritten(spec), podLimitsAsWritten(spec));

/** What one has against a claim: only the request counts. */
export const claimProblems = (claim: PersistentVolumeClaim, { spec }: LimitRange): readonly string[] =>
  (spec?.limits ?? []).flatMap((item) => {
    if (item.type !== 'PersistentVolumeClaim') return [];
    const requests = claim.spec.resources?.requests ?? {};
    return [
      ...each(item.min, (name, bound) => belowMin(item.type, name, bound, requests[name], undefined)),
      ...each(item.max, (name, bound) => aboveMaxRequest(item.type, name, bound, requests[name])),
    ];
  });

const problemsOf = (
  item: LimitRangeItem,
  requests: ResourceList,
  limits: ResourceList,
): readonly string[] => [
  ...each(item.min, (name, bound) => belowMin(item.type, name, bound, requests[name], limits[name])),
  ...each(item.max, (name, bound) => aboveMax(item.type, name, bound, requests[name], limits[name])),
  ...each(item.maxLimitRequestRatio, (name, bound) =>
    aboveRatio(item.type, name, bound, requests[name], limits[name]),
  ),
];

const each = (
  bounds: ResourceList | undefined,
  check: (name: string, bound: string) => string | undefined,
): readonly string[] =>
  Object.keys(bounds ?? {})
    .sort()
    .flatMap((name) => check(name, bounds?.[name] ?? '0') ?? []);

type Amounts = readonly [number, number, number];

/** In thousandths where all fit into an int64 so, else in units. */
const mostMilli = 9_223_372_036_854_775;
function amounts(request: string | undefined, limit: string | undefined, bound: string): Amounts {
  const all = [request ?? '0', limit ?? '0', bound] as const;
  const unit = all.every((text) => wholeValue(text) <= mostMilli) ? milliValue : wholeValue;
  return [unit(all[0]), unit(all[1]), unit(all[2])];
}

function belowMin(
  type: string,
  name: string,
  bound: string,
  request: string | undefined,
  limit: string | undefined,
): string | undefined {
  const [asked, most, least] = amounts(request, limit, bound);
  const rule = `minimum ${name} usage per ${type} is ${quantityText(bound)}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  if (asked < least) return `${rule}, but request is ${quantityText(request)}`;
  if (limit !== undefined && most < least) return `${rule}, but limit is ${quantityText(limit)}`;
  return undefined;
}

function aboveMax(
  type: string,
  name: string,
  bound: string,
  request: string | undefined,
  limit: string | undefined,
): string | undefined {
  const [asked, most, allowed] = amounts(request, limit, bound);
  const rule = `maximum ${name} usage per ${type} is ${quantityText(bound)}`;
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (most > allowed) return `${rule}, but limit is ${quantityText(limit)}`;
  if (request !== undefined && asked > allowed) return `${rule}, but request is ${quantityText(request)}`;
  return undefined;
}

function aboveMaxRequest(
  type: string,
  name: string,
  bound: string,
  request: string | undefined,
): string | undefined {
  const [asked, , allowed] = amounts(request, undefined, bound);
  const rule = `maximum ${name} usage per ${type} is ${quantityText(bound)}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  return asked > allowed ? `${rule}, but request is ${quantityText(request)}` : undefined;
}

function aboveRatio(
  type: string,
  name: string,
  bound: string,
  request: string | undefined,
  limit: string | undefined,
): string | undefined {
  const [asked, most] = amounts(request, limit, bound);
  const rule = `${name} max limit to request ratio per ${type} is ${quantityText(bound)}`;
  if (asked === 0) return `${rule}, but no request is specified or request is 0`;
  if (most === 0) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = most / asked;
  const isAbove =
    wholeValue(bound) <= mostMilli ? ratio * 1000 > milliValue(bound) : ratio > wholeValue(bound);
  return isAbove ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}
