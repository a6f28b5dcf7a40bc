/**
 * What is written of every Pod, several times: the statuses of kubelets and the binding. Where nothing about such a
 * request is out of the ordinary and no plugin looks at it, this is all of write.ts, decision.ts and update.ts that it meets.
 */
import { mergePatch, same } from '../../api/merge-patch.ts';
import type { FieldError } from '../../api/field-error.ts';
import type { Json, Pod } from '../../api/generated/types.ts';
import { keyFor, revisionOf, type ApiObject } from '../../api/object.ts';
import type { CreateRequest, PatchRequest } from '../../api/request.ts';
import { checkPodStatus } from '../../api/validation/status-pod.ts';
import type { VirtualTime } from '../../time/time.ts';
import { passesBindings, passesStatuses } from '../open-door.ts';
import type { ApiserverState, ApiserverStep, RequestEvent, Write, WriteRequest } from '../state.ts';
import { withClass } from '../strategy/pod.ts';
import type { Fields, Stored } from '../strategy/stored.ts';
import { checkBinding, decideBinding } from './binding.ts';
import { isOfStatusAlone } from './patch.ts';

/** The write of a kubelet's status under way; undefined where there is something about it that has to be looked at. */
export function startStatus(
  state: ApiserverState,
  event: RequestEvent,
  request: PatchRequest,
  place: number,
): ApiserverStep | undefined {
  if (request.patchType !== 'merge' || hasOptions(request) || request.force !== undefined) return undefined;
  const { namespace, name } = request;
  if (namespace === undefined || !passesStatuses(state)) return undefined;
  const key = keyFor(namespace, name);
  const current = state.caches[place]?.view.objects.get(key) as Stored | undefined;
  if (current === undefined || !isUsual(current)) return undefined;
  const patch = request.patch as { readonly status?: Json };
  if (!isOfStatusAlone(current, patch) || !isFields(patch.status)) return undefined;
  const status = withClass(mergePatch(current.status, patch.status) as Fields, current.status);
  if (status['qosClass'] !== current.status?.['qosClass']) return undefined;
  const next = {
    apiVersion: current.apiVersion,
    kind: current.kind,
    // The revision it is written at is stamped on it by etcd.
    metadata: current.metadata,
    spec: current.spec,
    status,
  };
  const errors: FieldError[] = [];
  checkPodStatus(errors, next as unknown as Pod, current as unknown as Pod);
  if (errors.length > 0 || same(status, current.status)) return undefined;
  return put(state, event, request, place, key, current, next);
}

/** A binding under way; undefined where it is refused, or has to be looked at. */
export function startBinding(
  state: ApiserverState,
  event: RequestEvent,
  request: CreateRequest,
  place: number,
  now: VirtualTime,
): ApiserverStep | undefined {
  const { namespace, name } = request;
  if (namespace === undefined || name === undefined || hasOptions(request)) return undefined;
  if (!passesBindings(state) || checkBinding(request) !== undefined) return undefined;
  const key = keyFor(namespace, name);
  const current = state.caches[place]?.view.objects.get(key);
  if (current === undefined) return undefined;
  const decision = decideBinding(current, request, now);
  return decision.do === 'put' ? put(state, event, request, place, key, current, decision.object) : undefined;
}

const isFields = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasOptions = ({ dryRun, fieldManager, fieldValidation }: CreateRequest | PatchRequest): boolean =>
  dryRun !== undefined || fieldManager !== undefined || fieldValidation !== undefined;

/** Whether nobody follows its fields, and its metadata as an update leaves it is what it is. */
const isUsual = ({ metadata: { managedFields, ownerReferences, finalizers } }: Stored): boolean =>
  managedFields === undefined &&
  (ownerReferences === undefined || ownerReferences.length > 0) &&
  (finalizers === undefined || finalizers.length > 0);

const noWarnings: readonly string[] = [];

/** Writes it if etcd has what it was decided on; if not, it goes on as any write does. */
function put(
  state: ApiserverState,
  event: RequestEvent,
  request: WriteRequest,
  place: number,
  objectKey: string,
  current: ApiObject,
  next: ApiObject,
): ApiserverStep {
  const key = `/registry/pods/${objectKey}`;
  const write: Write = {
    call: event.call,
    event,
    request,
    cache: place,
    key: objectKey,
    phase: 'change',
    current,
    fresh: false,
    txn: 'put',
    next,
    then: 'answer',
    attempt: 0,
    warnings: noWarnings,
  };
  return {
    state,
    requests: [
      {
        do: 'etcd',
        tag: { of: 'write', write },
        request: {
          type: 'txn',
          compare: [{ key, target: 'MOD', result: 'EQUAL', operand: revisionOf(current) }],
          success: [{ type: 'put', key, value: next }],
          failure: [{ type: 'range', key }],
        },
      },
    ],
  };
}
