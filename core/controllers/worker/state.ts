/** What a worker is: the keys, the syncs under way, the memory of its controller, and what it has yet to send. */
import type { ApiAnswer } from '../../api/request.ts';
import type { ClientRequest } from '../../client/component.ts';
import { tokenBucket, type TokenBucket } from '../../client/flow-control.ts';
import type { Informers, InformerTag } from '../../client/informer.ts';
import { newRecorder, type Recorder } from '../../client/recorder.ts';
import { newWorkQueue, type WorkQueue } from '../../client/workqueue.ts';
import { Log } from '../../collections/log.ts';
import { OrderedMap } from '../../collections/ordered-map.ts';
import type { Load } from '../../metrics/load.ts';
import type { Seed } from '../../random/draw.ts';
import type { VirtualTime } from '../../time/time.ts';
import type { AnyController, Context, Reply } from '../controller.ts';

/** A sync under way. */
export interface Turn {
  readonly context: Context<unknown>;
  readonly replies: readonly Reply[];
  /** The answers to the step under way, in the order in which they came: of five hundred, each costs the same. */
  readonly answers: Log<{ readonly index: number; readonly answer: ApiAnswer }>;
  /** How many answers there will be. */
  readonly awaited: number;
  /** When its key was to be looked at again, as was said before it began. */
  readonly dueBefore: VirtualTime | undefined;
}

export interface Worker {
  readonly queue: WorkQueue;
  readonly turns: OrderedMap<string, Turn>;
  readonly memory: unknown;
  readonly bucket: TokenBucket;
  readonly recorder: Recorder;
  /** Event writes that wait for their turn. One is under way at a time (client-go tools/record posts them one by one). */
  readonly outbox: Log<EventWrite>;
  readonly posting: boolean;
  /** When the timer that was asked for last will ring; undefined when none is set. */
  readonly wakeAt: VirtualTime | undefined;
  /** The same of the timer that is set for keys of the background alone. */
  readonly idleWakeAt: VirtualTime | undefined;
}

type EventWrite = Extract<ClientRequest<unknown>, { readonly do: 'call' }>;

/** What an answer or a timer is for. */
export type ControllerTag =
  | InformerTag
  | {
      readonly of: 'sync';
      readonly controller: string;
      readonly key: string;
      readonly step: number;
      readonly index: number;
    }
  | { readonly of: 'event'; readonly controller: string }
  | { readonly of: 'queue'; readonly controller: string; readonly background?: boolean };

export type Call = ClientRequest<ControllerTag>;

/** What the workers of all controllers share. */
export interface Surroundings {
  readonly seed: Seed;
  readonly caches: Informers;
  readonly now: VirtualTime;
  readonly loads: readonly Load[];
}

/** As whom a controller asks. */
export const agentOf = ({ name, userAgent = name }: AnyController): string => userAgent;

export const newWorker = (
  controller: AnyController,
  limits: { readonly qps: number; readonly burst: number },
): Worker => ({
  queue: newWorkQueue(),
  turns: OrderedMap.empty(),
  memory: controller.initial,
  bucket: tokenBucket(limits.qps * (controller.pace?.qps ?? 1), limits.burst * (controller.pace?.burst ?? 1)),
  recorder: newRecorder({ api: 'core', component: controller.component, userAgent: agentOf(controller) }),
  outbox: Log.empty(),
  posting: false,
  wakeAt: undefined,
  idleWakeAt: undefined,
});

/** A literal: most events change this much of a worker or another. */
export const workerOf = (
  worker: Worker,
  queue: WorkQueue,
  turns: Worker['turns'],
  memory: unknown,
  bucket: TokenBucket = worker.bucket,
): Worker => ({
  queue,
  turns,
  memory,
  bucket,
  recorder: worker.recorder,
  outbox: worker.outbox,
  posting: worker.posting,
  wakeAt: worker.wakeAt,
  idleWakeAt: worker.idleWakeAt,
});

/** A literal: a turn changes with each of five hundred answers. */
export const turnOf = (
  turn: Turn,
  replies: Turn['replies'],
  answers: Turn['answers'],
  awaited: number,
): Turn => ({ context: turn.context, replies, answers, awaited, dueBefore: turn.dueBefore });

/** A literal: a controller announces something of each object that it makes or deletes. */
export const withEvents = (worker: Worker, recorder: Recorder, outbox: Worker['outbox']): Worker => ({
  queue: worker.queue,
  turns: worker.turns,
  memory: worker.memory,
  bucket: worker.bucket,
  recorder,
  outbox,
  posting: worker.posting,
  wakeAt: worker.wakeAt,
  idleWakeAt: worker.idleWakeAt,
});
