/** The subresource `scale`: the replicas of a workload as an autoscaling/v1 Scale. (pkg/registry/apps/…/storage) */
import type { Fields as CustomFields } from '../../api/custom/schema.ts';
import type { Json, LabelSelector } from '../../api/generated/types.ts';
import type { ResourceInfo } from '../../api/kinds.ts';
import type { ApiObject, Resource } from '../../api/object.ts';
import { errorBody, errorText, invalidValue } from '../../api/field-error.ts';
import { applyPatch } from '../../api/patch/apply-patch.ts';
import { mergeTypeOfDefinition } from '../../api/patch/merge-type-of-kind.ts';
import type { NewObject, PatchRequest, Status } from '../../api/request.ts';
import { requirementsOf, requirementsOfMap, selectorText } from '../../api/selector.ts';
import { badRequest, internalError, noSuchResource } from '../../api/status.ts';
import { customIn, shown } from '../custom/versions.ts';
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

export const hasScale = (info: ResourceInfo, version?: string): boolean =>
  info.custom === undefined ? scalable.includes(info.resource) : customIn(info, version)?.hasScale === true;

/** An object as its Scale, in the version of it that was asked for. */
export function scaleIn(info: ResourceInfo, object: ApiObject, version?: string): ApiObject | Status {
  const custom = customIn(info, version);
  if (custom === undefined) return scaleOf(info.resource, object);
  const found = custom.scaleOf(shown(info, object, version) as unknown as CustomFields);
  if (found === undefined) return noSuchResource();
  if ('error' in found) return internalError(found.error);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const scale: Stored = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: found.replicas === 0 ? {} : { replicas: found.replicas },
    status:
      found.selector === ''
        ? { replicas: found.statusReplicas }
        : { replicas: found.statusReplicas, selector: found.selector },
  };
  return scale;
}

/** A workload as its Scale. */
function scaleOf(resource: Resource, object: Stored): ApiObject {
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
  const wanted = withReplicas(attempt, { ...current, metadata }, asked);
  return judgedScale(attempt, current, wanted) ?? decideContent(attempt, current, wanted, 'scale');
}

/** What admission says of the scale as it is to be: a refusal, or the decision with its warnings. */
function judgedScale(attempt: Attempt, current: Stored, wanted: Stored): Decision | undefined {
  const { state, info, write } = attempt;
  const { version } = write.request;
  const [before, after] = [scaleIn(info, current, version), scaleIn(info, wanted, version)];
  if ('code' in before || 'code' in after) return undefined;
  const admission = admissionOfChange(state, attempt, 'UPDATE', 'scale', before);
  if (admission === undefined) return undefined;
  const warnings: string[] = [];
  const status = refused(state, admission, after, warnings);
  if (status !== undefined) return { do: 'refuse', status };
  return withWarnings(decideContent(attempt, current, wanted, 'scale'), warnings);
}

function withReplicas({ info, write }: Attempt, current: Stored, replicas: number): Stored {
  const version = write.request.version;
  const custom = customIn(info, version);
  if (custom === undefined) return { ...current, spec: { ...current.spec, replicas } };
  const was = shown(info, current, version) as unknown as CustomFields;
  return custom.withReplicas(was, replicas) as unknown as Stored;
}

export function decidePatchedScale(attempt: Attempt, current: Stored, request: PatchRequest): Decision {
  const scale = scaleIn(attempt.info, current, request.version);
  if ('code' in scale) return { do: 'refuse', status: scale };
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
