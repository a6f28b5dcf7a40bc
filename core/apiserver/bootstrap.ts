/**
 * What an apiserver creates itself when it is not there: the system's namespaces, the Service kubernetes, the priority
 * classes of the system, and the policy. (kubernetes v1.34.1 pkg/controlplane: systemnamespaces, kubernetesservice;
 * pkg/registry/scheduling/rest)
 */
import { registryKey, resourceNamed } from '../api/kinds.ts';
import { keyOf, type ApiObject } from '../api/object.ts';
import type { PriorityClass, Service } from '../api/generated/types.ts';
import { timeText, type VirtualTime } from '../time/time.ts';
import {
  bootstrapClusterRoleBindings,
  bootstrapClusterRoles,
  bootstrapRoleBindings,
  bootstrapRoles,
  type BootstrapObject,
} from './authorization/bootstrap-roles.ts';
import { uidFor } from './names.ts';
import { viewIn, type ApiserverState, type Ask } from './state.ts';
import { createNamespace } from './strategy/namespace.ts';
import { kubernetesAddress } from './strategy/service.ts';

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/**
 * Whether what everybody counts on is there of a resource: until then nobody is served. The namespaces of the system are
 * such things, and the policy where there is one; a real server says until then that it is not ready.
 */
export function hasWhatAllNeed(state: ApiserverState, resource: string): boolean {
  const { objects } = viewIn(state, resource);
  if (resource === 'namespaces') return namespaces.every((name) => objects.get(name) !== undefined);
  return policyOf(state, resource).every((object) => objects.get(keyOf(object)) !== undefined);
}

/** The roles or bindings a cluster is born with. (poststarthook/rbac/bootstrap-roles) */
function policyOf(state: ApiserverState, resource: string): readonly BootstrapObject[] {
  if (state.config.authorizationMode === 'AlwaysAllow') return none;
  switch (resource) {
    case 'clusterroles':
      return bootstrapClusterRoles;
    case 'clusterrolebindings':
      return bootstrapClusterRoleBindings;
    case 'roles':
      return bootstrapRoles;
    case 'rolebindings':
      return bootstrapRoleBindings;
    default:
      return none;
  }
}

const none: readonly BootstrapObject[] = [];

/** The requests that create what is missing of a resource, once its cache is filled. */
export function bootstrap(state: ApiserverState, resource: string, now: VirtualTime): readonly Ask[] {
  const info = resourceNamed(resource);
  if (info === undefined) return [];
  const view = viewIn(state, resource);
  return wanted(state, resource, now)
    .filter((object) => view.objects.get(keyOf(object)) === undefined)
    .map((object): Ask => {
      const key = registryKey(info, keyOf(object));
      return {
        do: 'etcd',
        tag: { of: 'bootstrap' },
        request: {
          type: 'txn',
          compare: [{ key, target: 'MOD', result: 'EQUAL', operand: 0 }],
          success: [{ type: 'put', key, value: object }],
          failure: [],
        },
      };
    });
}

function wanted(state: ApiserverState, resource: string, now: VirtualTime): readonly ApiObject[] {
  switch (resource) {
    case 'namespaces':
      return namespaces.map((name) => namespaceObject(state, name, now));
    case 'services':
      return [kubernetesService(state, now)];
    case 'priorityclasses':
      return [
        priorityClass(state, 'system-cluster-critical', 2_000_000_000, now),
        priorityClass(state, 'system-node-critical', 2_000_001_000, now),
      ];
    default:
      return policyOf(state, resource).map((object) => policyObject(state, resource, object, now));
  }
}

function policyObject(
  state: ApiserverState,
  resource: string,
  object: BootstrapObject,
  now: VirtualTime,
): ApiObject {
  const { name, namespace, labels, annotations } = object.metadata;
  const metadata = { ...metadataOf(state, resource, name, namespace, now), labels, annotations };
  return { ...object, metadata };
}

function metadataOf(
  state: ApiserverState,
  resource: string,
  name: string,
  namespace: string | undefined,
  now: VirtualTime,
): ApiObject['metadata'] {
  const path = `${resource}/${namespace ?? ''}/${name}`;
  return {
    name,
    generateName: undefined,
    namespace,
    uid: uidFor(state.luck, path, now),
    resourceVersion: '',
    generation: undefined,
    creationTimestamp: timeText(now),
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    labels: undefined,
    annotations: undefined,
    ownerReferences: undefined,
    finalizers: undefined,
  };
}

const namespaceObject = (state: ApiserverState, name: string, now: VirtualTime): ApiObject =>
  createNamespace({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: metadataOf(state, 'namespaces', name, undefined, now),
  });

function kubernetesService(state: ApiserverState, now: VirtualTime): Service {
  const clusterIP = kubernetesAddress(state.config);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...metadataOf(state, 'services', 'kubernetes', 'default', now),
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      clusterIP,
      clusterIPs: [clusterIP],
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
      sessionAffinity: 'None',
      type: 'ClusterIP',
    },
    status: { loadBalancer: {} },
  };
}

function priorityClass(state: ApiserverState, name: string, value: number, now: VirtualTime): PriorityClass {
  const what =
    name === 'system-node-critical'
      ? 'Used for system critical pods that must not be moved from their current node.'
      : 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.';
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { ...metadataOf(state, 'priorityclasses', name, undefined, now), generation: 1 },
    value,
    description: what,
    preemptionPolicy: 'PreemptLowerPriority',
  };
}
