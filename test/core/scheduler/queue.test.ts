/** The queue as a transcript: what is popped when, and where the rest waits. */
import { expect, test } from 'vitest';
import {
  enqueue,
  errorRetryAt,
  flushLeftover,
  hasNext,
  newQueue,
  pop,
  requeue,
  wake,
  type QueuedPod,
  type SchedulingQueue,
} from '../../../core/scheduler/queue.ts';
import { podInfoOf } from '../../../core/scheduler/pod-info.ts';
import { minute, second, type VirtualTime } from '../../../core/time/time.ts';
import { aPod } from './rig.ts';

/** A queue that writes down what is done to it. */
class Transcript {
  queue: SchedulingQueue = newQueue();
  readonly lines: string[] = [];

  add(at: VirtualTime, name: string, priority = 0, gate = ''): this {
    const pod = aPod(name, {}, { priority });
    this.queue = enqueue(this.queue, pod, podInfoOf(pod), gate, at);
    return this.line(at, `add ${name}`);
  }

  /** Takes the next Pod out, and puts it back as rejected by plugins (or, by none, as failed). */
  try(at: VirtualTime, ...rejectors: readonly string[]): this {
    const popped = pop(this.queue, at);
    if (popped === undefined) return this.line(at, 'nothing to try');
    const { next } = popped;
    this.queue = requeue(popped.queue, next, next.pod, next.info, rejectors, at);
    return this.line(at, `try ${next.pod.metadata.name}, attempt ${next.attempts}`);
  }

  wake(at: VirtualTime, helped: (queued: QueuedPod) => boolean = () => true): this {
    this.queue = wake(this.queue, helped, () => '', at);
    return this.line(at, 'wake');
  }

  flush(at: VirtualTime): this {
    this.queue = flushLeftover(this.queue, () => '', at);
    return this.line(at, 'flush');
  }

  private line(at: VirtualTime, what: string): this {
    const { active, backoff, errorBackoff, unschedulable } = this.queue;
    const names = (pods: Iterable<QueuedPod>): string =>
      [...pods].map(({ pod }) => pod.metadata.name).join(' ');
    const places = [active.values(), backoff.values(), errorBackoff.values(), unschedulable.values()].map(
      names,
    );
    this.lines.push(`${(at / second).toFixed(1)}s ${what.padEnd(20)} [${places.join('|')}]`);
    return this;
  }
}

test('the more urgent goes first, then the earlier', () => {
  const { lines } = new Transcript()
    .add(0, 'a')
    .add(0, 'b')
    .add(1, 'c', 10)
    .try(2, 'Fit')
    .try(2, 'Fit')
    .try(2, 'Fit');
  expect(lines).toMatchInlineSnapshot(`
    [
      "0.0s add a                [a|||]",
      "0.0s add b                [a b|||]",
      "0.0s add c                [c a b|||]",
      "0.0s try c, attempt 1     [a b|||c]",
      "0.0s try a, attempt 1     [b|||a c]",
      "0.0s try b, attempt 1     [|||a b c]",
    ]
  `);
});

test('a woken Pod waits out its back-off, unless there is nothing else to do', () => {
  const transcript = new Transcript()
    .add(0, 'a')
    .try(0, 'Fit')
    .wake(0.1 * second)
    .add(0.2 * second, 'b');
  transcript
    .try(0.3 * second, 'Fit')
    .try(0.4 * second, 'Fit')
    .wake(0.5 * second);
  // Of those that back off the first window goes first: b by 1.3 s, a by 2.4 s.
  transcript
    .try(0.6 * second, 'Fit')
    .try(0.7 * second, 'Fit')
    .try(0.8 * second);
  expect(transcript.lines).toMatchInlineSnapshot(`
    [
      "0.0s add a                [a|||]",
      "0.0s try a, attempt 1     [|||a]",
      "0.1s wake                 [|a||]",
      "0.2s add b                [b|a||]",
      "0.3s try b, attempt 1     [|a||b]",
      "0.4s try a, attempt 2     [|||a b]",
      "0.5s wake                 [|b a||]",
      "0.6s try b, attempt 2     [|a||b]",
      "0.7s try a, attempt 3     [|||a b]",
      "0.8s nothing to try       [|||a b]",
    ]
  `);
});

test('a window that is over is active again, and there the more urgent goes first', () => {
  const transcript = new Transcript()
    .add(0, 'low')
    .try(0.1 * second, 'Fit')
    .add(0.2 * second, 'high', 5);
  transcript
    .try(0.9 * second, 'Fit')
    .wake(0.95 * second)
    .add(1 * second, 'new')
    .try(1.1 * second, 'Fit');
  transcript
    .wake(1.9 * second)
    .add(2 * second, 'newest')
    .try(2 * second, 'Fit')
    .try(2.1 * second, 'Fit');
  expect(transcript.lines).toMatchInlineSnapshot(`
    [
      "0.0s add low              [low|||]",
      "0.1s try low, attempt 1   [|||low]",
      "0.2s add high             [high|||low]",
      "0.9s try high, attempt 1  [|||high low]",
      "0.9s wake                 [|high low||]",
      "1.0s add new              [new|high low||]",
      "1.1s try new, attempt 1   [|high low||new]",
      "1.9s wake                 [|high low new||]",
      "2.0s add newest           [newest|high low new||]",
      "2.0s try high, attempt 2  [low newest|new||high]",
      "2.1s try low, attempt 2   [newest|new||high low]",
    ]
  `);
});

test('after errors it is tried again by itself: 1 s, 2 s, 4 s, 8 s, then every 10 s, at the end of the window', () => {
  let queue = new Transcript().add(0, 'a').queue;
  const waits: number[] = [];
  for (let now = 0, i = 0; i < 6; i++) {
    const popped = pop(queue, now);
    if (popped === undefined) throw new Error('it should be tried');
    queue = requeue(popped.queue, popped.next, popped.next.pod, popped.next.info, [], now);
    const at = errorRetryAt(queue);
    expect([hasNext(queue, at - 1), hasNext(queue, at)]).toEqual([false, true]);
    waits.push((at - now) / second);
    now = at;
  }
  expect(waits).toEqual([2, 3, 5, 9, 11, 11]);
});

test('only those are woken that are helped, and a gated Pod is not flushed', () => {
  const transcript = new Transcript().add(0, 'a').add(0, 'b').add(0, 'gated', 0, 'SchedulingGates');
  transcript
    .try(0, 'Fit')
    .try(0, 'NodePorts')
    .wake(20 * second, ({ rejectors }) => rejectors.includes('NodePorts'));
  transcript.flush(5 * minute).flush(5 * minute + 1);
  expect(transcript.lines).toMatchInlineSnapshot(`
    [
      "0.0s add a                [a|||]",
      "0.0s add b                [a b|||]",
      "0.0s add gated            [a b|||gated]",
      "0.0s try a, attempt 1     [b|||a gated]",
      "0.0s try b, attempt 1     [|||a b gated]",
      "20.0s wake                 [b|||a gated]",
      "300.0s flush                [b|||a gated]",
      "300.0s flush                [a b|||gated]",
    ]
  `);
});
