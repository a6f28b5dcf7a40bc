/**
 * What a new object is made of: what was given, the API's defaults, what admission adds, what its strategy sets. Pods of
 * one template, which come by the hundred thousand, have a short way to the same result, as Events have (straight-event.ts).
 */
import type { NewObject, CreateRequest, Status } from '../../api/request.ts';
import type { PodSpec, Service, ServiceAccount } from '../../api/generated/types.ts';
import type { ResourceInfo } from '../../api/kinds.ts';
import { same } from '../../api/merge-patch.ts';
import { isMirror } from '../../api/pod.ts';
import { invalid, invalidKind } from '../../api/status.ts';
import { warningsOfCreate } from '../../api/warnings/warnings.ts';
import type { View } from '../../api/view.ts';
import { refusalOfCreation } from '../access.ts';
import { mutated, refused, sparesTheNext, type Admission } from '../admission/admission.ts';
import { isRefusal } from '../admission/plugin.ts';
import type { UserInfo } from '../authentication/identities.ts';
import { isFollowed, trackedFromCreation } from '../field-managers.ts';
import { customForCreate } from '../custom/content.ts';
import { judgedAs, stored } from '../custom/versions.ts';
import { decoded } from '../field-validation.ts';
import { defaulted, isPlainName, ownersAreWhole, problemsOfCreate } from '../rules.ts';
import { isTooLarge, tooLarge } from '../size.ts';
import { viewIn, type ApiserverState } from '../state.ts';
import { firstPodStatus } from '../strategy/pod.ts';
import { allocate } from '../strategy/service.ts';
import type { Fields, Given, Metadata, Stored } from '../strategy/stored.ts';
import { prepareForCreate } from '../strategy/strategy.ts';
import { firstLike } from './known-specs.ts';
import { isDryRun } from './write-options.ts';

/** The object to be stored, or why it is refused. `account`: a Pod's, where etcd had it before the cache. */
export function newContent(
  state: ApiserverState,
  info: ResourceInfo,
  request: CreateRequest,
  user: UserInfo,
  manager: string,
  metadata: Metadata,
  warnings: string[],
  account: ServiceAccount | undefined,
): Stored | Status {
  return info.resource === 'pods'
    ? newPod(state, info, request, user, manager, metadata, warnings, account)
    : checked(state, info, request, user, manager, metadata, warnings, account);
}

/** What became of a Pod with this spec: the next one with the same labels needs no look. */
interface Admitted {
  readonly spec: PodSpec;
  readonly labels: Metadata['labels'];
  readonly annotations: Metadata['annotations'];
  readonly finalizers: Metadata['finalizers'];
  readonly namespace: string | undefined;
  readonly user: UserInfo;
  /** What admission read: as long as it is as it was, it would read the same. */
  readonly namespaces: View;
  readonly serviceAccounts: View;
  readonly limitRanges: View;
  readonly priorityClasses: View;
}

const admittedSpecs = new WeakMap<object, Admitted>();

function newPod(
  state: ApiserverState,
  info: ResourceInfo,
  request: CreateRequest,
  user: UserInfo,
  manager: string,
  metadata: Metadata,
  warnings: string[],
  account: ServiceAccount | undefined,
): Stored | Status {
  const object: Given = request.object;
  const namespaces = viewIn(state, 'namespaces');
  const serviceAccounts = viewIn(state, 'serviceaccounts');
  const limitRanges = viewIn(state, 'limitranges');
  const priorityClasses = viewIn(state, 'priorityclasses');
  const given = object.spec === undefined ? undefined : specOf(object.spec);
  const known = given === undefined ? undefined : admittedSpecs.get(given);
  if (
    known !== undefined &&
    known.namespace === metadata.namespace &&
    known.user === user &&
    known.namespaces === namespaces &&
    known.serviceAccounts === serviceAccounts &&
    known.limitRanges === limitRanges &&
    known.priorityClasses === priorityClasses &&
    sparesTheNext(state) &&
    !isFollowed(request) &&
    isHostname(metadata.name) &&
    same(known.labels, metadata.labels) &&
    same(known.annotations, metadata.annotations) &&
    same(known.finalizers, metadata.finalizers) &&
    ownersAreWhole(metadata.ownerReferences) &&
    hasNothingElse(object)
  )
    return podOf(
      { ...metadata, generation: 1, labels: known.labels, annotations: known.annotations },
      known.spec,
    );
  const pod = checked(state, info, request, user, manager, metadata, warnings, account);
  if ('code' in pod) return pod;
  const made = pod as Stored;
  const spec = shaped(made.spec as unknown as PodSpec);
  const { labels, annotations, finalizers } = made.metadata;
  // What was warned of is warned of again; who ignores unknown fields is not warned; a mirror Pod is admitted for its
  // node, which is not remembered.
  if (
    given !== undefined &&
    !isFollowed(request) &&
    warnings.length === 0 &&
    request.fieldValidation !== 'Ignore' &&
    !isMirror(made)
  )
    admittedSpecs.set(given, {
      spec,
      labels,
      annotations,
      finalizers,
      namespace: metadata.namespace,
      user,
      namespaces,
      serviceAccounts,
      limitRanges,
      priorityClasses,
    });
  return podOf(made.metadata, spec);
}

/** What stands for a spec here: itself where it has been seen, as the template of a controller has. */
const specOf = (spec: Fields): PodSpec =>
  admittedSpecs.has(spec) ? (spec as unknown as PodSpec) : firstLike(spec as unknown as PodSpec);

/** Whether a Pod says nothing beside its spec and what is compared: anything else is looked at. */
function hasNothingElse(object: Given): boolean {
  for (const field of Object.keys(object)) if (!podFields.has(field)) return false;
  for (const field of Object.keys(object.metadata)) if (!metadataFields.has(field)) return false;
  return true;
}

const podFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'spec']);
const metadataFields: ReadonlySet<string> = new Set([
  'name',
  'generateName',
  'namespace',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
]);

/** Whether a Pod of this name has it for a host name as it is: any other is warned of. */
const isHostname = (name: string): boolean => name.length <= 63 && !name.includes('.') && isPlainName(name);

/**
 * The spec with all that admission and binding set, in one order: the specs of all Pods are of few shapes, and a field that
 * is there is changed 20 times faster than one that has to be added.
 */
function shaped(spec: PodSpec): PodSpec {
  const { serviceAccountName, serviceAccount, tolerations, nodeName, ...others } = spec;
  const { priority, priorityClassName, preemptionPolicy, ...rest } = others;
  return {
    ...rest,
    serviceAccountName,
    serviceAccount,
    tolerations,
    priority,
    priorityClassName,
    preemptionPolicy,
    nodeName,
  };
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
  user: UserInfo,
  manager: string,
  metadata: Metadata,
  warnings: string[],
  account: ServiceAccount | undefined,
): Stored | Status {
  const object = decoded(info, request.object, request.fieldValidation, warnings);
  if ('code' in object) return object;
  const given = defaulted(info, { ...(object as NewObject), metadata }) as Stored;
  const complete = judgedAs(info, trackedFromCreation(info, request, given, manager));
  const admission: Admission = {
    operation: 'CREATE',
    info,
    subresource: '',
    namespace: metadata.namespace ?? '',
    name: request.object.metadata.name ?? '',
    oldObject: undefined,
    user,
    dryRun: isDryRun(request),
  };
  const admitted = mutated(state, admission, complete, account);
  if (isRefusal(admitted)) return admitted;
  const prepared =
    info.custom === undefined
      ? prepareForCreate(info.resource, admitted as Stored)
      : customForCreate(info, admitted as Stored);
  const errors = problemsOfCreate(info, prepared, warnings);
  if (errors.length > 0) return invalidKind(info, metadata.name, errors);
  const refusal =
    ('applied' in request ? refusalOfCreation(state, user, info, metadata) : undefined) ??
    refused(state, admission, prepared, warnings, account);
  if (refusal !== undefined) return refusal;
  if (isTooLarge(prepared)) return tooLarge;
  warnings.push(...warningsOfCreate(info.resource, prepared));
  return info.resource === 'services' ? withAddresses(state, prepared) : stored(info, prepared);
}

/** A Service with what the server allocates for it; or why it cannot be had. */
export function withAddresses(state: ApiserverState, object: Stored): Stored | Status {
  const { config, luck } = state;
  const services = viewIn(state, 'services') as unknown as View<'services'>;
  const spec = allocate(object as unknown as Service, { config, luck, services });
  if ('field' in spec && 'detail' in spec) return invalid('services', object.metadata.name, [spec]);
  return { ...object, spec: spec as unknown as Fields };
}
