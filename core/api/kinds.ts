/**
 * The kinds of Kubernetes 1.34 that wavetank knows, and where each lies in the registry. A kind is modelled (stored,
 * defaulted, validated, and acted upon by some component) or only stored: the report names those.
 */
import type { CustomResourceDefinition } from './generated/types.ts';
import type { Resource } from './object.ts';

export interface ResourceInfo {
  /** What it is called here: `pods`; of a custom one `widgets.example.com`, since other groups may have widgets too. */
  readonly resource: Resource;
  /** What it is called within its group: `pods`, `widgets`. */
  readonly plural: string;
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** Empty for the core group. */
  readonly group: string;
  /** The version it is stored in. */
  readonly version: string;
  /** Versions it is served in besides, and their definitions: core/api/conversion.ts leads from one to the other. */
  readonly otherVersions: readonly OtherVersion[];
  readonly namespaced: boolean;
  /** Keys are `registryPrefix` + `namespace/name` or `name`: it ends with a slash. */
  readonly registryPrefix: string;
  /** The `status` subresource exists: update leaves status alone, and the status verb leaves the rest. */
  readonly hasStatus: boolean;
  /** Its name in core/api/generated/schemas.ts; undefined for a kind without one. */
  readonly definition: string | undefined;
  /** Some component acts upon it (or it needs none). False: accepted, stored, and named in the report. */
  readonly modelled: boolean;
  /** What defines a custom kind; undefined: it is one of Kubernetes' own. */
  readonly custom?: CustomResourceDefinition | undefined;
}

export interface OtherVersion {
  readonly version: string;
  readonly definition: string;
}

interface Row {
  readonly kind: string;
  readonly resource: string;
  readonly short?: readonly string[];
  readonly api?: string;
  readonly clusterScoped?: true;
  readonly status?: true;
  /** Where it differs from the resource's name (historical reasons). */
  readonly registry?: string;
  readonly storedOnly?: true;
  readonly otherVersions?: readonly OtherVersion[];
}

const rows: readonly Row[] = [
  { kind: 'Namespace', resource: 'namespaces', short: ['ns'], clusterScoped: true, status: true },
  { kind: 'Node', resource: 'nodes', short: ['no'], clusterScoped: true, status: true, registry: 'minions' },
  { kind: 'Pod', resource: 'pods', short: ['po'], status: true },
  { kind: 'Service', resource: 'services', short: ['svc'], status: true, registry: 'services/specs' },
  { kind: 'Endpoints', resource: 'endpoints', short: ['ep'], registry: 'services/endpoints' },
  {
    kind: 'ReplicationController',
    resource: 'replicationcontrollers',
    short: ['rc'],
    status: true,
    registry: 'controllers',
  },
  { kind: 'ConfigMap', resource: 'configmaps', short: ['cm'] },
  { kind: 'Secret', resource: 'secrets' },
  { kind: 'ServiceAccount', resource: 'serviceaccounts', short: ['sa'] },
  {
    kind: 'PersistentVolume',
    resource: 'persistentvolumes',
    short: ['pv'],
    clusterScoped: true,
    status: true,
  },
  { kind: 'PersistentVolumeClaim', resource: 'persistentvolumeclaims', short: ['pvc'], status: true },
  { kind: 'Event', resource: 'events', short: ['ev'] },
  { kind: 'LimitRange', resource: 'limitranges', short: ['limits'] },
  { kind: 'ResourceQuota', resource: 'resourcequotas', short: ['quota'], status: true },
  { kind: 'PodTemplate', resource: 'podtemplates', storedOnly: true },
  { kind: 'Deployment', resource: 'deployments', short: ['deploy'], api: 'apps/v1', status: true },
  { kind: 'ReplicaSet', resource: 'replicasets', short: ['rs'], api: 'apps/v1', status: true },
  { kind: 'StatefulSet', resource: 'statefulsets', short: ['sts'], api: 'apps/v1', status: true },
  { kind: 'DaemonSet', resource: 'daemonsets', short: ['ds'], api: 'apps/v1', status: true },
  { kind: 'ControllerRevision', resource: 'controllerrevisions', api: 'apps/v1' },
  { kind: 'Job', resource: 'jobs', api: 'batch/v1', status: true },
  { kind: 'CronJob', resource: 'cronjobs', short: ['cj'], api: 'batch/v1', status: true },
  {
    kind: 'HorizontalPodAutoscaler',
    resource: 'horizontalpodautoscalers',
    short: ['hpa'],
    api: 'autoscaling/v2',
    otherVersions: [{ version: 'v1', definition: 'HorizontalPodAutoscalerV1' }],
    status: true,
  },
  {
    kind: 'PodDisruptionBudget',
    resource: 'poddisruptionbudgets',
    short: ['pdb'],
    api: 'policy/v1',
    status: true,
  },
  { kind: 'EndpointSlice', resource: 'endpointslices', api: 'discovery.k8s.io/v1' },
  { kind: 'Lease', resource: 'leases', api: 'coordination.k8s.io/v1' },
  {
    kind: 'PriorityClass',
    resource: 'priorityclasses',
    short: ['pc'],
    api: 'scheduling.k8s.io/v1',
    clusterScoped: true,
  },
  {
    kind: 'StorageClass',
    resource: 'storageclasses',
    short: ['sc'],
    api: 'storage.k8s.io/v1',
    clusterScoped: true,
  },
  { kind: 'CSINode', resource: 'csinodes', api: 'storage.k8s.io/v1', clusterScoped: true, storedOnly: true },
  {
    kind: 'CSIDriver',
    resource: 'csidrivers',
    api: 'storage.k8s.io/v1',
    clusterScoped: true,
    storedOnly: true,
  },
  {
    kind: 'Ingress',
    resource: 'ingresses',
    short: ['ing'],
    api: 'networking.k8s.io/v1',
    status: true,
    registry: 'ingress',
    storedOnly: true,
  },
  {
    kind: 'IngressClass',
    resource: 'ingressclasses',
    api: 'networking.k8s.io/v1',
    clusterScoped: true,
    storedOnly: true,
  },
  {
    kind: 'NetworkPolicy',
    resource: 'networkpolicies',
    short: ['netpol'],
    api: 'networking.k8s.io/v1',
    storedOnly: true,
  },
  { kind: 'Role', resource: 'roles', api: 'rbac.authorization.k8s.io/v1', storedOnly: true },
  {
    kind: 'ClusterRole',
    resource: 'clusterroles',
    api: 'rbac.authorization.k8s.io/v1',
    clusterScoped: true,
    storedOnly: true,
  },
  { kind: 'RoleBinding', resource: 'rolebindings', api: 'rbac.authorization.k8s.io/v1', storedOnly: true },
  {
    kind: 'ClusterRoleBinding',
    resource: 'clusterrolebindings',
    api: 'rbac.authorization.k8s.io/v1',
    clusterScoped: true,
    storedOnly: true,
  },
  {
    kind: 'ValidatingAdmissionPolicy',
    resource: 'validatingadmissionpolicies',
    api: 'admissionregistration.k8s.io/v1',
    clusterScoped: true,
    status: true,
  },
  {
    kind: 'ValidatingAdmissionPolicyBinding',
    resource: 'validatingadmissionpolicybindings',
    api: 'admissionregistration.k8s.io/v1',
    clusterScoped: true,
  },
  {
    kind: 'ValidatingWebhookConfiguration',
    resource: 'validatingwebhookconfigurations',
    api: 'admissionregistration.k8s.io/v1',
    clusterScoped: true,
  },
  {
    kind: 'MutatingWebhookConfiguration',
    resource: 'mutatingwebhookconfigurations',
    api: 'admissionregistration.k8s.io/v1',
    clusterScoped: true,
  },
  {
    kind: 'CustomResourceDefinition',
    resource: 'customresourcedefinitions',
    short: ['crd', 'crds'],
    api: 'apiextensions.k8s.io/v1',
    clusterScoped: true,
    status: true,
    registry: 'apiextensions.k8s.io/customresourcedefinitions',
  },
];

function infoOf(row: Row): ResourceInfo {
  const [group, version] = (row.api ?? 'v1').includes('/') ? (row.api ?? '').split('/') : ['', 'v1'];
  return {
    resource: row.resource,
    plural: row.resource,
    kind: row.kind,
    singular: row.kind.toLowerCase(),
    shortNames: row.short ?? [],
    group: group ?? '',
    version: version ?? 'v1',
    otherVersions: row.otherVersions ?? [],
    namespaced: row.clusterScoped !== true,
    registryPrefix: `/registry/${row.registry ?? row.resource}/`,
    hasStatus: row.status === true,
    definition: row.kind,
    modelled: row.storedOnly !== true,
  };
}

export const resources: readonly ResourceInfo[] = rows.map(infoOf);

const byResource = new Map(resources.map((info) => [info.resource, info]));
/** By kind, then by apiVersion: a text of both would have to be made, and read, for each look. */
const byKind = new Map<string, Map<string, ResourceInfo>>();
for (const info of resources)
  for (const version of versionsOf(info)) {
    const served = byKind.get(info.kind) ?? new Map<string, ResourceInfo>();
    byKind.set(info.kind, served.set(version, info));
  }

/** `v1`, `apps/v1`. */
export function apiVersionOf(info: Pick<ResourceInfo, 'group' | 'version'>): string {
  return info.group === '' ? info.version : `${info.group}/${info.version}`;
}

/** Every apiVersion a kind is served in, the stored one first. */
export function versionsOf(info: ResourceInfo): readonly string[] {
  const others = info.otherVersions.map(({ version }) => apiVersionOf({ group: info.group, version }));
  return [apiVersionOf(info), ...others];
}

/** The definition of a kind in one of the versions it is served in. */
export function definitionIn(info: ResourceInfo, apiVersion: string): string | undefined {
  const other = info.otherVersions.find(({ version }) => apiVersion.endsWith(`/${version}`));
  return other?.definition ?? info.definition;
}

/** `pods`, `deployments.apps`: the resource as messages name it. */
export const groupResource = (info: ResourceInfo): string =>
  info.group === '' ? info.plural : `${info.plural}.${info.group}`;

/** The group of a resource, and what it is called there; a custom one's name has both. */
export function groupAndPlural(resource: Resource): { readonly group: string; readonly plural: string } {
  const info = byResource.get(resource);
  if (info !== undefined) return info;
  const dot = resource.indexOf('.');
  return dot < 0
    ? { group: '', plural: resource }
    : { group: resource.slice(dot + 1), plural: resource.slice(0, dot) };
}

export const resourceNamed = (resource: Resource): ResourceInfo | undefined => byResource.get(resource);

/** The resource of a kind in any version it is served in. */
export const resourceOfKind = (apiVersion: string, kind: string): ResourceInfo | undefined =>
  byKind.get(kind)?.get(apiVersion);

/**
 * A resource by any of its names, as kubectl reads them: `pod`, `pods`, `po`, `Pod`, `deployments.apps`. Custom ones come
 * after Kubernetes' own.
 */
export function resourceCalled(name: string, custom: readonly ResourceInfo[] = []): ResourceInfo | undefined {
  const wanted = name.toLowerCase();
  return [...resources, ...custom].find(
    (info) =>
      info.plural === wanted ||
      info.singular === wanted ||
      info.shortNames.includes(wanted) ||
      groupResource(info) === wanted,
  );
}

/** The key of an object in etcd. */
export const registryKey = (info: ResourceInfo, objectKey: string): string => info.registryPrefix + objectKey;

const byPrefix = new Map(resources.map((info) => [info.registryPrefix, info]));

/** The resource and the object's key that a key of etcd stands for; undefined for a key of another kind. */
export function parseRegistryKey(
  key: string,
): { readonly info: ResourceInfo; readonly objectKey: string } | undefined {
  // A prefix is `/registry/resource/`, or one name longer: `/registry/services/specs/`.
  const first = key.indexOf('/', '/registry/'.length) + 1;
  const second = key.indexOf('/', first) + 1;
  for (const end of [first, second]) {
    const info = end === 0 ? undefined : byPrefix.get(key.slice(0, end));
    if (info !== undefined) return { info, objectKey: key.slice(end) };
  }
  return undefined;
}
