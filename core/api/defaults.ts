/**
 * An object as the apiserver reads it: in the form Go would write back, with the defaults of its kind. Nothing that is
 * complete is copied: an object that lacks nothing comes back as it is, and so does every part of one that lacks
 * something. Only defaults of the API are here; what admission adds is the apiserver's.
 */
import {
  withMutatingDefaults,
  withPolicyBindingDefaults,
  withPolicyDefaults,
  withValidatingDefaults,
} from './defaults/admission.ts';
import { withAutoscalerDefaults, withAutoscalerV1Defaults } from './defaults/autoscaling.ts';
import {
  withEventDefaults,
  withLeaseDefaults,
  withNamespaceDefaults,
  withNodeDefaults,
  withPriorityClassDefaults,
  withSecretDefaults,
} from './defaults/cluster.ts';
import { omit } from './defaults/fill.ts';
import {
  withBindingDefaults,
  withBudgetDefaults,
  withDriverDefaults,
  withIngressClassDefaults,
  withIngressDefaults,
  withLimitRangeDefaults,
  withNetworkPolicyDefaults,
  withPodTemplateDefaults,
  withQuotaDefaults,
} from './defaults/policy.ts';
import { withPodDefaults } from './defaults/pod.ts';
import { withEndpointsDefaults, withEndpointSliceDefaults, withServiceDefaults } from './defaults/service.ts';
import { withClaimDefaults, withStorageClassDefaults, withVolumeObjectDefaults } from './defaults/storage.ts';
import { hasNull, wireForm } from './defaults/wire.ts';
import {
  withCronJobDefaults,
  withDaemonSetDefaults,
  withDeploymentDefaults,
  withJobDefaults,
  withReplicaSetDefaults,
  withReplicationControllerDefaults,
  withStatefulSetDefaults,
} from './defaults/workloads.ts';
import { withDefinitionDefaults } from './custom/definition.ts';
import { definitionIn, resourceOfKind } from './kinds.ts';
import type { NewObject } from './request.ts';

interface Shape {
  /** The definition of its spec, which is walked once per identity; kinds without one are walked whole. */
  readonly spec?: string;
  readonly defaults?: (object: never) => unknown;
  /** It has no spec, and is read by parts that may be missing: it is walked whole though nothing in it is null. */
  readonly whole?: true;
}

/** A Pod's spec is walked with its defaults. Objects that components write by the thousand are well formed already. */
const shapes: Readonly<Record<string, Shape>> = {
  'v1/Pod': { defaults: withPodDefaults },
  'v1/Event': { defaults: withEventDefaults },
  'v1/Endpoints': { defaults: withEndpointsDefaults },
  'discovery.k8s.io/v1/EndpointSlice': { defaults: withEndpointSliceDefaults },
  'coordination.k8s.io/v1/Lease': { defaults: withLeaseDefaults },
  'v1/Namespace': { spec: 'NamespaceSpec', defaults: withNamespaceDefaults },
  'v1/Node': { spec: 'NodeSpec', defaults: withNodeDefaults },
  'v1/Service': { spec: 'ServiceSpec', defaults: withServiceDefaults },
  'v1/Secret': { defaults: withSecretDefaults },
  'v1/ReplicationController': {
    spec: 'ReplicationControllerSpec',
    defaults: withReplicationControllerDefaults,
  },
  'v1/PersistentVolume': { spec: 'PersistentVolumeSpec', defaults: withVolumeObjectDefaults },
  'v1/PersistentVolumeClaim': { spec: 'PersistentVolumeClaimSpec', defaults: withClaimDefaults },
  'apps/v1/ReplicaSet': { spec: 'ReplicaSetSpec', defaults: withReplicaSetDefaults },
  'apps/v1/Deployment': { spec: 'DeploymentSpec', defaults: withDeploymentDefaults },
  'apps/v1/StatefulSet': { spec: 'StatefulSetSpec', defaults: withStatefulSetDefaults },
  'apps/v1/DaemonSet': { spec: 'DaemonSetSpec', defaults: withDaemonSetDefaults },
  'batch/v1/Job': { spec: 'JobSpec', defaults: withJobDefaults },
  'batch/v1/CronJob': { spec: 'CronJobSpec', defaults: withCronJobDefaults },
  'autoscaling/v2/HorizontalPodAutoscaler': {
    spec: 'HorizontalPodAutoscalerSpec',
    defaults: withAutoscalerDefaults,
  },
  'autoscaling/v1/HorizontalPodAutoscaler': {
    spec: 'HorizontalPodAutoscalerSpecV1',
    defaults: withAutoscalerV1Defaults,
  },
  'v1/LimitRange': { spec: 'LimitRangeSpec', defaults: withLimitRangeDefaults },
  'v1/ResourceQuota': { spec: 'ResourceQuotaSpec', defaults: withQuotaDefaults },
  'v1/PodTemplate': { defaults: withPodTemplateDefaults },
  'policy/v1/PodDisruptionBudget': { spec: 'PodDisruptionBudgetSpec', defaults: withBudgetDefaults },
  'rbac.authorization.k8s.io/v1/Role': { whole: true },
  'rbac.authorization.k8s.io/v1/ClusterRole': { whole: true },
  'rbac.authorization.k8s.io/v1/RoleBinding': { defaults: withBindingDefaults, whole: true },
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': { defaults: withBindingDefaults, whole: true },
  'networking.k8s.io/v1/NetworkPolicy': { spec: 'NetworkPolicySpec', defaults: withNetworkPolicyDefaults },
  'networking.k8s.io/v1/Ingress': { spec: 'IngressSpec', defaults: withIngressDefaults },
  'networking.k8s.io/v1/IngressClass': { spec: 'IngressClassSpec', defaults: withIngressClassDefaults },
  'storage.k8s.io/v1/CSIDriver': { spec: 'CSIDriverSpec', defaults: withDriverDefaults },
  'apiextensions.k8s.io/v1/CustomResourceDefinition': {
    spec: 'CustomResourceDefinitionSpec',
    defaults: withDefinitionDefaults,
  },
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy': {
    spec: 'ValidatingAdmissionPolicySpec',
    defaults: withPolicyDefaults,
  },
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding': {
    spec: 'ValidatingAdmissionPolicyBindingSpec',
    defaults: withPolicyBindingDefaults,
  },
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration': { defaults: withValidatingDefaults },
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration': { defaults: withMutatingDefaults },
  'storage.k8s.io/v1/StorageClass': { defaults: withStorageClassDefaults },
  'scheduling.k8s.io/v1/PriorityClass': { defaults: withPriorityClassDefaults },
};

const shapeOf = new Map(Object.entries(shapes));

/** The object with its defaults; a kind that has none as it is, without its null fields. */
export function withDefaults<T extends NewObject>(object: T): T {
  const shape = shapeOf.get(`${object.apiVersion}/${object.kind}`);
  let result: NewObject & { readonly spec?: unknown } = object;
  const metadata = metadataForm(object.metadata);
  if (metadata !== object.metadata) result = { ...result, metadata };
  if (shape?.spec !== undefined) {
    result = withoutNulls(result);
    const spec = wireForm(shape.spec, (result.spec as object | undefined) ?? {});
    if (spec !== result.spec) result = { ...result, spec };
  } else if (object.kind === 'Pod') result = withoutNulls(result);
  else if (shape?.whole === true || hasNull(result)) result = wireForm(definitionOf(object), result);
  return (shape?.defaults === undefined ? result : shape.defaults(result as never)) as T;
}

function definitionOf(object: NewObject): string {
  const info = resourceOfKind(object.apiVersion, object.kind);
  return (info === undefined ? undefined : definitionIn(info, object.apiVersion)) ?? object.kind;
}

/** Metadata is new for every object and nearly always well formed: it is walked only if a person wrote a null in it. */
function metadataForm(metadata: NewObject['metadata']): NewObject['metadata'] {
  let result = hasNull(metadata) ? wireForm('ObjectMeta', metadata) : metadata;
  if (isEmpty(result.labels)) result = omit(result, 'labels');
  if (isEmpty(result.annotations)) result = omit(result, 'annotations');
  return result;
}

const isEmpty = (map: Readonly<Record<string, string>> | undefined): boolean =>
  map !== undefined && Object.keys(map).length === 0;

/** The object without the fields that are null. */
function withoutNulls<T extends object>(value: T): T {
  let result: T | undefined;
  for (const field in value) {
    if (value[field] !== null) continue;
    result ??= { ...value };
    delete result[field];
  }
  return result ?? value;
}
