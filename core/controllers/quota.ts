/**
 * Keeps the status of every ResourceQuota: its limits, and what its namespace uses of each, counted anew. Admission
 * charges what it lets in at once; what goes is found here. (kubernetes v1.34.1 pkg/controller/resourcequota)
 *
 * A quota is looked at when its specification has changed, when something of what it limits has gone or uses less, and
 * every five minutes. Objects that no cache of this process holds are listed.
 */
import { isTrue } from '../api/custom/definition-status.ts';
import { customKindsOf } from '../api/custom/kinds.ts';
import type { CustomResourceDefinition, Pod, ResourceQuota, Service } from '../api/generated/types.ts';
import { groupResource, resourceNamed, resources, type ResourceInfo } from '../api/kinds.ts';
import { keyOf, type ApiObject, type ObjectKey } from '../api/object.ts';
import { isTerminal } from '../api/pod.ts';
import { compareQuantities } from '../text/quantity.ts';
import { quotaEvaluatorFor, quotaMatches } from '../api/quota/usage.ts';
import type { ApiRequest } from '../api/request.ts';
import { addLists, type ResourceList } from '../api/resource-list.ts';
import { objectsIn, type View } from '../api/view.ts';
import { informerNamed, viewOf, type Delta, type Informers } from '../client/informer.ts';
import { minute, type Duration, type VirtualTime } from '../time/time.ts';
import {
  done,
  failed,
  refused,
  type Ask,
  type Context,
  type Controller,
  type Effects,
  type Reply,
  type Sync,
} from './controller.ts';
import { podChange } from './pod-interest.ts';
import { updateStatus } from './requests.ts';

/** `--resource-quota-sync-period`. */
const resync: Duration = 5 * minute;

/** Whatever is counted and has a cache in this process; events are never counted. */
const counted = resources
  .filter(({ namespaced, resource }) => namespaced && resource !== 'events' && resource !== 'leases')
  .map(({ resource }) => resource);

/** The key of the look at all of them. */
const all = 'all';

export const resourceQuotaController: Controller<undefined> = {
  name: 'resourcequota-controller',
  component: 'resourcequota-controller',
  workers: 5,
  follows: counted,
  pods: { when: podChange.deleted | podChange.phase | podChange.containers },
  initial: undefined,
  isBackground: (key) => key === all,
  started: () => ({ markAfter: { keys: [all], delay: resync } }),
  handle,
  sync,
};

function handle({ caches }: Context<undefined>, delta: Delta): Effects<undefined> | undefined {
  if (delta.stream === 'resourcequotas') return onQuota(delta);
  // In most clusters there is no quota: then this look is all that a change of a Pod costs.
  const quotas = viewOf(caches, 'resourcequotas').objects;
  if (quotas.size === 0 || !isLess(delta)) return undefined;
  const info = resourceNamed(delta.stream);
  const mark = info === undefined ? [] : quotasLimiting(caches, info, delta.object.metadata.namespace);
  return mark.length === 0 ? undefined : { mark };
}

function onQuota({ type, key, object, before }: Delta): Effects<undefined> | undefined {
  const sameSpec = before !== undefined && (before as ResourceQuota).spec === (object as ResourceQuota).spec;
  return type === 'deleted' || sameSpec ? undefined : { mark: [key] };
}

/** Something has gone, or uses less: only then is there more to give. */
function isLess({ stream, type, object, before }: Delta): boolean {
  if (type === 'deleted') return true;
  if (type === 'added' || before === undefined) return false;
  if (stream === 'pods') {
    const [was, is] = [before as Pod, object as Pod];
    return (!isTerminal(was) && isTerminal(is)) || was.spec.containers !== is.spec.containers;
  }
  return stream === 'services' && (before as Service).spec.type !== (object as Service).spec.type;
}

function quotasLimiting(
  caches: Informers,
  info: ResourceInfo,
  namespace: string | undefined,
): readonly ObjectKey[] {
  const evaluator = quotaEvaluatorFor(info);
  const found: ObjectKey[] = [];
  for (const quota of objectsIn(viewOf(caches, 'resourcequotas'), namespace))
    if (evaluator.matching(Object.keys(quota.spec.hard ?? {})).length > 0) found.push(keyOf(quota));
  return found;
}

function* sync({ caches, now }: Context<undefined>, key: string): Sync<undefined> {
  const quotas = viewOf(caches, 'resourcequotas').objects;
  if (key === all) {
    const keys = [...quotas.objects.keys()].map((each) => ({ key: each, delay: 0 }));
    return { markAfter: [...keys, { key: all, delay: resync }] };
  }
  const quota = quotas.get(key);
  if (quota === undefined) return done;
  const hard = quota.spec.hard ?? {};
  const used = yield* usageOf(caches, quota, now);
  if (used === undefined) return failed;
  const { status = {} } = quota as { readonly status?: ResourceQuota['status'] };
  if (status.used !== undefined && sameList(status.hard, hard) && sameList(status.used, used)) return done;
  const counted = { ...quota, status: { hard, used } };
  const [answer] = (yield { requests: [updateStatus('resourcequotas', counted)] }).answers;
  return answer?.ok === true || refused(answer, 'NotFound') ? done : failed;
}

type Step<T> = Generator<Ask<undefined>, T, Reply>;

/** What the namespace uses of all that the quota limits; undefined where something could not be listed. */
function* usageOf(caches: Informers, quota: ResourceQuota, now: VirtualTime): Step<ResourceList | undefined> {
  const hard = quota.spec.hard ?? {};
  const names = Object.keys(hard);
  const limited = { ...quota, status: { ...quota.status, hard } };
  let used: ResourceList = {};
  const kinds = yield* kindsLimited(names);
  for (const info of kinds) {
    const evaluator = quotaEvaluatorFor(info);
    const own = evaluator.matching(names);
    for (const name of own) used = name in used ? used : { ...used, [name]: '0' };
    const objects = yield* objectsOf(caches, info, quota.metadata.namespace);
    if (objects === undefined) return undefined;
    for (const object of objects)
      if (quotaMatches(limited, evaluator, object))
        used = addLists(used, only(evaluator.usage(object, now), own));
  }
  // What nobody counts keeps what it was told to be used.
  const { used: before = {} } = quota.status;
  return Object.fromEntries(
    names.flatMap((name) => {
      const amount = used[name] ?? before[name];
      return amount === undefined ? [] : [[name, amount] as const];
    }),
  );
}

/** The kinds whose objects the quota limits. Custom ones are asked for where `count/…` names none of Kubernetes' own. */
function* kindsLimited(names: readonly string[]): Step<readonly ResourceInfo[]> {
  const own = resources.filter(
    (info) => info.namespaced && quotaEvaluatorFor(info).matching(names).length > 0,
  );
  const known = new Set(own.map((info) => `count/${groupResource(info)}`));
  if (!names.some((name) => name.startsWith('count/') && !known.has(name))) return own;
  const [answer] = (yield { requests: [definitions] }).answers;
  const listed = answer?.ok === true && answer.list !== undefined ? [...objectsIn(answer.list.view)] : [];
  const served = listed.filter((each) => isTrue(each as unknown as CustomResourceDefinition, 'Established'));
  const custom = customKindsOf(served).filter(
    (info) => info.namespaced && quotaEvaluatorFor(info).matching(names).length > 0,
  );
  return [...own, ...custom];
}

const definitions: ApiRequest = { verb: 'list', resource: 'customresourcedefinitions', resourceVersion: '0' };

function* objectsOf(
  caches: Informers,
  { resource }: ResourceInfo,
  namespace: string | undefined,
): Step<readonly ApiObject[] | undefined> {
  const informer = informerNamed(caches, resource);
  if (informer !== undefined) return [...objectsIn(informer.view as View, namespace)];
  const request: ApiRequest = { verb: 'list', resource, namespace, resourceVersion: '0' };
  const [answer] = (yield { requests: [request] }).answers;
  return answer?.ok === true && answer.list !== undefined
    ? [...objectsIn(answer.list.view, namespace)]
    : undefined;
}

const only = (list: ResourceList, names: readonly string[]): ResourceList =>
  Object.fromEntries(Object.entries(list).filter(([name]) => names.includes(name)));

function sameList(a: ResourceList = {}, b: ResourceList): boolean {
  const names = Object.keys(b);
  return (
    Object.keys(a).length === names.length &&
    names.every((name) => {
      const other = a[name];
      return other !== undefined && compareQuantities(other, b[name] ?? '0') === 0;
    })
  );
}
