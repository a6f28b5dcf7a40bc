/** Publishes the cluster's certificate authority in every namespace (kubernetes v1.34.1 pkg/controller/certificates/rootcacertpublisher). */
import { keyFor, type ObjectKey } from '../api/object.ts';
import type { ConfigMap } from '../api/generated/types.ts';
import { same } from '../api/merge-patch.ts';
import { viewOf, type Delta } from '../client/informer.ts';
import {
  done,
  failed,
  namespaceTerminating,
  type Context,
  type Controller,
  type Effects,
  type Sync,
} from './controller.ts';
import { create, update } from './requests.ts';

const name = 'kube-root-ca.crt';

/** No certificate is ever read here; the text only shows that this would be one. */
export const rootCertificate = '-----BEGIN CERTIFICATE-----\nwavetank\n-----END CERTIFICATE-----\n';
const data = { 'ca.crt': rootCertificate };

const annotations = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
};

export const rootCaPublisher: Controller<undefined> = {
  name: 'root-ca-cert-publisher',
  component: 'root-ca-cert-publisher',
  workers: 1,
  follows: ['namespaces', 'configmaps'],
  initial: undefined,
  handle,
  sync,
};

function handle(_: Context<undefined>, delta: Delta): Effects<undefined> | undefined {
  if (delta.stream === 'namespaces') return delta.type === 'deleted' ? undefined : { mark: [delta.key] };
  return delta.object.metadata.name === name && delta.type !== 'added'
    ? { mark: [delta.object.metadata.namespace ?? ''] }
    : undefined;
}

function* sync({ caches }: Context<undefined>, namespace: ObjectKey): Sync<undefined> {
  const found = viewOf(caches, 'namespaces').objects.get(namespace);
  if (found === undefined || found.status.phase === 'Terminating') return done;
  const there: ConfigMap | undefined = viewOf(caches, 'configmaps').objects.get(keyFor(namespace, name));
  if (there !== undefined && same(there.data, data)) return done;
  const wanted = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, annotations }, data };
  const request =
    there === undefined ? create('configmaps', wanted) : update('configmaps', { ...there, data });
  const [answer] = (yield { requests: [request] }).answers;
  return answer?.ok === true || namespaceTerminating(answer) ? done : failed;
}
