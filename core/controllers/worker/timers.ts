/** When a worker is woken for keys that are due later: one timer at a time, and one for those of the background. */
import * as workqueue from '../../client/workqueue.ts';
import { second, type Duration, type VirtualTime } from '../../time/time.ts';
import type { AnyController } from '../controller.ts';
import type { Call, ControllerTag, Worker } from './state.ts';

/**
 * No timer is set further ahead than this: a timer cannot be taken back, and one for a check that is no longer needed
 * would keep a run from being over.
 */
const horizon: Duration = 30 * second;

/** The timer of the workqueue has rung. */
export function wake(worker: Worker, background: boolean, now: VirtualTime): Worker {
  const queue = workqueue.releaseDue(worker.queue, now);
  return background ? { ...worker, queue, idleWakeAt: undefined } : { ...worker, queue, wakeAt: undefined };
}

/** Asks for a timer where the next key that is due later has none before it. */
export function armed(controller: AnyController, worker: Worker, now: VirtualTime, out: Call[]): Worker {
  const { queue } = worker;
  if (queue.due.size === 0) return worker;
  const { name, isBackground } = controller;
  if (isBackground === undefined) return armedFor(name, worker, workqueue.nextDue(queue), now, out);
  const due = workqueue.nextDueOf(queue, (key) => !isBackground(key));
  const next = armedFor(name, worker, due, now, out);
  const idle = workqueue.nextDueOf(queue, isBackground);
  if (idle === undefined || (next.idleWakeAt !== undefined && next.idleWakeAt <= idle)) return next;
  const tag: ControllerTag = { of: 'queue', controller: name, background: true };
  out.push({ do: 'timer', tag, after: idle - now, background: true });
  return { ...next, idleWakeAt: idle };
}

function armedFor(
  controller: string,
  worker: Worker,
  due: VirtualTime | undefined,
  now: VirtualTime,
  out: Call[],
): Worker {
  if (due === undefined) return worker;
  const at = Math.min(due, now + horizon);
  if (worker.wakeAt !== undefined && worker.wakeAt <= at) return worker;
  out.push({ do: 'timer', tag: { of: 'queue', controller }, after: at - now });
  return { ...worker, wakeAt: at };
}
