/**
 * A workload trace as a client: creates each Pod at its time and deletes it at its end. One creation is on the agenda at
 * a time, so that a trace of any length costs what has arrived, not what will.
 */
import type { NewObject } from '../api/request.ts';
import type { Step } from '../reducer.ts';
import type { VirtualTime } from '../time/time.ts';
import type { ClientEvent, ClientRequest } from './component.ts';

export interface WorkloadPod {
  readonly object: NewObject;
  readonly createAt: VirtualTime;
  readonly deleteAt?: VirtualTime | undefined;
}

export interface WorkloadState {
  /** In order of creation. */
  readonly pods: readonly WorkloadPod[];
  /** How many have been asked for. */
  readonly created: number;
  /** How many creations were refused. */
  readonly refused: number;
}

export type WorkloadTag =
  | { readonly of: 'workload'; readonly do: 'arrive' }
  | { readonly of: 'workload'; readonly do: 'leave'; readonly pod: number }
  | { readonly of: 'workload'; readonly do: 'created' | 'deleted' };

type WorkloadStep = Step<WorkloadState, ClientRequest<WorkloadTag>>;

export function newWorkload(pods: readonly WorkloadPod[]): WorkloadState {
  const inOrder = pods.every((pod, i) => i === 0 || (pods[i - 1]?.createAt ?? 0) <= pod.createAt);
  const sorted = inOrder ? pods : [...pods].sort((a, b) => a.createAt - b.createAt);
  return { pods: sorted, created: 0, refused: 0 };
}

export function reduceWorkload(
  state: WorkloadState,
  event: ClientEvent<WorkloadTag>,
  now: VirtualTime,
): WorkloadStep {
  switch (event.type) {
    case 'start':
      return { state, requests: nextArrival(state, now) };
    case 'timer':
      if (event.tag.do === 'arrive') return arrive(state, now);
      return event.tag.do === 'leave'
        ? { state, requests: leave(state.pods[event.tag.pod]) }
        : { state, requests: [] };
    case 'answer':
      return {
        state:
          event.answer.ok || event.tag.do !== 'created' ? state : { ...state, refused: state.refused + 1 },
        requests: [],
      };
    case 'watch':
    case 'watchClosed':
      return { state, requests: [] };
  }
}

function nextArrival(state: WorkloadState, now: VirtualTime): readonly ClientRequest<WorkloadTag>[] {
  const pod = state.pods[state.created];
  if (pod === undefined) return [];
  return [{ do: 'timer', tag: { of: 'workload', do: 'arrive' }, after: Math.max(0, pod.createAt - now) }];
}

/** Creates every Pod whose time has come, and arranges for their ends. */
function arrive(state: WorkloadState, now: VirtualTime): WorkloadStep {
  const requests: ClientRequest<WorkloadTag>[] = [];
  let created = state.created;
  for (let pod = state.pods[created]; pod !== undefined && pod.createAt <= now; pod = state.pods[++created]) {
    const namespace = pod.object.metadata.namespace ?? 'default';
    requests.push({
      do: 'call',
      tag: { of: 'workload', do: 'created' },
      userAgent: 'workload',
      request: { verb: 'create', resource: 'pods', namespace, object: pod.object },
    });
    if (pod.deleteAt !== undefined)
      requests.push({
        do: 'timer',
        tag: { of: 'workload', do: 'leave', pod: created },
        after: Math.max(0, pod.deleteAt - now),
      });
  }
  const next = { ...state, created };
  return { state: next, requests: [...requests, ...nextArrival(next, now)] };
}

function leave(pod: WorkloadPod | undefined): readonly ClientRequest<WorkloadTag>[] {
  if (pod === undefined) return [];
  const { namespace = 'default', name = '' } = pod.object.metadata;
  return [
    {
      do: 'call',
      tag: { of: 'workload', do: 'deleted' },
      userAgent: 'workload',
      request: { verb: 'delete', resource: 'pods', namespace, name },
    },
  ];
}
