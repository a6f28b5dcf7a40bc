/**
 * Which optional texts, numbers and flags are pointers in Go: an empty text, 0 or false is kept there, and validated, where
 * any other field counts as absent. The tables of structs tell it of a Pod's template; of the rest it is told here.
 * (kubernetes v1.34.1 staging/src/k8s.io/api, the types.go of each group)
 */
import { podStructs } from './pod-structs.ts';
import { structsOf, type GoField } from './struct.ts';

/** By definition. A field that is no pointer but is always written is here too: `serviceName`, `start`. */
const pointers: Readonly<Record<string, string>> = {
  ServiceSpec: `internalTrafficPolicy ipFamilyPolicy loadBalancerClass trafficDistribution
    allocateLoadBalancerNodePorts`,
  ServicePort: 'appProtocol',
  ClientIPConfig: 'timeoutSeconds',
  LoadBalancerIngress: 'ipMode',
  PortStatus: 'error',
  EndpointAddress: 'nodeName',
  EndpointPort: 'appProtocol',
  ConfigMap: 'immutable',
  Secret: 'immutable',
  ServiceAccount: 'automountServiceAccountToken',
  ReplicationControllerSpec: 'replicas',
  PersistentVolumeSpec: 'volumeMode volumeAttributesClassName',
  PersistentVolumeClaimStatus: 'currentVolumeAttributesClassName',
  AzureFilePersistentVolumeSource: 'secretNamespace',
  GlusterfsPersistentVolumeSource: 'endpointsNamespace',
  ISCSIPersistentVolumeSource: 'initiatorName',
  LocalVolumeSource: 'fsType',
  NodeSwapStatus: 'capacity',
  NodeRuntimeHandlerFeatures: 'recursiveReadOnlyMounts userNamespaces',
  NodeFeatures: 'supplementalGroupsPolicy',
  ContainerStatus: 'started stopSignal',
  VolumeMountStatus: 'recursiveReadOnly',
  PodResourceClaimStatus: 'resourceClaimName',
  DeploymentSpec: 'replicas revisionHistoryLimit progressDeadlineSeconds',
  DeploymentStatus: 'collisionCount terminatingReplicas',
  ReplicaSetSpec: 'replicas',
  ReplicaSetStatus: 'terminatingReplicas',
  StatefulSetSpec: 'replicas revisionHistoryLimit serviceName',
  StatefulSetOrdinals: 'start',
  RollingUpdateStatefulSetStrategy: 'partition',
  StatefulSetStatus: 'availableReplicas collisionCount',
  DaemonSetSpec: 'revisionHistoryLimit',
  DaemonSetStatus: 'collisionCount',
  JobSpec: `activeDeadlineSeconds backoffLimit backoffLimitPerIndex completionMode completions managedBy
    manualSelector maxFailedIndexes parallelism podReplacementPolicy suspend ttlSecondsAfterFinished`,
  JobStatus: 'failedIndexes ready terminating',
  PodFailurePolicyOnExitCodesRequirement: 'containerName',
  SuccessPolicyRule: 'succeededCount succeededIndexes',
  CronJobSpec: 'failedJobsHistoryLimit startingDeadlineSeconds successfulJobsHistoryLimit suspend timeZone',
  HorizontalPodAutoscalerSpec: 'minReplicas',
  HPAScalingRules: 'selectPolicy stabilizationWindowSeconds',
  MetricTarget: 'averageUtilization',
  MetricValueStatus: 'averageUtilization',
  HorizontalPodAutoscalerStatus: 'observedGeneration',
  HorizontalPodAutoscalerSpecV1: 'minReplicas targetCPUUtilizationPercentage',
  HorizontalPodAutoscalerStatusV1: 'currentCPUUtilizationPercentage observedGeneration',
  PodDisruptionBudgetSpec: 'unhealthyPodEvictionPolicy',
  Endpoint: 'hostname nodeName zone',
  EndpointConditions: 'ready serving terminating',
  DiscoveryEndpointPort: 'appProtocol name port protocol',
  LeaseSpec: 'holderIdentity leaseDurationSeconds leaseTransitions preferredHolder strategy',
  PriorityClass: 'preemptionPolicy',
  StorageClass: 'allowVolumeExpansion reclaimPolicy volumeBindingMode',
  CSIDriverSpec: `attachRequired fsGroupPolicy nodeAllocatableUpdatePeriodSeconds podInfoOnMount
    requiresRepublish seLinuxMount storageCapacity`,
  TokenRequest: 'expirationSeconds',
  VolumeNodeResources: 'count',
  IngressSpec: 'ingressClassName',
  HTTPIngressPath: 'pathType',
  IngressPortStatus: 'error',
  IngressClassParametersReference: 'apiGroup namespace scope',
  NetworkPolicyPort: 'endPort protocol',
  ValidatingAdmissionPolicySpec: 'failurePolicy',
  MatchResources: 'matchPolicy',
  NamedRuleWithOperations: 'scope',
  RuleWithOperations: 'scope',
  Validation: 'reason',
  ParamRef: 'parameterNotFoundAction',
  ValidatingWebhook: 'failurePolicy matchPolicy timeoutSeconds',
  MutatingWebhook: 'failurePolicy matchPolicy reinvocationPolicy timeoutSeconds',
  WebhookClientConfig: 'url',
  ServiceReference: 'path port',
  ApiextensionsWebhookClientConfig: 'url',
  ApiextensionsServiceReference: 'path port',
  CustomResourceDefinitionVersion: 'deprecationWarning',
  CustomResourceSubresourceScale: 'labelSelectorPath',
  JSONSchemaProps: `$ref maxItems maxLength maxProperties maximum minItems minLength minProperties minimum
    multipleOf default example x-kubernetes-list-type x-kubernetes-map-type x-kubernetes-preserve-unknown-fields`,
  ValidationRule: 'optionalOldSelf reason',
};

const structs = structsOf(podStructs);

/** The fields of a struct, with those of the structs embedded in it. */
const fieldsOf = (struct: string): readonly GoField[] =>
  (structs.get(struct) ?? []).flatMap((field) =>
    field.embedded && field.json === undefined ? fieldsOf(field.name) : [field],
  );

/** The field of a struct of a Pod's template that has the name in JSON. */
export const goFieldOf = (struct: string, json: string): GoField | undefined =>
  fieldsOf(struct).find((field) => field.json === json);

/** Whether the field of a definition keeps what is empty. */
export function isPointer(definition: string, field: string): boolean {
  let fields = byDefinition.get(definition);
  if (fields === undefined) {
    fields = new Set(pointersOf(definition));
    byDefinition.set(definition, fields);
  }
  return fields.has(field);
}

/** What has been asked for so far. */
const byDefinition = new Map<string, ReadonlySet<string>>();

const pointersOf = (definition: string): readonly string[] =>
  pointers[definition]?.split(/\s+/) ??
  fieldsOf(definition).flatMap(({ type, json }) => (type.is === 'pointer' ? [json ?? ''] : []));
