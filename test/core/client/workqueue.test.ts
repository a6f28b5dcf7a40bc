/**
 * The workqueue against a model that a person can check at a glance: a list of waiting keys, a set of keys being worked
 * on, and a set of keys marked meanwhile.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as workqueue from '../../../core/client/workqueue.ts';
import type { WorkQueue } from '../../../core/client/workqueue.ts';
import { millisecond, second } from '../../../core/time/time.ts';

type Command =
  | { readonly do: 'add'; readonly key: string }
  | { readonly do: 'addAfter'; readonly key: string; readonly delay: number }
  | { readonly do: 'addLasting'; readonly key: string; readonly delay: number }
  | { readonly do: 'cancel'; readonly key: string }
  | { readonly do: 'take' }
  | { readonly do: 'done'; readonly key: string }
  | { readonly do: 'wait'; readonly time: number };

const key = fc.constantFrom('a', 'b', 'c', 'd');
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key }),
  fc.record({ do: fc.constant('addAfter' as const), key, delay: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ do: fc.constant('addLasting' as const), key, delay: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ do: fc.constant('cancel' as const), key }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('done' as const), key }),
  fc.record({ do: fc.constant('wait' as const), time: fc.integer({ min: 1, max: 40 }) }),
);

class Model {
  waiting: string[] = [];
  working = new Set<string>();
  again = new Set<string>();
  later = new Map<string, number>();
  lasting = new Map<string, number>();

  add(key: string): void {
    if (this.working.has(key)) this.again.add(key);
    else if (!this.waiting.includes(key)) this.waiting.push(key);
  }

  done(key: string): void {
    this.working.delete(key);
    if (this.again.delete(key)) this.add(key);
  }

  release(now: number): void {
    const due = [...this.later].filter(([, at]) => at <= now);
    due.sort(([a, s], [b, t]) => s - t || (a < b ? -1 : 1));
    for (const [key] of due) {
      this.later.delete(key);
      this.lasting.delete(key);
      this.add(key);
    }
  }
}

describe('workqueue', () => {
  test('does what the model does, whatever is asked of it in whatever order', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const model = new Model();
        let queue: WorkQueue = workqueue.newWorkQueue();
        let now = 0;
        for (const step of commands) {
          switch (step.do) {
            case 'add':
              queue = workqueue.add(queue, step.key);
              model.add(step.key);
              break;
            case 'addAfter': {
              queue = workqueue.addAfter(queue, step.key, step.delay, now);
              const known = model.later.get(step.key);
              model.later.set(step.key, Math.min(known ?? Infinity, now + step.delay));
              break;
            }
            case 'addLasting': {
              queue = workqueue.addLasting(queue, step.key, step.delay, now);
              const known = model.later.get(step.key);
              const at = Math.min(known ?? Infinity, now + step.delay);
              model.later.set(step.key, at);
              model.lasting.set(step.key, at);
              break;
            }
            case 'cancel':
              queue = workqueue.cancelAfter(queue, step.key);
              model.later.delete(step.key);
              if (model.lasting.has(step.key)) model.later.set(step.key, model.lasting.get(step.key) ?? 0);
              break;
            case 'take': {
              const taken = workqueue.takeKey(queue);
              const expected = model.waiting.shift();
              expect(taken?.key).toBe(expected);
              if (taken === undefined || expected === undefined) break;
              model.working.add(expected);
              queue = taken.queue;
              break;
            }
            case 'done':
              if (!model.working.has(step.key)) break;
              model.done(step.key);
              queue = workqueue.done(queue, step.key);
              break;
            case 'wait':
              now += step.time;
              queue = workqueue.releaseDue(queue, now);
              model.release(now);
          }
          expect(workqueue.queueLength(queue)).toBe(model.waiting.length);
          expect(workqueue.nextDue(queue)).toBe(
            model.later.size === 0 ? undefined : Math.min(...model.later.values()),
          );
        }
      }),
    );
  });

  test('puts a key back after 5 ms, 10 ms, 20 ms, …, and at most 1,000 s', () => {
    let queue = workqueue.newWorkQueue();
    const delays: number[] = [];
    let now = 0;
    for (let i = 0; i < 20; i++) {
      now += 10_000 * second; // long enough for the bucket to be full
      queue = workqueue.addRateLimited(queue, 'a', now);
      delays.push((workqueue.nextDue(queue) ?? 0) - now);
      queue = workqueue.releaseDue(queue, now + 2_000 * second);
      const taken = workqueue.takeKey(queue);
      queue = workqueue.done(taken?.queue ?? queue, 'a');
    }
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40].map((ms) => ms * millisecond));
    expect(delays.slice(-2)).toEqual([1_000 * second, 1_000 * second]);
    expect(workqueue.requeues(workqueue.forget(queue, 'a'), 'a')).toBe(0);
  });

  test('puts at most 100 keys back at once, then 10 a second', () => {
    let queue = workqueue.newWorkQueue();
    for (let i = 0; i < 120; i++) queue = workqueue.addRateLimited(queue, `key-${i}`, 0);
    expect(queue.dueAt.get('key-99')).toBe(5 * millisecond);
    expect(queue.dueAt.get('key-119')).toBe(2 * second);
  });

  test('an older value is not changed by what is done to a newer one', () => {
    const before = workqueue.add(workqueue.newWorkQueue(), 'a');
    const after = workqueue.takeKey(workqueue.add(before, 'b'));
    expect(after?.key).toBe('a');
    expect(workqueue.takeKey(before)?.key).toBe('a');
    expect(workqueue.queueLength(before)).toBe(1);
  });
});
