/** The subresource `scale`: the replicas of a workload as an autoscaling/v1 Scale. (pkg/registry/apps/…/storage) */
import type { Json, LabelSelector } from '../../api/generated/types.ts';
import type { ApiObject, Resource } from '../../api/object.ts';
import { errorBody, errorText, invalidValue } from '../../api/field-error.ts';
import { applyPatch } from '../../api/patch/apply-patch.ts';
import { mergeTypeOfDefinition } from '../../api/patch/merge-type-of-kind.ts';
import type { NewObject, PatchRequest, Status } from '../../api/request.ts';
import { requirementsOf, requirementsOfMap, selectorText } from '../../api/selector.ts';
import { badRequest } from '../../api/status.ts';
import type { Attempt, Decision } from '../decision.ts';
import { admissionOfChange, refused } from '../admission/admission.ts';
import type { Fields, Metadata, Stored } from '../strategy/stored.ts';
import { appliedToScale } from './apply-scale.ts';
import { checkRevision, decideContent, withWarnings } from './update.ts';

const scalable: readonly Resource[] = [
  'deployments',
  'replicasets',
  'statefulsets',
  'replicationcontrollers',
];

export const hasScale = (resource: Resource): boolean => scalable.includes(resource);

/** A workload as its Scale. */
export function scaleOf(resource: Resource, object: Stored): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = replicasOf(object.spec);
  const selector = object.spec?.['selector'];
  const requirements =
    resource === 'replicationcontrollers'
      ? requirementsOfMap(selector as Readonly<Record<string, string>> | undefined)
      : requirementsOf(selector as LabelSelector | undefined);
  const scale: Stored = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: replicasOf(object.status), selector: selectorText(requirements) },
  };
  return scale;
}

const replicasOf = (part: Fields | undefined): number => {
  const replicas = part?.['replicas'];
  return typeof replicas === 'number' ? replicas : 0;
};

/** A Scale as it was given. `metadata` is the workload's, with other owners where an apply has changed them. */
export function decideScale(
  attempt: Attempt,
  current: Stored,
  given: NewObject,
  metadata: Metadata = current.metadata,
): Decision {
  const refusal = checkRevision(attempt.info, current, given);
  if (refusal !== undefined) return refusal;
  const { name } = current.metadata;
  if (given.metadata.name !== undefined && given.metadata.name !== name)
    return {
      do: 'refuse',
      status: badRequest(
        `the name of the object (${given.metadata.name}) does not match the name on the URL (${name})`,
      ),
    };
  const asked = (given as Stored).spec?.['replicas'] ?? 0;
  if (typeof asked !== 'number' || !Number.isInteger(asked))
    return { do: 'refuse', status: notANumber(asked as Json) };
  if (asked < 0) return { do: 'refuse', status: negative(name, asked) };
  const wanted: Stored = { ...current, metadata, spec: { ...current.spec, replicas: asked } };
  const { state, info } = attempt;
  const admission = admissionOfChange(state, attempt, 'UPDATE', 'scale', scaleOf(info.resource, current));
  const warnings: string[] = [];
  const status =
    admission === undefined ? undefined : refused(state, admission, scaleOf(info.resource, wanted), warnings);
  if (status !== undefined) return { do: 'refuse', status };
  return withWarnings(decideContent(attempt, current, wanted, 'scale'), warnings);
}

export function decidePatchedScale(attempt: Attempt, current: Stored, request: PatchRequest): Decision {
  const scale = scaleOf(attempt.info.resource, current);
  const { patchType: type, patch } = request;
  if (type === 'apply') {
    const { managedFields } = current.metadata;
    const applied = appliedToScale(attempt, scale, managedFields, request);
    if ('do' in applied) return applied;
    const metadata = { ...current.metadata, managedFields: applied.owners };
    return decideScale(attempt, current, applied.scale, metadata);
  }
  const patched = applyPatch(mergeTypeOfDefinition('Scale'), scale, { type, body: patch });
  return 'failure' in patched
    ? { do: 'refuse', status: patched.failure }
    : decideScale(attempt, current, patched.object);
}

const notANumber = (found: Json): Status =>
  badRequest(
    `Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ${typeof found} into Go struct field ` +
      'ScaleSpec.spec.replicas of type int32',
  );

function negative(name: string, replicas: number): Status {
  const error = invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0');
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Scale.autoscaling "${name}" is invalid: ${errorText(error)}`,
    reason: 'Invalid',
    details: {
      name,
      group: 'autoscaling',
      kind: 'Scale',
      causes: [{ reason: 'FieldValueInvalid', message: errorBody(error), field: error.field }],
    },
    code: 422,
  };
}
