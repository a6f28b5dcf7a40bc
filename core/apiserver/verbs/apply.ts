/**
 * Server-side apply: PATCH with a configuration. What is there gets it by who owns what; what is not there is created, on
 * the way every creation goes. (kubernetes v1.34.1 staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go applyPatcher)
 */
import { unsupportedMediaType } from '../../api/patch/apply-patch.ts';
import { serverSideApply } from '../../api/patch/server-side-apply.ts';
import { apiVersionOf } from '../../api/kinds.ts';
import type { ApiObject } from '../../api/object.ts';
import type { CreateRequest, NewObject, PatchRequest, Status } from '../../api/request.ts';
import { badRequest, conflict } from '../../api/status.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';
import type { Attempt, Decision } from '../decision.ts';
import { managerOf, schemaIn, writerOf } from '../field-managers.ts';
import {
  cacheAt,
  refuse,
  type ApiserverState,
  type ApiserverStep,
  type AppliedRequest,
  type Write,
} from '../state.ts';
import { nothingFound, startCreate } from './create.ts';

/** What an apply makes of the object as it is, before anybody has judged it. */
export function appliedTo(
  attempt: Attempt,
  current: ApiObject,
  { patch, subresource, force }: PatchRequest,
): { readonly object: ApiObject } | Extract<Decision, { do: 'refuse' | 'keep' }> {
  const schema = schemaIn(attempt.info, current.apiVersion);
  if (schema === undefined) return { do: 'refuse', status: unsupportedMediaType };
  const applier = { ...writerOf(attempt, subresource), force: force === true };
  const applied = serverSideApply(schema, current, patch as object, applier);
  if ('failure' in applied) return { do: 'refuse', status: applied.failure };
  return applied.object === current ? { do: 'keep' } : applied;
}

/** Creates what an apply did not find. */
export function createApplied(
  state: ApiserverState,
  write: Write,
  request: PatchRequest,
  now: VirtualTime,
): ApiserverStep {
  const { info } = cacheAt(state, write.cache);
  const version = request.version ?? info.version;
  const schema = schemaIn(info, apiVersionOf({ group: info.group, version }));
  if (schema === undefined) return refuse(state, write.call, unsupportedMediaType);
  const applied = serverSideApply<NewObject>(schema, undefined, request.patch as object, {
    manager: managerOf(write.event, request),
    now: timeText(now),
    force: request.force === true,
  });
  if ('failure' in applied) return refuse(state, write.call, applied.failure);
  const refusal = notOfTheName(request, applied.object);
  if (refusal !== undefined) return refuse(state, write.call, refusal);
  const { resource, namespace, dryRun, fieldManager, fieldValidation } = request;
  const options: Omit<CreateRequest, 'object'> = {
    verb: 'create',
    resource,
    namespace,
    dryRun,
    fieldManager,
    fieldValidation,
  };
  const creation: AppliedRequest = { ...options, object: applied.object, applied: write.event };
  return startCreate(state, { ...write.event, request: creation }, creation, write.cache, now, nothingFound);
}

function notOfTheName({ resource, name }: PatchRequest, { metadata }: NewObject): Status | undefined {
  if (metadata.name !== undefined && metadata.name !== name)
    return badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  const { uid } = metadata;
  return uid === undefined || uid === ''
    ? undefined
    : conflict(
        resource,
        name,
        `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
      );
}
