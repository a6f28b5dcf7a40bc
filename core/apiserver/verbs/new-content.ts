/**
 * What a new object is made of: what was given, the API's defaults, what admission adds, what its strategy sets. Pods of
 * one template and Events, which come by the hundred thousand, have their own short ways to the same result.
 */
import type { NewObject, CreateRequest, Status } from '../../api/request.ts';
import type { Node, PersistentVolumeClaim, PodSpec, Service } from '../../api/generated/types.ts';
import type { ResourceInfo } from '../../api/kinds.ts';
import { same } from '../../api/merge-patch.ts';
import { invalid } from '../../api/status.ts';
import type { View } from '../../api/view.ts';
import { admitClaim, admitNode } from '../admission/admission.ts';
import { admitPodSpec } from '../admission/pod-spec.ts';
import { decoded } from '../field-validation.ts';
import { defaulted, isPlainName, ownersAreWhole, problemsOfCreate } from '../rules.ts';
import { isTooLarge, tooLarge } from '../size.ts';
import { viewIn, type ApiserverState } from '../state.ts';
import { firstPodStatus } from '../strategy/pod.ts';
import { allocate } from '../strategy/service.ts';
import type { Fields, Given, Metadata, Stored } from '../strategy/stored.ts';
import { prepareForCreate } from '../strategy/strategy.ts';

/** The object to be stored, or why it is refused. */
export function newContent(
  state: ApiserverState,
  info: ResourceInfo,
  request: CreateRequest,
  metadata: Metadata,
  warnings: string[],
): Stored | Status {
  switch (info.resource) {
    case 'events':
      return isPlainName(metadata.name)
        ? { ...request.object, metadata }
        : checked(state, info, request, metadata, warnings);
    case 'pods':
      return newPod(state, info, request, metadata, warnings);
    default:
      return checked(state, info, request, metadata, warnings);
  }
}

/** What became of a Pod with this spec: the next one with the same labels needs no look. */
interface Admitted {
  readonly spec: PodSpec;
  readonly labels: Metadata['labels'];
  readonly annotations: Metadata['annotations'];
  /** The classes its priority was found in. */
  readonly priorityClasses: View;
}

const admittedSpecs = new WeakMap<object, Admitted>();

function newPod(
  state: ApiserverState,
  info: ResourceInfo,
  request: CreateRequest,
  metadata: Metadata,
  warnings: string[],
): Stored | Status {
  const object: Given = request.object;
  const priorityClasses = viewIn(state, 'priorityclasses');
  const known = object.spec === undefined ? undefined : admittedSpecs.get(object.spec);
  if (
    known !== undefined &&
    known.priorityClasses === priorityClasses &&
    isPlainName(metadata.name) &&
    same(known.labels, metadata.labels) &&
    same(known.annotations, metadata.annotations) &&
    metadata.finalizers === undefined &&
    ownersAreWhole(metadata.ownerReferences)
  )
    return podOf(
      { ...metadata, generation: 1, labels: known.labels, annotations: known.annotations },
      known.spec,
    );
  const pod = checked(state, info, request, metadata, warnings);
  if ('code' in pod) return pod;
  const made = pod as Stored;
  const spec = made.spec as unknown as PodSpec;
  const { labels, annotations } = made.metadata;
  // What was warned of is warned of again.
  if (object.spec !== undefined && metadata.finalizers === undefined && warnings.length === 0)
    admittedSpecs.set(object.spec, { spec, labels, annotations, priorityClasses });
  return podOf(made.metadata, spec);
}

const podOf = (metadata: Metadata, spec: PodSpec): Stored => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata,
  spec: spec as unknown as Fields,
  status: firstPodStatus(spec, metadata.creationTimestamp) as unknown as Fields,
});

function checked(
  state: ApiserverState,
  info: ResourceInfo,
  request: CreateRequest,
  metadata: Metadata,
  warnings: string[],
): Stored | Status {
  const object = decoded(info, request.object, request.fieldValidation, warnings);
  if ('code' in object) return object;
  const complete = defaulted({ ...(object as NewObject), metadata }) as Stored;
  const admitted = admit(state, info, complete);
  if ('code' in admitted) return admitted;
  const prepared = prepareForCreate(info.resource, admitted as Stored);
  const errors = problemsOfCreate(info, prepared);
  if (errors.length > 0) return invalid(info.resource, metadata.name, errors);
  if (isTooLarge(prepared)) return tooLarge;
  return info.resource === 'services' ? withAddresses(state, prepared) : prepared;
}

function admit(state: ApiserverState, info: ResourceInfo, object: Stored): Stored | Status {
  switch (info.resource) {
    case 'pods': {
      if (object.spec === undefined) return object;
      const spec = admitPodSpec(
        object.spec as unknown as PodSpec,
        object.metadata.name,
        viewIn(state, 'priorityclasses'),
      );
      return 'code' in spec ? spec : { ...object, spec: spec as unknown as Fields };
    }
    case 'nodes':
      return admitNode(object as unknown as Node) as unknown as Stored;
    case 'persistentvolumeclaims': {
      if (object.spec === undefined) return object;
      const classes = viewIn(state, 'storageclasses') as unknown as View<'storageclasses'>;
      return admitClaim(object as unknown as PersistentVolumeClaim, classes) as unknown as Stored;
    }
    default:
      return object;
  }
}

function withAddresses(state: ApiserverState, object: Stored): Stored | Status {
  const { config, luck } = state;
  const services = viewIn(state, 'services') as unknown as View<'services'>;
  const spec = allocate(object as unknown as Service, { config, luck, services });
  if ('field' in spec && 'detail' in spec) return invalid('services', object.metadata.name, [spec]);
  return { ...object, spec: spec as unknown as Fields };
}
