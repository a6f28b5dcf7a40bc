/**
 * What every controller is run by: its workqueue, its workers, its client with a rate limit, and its recorder of Events
 * (`worker/` has what a worker is, the Events it writes and the timers it sets).
 *
 * A worker takes a key, begins the sync and sends what it first asks for. Each later step of the sync begins when the
 * last answer to the step before has come. Meanwhile the key belongs to the worker: marked again, it waits.
 */
import type { ApiAnswer, ApiRequest } from '../api/request.ts';
import { take } from '../client/flow-control.ts';
import type { Delta } from '../client/informer.ts';
import * as workqueue from '../client/workqueue.ts';
import { Log } from '../collections/log.ts';
import type { Duration, VirtualTime } from '../time/time.ts';
import type { AnyController, Ask, Context, Effects, Outcome, Reply, Sync } from './controller.ts';
import { announce } from './worker/outbox.ts';
import {
  agentOf,
  turnOf,
  workerOf,
  type Call,
  type ControllerTag,
  type Surroundings,
  type Turn,
  type Worker,
} from './worker/state.ts';
import { armed } from './worker/timers.ts';

/** Work of a sync before its requests leave: a cache read, a diff, encoding. */
const syncTime: Duration = 200;

/** The controller hears of a change of its caches. */
export function hear(
  controller: AnyController,
  worker: Worker,
  delta: Delta,
  around: Surroundings,
  out: Call[],
): Worker {
  const effects = controller.handle(contextOf(worker, around), delta);
  return effects === undefined ? worker : affected(controller, worker, effects, around.now, out);
}

/** Workers that are free take keys, until there is no key or no worker left. */
export function work(controller: AnyController, worker: Worker, around: Surroundings, out: Call[]): Worker {
  let next = worker;
  while (next.turns.size < controller.workers) {
    const taken = workqueue.takeKey(next.queue);
    if (taken === undefined) break;
    // A sync says itself when to look again: what another said is out of date, what a handler says or is said while it runs is not.
    const dueBefore = workqueue.dueOf(taken.queue, taken.key);
    const queue = dueBefore === undefined ? taken.queue : workqueue.cancelAfter(taken.queue, taken.key);
    const context = contextOf(next, around);
    const turn: Turn = { context, replies: [], answers: Log.empty(), awaited: 0, dueBefore };
    const begun = workerOf(next, queue, next.turns, next.memory);
    next = advance(controller, begun, taken.key, turn, undefined, around.now, out);
  }
  return armed(controller, next, around.now, out);
}

/** An answer to a request of a sync has come. */
export function receive(
  controller: AnyController,
  worker: Worker,
  tag: Extract<ControllerTag, { of: 'sync' }>,
  request: ApiRequest,
  answer: ApiAnswer,
  around: Surroundings,
  out: Call[],
): Worker {
  const turn = worker.turns.get(tag.key);
  if (turn === undefined || turn.replies.length !== tag.step) return worker;
  const effects = controller.answered?.(contextOf(worker, around), tag.key, request, answer);
  const next = effects === undefined ? worker : affected(controller, worker, effects, around.now, out);
  const answers = turn.answers.append({ index: tag.index, answer });
  if (answers.length < turn.awaited) {
    const turns = next.turns.set(tag.key, turnOf(turn, turn.replies, answers, turn.awaited));
    return workerOf(next, next.queue, turns, next.memory);
  }
  const inOrder =
    turn.awaited === 1
      ? [answer]
      : [...answers.from(0)].sort((a, b) => a.index - b.index).map((come) => come.answer);
  const reply: Reply = { answers: inOrder, now: around.now };
  return advance(controller, next, tag.key, turn, reply, around.now, out);
}

/** The caches have their first list. */
export function begin(controller: AnyController, worker: Worker, around: Surroundings, out: Call[]): Worker {
  const effects = controller.started?.(contextOf(worker, around));
  return effects === undefined ? worker : affected(controller, worker, effects, around.now, out);
}

const contextOf = (worker: Worker, around: Surroundings): Context<unknown> => ({
  seed: around.seed,
  caches: around.caches,
  memory: worker.memory,
  now: around.now,
  loads: around.loads,
});

function affected(
  controller: AnyController,
  worker: Worker,
  effects: Effects<unknown>,
  now: VirtualTime,
  out: Call[],
): Worker {
  let queue = worker.queue;
  if (effects.mark !== undefined) for (const key of effects.mark) queue = workqueue.add(queue, key);
  if (effects.markAfter !== undefined)
    for (const key of effects.markAfter.keys)
      queue = workqueue.addLasting(queue, key, effects.markAfter.delay, now);
  const memory = effects.memory ?? worker.memory;
  const next =
    queue === worker.queue && memory === worker.memory
      ? worker
      : workerOf(worker, queue, worker.turns, memory);
  return effects.news === undefined ? next : announce(controller, next, effects.news, now, out);
}

/**
 * Syncs where they stopped, by the replies they have had. A sync that is not here, because it was resumed from a
 * checkpoint or went on in a fork of this state, is run again from its beginning and comes to the same place.
 */
const paused = new WeakMap<readonly Reply[], Sync<unknown>>();

/** Runs a sync to the first thing it has not asked before, or to its end. `reply`: to what it asked last; none at its beginning. */
function advance(
  controller: AnyController,
  worker: Worker,
  key: string,
  turn: Turn,
  reply: Reply | undefined,
  now: VirtualTime,
  out: Call[],
): Worker {
  let replies = turn.replies;
  const sync = paused.get(replies) ?? again(controller, key, turn);
  paused.delete(replies);
  let step = reply === undefined ? sync.next() : sync.next(reply);
  if (reply !== undefined) replies = [...replies, reply];
  let next = worker;
  while (step.done !== true && step.value.requests.length === 0) {
    next = asked(controller, next, step.value, now, out);
    const silence: Reply = { answers: [], now };
    replies = [...replies, silence];
    step = sync.next(silence);
  }
  if (step.done === true) return ended(controller, next, key, turn, step.value, now, out);
  next = asked(controller, next, step.value, now, out);
  paused.set(replies, sync);
  const asking = turnOf(turn, replies, turn.answers, turn.awaited);
  return send(controller, next, key, asking, step.value.requests, now, out);
}

/** The sync of a turn, at what it asked last; one that has not asked yet is at its beginning. */
function again(controller: AnyController, key: string, turn: Turn): Sync<unknown> {
  const sync = controller.sync(turn.context, key);
  if (turn.awaited === 0) return sync;
  sync.next();
  for (const reply of turn.replies) sync.next(reply);
  return sync;
}

function asked(
  controller: AnyController,
  worker: Worker,
  ask: Ask<unknown>,
  now: VirtualTime,
  out: Call[],
): Worker {
  let next = ask.remember === undefined ? worker : { ...worker, memory: ask.remember(worker.memory) };
  for (const { key, delay } of ask.markAfter ?? noMarks)
    next = { ...next, queue: workqueue.addAfter(next.queue, key, delay, now) };
  return ask.news === undefined ? next : announce(controller, next, ask.news, now, out);
}

function send(
  controller: AnyController,
  worker: Worker,
  key: string,
  turn: Turn,
  requests: readonly ApiRequest[],
  now: VirtualTime,
  out: Call[],
): Worker {
  const { name } = controller;
  const userAgent = agentOf(controller);
  const step = turn.replies.length;
  let { bucket } = worker;
  for (let index = 0; index < requests.length; index++) {
    const token = take(bucket, now);
    bucket = token.bucket;
    const tag: ControllerTag = { of: 'sync', controller: name, key, step, index };
    const request = requests[index] as ApiRequest;
    out.push({ do: 'call', tag, request, userAgent, after: syncTime + token.wait });
  }
  const turns = worker.turns.set(key, turnOf(turn, turn.replies, Log.empty(), requests.length));
  return workerOf(worker, worker.queue, turns, worker.memory, bucket);
}

function ended(
  controller: AnyController,
  worker: Worker,
  key: string,
  { dueBefore }: Turn,
  outcome: Outcome<unknown>,
  now: VirtualTime,
  out: Call[],
): Worker {
  const memory = outcome.remember === undefined ? worker.memory : outcome.remember(worker.memory);
  let queue = worker.queue;
  if (outcome.failed === true && workqueue.requeues(queue, key) < (controller.maxRetries ?? Infinity)) {
    queue = workqueue.addRateLimited(queue, key, now, controller.backoff);
    if (dueBefore !== undefined) queue = workqueue.addAfter(queue, key, dueBefore - now, now);
  } else {
    queue = workqueue.forget(queue, key);
    if (outcome.again !== undefined) queue = workqueue.addAfter(queue, key, outcome.again, now);
  }
  for (const other of outcome.unmark ?? noMarks) queue = workqueue.cancelAfter(queue, other);
  for (const later of outcome.markAfter ?? noMarks)
    queue = workqueue.addAfter(queue, later.key, later.delay, now);
  queue = workqueue.done(queue, key);
  const turns = worker.turns.size === 0 ? worker.turns : worker.turns.delete(key);
  const next = workerOf(worker, queue, turns, memory);
  return outcome.news === undefined ? next : announce(controller, next, outcome.news, now, out);
}

const noMarks: readonly never[] = [];
