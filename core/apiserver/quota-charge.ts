/**
 * Charging quotas: what is let in is first written into the status of every ResourceQuota of its namespace that it counts
 * for, and only then itself. One batch of a namespace's requests is judged at a time, and what comes meanwhile is the next
 * batch, so a server is never in its own way; where another server was faster, the quotas that it wrote are judged again.
 * Who is charged and does not come in the end stays charged until the quota controller counts again.
 * (kubernetes v1.34.1 apiserver/pkg/admission/plugin/resourcequota/controller.go, resource_access.go)
 */
import { registryKey, resourceNamed } from '../api/kinds.ts';
import { keyOf, revisionOf, stampRevision, type ApiObject } from '../api/object.ts';
import type { MaybeCounted } from '../api/quota/usage.ts';
import type { Status } from '../api/request.ts';
import { conflict, internalError, notFound } from '../api/status.ts';
import type { KvResponse } from '../etcd/message.ts';
import type { VirtualTime } from '../time/time.ts';
import type { Admission } from './admission/admission.ts';
import { objectsOfNamespace } from './admission/namespaced.ts';
import { asStored, chargeQuotas, isCharged, usedDiffers } from './admission/quota-evaluator.ts';
import {
  ask,
  nothing,
  viewIn,
  type ApiserverState,
  type ApiserverStep,
  type Ask,
  type Charge,
  type ChargedRequest,
} from './state.ts';
import { onCreationCharged } from './verbs/create.ts';
import { onWriteCharged } from './write.ts';

/** Whether quotas have a say in a request: in most namespaces there is none. */
export function quotasHaveASay(
  state: ApiserverState,
  {
    info,
    operation,
    subresource,
    namespace,
  }: Pick<Admission, 'info' | 'operation' | 'subresource' | 'namespace'>,
): boolean {
  return (
    isCharged(info, operation, subresource) &&
    objectsOfNamespace(viewIn(state, 'resourcequotas'), namespace).length > 0 &&
    !state.config.disabledAdmission.includes('ResourceQuota')
  );
}

/** Judges a request by the quotas of its namespace, or keeps it until those before it are through. */
export function charge(state: ApiserverState, request: ChargedRequest, now: VirtualTime): ApiserverStep {
  const { namespace } = request.asked;
  const { quotas } = state;
  const waiting = quotas.waiting.get(namespace);
  const queue = waiting === undefined ? [] : [...waiting, request];
  const next = { ...state, quotas: { ...quotas, waiting: quotas.waiting.set(namespace, queue) } };
  if (waiting !== undefined) return nothing(next);
  return judge(next, namespace, [request], knownQuotas(next, namespace), mostRetries, now);
}

/** How often quotas are judged again that another server has written meanwhile. */
const mostRetries = 3;

/** The quotas of a namespace: as this server wrote them, where its cache has not heard of that yet. */
function knownQuotas(state: ApiserverState, namespace: string): readonly MaybeCounted[] {
  const cached = objectsOfNamespace(viewIn(state, 'resourcequotas'), namespace);
  return cached.map((quota) => {
    const written = state.quotas.written.get(keyOf(quota));
    return (written !== undefined && revisionOf(written) > revisionOf(quota)
      ? written
      : quota) as ApiObject as MaybeCounted;
  });
}

/** Judges a batch in the order it came, each on what those before it have left, and begins to write what they use. */
function judge(
  state: ApiserverState,
  namespace: string,
  batch: readonly ChargedRequest[],
  quotas: readonly MaybeCounted[],
  retries: number,
  now: VirtualTime,
): ApiserverStep {
  let running = quotas;
  const judged = batch.map((request): ChargedRequest => {
    if (request.refusal !== undefined) return request;
    const charged = chargeQuotas(running, request.asked, now);
    if ('code' in charged) return { ...request, refusal: charged };
    // What is only pretended uses nothing.
    if (!request.asked.dryRun) running = charged;
    return request;
  });
  const writes = running.flatMap((quota, index) => {
    const before = quotas[index];
    return before === undefined || !usedDiffers(before, quota)
      ? []
      : [{ quota: asStored(quota), before: revisionOf(before) }];
  });
  return writeNext(state, { namespace, batch: judged, writes, failed: [], failure: undefined, retries }, now);
}

function writeNext(state: ApiserverState, charge: Charge, now: VirtualTime): ApiserverStep {
  const [write] = charge.writes;
  if (write === undefined) return written(state, charge, now);
  const key = keyInRegistry(write.quota);
  return ask(state, {
    do: 'etcd',
    tag: { of: 'quota', charge },
    request: {
      type: 'txn',
      compare: [{ key, target: 'MOD', result: 'EQUAL', operand: write.before }],
      success: [{ type: 'put', key, value: write.quota }],
      failure: [{ type: 'range', key }],
    },
  });
}

function keyInRegistry(quota: ApiObject): string {
  const info = resourceNamed('resourcequotas');
  if (info === undefined) throw new Error('resourcequotas are a resource');
  return registryKey(info, keyOf(quota));
}

/** What etcd answered to the status of a quota. */
export function onQuotaWritten(
  state: ApiserverState,
  charge: Charge,
  response: KvResponse<ApiObject>,
  now: VirtualTime,
): ApiserverStep {
  const [write, ...writes] = charge.writes;
  if (write === undefined) throw new Error('a quota was written');
  const { quota } = write;
  if (response.type === 'txn' && response.succeeded) {
    const stamped = stampRevision(quota, response.revision);
    const { quotas } = state;
    const next = { ...state, quotas: { ...quotas, written: quotas.written.set(keyOf(quota), stamped) } };
    return writeNext(next, { ...charge, writes }, now);
  }
  const failed = [...charge.failed, quota.metadata.name];
  return writeNext(
    state,
    { ...charge, writes, failed, failure: failureOf(quota.metadata.name, response) },
    now,
  );
}

function failureOf(name: string, response: KvResponse<ApiObject>): Status {
  if (response.type === 'error') return internalError(response.error.message);
  if (response.type !== 'txn') throw new Error(`a quota is written by a txn, not by ${response.type}`);
  const [read] = response.responses;
  return read?.type === 'range' && read.kvs.length === 0
    ? notFound('resourcequotas', name)
    : conflict('resourcequotas', name);
}

/** Every quota was tried: the batch is through, or those quotas that others wrote are judged again. */
function written(state: ApiserverState, charge: Charge, now: VirtualTime): ApiserverStep {
  const { namespace, batch, failed, failure, retries } = charge;
  if (failure === undefined) return through(state, namespace, batch, now);
  if (retries === 0) {
    const given = batch.map((request) => ({ ...request, refusal: request.refusal ?? failure }));
    return through(state, namespace, given, now);
  }
  const again = knownQuotas(state, namespace).filter(({ metadata }) => failed.includes(metadata.name));
  return judge(state, namespace, batch, again, retries - 1, now);
}

/** Each of the batch goes on as it was judged; then it is the turn of those that came meanwhile. */
function through(
  state: ApiserverState,
  namespace: string,
  batch: readonly ChargedRequest[],
  now: VirtualTime,
): ApiserverStep {
  const { quotas } = state;
  const queue = quotas.waiting.get(namespace) ?? [];
  const waiting = queue.length === 0 ? quotas.waiting.delete(namespace) : quotas.waiting.set(namespace, []);
  let step: ApiserverStep = nothing({ ...state, quotas: { ...quotas, waiting } });
  const requests: Ask[] = [];
  for (const request of batch) {
    step =
      request.of === 'create'
        ? onCreationCharged(step.state, request.creation, request.refusal)
        : onWriteCharged(step.state, request.write, request.refusal);
    requests.push(...step.requests);
  }
  if (queue.length > 0) {
    step = judge(step.state, namespace, queue, knownQuotas(step.state, namespace), mostRetries, now);
    requests.push(...step.requests);
  }
  return { state: step.state, requests };
}
