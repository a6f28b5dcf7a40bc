/**
 * Whether an object with its defaults may be created, or may replace another: the validation of a kind, in the words of
 * Kubernetes. Kinds without a row have their metadata checked, and no more.
 */
import { checkDefinition, checkDefinitionUpdate, definitionNameErrors } from './custom/definition.ts';
import { invalidValue, type FieldError } from './field-error.ts';
import type * as types from './generated/types.ts';
import type { ResourceInfo } from './kinds.ts';
import { dns1035LabelErrors, dns1123LabelErrors, dns1123SubdomainErrors } from './label-format.ts';
import type { NewObject } from './request.ts';
import { checkAutoscaler } from './validation/autoscaling.ts';
import { checkCronJob, checkJob, checkJobUpdate } from './validation/batch.ts';
import {
  checkConfigMap,
  checkImmutable,
  checkLease,
  checkNamespace,
  checkNode,
  checkNodeUpdate,
  checkSecret,
} from './validation/cluster.ts';
import { pathSegmentErrors, type Errors, type NameForm } from './validation/fields.ts';
import { checkMetadata, checkMetadataUpdate } from './validation/metadata.ts';
import { checkPod, checkPodUpdate } from './validation/pod.ts';
import {
  checkBindingUpdate,
  checkClusterRole,
  checkClusterRoleBinding,
  checkRole,
  checkRoleBinding,
} from './validation/rbac.ts';
import { checkEndpointSlice, checkService, checkServiceUpdate } from './validation/service.ts';
import {
  checkClaimSpec,
  checkClaimUpdate,
  checkStorageClass,
  checkStorageClassUpdate,
  checkVolumeObject,
} from './validation/storage.ts';
import {
  checkDeployment,
  checkReplicaSet,
  checkReplicationController,
  checkSelectorUpdate,
  checkStatefulSet,
  checkStatefulSetUpdate,
} from './validation/workloads.ts';

/** The checks of one kind. An update that keeps the spec it had is not looked at again. */
interface Rules<T> {
  readonly name?: NameForm;
  /** Everything but metadata. */
  readonly check?: (errors: Errors, object: T) => void;
  /** What may not change; and, where `check` is not for updates, what is wrong with the new object. */
  readonly update?: (errors: Errors, next: T, before: T) => void;
  readonly checkOnUpdate?: false;
}

const rules = {
  pods: {
    check: checkPod,
    update: (errors, next, before) => {
      checkPodUpdate(errors, next.spec, before.spec);
    },
    checkOnUpdate: false,
  } satisfies Rules<types.Pod>,
  namespaces: { name: dns1123LabelErrors, check: checkNamespace } satisfies Rules<types.Namespace>,
  nodes: { check: checkNode, update: checkNodeUpdate } satisfies Rules<types.Node>,
  services: {
    name: dns1035LabelErrors,
    check: checkService,
    update: (errors, next, before) => {
      checkServiceUpdate(errors, next.spec, before.spec);
    },
  } satisfies Rules<types.Service>,
  endpointslices: { check: checkEndpointSlice } satisfies Rules<types.EndpointSlice>,
  replicationcontrollers: { check: checkReplicationController } satisfies Rules<types.ReplicationController>,
  replicasets: {
    check: checkReplicaSet,
    update: (errors, next, before) => {
      checkSelectorUpdate(errors, next.spec.selector, before.spec.selector);
    },
  } satisfies Rules<types.ReplicaSet>,
  deployments: {
    check: checkDeployment,
    update: (errors, next, before) => {
      checkSelectorUpdate(errors, next.spec.selector, before.spec.selector);
    },
  } satisfies Rules<types.Deployment>,
  statefulsets: {
    name: dns1123LabelErrors,
    check: checkStatefulSet,
    update: checkStatefulSetUpdate,
  } satisfies Rules<types.StatefulSet>,
  configmaps: { check: checkConfigMap, update: checkImmutable } satisfies Rules<types.ConfigMap>,
  secrets: {
    check: checkSecret,
    update: (errors, next, before) => {
      if (next.type !== before.type) errors.push(invalidValue('type', next.type ?? '', 'field is immutable'));
      checkImmutable(errors, next, before);
    },
  } satisfies Rules<types.Secret>,
  persistentvolumeclaims: {
    check: (errors, claim) => {
      checkClaimSpec(errors, 'spec', claim.spec);
    },
    update: checkClaimUpdate,
  } satisfies Rules<types.PersistentVolumeClaim>,
  persistentvolumes: { check: checkVolumeObject } satisfies Rules<types.PersistentVolume>,
  storageclasses: {
    check: checkStorageClass,
    update: checkStorageClassUpdate,
  } satisfies Rules<types.StorageClass>,
  leases: { check: checkLease } satisfies Rules<types.Lease>,
  jobs: {
    check: checkJob,
    update: (errors, next, before) => {
      checkJob(errors, next);
      checkJobUpdate(errors, next, before);
    },
    checkOnUpdate: false,
  } satisfies Rules<types.Job>,
  cronjobs: {
    check: (errors, job) => {
      checkCronJob(errors, job, undefined);
    },
    update: checkCronJob,
    checkOnUpdate: false,
  } satisfies Rules<types.CronJob>,
  horizontalpodautoscalers: { check: checkAutoscaler } satisfies Rules<types.HorizontalPodAutoscaler>,
  roles: { check: checkRole } satisfies Rules<types.Role>,
  clusterroles: { check: checkClusterRole } satisfies Rules<types.ClusterRole>,
  rolebindings: {
    check: checkRoleBinding,
    update: checkBindingUpdate,
  } satisfies Rules<types.RoleBinding>,
  clusterrolebindings: {
    check: checkClusterRoleBinding,
    update: checkBindingUpdate,
  } satisfies Rules<types.ClusterRoleBinding>,
  customresourcedefinitions: {
    name: () => [],
    check: (errors, crd) => {
      for (const message of definitionNameErrors(crd)(crd.metadata.name))
        errors.push(invalidValue('metadata.name', crd.metadata.name, message));
      checkDefinition(errors, crd);
    },
    update: checkDefinitionUpdate,
  } satisfies Rules<types.CustomResourceDefinition>,
};

const ofResource = new Map<string, Rules<never>>(Object.entries(rules));

const nothing: readonly FieldError[] = [];

/** What is wrong with an object that is to be created; it has its defaults, its namespace and its name. */
export function validateCreate(info: ResourceInfo, object: NewObject): readonly FieldError[] {
  const found = ofResource.get(info.resource);
  const errors: FieldError[] = [];
  checkMetadata(errors, object.metadata, info.namespaced, found?.name ?? nameFormOf(info));
  found?.check?.(errors, object as never);
  return errors.length === 0 ? nothing : errors;
}

/** RBAC objects and kinds nobody knows may have nearly any name. */
const nameFormOf = (info: ResourceInfo): NameForm =>
  info.group === 'rbac.authorization.k8s.io' ? pathSegmentErrors : dns1123SubdomainErrors;

/** What is wrong with an object that is to replace another. */
export function validateUpdate(
  info: ResourceInfo,
  next: NewObject,
  before: NewObject,
): readonly FieldError[] {
  const found = ofResource.get(info.resource);
  const errors: FieldError[] = [];
  checkMetadataUpdate(errors, next.metadata, before.metadata);
  if (found?.checkOnUpdate !== false && specOf(next) !== specOf(before))
    found?.check?.(errors, next as never);
  found?.update?.(errors, next as never, before as never);
  return errors.length === 0 ? nothing : errors;
}

/** What most of the work is about; for a kind without a spec the object itself. */
const specOf = (object: NewObject): unknown =>
  (object as NewObject & { readonly spec?: unknown }).spec ?? object;
