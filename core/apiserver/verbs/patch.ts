/** PATCH: the object with the patch applied is an update of it. */
import type { ResourceInfo } from '../../api/kinds.ts';
import type { Json } from '../../api/generated/types.ts';
import type { ApiObject } from '../../api/object.ts';
import { mergePatch } from '../../api/merge-patch.ts';
import { invalidValue } from '../../api/field-error.ts';
import type { NewObject, PatchRequest, Status } from '../../api/request.ts';
import { badRequest, invalid } from '../../api/status.ts';
import type { Decision } from '../decision.ts';
import { shapeProblem } from '../rules.ts';
import type { Given, Stored } from '../strategy/stored.ts';
import { decidePatchedScale } from './scale.ts';
import { checkRevision, decideContent, decideUpdate } from './update.ts';

export function decidePatch(info: ResourceInfo, current: ApiObject, request: PatchRequest): Decision {
  const { patchType, patch, subresource } = request;
  if (patchType !== 'merge') return { do: 'refuse', status: unsupportedPatch };
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
    return {
      do: 'refuse',
      status: badRequest('json: cannot unmarshal the patch into Go value of type map[string]interface {}'),
    };
  if (subresource === 'scale') return decidePatchedScale(info, current, patch);
  if (subresource === 'status' && isOfStatusAlone(current, patch as StatusPatch))
    return decideContent(info, current, withStatus(current, (patch as StatusPatch).status), subresource);
  const patched = mergePatch(current, patch) as NewObject;
  const misshapen = shapeProblem(info, patched);
  if (misshapen !== undefined) return { do: 'refuse', status: misshapen };
  if (patched.metadata.uid !== current.metadata.uid) {
    const error = invalidValue('metadata.uid', patched.metadata.uid ?? '', 'field is immutable');
    return { do: 'refuse', status: invalid(info.resource, current.metadata.name, [error]) };
  }
  if (subresource !== 'status') return decideUpdate(info, current, patched, subresource);
  return checkRevision(info, current, patched) ?? decideContent(info, current, patched, subresource);
}

interface StatusPatch {
  readonly metadata?: Readonly<Record<string, Json>>;
  readonly status?: Json;
}

/** What kubelets send by the hundred thousand: a status, and of the metadata no more than whose it is. */
function isOfStatusAlone(current: ApiObject, patch: StatusPatch): boolean {
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

const unsupportedPatch: Status = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message:
    'the body of the request was in an unknown format - accepted media types include: application/merge-patch+json',
  reason: 'UnsupportedMediaType',
  details: {},
  code: 415,
};
