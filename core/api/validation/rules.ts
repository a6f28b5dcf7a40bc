/**
 * The checks of each kind, and in which order an update goes through them: some strategies look at the new object as if it
 * were created before they compare it with the old one, so that what is wrong is said twice. (kubernetes v1.34.1
 * pkg/registry, the strategy.go of each kind)
 */
import { checkDefinition, checkDefinitionUpdate, definitionNameErrors } from '../custom/definition.ts';
import { invalidValue } from '../field-error.ts';
import type * as types from '../generated/types.ts';
import { dns1035LabelErrors, dns1123LabelErrors } from '../../text/label-format.ts';
import type { Resource } from '../object.ts';
import type { KnownResource, ObjectOf } from '../object-of.ts';
import { checkAdmissionPolicy, checkAdmissionPolicyBinding } from './admission-policy.ts';
import { checkAutoscaler } from './autoscaling.ts';
import { checkCronJob, checkJob, checkJobUpdate } from './batch.ts';
import {
  checkConfigMap,
  checkImmutable,
  checkLease,
  checkNamespace,
  checkNamespaceStatus,
  checkNode,
  checkNodeUpdate,
  checkSecret,
} from './cluster.ts';
import { checkServiceUpdate } from './cluster-ips.ts';
import { checkControllerRevision, checkControllerRevisionUpdate, checkDaemonSet } from './daemonset.ts';
import { checkEndpointSlice, checkEndpointSliceUpdate } from './endpoint-slice.ts';
import { checkEndpoints } from './endpoints.ts';
import { checkEvent } from './event.ts';
import type { Errors, NameForm } from './fields.ts';
import { checkIngress, checkIngressClass, checkIngressClassUpdate, checkNewIngress } from './ingress.ts';
import { checkNetworkPolicy } from './network-policy.ts';
import { checkPodUpdate } from './pod-update.ts';
import { checkPod, checkPodTemplate } from './pod.ts';
import { checkDisruptionBudget, checkPriorityClass, checkPriorityClassUpdate } from './policy.ts';
import {
  checkLimitRange,
  checkResourceQuota,
  checkResourceQuotaStatus,
  checkResourceQuotaUpdate,
} from './quota.ts';
import {
  checkBindingUpdate,
  checkClusterRole,
  checkClusterRoleBinding,
  checkRole,
  checkRoleBinding,
} from './rbac.ts';
import { checkService } from './service.ts';
import {
  checkAutoscalerStatus,
  checkDaemonSetStatus,
  checkDeploymentStatus,
  checkDisruptionBudgetStatus,
  checkReplicaSetStatus,
  checkStatefulSetStatus,
} from './status-counts.ts';
import { checkJobStatus } from './status-job.ts';
import { checkPodStatus } from './status-pod.ts';
import {
  checkDriver,
  checkDriversOfNode,
  checkDriversOfNodeUpdate,
  checkDriverUpdate,
  checkStorageClass,
  checkStorageClassUpdate,
} from './storage-class.ts';
import { checkClaim, checkClaimUpdate, checkVolumeObject, checkVolumeUpdate } from './storage.ts';
import { checkWebhooks, checkWebhooksUpdate } from './webhook.ts';
import {
  checkDeployment,
  checkReplicaSet,
  checkReplicationController,
  checkSelectorUpdate,
  checkStatefulSet,
  checkStatefulSetUpdate,
} from './workloads.ts';

/** A part of looking at an update. */
export type Part =
  /** Metadata as if the object were new. */
  | 'metadata'
  /** What of the metadata may not change, or has become wrong. */
  | 'changed metadata'
  /** `check`, unless nothing but metadata and status changed. */
  | 'object'
  /** `update`. */
  | 'change';

/** The checks of one kind. */
export interface Rules<T> {
  readonly name?: NameForm;
  /** Where the form of the name depends on the object. */
  readonly nameOf?: (object: T) => NameForm;
  /** Its own rules do not look at metadata: what every kind's has to be is all that is asked of it. */
  readonly withoutMetadata?: true;
  /** Everything but metadata. */
  readonly check?: (errors: Errors, object: T) => void;
  /** The same of a new object, where it is not looked at as a changed one is. */
  readonly create?: (errors: Errors, object: T) => void;
  /** What may not change. */
  readonly update?: (errors: Errors, next: T, before: T) => void;
  /** Of a status that is written. */
  readonly status?: (errors: Errors, next: T, before: T) => void;
  /** @default changed metadata, object, change */
  readonly onUpdate?: readonly Part[];
}

/** The object, and then its change. */
const objectFirst: readonly Part[] = ['metadata', 'object', 'changed metadata', 'change'];
/** The change, and then the whole object. */
const changeFirst: readonly Part[] = ['changed metadata', 'change', 'metadata', 'object'];
/** The object, and again with its change. */
const objectTwice: readonly Part[] = ['metadata', 'object', 'changed metadata', 'object', 'change'];
/** `update` does it all. */
const changeOnly: readonly Part[] = ['changed metadata', 'change'];

const selectorStays = (
  errors: Errors,
  next: { readonly spec: { readonly selector?: types.LabelSelector | undefined } },
  before: { readonly spec: { readonly selector?: types.LabelSelector | undefined } },
): void => {
  checkSelectorUpdate(errors, next.spec.selector, before.spec.selector);
};

const rules: { readonly [R in KnownResource]?: Rules<ObjectOf[R]> } = {
  pods: {
    check: checkPod,
    update: checkPodUpdate,
    status: checkPodStatus,
    onUpdate: changeOnly,
  },
  podtemplates: {
    check: (errors, { template = {} }) => {
      checkPodTemplate(errors, 'template', template);
    },
  },
  namespaces: {
    name: dns1123LabelErrors,
    check: checkNamespace,
    status: checkNamespaceStatus,
    onUpdate: objectFirst,
  },
  nodes: { check: checkNode, update: checkNodeUpdate, onUpdate: objectFirst },
  services: {
    name: dns1035LabelErrors,
    check: checkService,
    update: checkServiceUpdate,
    onUpdate: changeFirst,
  },
  endpoints: {
    check: checkEndpoints,
    onUpdate: ['changed metadata', 'metadata', 'object'],
  },
  endpointslices: {
    check: checkEndpointSlice,
    update: checkEndpointSliceUpdate,
    onUpdate: ['metadata', 'object', 'change'],
  },
  replicationcontrollers: {
    check: checkReplicationController,
    status: checkReplicaSetStatus,
    onUpdate: objectTwice,
  },
  replicasets: {
    check: checkReplicaSet,
    update: selectorStays,
    status: checkReplicaSetStatus,
    onUpdate: objectTwice,
  },
  deployments: {
    check: checkDeployment,
    update: selectorStays,
    status: checkDeploymentStatus,
  },
  daemonsets: {
    check: checkDaemonSet,
    update: selectorStays,
    status: checkDaemonSetStatus,
    onUpdate: objectTwice,
  },
  statefulsets: {
    name: dns1123LabelErrors,
    check: checkStatefulSet,
    update: checkStatefulSetUpdate,
    status: checkStatefulSetStatus,
  },
  controllerrevisions: {
    check: checkControllerRevision,
    update: checkControllerRevisionUpdate,
    onUpdate: ['changed metadata', 'metadata', 'object', 'change'],
  },
  configmaps: {
    check: checkConfigMap,
    update: checkImmutable,
    onUpdate: changeFirst,
  },
  secrets: {
    check: checkSecret,
    update: (errors, next, before) => {
      if (next.type !== before.type) errors.push(invalidValue('type', next.type ?? '', 'field is immutable'));
      checkImmutable(errors, next, before);
    },
    onUpdate: changeFirst,
  },
  serviceaccounts: { onUpdate: ['changed metadata', 'metadata'] },
  events: { withoutMetadata: true, check: checkEvent, onUpdate: ['object'] },
  limitranges: { check: checkLimitRange, onUpdate: ['metadata', 'object'] },
  resourcequotas: {
    check: checkResourceQuota,
    update: checkResourceQuotaUpdate,
    status: checkResourceQuotaStatus,
    onUpdate: changeOnly,
  },
  persistentvolumeclaims: {
    check: checkClaim,
    update: checkClaimUpdate,
    onUpdate: ['metadata', 'object', 'changed metadata', 'metadata', 'object', 'change'],
  },
  persistentvolumes: {
    check: checkVolumeObject,
    update: checkVolumeUpdate,
    onUpdate: ['metadata', 'object', 'metadata', 'object', 'change'],
  },
  storageclasses: {
    check: checkStorageClass,
    update: checkStorageClassUpdate,
    onUpdate: objectFirst,
  },
  csidrivers: {
    check: checkDriver,
    update: checkDriverUpdate,
  },
  csinodes: {
    check: checkDriversOfNode,
    update: checkDriversOfNodeUpdate,
    onUpdate: ['metadata', 'object', 'metadata', 'object', 'change'],
  },
  leases: { check: checkLease },
  ingresses: {
    check: checkIngress,
    create: checkNewIngress,
    onUpdate: ['changed metadata', 'metadata', 'object'],
  },
  ingressclasses: {
    check: checkIngressClass,
    update: checkIngressClassUpdate,
    onUpdate: changeFirst,
  },
  networkpolicies: { check: checkNetworkPolicy },
  poddisruptionbudgets: {
    withoutMetadata: true,
    check: checkDisruptionBudget,
    status: checkDisruptionBudgetStatus,
    onUpdate: ['object'],
  },
  priorityclasses: {
    check: checkPriorityClass,
    update: checkPriorityClassUpdate,
    onUpdate: changeOnly,
  },
  jobs: {
    check: checkJob,
    update: checkJobUpdate,
    status: checkJobStatus,
    onUpdate: objectFirst,
  },
  cronjobs: {
    check: (errors, job) => {
      checkCronJob(errors, job, undefined);
    },
    update: checkCronJob,
    onUpdate: changeOnly,
  },
  horizontalpodautoscalers: {
    check: checkAutoscaler,
    status: checkAutoscalerStatus,
  },
  roles: { check: checkRole, onUpdate: objectFirst },
  clusterroles: { check: checkClusterRole, onUpdate: objectFirst },
  rolebindings: {
    check: checkRoleBinding,
    update: checkBindingUpdate,
    onUpdate: objectFirst,
  },
  clusterrolebindings: {
    check: checkClusterRoleBinding,
    update: checkBindingUpdate,
    onUpdate: objectFirst,
  },
  validatingadmissionpolicies: {
    check: checkAdmissionPolicy,
    onUpdate: ['metadata', 'object'],
  },
  validatingadmissionpolicybindings: {
    check: checkAdmissionPolicyBinding,
    onUpdate: ['metadata', 'object'],
  },
  validatingwebhookconfigurations: {
    check: checkWebhooks,
    update: checkWebhooksUpdate,
    onUpdate: ['metadata', 'change'],
  },
  mutatingwebhookconfigurations: {
    check: checkWebhooks,
    update: checkWebhooksUpdate,
    onUpdate: ['metadata', 'change'],
  },
  customresourcedefinitions: {
    nameOf: definitionNameErrors,
    check: checkDefinition,
    update: checkDefinitionUpdate,
  },
};

const ofResource = new Map<string, Rules<never>>(Object.entries(rules));

export const rulesOf = (resource: Resource): Rules<never> | undefined => ofResource.get(resource);
