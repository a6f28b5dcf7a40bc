/** Asking for the sources of one Pod, and what is done while one is missing. */
import type { ConfigMap, Secret } from '../api/generated/types.ts';
import type { ApiAnswer } from '../api/request.ts';
import { millisecond, minute, second, type Duration, type VirtualTime } from '../time/time.ts';
import { memoryOf, remember, type PodTurn } from './containers.ts';
import type { PlannedContainer } from './plan.ts';
import { envProblem, sourceKey, volumeProblem, type Found, type Need } from './sources.ts';
import type { PodSources, WorkerDraft } from './state.ts';
import { call, recordPodEvent } from './turn.ts';

/** Whether all volumes can be set up. What is missing is told, and asked for again. */
export function volumesAreReady(at: PodTurn): boolean {
  const { plan, worker, turn } = at;
  if (plan.sources.length === 0) return true;
  const sources = sourcesOf(at);
  if (sources === undefined) return false;
  const problems = plan.volumes.flatMap((volume) => volumeProblem(volume, sources.found) ?? []);
  if (problems.length === 0) return true;
  if (sources.retryAt !== undefined) return false;
  for (const problem of problems)
    recordPodEvent(turn, worker, undefined, {
      type: 'Warning',
      reason: 'FailedMount',
      message: problem,
    });
  worker.sources = {
    ...sources,
    retryAt: turn.now + sources.delay,
    delay: Math.min(2 * sources.delay, longestMountDelay),
  };
  return false;
}

/** Whether it is worth looking at the container again: its sources are known, and it does not wait for them to be asked for. */
export function maySetUp(at: PodTurn, index: number, planned: PlannedContainer): boolean {
  if (planned.needs.length === 0) return true;
  const sources = sourcesOf(at);
  if (sources === undefined) return false;
  if (sources.retryAt === undefined || memoryOf(at, index).waiting === undefined) return true;
  return envProblem(planned.needs, at.worker.pod.metadata.namespace ?? '', sources.found) === undefined;
}

/** Whether the container's environment can be made. Otherwise it waits, and the sources are asked for again. */
export function environmentIsReady(at: PodTurn, index: number, planned: PlannedContainer): boolean {
  const { worker, turn } = at;
  if (planned.needs.length === 0) return true;
  const sources = sourcesOf(at);
  if (sources === undefined) return false;
  const message = envProblem(planned.needs, worker.pod.metadata.namespace ?? '', sources.found);
  if (message === undefined) return true;
  const memory = memoryOf(at, index);
  if (memory.waiting !== undefined && sources.at !== turn.now) return false;
  remember(at, index, { ...memory, waiting: { reason: 'CreateContainerConfigError', message } });
  recordPodEvent(turn, worker, planned.fieldPath, {
    type: 'Warning',
    reason: 'Failed',
    message: `Error: ${message}`,
  });
  worker.sources = { ...sources, retryAt: turn.now + configRetry };
  return false;
}

/** How long a volume that could not be set up is left alone: at first, and at most. (pkg/util/goroutinemap/exponentialbackoff) */
const firstMountDelay = 500 * millisecond;
const longestMountDelay: Duration = 2 * minute + 2 * second;

/** How long a Pod whose sync failed is left alone. (pkg/kubelet/pod_workers.go backOffPeriod) */
const configRetry = 10 * second;

/** For so long a missing source keeps a run from being settled: somebody may still be about to make it. */
const patience = 2 * minute;

/** When the sources are asked for again, where one is missing. */
export function nextAsking({
  sources,
  since,
}: Pick<WorkerDraft, 'sources' | 'since'>):
  { readonly when: VirtualTime; readonly background: boolean } | undefined {
  if (sources?.retryAt === undefined) return undefined;
  return { when: sources.retryAt, background: sources.retryAt - since > patience };
}

/** What is known of the sources; undefined while they are being asked for. */
function sourcesOf(at: PodTurn): PodSources | undefined {
  const { worker, turn } = at;
  const { sources } = worker;
  if (sources !== undefined && (sources.retryAt === undefined || sources.retryAt > turn.now))
    return sources.asked === 0 ? sources : undefined;
  ask(at, sources?.delay ?? firstMountDelay);
  return undefined;
}

function ask({ turn, uid, plan, worker }: PodTurn, delay: Duration): void {
  const { namespace } = worker.pod.metadata;
  worker.sources = { asked: plan.sources.length, found: {}, at: turn.now, retryAt: undefined, delay };
  for (const { resource, name } of plan.sources)
    call(turn, { of: 'source', uid, resource, name }, { verb: 'get', resource, namespace, name });
}

/** An answer has come. True: it was the last. */
export function onSource(
  worker: WorkerDraft,
  asked: Pick<Need, 'resource' | 'name'>,
  answer: ApiAnswer,
  now: VirtualTime,
): boolean {
  const { sources } = worker;
  if (sources === undefined || sources.asked === 0) return false;
  const found = { ...sources.found, [sourceKey(asked)]: foundIn(asked, answer) };
  worker.sources = { ...sources, asked: sources.asked - 1, found, at: now };
  return sources.asked === 1;
}

/** The kubelet reads through a cache of its own, which names the object in its own way. (pkg/kubelet/util/manager/watch_based_manager.go) */
function foundIn({ resource, name }: Pick<Need, 'resource' | 'name'>, answer: ApiAnswer): Found {
  if (!answer.ok) {
    const kind = resource === 'secrets' ? 'secret' : 'configmap';
    return answer.code === 404
      ? { error: `${kind} "${name}" not found`, isMissing: true }
      : { error: answer.status.message ?? '', isMissing: false };
  }
  const { data = {}, ...object } = answer.object as unknown as ConfigMap | Secret;
  const binary = 'binaryData' in object ? (object.binaryData ?? {}) : {};
  return { keys: [...Object.keys(data), ...Object.keys(binary)] };
}
