/** Keeps the ServiceAccount `default` in every namespace (kubernetes v1.34.1 pkg/controller/serviceaccount/serviceaccounts_controller.go). */
import { keyFor, type ObjectKey } from '../api/object.ts';
import { viewOf, type Delta } from '../client/informer.ts';
import {
  done,
  failed,
  namespaceTerminating,
  refused,
  type Context,
  type Controller,
  type Effects,
  type Sync,
} from './controller.ts';
import { create } from './requests.ts';

const name = 'default';

export const serviceAccountController: Controller<undefined> = {
  name: 'service-account-controller',
  component: 'service-account-controller',
  workers: 1,
  follows: ['namespaces', 'serviceaccounts'],
  initial: undefined,
  handle,
  sync,
};

function handle(_: Context<undefined>, delta: Delta): Effects<undefined> | undefined {
  if (delta.stream === 'namespaces') return delta.type === 'deleted' ? undefined : { mark: [delta.key] };
  return delta.type === 'deleted' ? { mark: [delta.object.metadata.namespace ?? ''] } : undefined;
}

function* sync({ caches }: Context<undefined>, namespace: ObjectKey): Sync<undefined> {
  const found = viewOf(caches, 'namespaces').objects.get(namespace);
  if (found === undefined || found.status.phase === 'Terminating') return done;
  if (viewOf(caches, 'serviceaccounts').objects.get(keyFor(namespace, name)) !== undefined) return done;
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
  const [answer] = (yield { requests: [create('serviceaccounts', account)] }).answers;
  return answer?.ok === true || refused(answer, 'AlreadyExists') || namespaceTerminating(answer)
    ? done
    : failed;
}
