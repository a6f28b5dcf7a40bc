/**
 * kube-scheduler. Pods without a node come into a queue; the most urgent is taken, a node is chosen for it from the
 * cache, the Pod is assumed there, and a binding is sent; the next is decided while that is under way. A decision takes
 * virtual time, so decisions form a line. A Pod for which no node will do waits until something happens that one of the
 * plugins that rejected it takes for help.
 */
import {
  allSynced,
  newInformers,
  reduceInformers,
  type Informers,
  type InformerTag,
} from '../client/informer.ts';
import type { ClientEvent, ClientRequest } from '../client/component.ts';
import { tokenBucket, type TokenBucket } from '../client/flow-control.ts';
import { newRecorder, type Recorder, type RecorderTag } from '../client/recorder.ts';
import type { ObjectKey } from '../api/object.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import { purposeOf, type Purpose, type Seed } from '../random/draw.ts';
import { never, type Reducer, type Step } from '../reducer.ts';
import type { Duration, VirtualTime } from '../time/time.ts';
import { heedSignals, onPreBindOver, onVolumesBound, onWaitOver } from './binding-cycle.ts';
import { finishBinding, sendBinding } from './binding.ts';
import { emptyCache, type SchedulerCache } from './cache.ts';
import { decide } from './decide.ts';
import { onVictimTold, type VictimTag } from './default-preemption.ts';
import type { Onlooker } from './evaluation.ts';
import { gateOf, onDelta } from './event-handlers.ts';
import type { NamedProfile, NominatedPods, Profile } from './framework.ts';
import { followed } from './listers.ts';
import { defaultProfile } from './plugins/registry.ts';
import { onVolumeAnswer, pollVolumes } from './volume-cycle.ts';
import type { VolumePlan } from './volume-plan.ts';
import type { PodInCycle, Signal } from './waiting-pods.ts';
import {
  errorRetryAt,
  flushLeftover,
  hasNext,
  leftoverPeriod,
  newQueue,
  type Backoff,
  type Less,
  type QueuedPod,
  type SchedulingQueue,
  type Tries,
} from './queue.ts';

export interface SchedulerState {
  /** `spec.schedulerName` of the Pods it is responsible for. */
  readonly schedulerName: string;
  /** 0: fewer the more nodes there are. */
  readonly percentageOfNodesToScore: number;
  readonly tieBreak: Purpose;
  readonly informers: Informers;
  /** Every informer has its first list. */
  readonly synced: boolean;
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly nominated: NominatedPods;
  /** By the keys of the Pods. */
  readonly volumePlans: OrderedMap<ObjectKey, VolumeCycle>;
  /** Pods of profiles with plugins of one's own that have a node and are not yet being bound. */
  readonly cycles: OrderedMap<ObjectKey, PodInCycle>;
  /** Where in the order of nodes the next search begins. */
  readonly startIndex: number;
  /** When the decision that is being taken is done. */
  readonly busyUntil: VirtualTime;
  readonly timers: Timers;
  readonly bucket: TokenBucket;
  /** Events have a client, and so a limit, of their own. */
  readonly eventBucket: TokenBucket;
  readonly recorder: Recorder;
}

/** Timers under way: they cannot be called back, so no second one is asked for. */
interface Timers {
  readonly next: boolean;
  /** 0: none. */
  readonly retryAt: VirtualTime;
  /** The retry was asked for while there was no node: it does not keep a run from being over. */
  readonly retryIsIdle: boolean;
  readonly leftover: boolean;
}

export type SchedulerTag =
  | InformerTag
  | RecorderTag
  | { readonly of: 'next' }
  | { readonly of: 'retry' }
  | { readonly of: 'leftover' }
  | BindTag
  | VolumesTag
  | PermitTag
  | PreBindTag
  | VictimTag
  | { readonly of: 'status' };

/** The Pod whose volumes are being bound. */
export interface VolumesTag {
  readonly of: 'volumes';
  readonly key: ObjectKey;
}

/** A plugin had a Pod wait, and the time is over. */
export interface PermitTag {
  readonly of: 'permit';
  readonly key: ObjectKey;
  readonly plugin: string;
  readonly wait: Duration;
  /** Of which attempt for which Pod. */
  readonly attempt: string;
}

/** A PreBind plugin has taken its time. */
export interface PreBindTag {
  readonly of: 'preBind';
  readonly key: ObjectKey;
  readonly attempt: string;
}

/** A Pod that has a node, until its volumes are bound. */
interface VolumeCycle extends VolumePlan {
  readonly queued: QueuedPod;
  readonly until: VirtualTime;
}

/** What is to be known of a Pod when the answer to its binding comes. */
export interface BindTag {
  readonly of: 'bind';
  readonly key: string;
  readonly uid: string;
  readonly node: string;
  readonly tries: Tries;
  /** Undefined: DefaultBinder. */
  readonly binder: string | undefined;
}

export interface SchedulerOptions {
  readonly seed: Seed;
  /** @default 'default-scheduler' */
  readonly schedulerName?: string;
  /** Requests a second, and at once; a QPS of 0 is no limit. */
  readonly limits: { readonly qps: number; readonly burst: number };
  readonly percentageOfNodesToScore: number;
  /** @default 1 s, at most 10 s */
  readonly backoff?: Backoff | undefined;
  /** @default PrioritySort */
  readonly queueSort?: Less | undefined;
}

/** The state of a scheduler before it has started. */
export function newScheduler(options: SchedulerOptions): SchedulerState {
  const {
    seed,
    schedulerName = 'default-scheduler',
    limits,
    percentageOfNodesToScore,
    backoff,
    queueSort,
  } = options;
  return {
    schedulerName,
    percentageOfNodesToScore,
    tieBreak: purposeOf(seed, `${schedulerName}/tie-break`),
    informers: newInformers('scheduler', followed),
    synced: false,
    cache: emptyCache(),
    queue: newQueue(backoff, queueSort),
    nominated: OrderedMap.empty(),
    volumePlans: OrderedMap.empty(),
    cycles: OrderedMap.empty(),
    startIndex: 0,
    busyUntil: 0,
    timers: { next: false, retryAt: 0, retryIsIdle: false, leftover: false },
    bucket: tokenBucket(limits.qps, limits.burst),
    eventBucket: tokenBucket(limits.qps, limits.burst),
    recorder: newRecorder({ api: 'events', component: schedulerName, userAgent: 'scheduler' }),
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The state while one event is worked off, and what is asked for. It is nobody else's until the step is done. */
export interface Work extends Writable<SchedulerState> {
  readonly now: VirtualTime;
  /** The profile of `schedulerName`. */
  readonly profile: Profile;
  /** Those of other names; cache and queue are one for all. */
  readonly others: readonly NamedProfile[];
  /** Who watches; nobody in a run. */
  readonly onlooker: Onlooker | undefined;
  readonly requests: ClientRequest<SchedulerTag>[];
  /** What plugins said in this step about Pods that wait. */
  signals: Signal[] | undefined;
}

type SchedulerReducer = Reducer<SchedulerState, ClientEvent<SchedulerTag>, ClientRequest<SchedulerTag>>;

/** A scheduler with a profile of its own, and with others for Pods that name other schedulers. */
export const schedulerWith =
  (profile: Profile, others: readonly NamedProfile[] = [], onlooker?: Onlooker): SchedulerReducer =>
  (state, event, now) => {
    const work = begin(state, { profile, others, onlooker }, now);
    const heard = reduceInformers(state.informers, event);
    if (heard === undefined) onOwnEvent(work, event);
    else {
      work.informers = heard.informers;
      for (const request of heard.requests) work.requests.push(request);
      if (!work.synced) work.synced = allSynced(heard.informers);
      for (const delta of heard.deltas) onDelta(work, delta);
    }
    if (work.synced) goOn(work);
    if (work.signals !== undefined) {
      heedSignals(work);
      goOn(work);
    }
    return end(work);
  };

/** The scheduler with its default profile. */
export const reduceScheduler: SchedulerReducer = schedulerWith(defaultProfile);

function onOwnEvent(work: Work, event: ClientEvent<SchedulerTag>): void {
  if (event.type === 'timer') onTimer(work, event.tag);
  else if (event.type === 'answer' && event.tag.of === 'bind') finishBinding(work, event.tag, event.answer);
  else if (event.type === 'answer' && event.tag.of === 'volumes')
    onVolumeAnswer(work, event.tag, event.answer);
  else if (event.type === 'answer' && event.tag.of === 'victim') onVictimTold(work, event.tag, event.answer);
}

function onTimer(work: Work, tag: SchedulerTag): void {
  switch (tag.of) {
    case 'next':
      work.timers = { ...work.timers, next: false };
      return;
    case 'retry':
      work.timers = { ...work.timers, retryAt: 0 };
      return;
    case 'leftover':
      work.timers = { ...work.timers, leftover: false };
      work.queue = flushLeftover(work.queue, (pod) => gateOf(work, pod), work.now);
      return;
    case 'volumes':
      onVolumesTimer(work, tag);
      return;
    case 'permit':
      onWaitOver(work, tag);
      return;
    case 'preBind':
      onPreBindOver(work, tag);
      return;
    case 'informer':
    case 'recorder':
    case 'bind':
    case 'status':
    case 'victim':
      return;
    default:
      never(tag);
  }
}

function onVolumesTimer(work: Work, tag: VolumesTag): void {
  const bound = pollVolumes(work, tag);
  if (bound === undefined) return;
  if (work.cycles.has(tag.key)) onVolumesBound(work, bound.queued);
  else sendBinding(work, bound.queued, bound.node, 0);
}

/** Decides while there is a Pod to be tried and nothing under way, and asks to be reminded of what comes later. */
function goOn(work: Work): void {
  const { now } = work;
  while (now >= work.busyUntil && hasNext(work.queue, now)) decide(work);
  const { queue, timers } = work;
  if (hasNext(queue, now)) {
    if (timers.next) return;
    work.timers = { ...timers, next: true };
    work.requests.push({ do: 'timer', tag: { of: 'next' }, after: work.busyUntil - now });
    return;
  }
  if (queue.errorBackoff.size > 0) retryLater(work);
  if (queue.unschedulable.size > 0 && !timers.leftover) {
    const after = leftoverPeriod - (now % leftoverPeriod);
    work.timers = { ...work.timers, leftover: true };
    work.requests.push({ do: 'timer', tag: { of: 'leftover' }, after, background: true });
  }
}

/** While there is no node, trying again is all that happens, and must not keep a run from being over. */
function retryLater(work: Work): void {
  const at = errorRetryAt(work.queue);
  const { retryAt, retryIsIdle } = work.timers;
  const background = work.cache.tree.length === 0;
  // A node has come since: what was idle waiting is work now.
  if (retryAt !== 0 && retryAt <= at && (background || !retryIsIdle)) return;
  work.timers = { ...work.timers, retryAt: at, retryIsIdle: background };
  work.requests.push({ do: 'timer', tag: { of: 'retry' }, after: at - work.now, background });
}

/** Every field by name: a copy of fixed shape. */
const begin = (
  state: SchedulerState,
  { profile, others, onlooker }: Pick<Work, 'profile' | 'others' | 'onlooker'>,
  now: VirtualTime,
): Work => ({
  schedulerName: state.schedulerName,
  percentageOfNodesToScore: state.percentageOfNodesToScore,
  tieBreak: state.tieBreak,
  informers: state.informers,
  synced: state.synced,
  cache: state.cache,
  queue: state.queue,
  nominated: state.nominated,
  volumePlans: state.volumePlans,
  cycles: state.cycles,
  startIndex: state.startIndex,
  busyUntil: state.busyUntil,
  timers: state.timers,
  bucket: state.bucket,
  eventBucket: state.eventBucket,
  recorder: state.recorder,
  now,
  profile,
  others,
  onlooker,
  requests: [],
  signals: undefined,
});

const end = (work: Work): Step<SchedulerState, ClientRequest<SchedulerTag>> => ({
  state: {
    schedulerName: work.schedulerName,
    percentageOfNodesToScore: work.percentageOfNodesToScore,
    tieBreak: work.tieBreak,
    informers: work.informers,
    synced: work.synced,
    cache: work.cache,
    queue: work.queue,
    nominated: work.nominated,
    volumePlans: work.volumePlans,
    cycles: work.cycles,
    startIndex: work.startIndex,
    busyUntil: work.busyUntil,
    timers: work.timers,
    bucket: work.bucket,
    eventBucket: work.eventBucket,
    recorder: work.recorder,
  },
  requests: work.requests,
});
