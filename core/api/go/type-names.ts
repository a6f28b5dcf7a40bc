/**
 * What Go calls the type of a field: JSON has one kind of text, Go one for each set of words (`v1.RestartPolicy`). The
 * tables of structs tell it of a Pod's template; of the rest it is told here.
 * (kubernetes v1.34.1 staging/src/k8s.io/api, the types.go of each group)
 */
import { goFieldOf } from './pointers.ts';

/** By definition: fields with the names of their types. A list has its items' type. */
const words: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ServiceSpec: {
    type: 'ServiceType',
    sessionAffinity: 'ServiceAffinity',
    externalTrafficPolicy: 'ServiceExternalTrafficPolicy',
    internalTrafficPolicy: 'ServiceInternalTrafficPolicy',
    ipFamilyPolicy: 'IPFamilyPolicy',
    ipFamilies: 'IPFamily',
  },
  ServicePort: { protocol: 'Protocol' },
  Secret: { type: 'SecretType' },
  Taint: { effect: 'TaintEffect' },
  LimitRangeItem: { type: 'LimitType' },
  ResourceQuotaSpec: { scopes: 'ResourceQuotaScope' },
  PersistentVolumeSpec: {
    accessModes: 'PersistentVolumeAccessMode',
    persistentVolumeReclaimPolicy: 'PersistentVolumeReclaimPolicy',
    volumeMode: 'PersistentVolumeMode',
  },
  DeploymentStrategy: { type: 'DeploymentStrategyType' },
  StatefulSetSpec: { podManagementPolicy: 'PodManagementPolicyType' },
  StatefulSetUpdateStrategy: { type: 'StatefulSetUpdateStrategyType' },
  DaemonSetUpdateStrategy: { type: 'DaemonSetUpdateStrategyType' },
  JobSpec: { completionMode: 'CompletionMode', podReplacementPolicy: 'PodReplacementPolicy' },
  PodFailurePolicyRule: { action: 'PodFailurePolicyAction' },
  CronJobSpec: { concurrencyPolicy: 'ConcurrencyPolicy' },
  MetricSpec: { type: 'MetricSourceType' },
  MetricTarget: { type: 'MetricTargetType' },
  ResourceMetricSource: { name: 'v1.ResourceName' },
  ContainerResourceMetricSource: { name: 'v1.ResourceName' },
  HPAScalingRules: { selectPolicy: 'ScalingPolicySelect' },
  HPAScalingPolicy: { type: 'HPAScalingPolicyType' },
  PodDisruptionBudgetSpec: { unhealthyPodEvictionPolicy: 'UnhealthyPodEvictionPolicyType' },
  EndpointSlice: { addressType: 'AddressType' },
  DiscoveryEndpointPort: { protocol: 'Protocol' },
  NetworkPolicySpec: { policyTypes: 'PolicyType' },
  NetworkPolicyPort: { protocol: 'Protocol' },
  HTTPIngressPath: { pathType: 'PathType' },
  StorageClass: { reclaimPolicy: 'PersistentVolumeReclaimPolicy', volumeBindingMode: 'VolumeBindingMode' },
  PriorityClass: { preemptionPolicy: 'PreemptionPolicy' },
};

/** Those whose types are of autoscaling/v2; the name of a resource is the core's. */
const second =
  /^(?:Metric(?:Spec|Target|Identifier)|\w+MetricSource$|HPAScaling|HorizontalPodAutoscaler(?!.*V1$)|CrossVersionObjectReference$)/;

/** `v1`, or `v2` for what only the second version has. */
export const versionOfStruct = (definition: string): string => (second.test(definition) ? 'v2' : 'v1');

/** A struct as Go calls it: where two groups have one of a name, the definitions tell them apart. */
export const structName = (definition: string): string =>
  definition.replace(/^(?:Discovery|Apiextensions)/, '').replace(/V1$/, '');

/** The type of a field whose values are words, or of each item of such a list; undefined: they are any text. */
export function wordType(definition: string, field: string): string | undefined {
  const told = words[definition]?.[field];
  if (told !== undefined) return told.includes('.') ? told : `${versionOfStruct(definition)}.${told}`;
  let type = goFieldOf(definition, field)?.type;
  while (type !== undefined && type.is !== 'named') type = type.of;
  if (type === undefined || type.name === 'string') return undefined;
  return type.name.includes('.') ? type.name : `v1.${type.name}`;
}
