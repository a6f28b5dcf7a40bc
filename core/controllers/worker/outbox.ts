/** The Events of a controller: recorded as the syncs tell of them, and written one at a time. */
import { take } from '../../client/flow-control.ts';
import { record } from '../../client/recorder.ts';
import type { VirtualTime } from '../../time/time.ts';
import type { AnyController, News } from '../controller.ts';
import { withEvents, type Call, type Worker } from './state.ts';

/** Events that wait beyond this many are dropped (client-go tools/record/event.go, maxQueuedEvents). */
const maxQueuedEvents = 1_000;

/** An Event has been written, or refused: the next one is sent. */
export function posted(controller: AnyController, worker: Worker, now: VirtualTime, out: Call[]): Worker {
  return post(controller, { ...worker, posting: false }, now, out);
}

/** The Events that a sync tells of are recorded, and go out when it is their turn. */
export function announce(
  controller: AnyController,
  worker: Worker,
  all: readonly News[],
  now: VirtualTime,
  out: Call[],
): Worker {
  return post(controller, recordedAll(worker, all, now), now, out);
}

/**
 * A function of its own, for V8: where the loop's end is followed by a call, code that was made in the midst of a long first
 * loop was thrown away at the end of each later one, and a controller that made 500 Pods took 30 ms to tell of them.
 */
function recordedAll(worker: Worker, all: readonly News[], now: VirtualTime): Worker {
  let next = worker;
  for (let i = 0; i < all.length; i++) next = recordedOne(next, all[i] as News, now);
  return next;
}

function recordedOne(worker: Worker, { regarding, occurrence }: News, now: VirtualTime): Worker {
  const { recorder, requests } = record(worker.recorder, regarding, occurrence, now);
  let { outbox } = worker;
  for (const write of requests)
    if (write.do === 'call' && outbox.length < maxQueuedEvents) outbox = outbox.append(write);
  return withEvents(worker, recorder, outbox);
}

function post(controller: AnyController, worker: Worker, now: VirtualTime, out: Call[]): Worker {
  const write = worker.posting ? undefined : worker.outbox.get(worker.outbox.first);
  if (write === undefined) return worker;
  const { bucket, wait } = take(worker.bucket, now);
  out.push({ ...write, tag: { of: 'event', controller: controller.name }, after: wait });
  return { ...worker, bucket, posting: true, outbox: worker.outbox.dropBefore(worker.outbox.first + 1) };
}
