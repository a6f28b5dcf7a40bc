/**
 * The controllers inside the apiserver that look after definitions: one accepts names, one establishes, one says whether
 * a group that is Kubernetes' own was approved, one deletes the instances of a definition that is being deleted. Every
 * server runs them on what its own watch has told; of two that write, the second is refused, and hears of the first by
 * its watch. (kubernetes v1.34.1 apiextensions-apiserver/pkg/controller: status, establish, apiapproval, finalizer)
 */
import {
  conditionOf,
  isTrue,
  withAcceptedNames,
  withApproval,
  withCondition,
  withEstablished,
} from '../../api/custom/definition-status.ts';
import type { CustomResourceDefinition } from '../../api/generated/types.ts';
import { registryKey, resourceNamed } from '../../api/kinds.ts';
import { keyOf, revisionOf, type ApiObject } from '../../api/object.ts';
import { objectsIn } from '../../api/view.ts';
import type { KvRequest } from '../../etcd/message.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';
import { superAdminUser } from '../authentication/identities.ts';
import {
  cacheAt,
  viewIn,
  type ApiserverState,
  type ApiserverStep,
  type Ask,
  type RequestEvent,
} from '../state.ts';
import { cleanupFinalizer } from '../strategy/definition.ts';
import { startWrite } from '../write.ts';
import { definitionNamed } from './serving.ts';

type Definition = CustomResourceDefinition;

/** What the controllers make of a definition that has changed, and of those that may have waited for its names. */
export function supervise(state: ApiserverState, name: string, now: VirtualTime): ApiserverStep {
  const crd = definitionNamed(state, name);
  if (crd?.metadata.deletionTimestamp !== undefined) return ending(state, crd, now);
  const group = crd?.spec.group ?? name.slice(name.indexOf('.') + 1);
  const all = [...definitionsIn(state)].filter(({ spec }) => spec.group === group);
  const requests: Ask[] = [];
  for (const each of all) {
    if (each !== crd && !isRefused(each)) continue;
    const status = statusOf(each, all, timeText(now));
    if (status !== each.status) requests.push(put(each, { ...each, status }));
  }
  return { state, requests };
}

/** Its names are another's, which may be gone now. */
const isRefused = (crd: Definition): boolean => conditionOf(crd, 'NamesAccepted')?.status === 'False';

const definitionsIn = (state: ApiserverState): Iterable<Definition> =>
  objectsIn(viewIn(state, 'customresourcedefinitions')) as unknown as Iterable<Definition>;

/** One step at a time, as each controller hears of what the one before has written. */
function statusOf(crd: Definition, all: readonly Definition[], now: string): Definition['status'] {
  if (crd.metadata.deletionTimestamp !== undefined) return crd.status;
  const others = all.filter((other) => other !== crd);
  const named = withAcceptedNames(crd, others, now);
  if (named !== crd.status) return named;
  const approved = withApproval(crd, now);
  return approved === crd.status ? withEstablished(crd, now) : approved;
}

const definitions = resourceNamed('customresourcedefinitions');

function keyOfDefinition(crd: Definition): string {
  if (definitions === undefined) throw new Error('there are definitions');
  return registryKey(definitions, crd.metadata.name);
}

const put = (crd: Definition, next: Definition): Ask =>
  ifUnchanged(crd, { type: 'put', key: keyOfDefinition(crd), value: next as unknown as ApiObject });

const ifUnchanged = (
  crd: Definition,
  change: Extract<KvRequest<ApiObject>, { readonly type: 'put' | 'deleteRange' }>,
): Ask => ({
  do: 'etcd',
  tag: { of: 'definition' },
  request: {
    type: 'txn',
    compare: [
      {
        key: keyOfDefinition(crd),
        target: 'MOD',
        result: 'EQUAL',
        operand: revisionOf(crd as unknown as ApiObject),
      },
    ],
    success: [change],
    failure: [],
  },
});

/** A definition goes when its instances are gone. The real controller looks every 5 s; this one hears of the last. */
function ending(state: ApiserverState, crd: Definition, now: VirtualTime): ApiserverStep {
  const { finalizers = [] } = crd.metadata;
  if (!finalizers.includes(cleanupFinalizer)) return { state, requests: [] };
  if (conditionOf(crd, 'Terminating')?.reason !== 'InstanceDeletionInProgress')
    return { state, requests: [put(crd, { ...crd, status: terminating(crd, inProgress, now) })] };
  const place = state.custom.get(crd.metadata.name);
  if (!isTrue(crd, 'Established') || place === undefined)
    return { state, requests: [released(crd, neverEstablished, now)] };
  const { phase, view } = cacheAt(state, place);
  if (phase !== 'ready') return { state, requests: [] };
  return view.objects.size === 0
    ? { state, requests: [released(crd, completed, now)] }
    : deleteInstances(state, place, [...objectsIn(view)], now);
}

interface Stage {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

const inProgress: Stage = {
  status: 'True',
  reason: 'InstanceDeletionInProgress',
  message: 'CustomResource deletion is in progress',
};
const neverEstablished: Stage = {
  status: 'False',
  reason: 'NeverEstablished',
  message: 'resource was never established',
};
const completed: Stage = {
  status: 'False',
  reason: 'InstanceDeletionCompleted',
  message: 'removed all instances',
};

const terminating = (crd: Definition, stage: Stage, now: VirtualTime): Definition['status'] =>
  withCondition(crd.status, { type: 'Terminating', ...stage }, timeText(now));

/** Without its finalizer it goes, unless there are others. */
function released(crd: Definition, stage: Stage, now: VirtualTime): Ask {
  const finalizers = (crd.metadata.finalizers ?? []).filter((each) => each !== cleanupFinalizer);
  if (finalizers.length === 0)
    return ifUnchanged(crd, { type: 'deleteRange', key: keyOfDefinition(crd), prevKv: true });
  const status = terminating(crd, stage, now);
  return put(crd, { ...crd, metadata: { ...crd.metadata, finalizers }, status });
}

/** No client's call: nobody hears the answer. */
const nobody = -1;

function deleteInstances(
  state: ApiserverState,
  place: number,
  instances: readonly ApiObject[],
  now: VirtualTime,
): ApiserverStep {
  let next = state;
  const requests: Ask[] = [];
  for (const { metadata } of instances) {
    if (metadata.deletionTimestamp !== undefined) continue;
    const { resource } = cacheAt(state, place).info;
    const { name, namespace } = metadata;
    const request = { verb: 'delete', resource, name, namespace } as const;
    const event: RequestEvent = {
      type: 'request',
      call: nobody,
      userAgent: 'kube-apiserver',
      request,
      user: superAdminUser,
    };
    const step = startWrite(next, event, request, place, keyOf({ metadata }), now);
    next = step.state;
    requests.push(...step.requests);
  }
  return { state: next, requests };
}
