/**
 * Empties a namespace that is being deleted, and lets it go (kubernetes v1.34.1 pkg/controller/namespace): Pods first, and
 * the rest only when no Pod is left; while something remains, it looks again.
 */
import { customKindsOf } from '../api/custom/kinds.ts';
import { isTrue } from '../api/custom/definition-status.ts';
import { resources } from '../api/kinds.ts';
import { same } from '../api/merge-patch.ts';
import type { ObjectKey, Resource } from '../api/object.ts';
import type { CustomResourceDefinition, Namespace } from '../api/generated/types.ts';
import type { ApiAnswer, ApiRequest } from '../api/request.ts';
import { objectsIn } from '../api/view.ts';
import { viewOf, type Delta } from '../client/informer.ts';
import { second, type Duration } from '../time/time.ts';
import {
  done,
  failed,
  messageOf,
  type Ask,
  type Context,
  type Controller,
  type Effects,
  type Reply,
  type Sync,
} from './controller.ts';
import { namespaceConditions, type Content } from './namespace-conditions.ts';
import { get, remove, update, updateStatus } from './requests.ts';

type Step<T> = Generator<Ask<undefined>, T, Reply>;

/** Time for the apiservers to learn that nothing more is to be created there (namespaceDeletionGracePeriod). */
const gracePeriod: Duration = 5 * second;
/** A try that left something behind is repeated after this. */
const retryAfter: Duration = 5 * second;

const contents: readonly Resource[] = resources
  .filter(({ namespaced }) => namespaced)
  .map(({ resource }) => resource);
const afterPods = contents.filter((resource) => resource !== 'pods');

const definitions: ApiRequest = { verb: 'list', resource: 'customresourcedefinitions', resourceVersion: '0' };

/** What is served besides, as discovery would tell: custom resources that are in namespaces. */
function customContents(answer: ApiAnswer | undefined): readonly Resource[] {
  if (answer?.ok !== true || answer.list === undefined) return [];
  const served = [...objectsIn(answer.list.view)].filter((crd) =>
    isTrue(crd as unknown as CustomResourceDefinition, 'Established'),
  );
  return customKindsOf(served)
    .filter(({ namespaced }) => namespaced)
    .map(({ resource }) => resource);
}

export const namespaceController: Controller<undefined> = {
  name: 'namespace-controller',
  component: 'namespace-controller',
  workers: 10,
  follows: ['namespaces'],
  initial: undefined,
  handle,
  sync,
};

function handle(_: Context<undefined>, { object, type, key }: Delta): Effects<undefined> | undefined {
  if (type === 'deleted' || object.metadata.deletionTimestamp === undefined) return undefined;
  return { markAfter: { keys: [key], delay: gracePeriod } };
}

function* sync({ caches }: Context<undefined>, key: ObjectKey): Sync<undefined> {
  const cached = viewOf(caches, 'namespaces').objects.get(key);
  if (cached?.metadata.deletionTimestamp === undefined) return done;
  const read = yield { requests: [get('namespaces', undefined, key), definitions] };
  const namespace =
    read.answers[0]?.ok === true ? (read.answers[0].object as Namespace | undefined) : undefined;
  if (namespace?.metadata.deletionTimestamp === undefined || (namespace.spec?.finalizers ?? []).length === 0)
    return done;
  const pods = yield* empty(key, ['pods']);
  const rest = [...afterPods, ...customContents(read.answers[1])];
  const { left, failures } = pods.left.length > 0 ? pods : yield* empty(key, rest);
  if (left.length === 0 && failures.length === 0) {
    const finalized: Namespace = { ...namespace, spec: { ...namespace.spec, finalizers: [] } };
    const [answer] = (yield { requests: [{ ...update('namespaces', finalized), subresource: 'finalize' }] })
      .answers;
    return answer?.ok === true || answer?.code === 404 ? done : failed;
  }
  // What is left is counted once no Pod is: until then nothing else has been looked at. (OrderedNamespaceDeletion)
  const counted = pods.left.length > 0 ? [] : left;
  const conditions = namespaceConditions(namespace.status.conditions, counted, failures, read.now);
  if (!same(conditions, namespace.status.conditions)) {
    const told = { ...namespace, status: { ...namespace.status, conditions } };
    yield { requests: [updateStatus('namespaces', told)] };
  }
  return { again: retryAfter };
}

/** Deletes all objects of some resources: what of them there is still, and what the apiserver had against it. */
function* empty(
  namespace: string,
  which: readonly Resource[],
): Step<{ readonly left: readonly Content[]; readonly failures: readonly string[] }> {
  const list = (): Ask<undefined> => ({ requests: which.map((resource) => listOf(namespace, resource)) });
  const found = objectsOf(namespace, (yield list()).answers);
  if (found.length === 0) return { left: found, failures: [] };
  const doomed = found.filter(({ object }) => object.metadata.deletionTimestamp === undefined);
  const answers =
    doomed.length === 0
      ? []
      : (yield { requests: doomed.map(({ resource, object }) => remove(resource, object, 'Background')) })
          .answers;
  const failures = answers.filter((answer) => !answer.ok && answer.code !== 404).map(messageOf);
  return { left: objectsOf(namespace, (yield list()).answers), failures };
}

const listOf = (namespace: string, resource: Resource): ApiRequest => ({ verb: 'list', resource, namespace });

function objectsOf(namespace: string, answers: readonly ApiAnswer[]): readonly Content[] {
  return answers.flatMap((answer) => {
    if (!answer.ok || answer.list === undefined) return [];
    const { view } = answer.list;
    return [...objectsIn(view, namespace)].map((object) => ({ resource: view.resource, object }));
  });
}
