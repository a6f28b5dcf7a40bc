/** PATCH: the object with the patch applied is an update of it. */
import type { ResourceInfo } from '../../api/kinds.ts';
import type { ApiObject } from '../../api/object.ts';
import { mergePatch } from '../../api/merge-patch.ts';
import { invalidValue } from '../../api/field-error.ts';
import type { NewObject, PatchRequest, Status } from '../../api/request.ts';
import { badRequest, invalid } from '../../api/status.ts';
import type { Decision } from '../decision.ts';
import { shapeProblem } from '../rules.ts';
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
  const patched = mergePatch(current, patch) as NewObject;
  // The status of a Pod is patched by kubelets, whose types have been checked by the compiler.
  const misshapen = subresource === 'status' ? undefined : shapeProblem(info, patched);
  if (misshapen !== undefined) return { do: 'refuse', status: misshapen };
  if (patched.metadata.uid !== current.metadata.uid) {
    const error = invalidValue('metadata.uid', patched.metadata.uid ?? '', 'field is immutable');
    return { do: 'refuse', status: invalid(info.resource, current.metadata.name, [error]) };
  }
  if (subresource !== 'status') return decideUpdate(info, current, patched, subresource);
  return checkRevision(info, current, patched) ?? decideContent(info, current, patched, subresource);
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
