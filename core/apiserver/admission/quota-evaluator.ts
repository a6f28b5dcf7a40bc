/**
 * ResourceQuota: what a namespace may use in all. It comes last of the chain, and charges what it admits: the quotas'
 * statuses are written before the object is (../quota-charge.ts). Pure: quotas in, quotas as they would be out.
 * (kubernetes v1.34.1 apiserver/pkg/admission/plugin/resourcequota/controller.go)
 */
import type { ResourceQuota } from '../../api/generated/types.ts';
import type { ResourceInfo } from '../../api/kinds.ts';
import type { ApiObject } from '../../api/object.ts';
import { compareQuantities, quantityText, subtractQuantities } from '../../text/quantity.ts';
import {
  quotaEvaluatorFor,
  quotaMatches,
  type MaybeCounted,
  type QuotaEvaluator,
} from '../../api/quota/usage.ts';
import type { Status } from '../../api/request.ts';
import { addLists, maskList, type ResourceList } from '../../api/resource-list.ts';
import type { VirtualTime } from '../../time/time.ts';
import type { Admission } from './admission.ts';
import { refuse, type Operation } from './plugin.ts';

/** What is asked to be admitted: an object on its way in. */
export interface QuotaRequest extends Admission {
  readonly object: ApiObject;
}

/** Whether a request can use up anything of a quota. */
export function isCharged(info: ResourceInfo, operation: Operation, subresource: string): boolean {
  switch (operation) {
    case 'CREATE':
      return info.namespaced && subresource === '' && !uncounted.has(info.resource);
    case 'UPDATE':
      if (info.group !== '') return false;
      if (info.resource === 'services') return subresource === '';
      if (info.resource === 'pods') return subresource === 'resize';
      return info.resource === 'persistentvolumeclaims' && (subresource === '' || subresource === 'status');
    case 'DELETE':
    case 'CONNECT':
      return false;
  }
}

/** (pkg/quota/v1/install/registry.go ignoredResources) */
const uncounted: ReadonlySet<string> = new Set(['events', 'localsubjectaccessreviews']);

/** The quotas with the request charged (those it does not concern are the same objects), or why it is refused. */
export function chargeQuotas(
  quotas: readonly MaybeCounted[],
  request: QuotaRequest,
  now: VirtualTime,
): readonly MaybeCounted[] | Status {
  const evaluator = quotaEvaluatorFor(request.info);
  const { object, oldObject, operation } = request;
  const concerned: MaybeCounted[] = [];
  for (const quota of quotas) {
    if (!quotaMatches(quota, evaluator, object)) continue;
    const why = unmet(quota, evaluator, object);
    if (why !== undefined) return forbidden(request, why);
    concerned.push(quota);
  }
  if (concerned.length === 0) return quotas;
  const usage = evaluator.usage(object, now);
  const negative = Object.keys(usage).filter((name) => compareQuantities(usage[name] ?? '0', '0') < 0);
  if (negative.length > 0)
    return forbidden(request, `quota usage is negative for resource(s): ${negative.sort().join(',')}`);
  const before = operation === 'UPDATE' && oldObject !== undefined ? oldObject : undefined;
  const more = before === undefined ? usage : increase(usage, evaluator.usage(before, now));
  const charged: MaybeCounted[] = [];
  for (const quota of quotas) {
    if (!concerned.includes(quota)) {
      charged.push(quota);
      continue;
    }
    // Only what the quota was for before has been charged to it before.
    const delta = before !== undefined && quotaMatches(quota, evaluator, before) ? more : usage;
    const next = chargedQuota(quota, withoutZeros(delta), request);
    if (typeof next === 'string') return forbidden(request, next);
    charged.push(next);
  }
  return charged;
}

const forbidden = (request: QuotaRequest, why: string): Status =>
  refuse({ ...request, resource: request.info.resource }, why);

/** What stands against charging a quota that the object falls under. */
function unmet(quota: MaybeCounted, evaluator: QuotaEvaluator, object: ApiObject): string | undefined {
  const { hard = {}, used = {} } = quota.status ?? {};
  const { name } = quota.metadata;
  const limited = evaluator.matching(Object.keys(hard));
  const missing = evaluator.constraint(limited, object);
  if (missing !== undefined) return `failed quota: ${name}: ${missing}`;
  return limited.every((resource) => used[resource] !== undefined)
    ? undefined
    : `status unknown for quota: ${name}, resources: ${[...limited].sort().join(',')}`;
}

/** The quota with more used, or how it would be exceeded. */
function chargedQuota(
  quota: MaybeCounted,
  delta: ResourceList,
  { subresource }: QuotaRequest,
): MaybeCounted | string {
  const { hard = {}, used = {} } = quota.status ?? {};
  const requested = maskList(delta, new Set(Object.keys(hard)));
  const names = Object.keys(requested).sort();
  if (names.length === 0) return quota;
  const sum = addLists(used, requested);
  const exceeded = names.filter((name) => compareQuantities(sum[name] ?? '0', hard[name] ?? '0') > 0);
  // What a status tells has happened already: it is charged, whatever the limit.
  if (exceeded.length > 0 && subresource !== 'status') {
    const [asked, had, most] = [requested, used, hard].map((list) => listText(list, exceeded));
    return `exceeded quota: ${quota.metadata.name}, requested: ${asked ?? ''}, used: ${had ?? ''}, limited: ${most ?? ''}`;
  }
  return { ...quota, status: { ...quota.status, used: sum } };
}

const listText = (list: ResourceList, names: readonly string[]): string =>
  names.map((name) => `${name}=${quantityText(list[name] ?? '0')}`).join(',');

const increase = (usage: ResourceList, before: ResourceList): ResourceList =>
  Object.fromEntries(
    Object.entries(usage).map(([name, quantity]) => {
      const known = before[name];
      const more = known === undefined ? quantity : subtractQuantities(quantity, known);
      return [name, compareQuantities(more, '0') > 0 ? more : '0'];
    }),
  );

const withoutZeros = (list: ResourceList): ResourceList =>
  Object.fromEntries(Object.entries(list).filter(([, quantity]) => compareQuantities(quantity, '0') !== 0));

/** Whether charging has changed a quota. */
export function usedDiffers(a: MaybeCounted, b: MaybeCounted): boolean {
  if (a === b) return false;
  const [left, right] = [a.status?.used ?? {}, b.status?.used ?? {}];
  const names = Object.keys(left);
  return (
    names.length !== Object.keys(right).length ||
    names.some((name) => {
      const other = right[name];
      return other === undefined || compareQuantities(left[name] ?? '0', other) !== 0;
    })
  );
}

/** A quota as it is stored: with the status that charging gave it. */
export const asStored = (quota: MaybeCounted): ResourceQuota => ({
  ...quota,
  status: quota.status ?? {},
  metadata: { ...quota.metadata, resourceVersion: '' },
});
