/**
 * What is not in the file of semantics: the namespace as a cluster's controllers leave it, and what the client did between
 * the requests, as far as the answers tell of it.
 */
import type { Json } from '../../../core/api/generated/types.ts';
import type { ApiRequest, NewObject } from '../../../core/api/request.ts';
import { Session } from './session.ts';

const namespace = 'g-v-api';
const configMaps = { resource: 'configmaps', namespace } as const;

/** The namespace with what a cluster's controllers put into every one. */
export function prepared(): Session {
  const session = new Session({ serviceCidr: '10.0.0.0/16' });
  const create = (resource: string, object: unknown, inNamespace?: string): void => {
    session.call({ verb: 'create', resource, namespace: inNamespace, object: object as NewObject });
  };
  create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  create(
    'serviceaccounts',
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    namespace,
  );
  create(
    'configmaps',
    configMap('kube-root-ca.crt', undefined, { 'kubernetes.io/description': rootCa }),
    namespace,
  );
  const injected = { 'service.beta.openshift.io/inject-cabundle': 'true' };
  create('configmaps', configMap('openshift-service-ca.crt', undefined, injected), namespace);
  return session;
}

const rootCa =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
  'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

const configMap = (
  name: string,
  labels?: Readonly<Record<string, string>>,
  annotations?: Readonly<Record<string, string>>,
): unknown => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(labels && { labels }), ...(annotations && { annotations }) },
});

const patchMap = (name: string, patch: Json): ApiRequest => ({
  ...configMaps,
  verb: 'patch',
  name,
  patchType: 'merge',
  patch,
});
const pod = { resource: 'pods', namespace, name: 'wf' } as const;

/** What the client did before a request, as far as the answers show it. */
export const beforehand: Readonly<Record<string, readonly ApiRequest[]>> = {
  'list order (by name), list kind and RV': [0, 1, 2, 3, 4].map((i) => ({
    ...configMaps,
    verb: 'create',
    object: configMap(`c${i}`, { i: `${i % 2}` }) as NewObject,
  })),
  'delete with finalizer: object stays with deletionTimestamp': [
    patchMap('c1', { metadata: { finalizers: ['x.io/f'] } }),
  ],
};

/** What it did while a watch was open. */
export const meanwhile: Readonly<Record<string, readonly ApiRequest[]>> = {
  'watch without resourceVersion: synthetic ADDED first': [patchMap('c3', { data: { n: '1' } })],
  'watch with labelSelector: leaving the selection gives DELETED, entering gives ADDED': [
    patchMap('c3', { metadata: { labels: { sel: '1' } } }),
    patchMap('c3', { data: { n: '2' } }),
    patchMap('c3', { metadata: { labels: { sel: '2' } } }),
    patchMap('c3', { data: { n: '3' } }),
  ],
  'watch fieldSelector pod spec.nodeName: entering on bind': [
    {
      verb: 'create',
      resource: 'pods',
      namespace,
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'wf' },
        spec: { containers: [{ name: 'c', image: 'i' }] },
      } as NewObject,
    },
    {
      ...pod,
      verb: 'create',
      subresource: 'binding',
      object: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: 'wf' },
        target: { name: 'nx' },
      } as NewObject,
    },
    {
      ...pod,
      verb: 'patch',
      subresource: 'status',
      patchType: 'merge',
      patch: { status: { phase: 'Running' } },
    },
    { ...pod, verb: 'delete', gracePeriodSeconds: 0 },
  ],
};
