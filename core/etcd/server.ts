/**
 * etcd as a component: requests of clients in, answers and watch responses out. One member stands for the whole cluster:
 * every request is linearizable, and the consensus that a write waits for is the network's delay, not this room's.
 */
import { stampRevision, type ApiObject } from '../api/object.ts';
import type { Reducer, Step } from '../reducer.ts';
import { second, type Duration, type VirtualTime } from '../time/time.ts';
import { applyLease, leaseExpire } from './lessor.ts';
import type {
  EtcdCallId,
  EtcdEvent,
  EtcdServerEvent,
  EtcdServerRequest,
  EtcdStreamId,
  EtcdTimer,
  LeaseRequest,
} from './message.ts';
import { compareBytes } from './order.ts';
import { newStore, type Codec, type Store } from './store.ts';
import { applyKv } from './txn.ts';
import {
  cancelWatch,
  closeStream,
  createWatch,
  dispatch,
  noWatches,
  periodicProgress,
  isDueToTick,
  progress,
  ticking,
  wantsProgress,
  type Watches,
} from './watch.ts';

export interface EtcdServerState<V> {
  readonly store: Store<V>;
  readonly watches: Watches;
}

export interface EtcdConfiguration<V> extends Codec<V> {
  /** Between two notifications of watches that ask for progress_notify. @default 10 minutes, as etcd's flag */
  readonly progressNotifyInterval?: Duration | undefined;
}

type ServerStep<V> = Step<EtcdServerState<V>, EtcdServerRequest<V>>;
type ServerRequest<V> = EtcdServerRequest<V>;

const defaultProgressNotifyInterval = 600 * second;

/** An empty etcd, at revision 1. */
export const newEtcd = <V = ApiObject>(): EtcdServerState<V> => ({ store: newStore(), watches: noWatches() });

/** The reducer of an etcd whose values are as `configuration` says. */
export function etcdReducer<V>(
  configuration: EtcdConfiguration<V>,
): Reducer<EtcdServerState<V>, EtcdServerEvent<V>, EtcdServerRequest<V>> {
  const interval = configuration.progressNotifyInterval ?? defaultProgressNotifyInterval;
  return (state, event, now) => {
    switch (event.type) {
      case 'kv': {
        const { store, response, events } = applyKv(state.store, event.request, configuration);
        return told(state, store, events, [{ do: 'answer', call: event.call, response }]);
      }
      case 'lease':
        return lease(state, event.call, event.request, now);
      case 'watch':
        return watch(state, event.stream, event, interval);
      case 'cancelWatch': {
        const { watches, deliveries } = cancelWatch(state.watches, state.store, event.stream, event.watchId);
        return { state: { store: state.store, watches }, requests: deliveries };
      }
      case 'progress':
        return { state, requests: progress(state.watches, state.store, event.stream) };
      case 'closeStream':
        return {
          state: { store: state.store, watches: closeStream(state.watches, event.stream) },
          requests: [],
        };
      case 'timer':
        return timer(state, event.timer, interval, now);
    }
  };
}

/** The step of a commit: what was written, for the trace; the answer, if there is one; and what the watches hear. */
function told<V>(
  state: EtcdServerState<V>,
  store: Store<V>,
  events: readonly EtcdEvent<V>[],
  answer: readonly ServerRequest<V>[],
): ServerStep<V> {
  if (events.length === 0)
    return { state: store === state.store ? state : { store, watches: state.watches }, requests: answer };
  const { watches, deliveries } = dispatch(state.watches, store, events);
  const committed: ServerRequest<V> = { do: 'committed', revision: store.revision, events };
  const answered = answer[0];
  const heard = deliveries[0];
  // The usual commit is answered and heard of once: a literal, which takes a third of the room of an array that grows.
  if (answer.length === 1 && deliveries.length === 1 && answered !== undefined && heard !== undefined)
    return { state: { store, watches }, requests: [committed, answered, heard] };
  const requests: ServerRequest<V>[] = [committed];
  for (const request of answer) requests.push(request);
  for (const delivery of deliveries) requests.push(delivery);
  return { state: { store, watches }, requests };
}

function lease<V>(
  state: EtcdServerState<V>,
  call: EtcdCallId,
  request: LeaseRequest,
  now: VirtualTime,
): ServerStep<V> {
  const { store, response, events } = applyLease(state.store, request, now);
  const answer: ServerRequest<V>[] = [{ do: 'answerLease', call, response }];
  if (response.type === 'leaseGrant')
    answer.push({
      do: 'timer',
      timer: { of: 'lease', id: response.id },
      after: response.ttlSeconds * second,
    });
  return told(state, store, events, answer);
}

function watch<V>(
  state: EtcdServerState<V>,
  stream: EtcdStreamId,
  event: Extract<EtcdServerEvent<V>, { type: 'watch' }>,
  interval: Duration,
): ServerStep<V> {
  const { watches, deliveries } = createWatch(state.watches, state.store, stream, event.create);
  if (event.create.progressNotify !== true || !isDueToTick(watches, stream))
    return { state: { store: state.store, watches }, requests: deliveries };
  return {
    state: { store: state.store, watches: ticking(watches, stream, true) },
    requests: [...deliveries, { do: 'timer', timer: { of: 'progress', stream }, after: interval }],
  };
}

function timer<V>(
  state: EtcdServerState<V>,
  due: EtcdTimer,
  interval: Duration,
  now: VirtualTime,
): ServerStep<V> {
  switch (due.of) {
    case 'lease': {
      const expired = leaseExpire(state.store, due.id, now);
      if (expired !== undefined) return told(state, expired.store, expired.events, []);
      const left = state.store.leases.get(due.id);
      if (left === undefined) return { state, requests: [] };
      return { state, requests: [{ do: 'timer', timer: due, after: left.expiresAt - now }] };
    }
    case 'progress': {
      if (!wantsProgress(state.watches, due.stream))
        return {
          state: { store: state.store, watches: ticking(state.watches, due.stream, false) },
          requests: [],
        };
      const { watches, deliveries } = periodicProgress(state.watches, state.store, due.stream);
      return {
        state: { store: state.store, watches },
        requests: [...deliveries, { do: 'timer', timer: due, after: interval }],
      };
    }
  }
}

/** How the apiserver's values are kept: objects, which carry their revision as every reader would set it. */
const apiObjects: EtcdConfiguration<ApiObject> = {
  empty: {
    apiVersion: '',
    kind: '',
    metadata: { name: '', uid: '', resourceVersion: '', creationTimestamp: '' },
  },
  compareValues: (a, b) => compareBytes(JSON.stringify(a), JSON.stringify(b)),
  stamp: stampRevision,
};

/** The etcd of a simulated cluster. */
export const reduceEtcd = etcdReducer(apiObjects);
