/** PATCH: the object with the patch applied is an update of it. */
import type { Json } from '../../api/generated/types.ts';
import type { ApiObject } from '../../api/object.ts';
import { mergePatch } from '../../api/merge-patch.ts';
import { invalidValue } from '../../api/field-error.ts';
import type { NewObject, PatchRequest } from '../../api/request.ts';
import { invalidKind } from '../../api/status.ts';
import { applyPatch } from '../../api/patch/apply-patch.ts';
import { mergeTypeOfKind } from '../../api/patch/merge-type-of-kind.ts';
import { shown } from '../custom/versions.ts';
import type { Attempt, Decision } from '../decision.ts';
import { decoded } from '../field-validation.ts';
import type { Given, Stored } from '../strategy/stored.ts';
import { appliedTo } from './apply.ts';
import { decidePatchedScale } from './scale.ts';
import { checkRevision, decideContent, decideUpdate, withWarnings } from './update.ts';

export function decidePatch(attempt: Attempt, before: ApiObject, request: PatchRequest): Decision {
  const { info } = attempt;
  const current = shown(info, before, request.version);
  const { patchType, patch, subresource } = request;
  if (subresource === 'scale') return decidePatchedScale(attempt, current, request);
  if (patchType === 'apply') return decideApply(attempt, before, current, request);
  if (
    patchType === 'merge' &&
    subresource === 'status' &&
    current === before &&
    isOfStatusAlone(current, patch as StatusPatch)
  )
    return decideContent(attempt, current, withStatus(current, (patch as StatusPatch).status), subresource);
  const patched = applyPatch(mergeTypeOfKind(info, current.apiVersion), current, {
    type: patchType,
    body: patch,
  });
  if ('failure' in patched) return { do: 'refuse', status: patched.failure };
  return decideRead(attempt, before, patched.object, request);
}

/** `seen`: the object in the version that is spoken. */
function decideApply(attempt: Attempt, current: ApiObject, seen: ApiObject, request: PatchRequest): Decision {
  const applied = appliedTo(attempt, seen, request);
  return 'do' in applied ? applied : decideRead(attempt, current, applied.object, request);
}

/** What a patch has made is read like any body. */
function decideRead(
  attempt: Attempt,
  current: ApiObject,
  patched: NewObject,
  { subresource, fieldValidation }: PatchRequest,
): Decision {
  const warnings: string[] = [];
  const read = decoded(attempt.info, patched, fieldValidation, warnings);
  if ('code' in read) return { do: 'refuse', status: read };
  return withWarnings(decidePatched(attempt, current, read as NewObject, subresource), warnings);
}

function decidePatched(
  attempt: Attempt,
  current: ApiObject,
  patched: NewObject,
  subresource: PatchRequest['subresource'],
): Decision {
  const { info } = attempt;
  if (patched.metadata.uid !== current.metadata.uid) {
    const error = invalidValue('metadata.uid', patched.metadata.uid ?? '', 'field is immutable');
    return { do: 'refuse', status: invalidKind(info, current.metadata.name, [error]) };
  }
  if (subresource !== 'status') return decideUpdate(attempt, current, patched, subresource);
  return checkRevision(info, current, patched) ?? decideContent(attempt, current, patched, subresource);
}

interface StatusPatch {
  readonly metadata?: Readonly<Record<string, Json>>;
  readonly status?: Json;
}

/** What kubelets send by the hundred thousand: a status, and of the metadata no more than whose it is. */
export function isOfStatusAlone(current: ApiObject, patch: StatusPatch): boolean {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return false;
  for (const field in patch) if (field !== 'status' && field !== 'metadata') return false;
  for (const field in patch.metadata)
    if (field !== 'uid' || patch.metadata?.[field] !== current.metadata.uid) return false;
  return true;
}

function withStatus(current: Stored, patch: Json | undefined): Given {
  const status =
    patch === undefined ? current.status : (mergePatch(current.status, patch) as Stored['status']);
  return { apiVersion: current.apiVersion, kind: current.kind, metadata: current.metadata, status };
}
