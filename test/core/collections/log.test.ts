/** Aim: the log is an array one can append to and drop from the front of, and no version of it ever changes. */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { Log } from '../../../core/collections/log.ts';

const filled = (log: Log<number>, from: number, count: number): Log<number> => {
  let next = log;
  for (let i = 0; i < count; i++) next = next.append(from + i);
  return next;
};

property.prop([fc.nat(700), fc.nat(1_500), fc.nat(2_300)])(
  'keeps items under their numbers',
  (first, count, drop) => {
    const log = filled(Log.empty<number>(first), first, count).dropBefore(drop);
    const kept = Array.from({ length: count }, (_, i) => first + i).filter(
      (n) => n >= Math.min(drop, first + count),
    );
    expect([...log.from(0)]).toEqual(kept);
    expect(log.length).toBe(kept.length);
    expect(log.get(log.end)).toBeUndefined();
    expect(log.search((n) => n >= drop)).toBe(Math.max(log.first, Math.min(drop, log.end)));
  },
);

property.prop([fc.nat(600), fc.nat(600), fc.nat(600)])(
  'two logs that grew from one do not meet',
  (shared, left, right) => {
    const base = filled(Log.empty<number>(), 0, shared);
    const one = filled(base, 10_000, left);
    const other = filled(base, 20_000, right);
    expect([...base.from(0)]).toEqual(Array.from({ length: shared }, (_, i) => i));
    expect([...one.from(shared)]).toEqual(Array.from({ length: left }, (_, i) => 10_000 + i));
    expect([...other.from(shared)]).toEqual(Array.from({ length: right }, (_, i) => 20_000 + i));
  },
);

test('what was dropped is let go', () => {
  const log = filled(Log.empty<number>(), 0, 10_000).dropBefore(9_990);
  expect(log.get(9_989)).toBeUndefined();
  expect(log.get(9_990)).toBe(9_990);
});
