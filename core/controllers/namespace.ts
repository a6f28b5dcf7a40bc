/**
 * Empties a namespace that is being deleted, and lets it go (kubernetes v1.34.1
 * pkg/controller/namespace/deletion/namespaced_resources_deleter.go): Pods first, and the rest only when no Pod is left.
 * What remains for a known reason (a grace period, a finalizer) is waited for; what should be gone is an error, and the key
 * is tried again soon. Each status that it writes makes it look again after five seconds too.
 */
import { customKindsOf } from '../api/custom/kinds.ts';
import { isTrue } from '../api/custom/definition-status.ts';
import { resources, type ResourceInfo } from '../api/kinds.ts';
import { same } from '../api/merge-patch.ts';
import type { ObjectKey, Resource } from '../api/object.ts';
import type { CustomResourceDefinition, Namespace, NamespaceCondition, Pod } from '../api/generated/types.ts';
import { isTerminal } from '../api/pod.ts';
import type { ApiAnswer, ApiRequest } from '../api/request.ts';
import { objectsIn } from '../api/view.ts';
import { viewOf, type Delta } from '../client/informer.ts';
import { millisecond, minute, parseTimeText, second, type Duration, type VirtualTime } from '../time/time.ts';
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
import { get, update, updateStatus } from './requests.ts';

type Step<T> = Generator<Ask<undefined>, T, Reply>;

/** Time for the apiservers to learn that nothing more is to be created there (namespaceDeletionGracePeriod). */
const gracePeriod: Duration = 5 * second;
/** How long finalizers are given, in seconds (finalizerEstimateSeconds). */
const finalizerEstimate = 15;

const namespaced = resources.filter((info) => info.namespaced);
const podsInfo = namespaced.filter(({ resource }) => resource === 'pods');
const afterPods = namespaced.filter(({ resource }) => resource !== 'pods');

const definitions: ApiRequest = { verb: 'list', resource: 'customresourcedefinitions', resourceVersion: '0' };

/** What is served besides, as discovery would tell: custom resources that are in namespaces. */
function customContents(answer: ApiAnswer | undefined): readonly ResourceInfo[] {
  if (answer?.ok !== true || answer.list === undefined) return [];
  const served = [...objectsIn(answer.list.view)].filter((crd) =>
    isTrue(crd as unknown as CustomResourceDefinition, 'Established'),
  );
  return customKindsOf(served).filter((info) => info.namespaced);
}

export const namespaceController: Controller<undefined> = {
  name: 'namespace-controller',
  component: 'namespace-controller',
  workers: 10,
  follows: ['namespaces'],
  initial: undefined,
  // cmd/kube-controller-manager/app/core.go: it is chatty, and must not be slow.
  pace: { qps: 20, burst: 100 },
  backoff: { first: 5 * millisecond, most: minute },
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
  const pods = yield* emptyAll(namespace, podsInfo, read.now);
  // What is left is counted once no Pod is: until then nothing else has been looked at. (OrderedNamespaceDeletion)
  const rest: Emptied =
    pods.left.length > 0
      ? nothing
      : yield* emptyAll(namespace, [...afterPods, ...customContents(read.answers[1])], read.now);
  const failures = [...pods.failures, ...rest.failures];
  const conditions = namespaceConditions(namespace.status.conditions, rest.left, failures, read.now);
  const told = yield* tell(namespace, conditions);
  if (failures.length > 0) return failed;
  const estimate = Math.max(pods.estimate, rest.estimate);
  if (estimate > 0) return { again: (Math.floor(estimate / 2) + 1) * second };
  const finalized: Namespace = { ...told, spec: { ...told.spec, finalizers: [] } };
  const [answer] = (yield { requests: [{ ...update('namespaces', finalized), subresource: 'finalize' }] })
    .answers;
  return answer?.ok === true || answer?.code === 404 ? done : failed;
}

/** Writes the conditions, where they are new. The namespace as it then is. */
function* tell(namespace: Namespace, conditions: readonly NamespaceCondition[]): Step<Namespace> {
  if (same(conditions, namespace.status.conditions)) return namespace;
  const told = { ...namespace, status: { ...namespace.status, conditions } };
  const [answer] = (yield { requests: [updateStatus('namespaces', told)] }).answers;
  return answer?.ok === true ? (answer.object as Namespace) : namespace;
}

/** What came of deleting all objects of some resources. */
interface Emptied {
  readonly left: readonly Content[];
  /** So many seconds what is left may take, by what is known of it. */
  readonly estimate: number;
  /** What the apiserver had against it, and what is still there for no reason that could be seen. */
  readonly failures: readonly string[];
}

const nothing: Emptied = { left: [], estimate: 0, failures: [] };

function* emptyAll(namespace: Namespace, which: readonly ResourceInfo[], now: VirtualTime): Step<Emptied> {
  const left: Content[] = [];
  const failures: string[] = [];
  let estimate = 0;
  for (const info of which) {
    const emptied = yield* empty(namespace, info, now);
    left.push(...emptied.left);
    failures.push(...emptied.failures);
    estimate = Math.max(estimate, emptied.estimate);
  }
  return { left, estimate, failures };
}

/** Deletes all objects of a resource (deleteAllContentForGroupVersionResource). */
function* empty(namespace: Namespace, info: ResourceInfo, now: VirtualTime): Step<Emptied> {
  const { resource } = info;
  const { name } = namespace.metadata;
  const grace = resource === 'pods' ? yield* graceLeft(namespace, now) : 0;
  const [deleted] = (yield {
    requests: [{ verb: 'deletecollection', resource, namespace: name, propagationPolicy: 'Background' }],
  }).answers;
  // A custom resource may not be served any more.
  if (deleted?.code === 404) return nothing;
  if (deleted?.ok !== true) return { left: [], estimate: grace, failures: [messageOf(deleted)] };
  const [listed] = (yield { requests: [listOf(name, resource)] }).answers;
  if (listed?.ok !== true) return { left: [], estimate: grace, failures: [messageOf(listed)] };
  const left = objectsOf(name, listed);
  if (left.length === 0) return nothing;
  if (grace > 0) return { left, estimate: grace, failures: [] };
  if (left.some(({ object }) => (object.metadata.finalizers ?? []).length > 0))
    return { left, estimate: finalizerEstimate, failures: [] };
  const unexpected = `unexpected items still remain in namespace: ${name} for gvr: ${resourceText(info)}`;
  return { left, estimate: 0, failures: [unexpected] };
}

/** The longest grace period of the Pods in seconds, while it may still run (estimateGracefulTermination). */
function* graceLeft({ metadata }: Namespace, now: VirtualTime): Step<number> {
  const [listed] = (yield { requests: [listOf(metadata.name, 'pods')] }).answers;
  let longest = 0;
  for (const { object } of objectsOf(metadata.name, listed)) {
    const pod = object as Pod;
    if (!isTerminal(pod)) longest = Math.max(longest, pod.spec.terminationGracePeriodSeconds ?? 0);
  }
  const since = parseTimeText(metadata.deletionTimestamp ?? '') ?? now;
  return now - since >= longest * second ? 0 : longest;
}

/** As Go prints a GroupVersionResource. */
const resourceText = ({ group, version, plural }: ResourceInfo): string =>
  `${group}/${version}, Resource=${plural}`;

const listOf = (namespace: string, resource: Resource): ApiRequest => ({ verb: 'list', resource, namespace });

function objectsOf(namespace: string, answer: ApiAnswer | undefined): readonly Content[] {
  if (answer?.ok !== true || answer.list === undefined) return [];
  const { view } = answer.list;
  return [...objectsIn(view, namespace)].map((object) => ({ resource: view.resource, object }));
}
