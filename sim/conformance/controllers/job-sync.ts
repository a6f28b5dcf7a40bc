/**
 * job-sync: one sync of a Job with its Pods: what it writes to the Job's status, in order, which Pods it creates and
 * deletes, and how many finalizers it takes off. Every field is compared. Creations and deletions were recorded in sorted
 * order; of a Job that is not Indexed only the number of creations.
 */
import type { ApiObject } from '../../../core/api/object.ts';
import type { Job, JobSpec, JobStatus, Pod, PodStatus } from '../../../core/api/generated/types.ts';
import type { ApiAnswer, ApiRequest } from '../../../core/api/request.ts';
import { newJobMemory } from '../../../core/controllers/job/memory.ts';
import {
  completionIndexKey,
  failureCountKey,
  trackingFinalizer,
} from '../../../core/controllers/job/pod-state.ts';
import { syncJob } from '../../../core/controllers/job/sync.ts';
import { parseTimeText, second, timeText, type VirtualTime } from '../../../core/time/time.ts';
import { firstDifference } from '../difference.ts';
import type { Family } from '../family.ts';
import { cachesOf, runSync } from './sync.ts';

interface RecordedPod {
  readonly name: string;
  readonly index?: number;
  readonly indexFailureCount?: number;
  readonly nodeName: string;
  readonly status: PodStatus;
  readonly terminating?: boolean;
}

interface Case {
  readonly name: string;
  readonly now: string;
  readonly job: Omit<JobSpec, 'template' | 'selector'> & {
    readonly startedSecondsAgo: number;
    readonly statusSucceeded?: number;
    readonly statusFailed?: number;
    readonly statusCompletedIndexes?: string;
  };
  readonly pods: readonly RecordedPod[] | null;
}

export const jobSyncFamily: Family = {
  name: 'job-sync',
  *answer(cases) {
    for (const recorded of cases) {
      const asked = recorded as unknown as Case;
      const result = answerOf(asked);
      yield { name: asked.name, difference: firstDifference(recorded['result'], result, 'result') };
    }
  },
};

function answerOf(asked: Case): object {
  const now = parseTimeText(asked.now) ?? 0;
  const job = jobOf(asked, now);
  const pods = (asked.pods ?? []).map((pod, i) => podOf(pod, i, now));
  const caches = cachesOf({ jobs: [job as ApiObject], pods: pods as readonly ApiObject[] });
  const requests: ApiRequest[] = [];
  const sync = syncJob({ seed: 'conformance', caches, memory: newJobMemory, now }, 'ns/job');
  runSync(
    sync,
    now,
    (request) => {
      requests.push(request);
      return succeed(request);
    },
    newJobMemory,
  );
  return resultOf(asked, requests);
}

const succeed = (request: ApiRequest): ApiAnswer =>
  request.verb === 'update'
    ? { ok: true, code: 200, object: request.object as ApiObject }
    : { ok: true, code: 200 };

function resultOf(asked: Case, requests: readonly ApiRequest[]): object {
  const created = requests.flatMap((request) => (request.verb === 'create' ? [request.object] : []));
  const indexes = created
    .map(({ metadata }) => Number(metadata.annotations?.[completionIndexKey]))
    .sort((a, b) => a - b);
  return {
    creations: created.length,
    ...(asked.job.completionMode === 'Indexed'
      ? { createdIndexes: indexes.length === 0 ? null : indexes }
      : {}),
    deletions: requests.flatMap((request) => (request.verb === 'delete' ? [request.name] : [])).sort(),
    finalizerPatches: requests.filter(({ verb }) => verb === 'patch').length,
    statusUpdates: requests.flatMap((request) =>
      request.verb === 'update' ? [shown((request.object as Job).status)] : [],
    ),
  };
}

function shown(status: JobStatus): object {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  return {
    active: status.active ?? 0,
    completedIndexes: status.completedIndexes ?? '',
    conditions:
      status.conditions?.map(
        ({ type, status: value, reason = '', message = '' }) => `${type}=${value} ${reason}: ${message}`,
      ) ?? null,
    failed: status.failed ?? 0,
    failedIndexes: status.failedIndexes ?? null,
    hasCompletionTime: status.completionTime !== undefined,
    hasStartTime: status.startTime !== undefined,
    ready: status.ready ?? null,
    succeeded: status.succeeded ?? 0,
    terminating: status.terminating ?? null,
    uncounted: { failed: [...failed].sort(), succeeded: [...succeeded].sort() },
  };
}

function jobOf({ job: asked }: Case, now: VirtualTime): Job {
  const { startedSecondsAgo, statusSucceeded, statusFailed, statusCompletedIndexes, ...spec } = asked;
  const startTime = timeText(now - startedSecondsAgo * second);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      namespace: 'ns',
      name: 'job',
      uid: 'job-uid',
      resourceVersion: '1',
      creationTimestamp: startTime,
    },
    spec: {
      ...spec,
      completions: spec.completions ?? undefined,
      selector: { matchLabels: { job: 'job' } },
      template: { metadata: { labels: { job: 'job' } }, spec: { containers: [], restartPolicy: 'Never' } },
    },
    status: {
      startTime,
      succeeded: statusSucceeded,
      failed: statusFailed,
      completedIndexes: statusCompletedIndexes,
    },
  };
}

/** The recorded Pods were made one after the other, which the cases do not say. */
function podOf(asked: RecordedPod, order: number, now: VirtualTime): Pod {
  const { name, index, indexFailureCount, nodeName, status, terminating } = asked;
  const annotations = {
    ...(index === undefined ? {} : { [completionIndexKey]: `${index}` }),
    ...(indexFailureCount === undefined ? {} : { [failureCountKey]: `${indexFailureCount}` }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'ns',
      name,
      uid: name,
      resourceVersion: '2',
      creationTimestamp: timeText(now - (100 - order) * second),
      labels: { job: 'job' },
      annotations,
      finalizers: [trackingFinalizer],
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'Job', name: 'job', uid: 'job-uid', controller: true },
      ],
      ...(terminating === true ? { deletionTimestamp: timeText(now) } : {}),
    },
    spec: { containers: [], nodeName: nodeName === '' ? undefined : nodeName },
    status,
  };
}
