/** Aim: exactly the watches that want a key are found. Method: every watch asked one by one, as the model. */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { addInterest, interestedIn, noInterest, removeInterest } from '../../../core/etcd/interest.ts';
import { boundsOf, orderKey } from '../../../core/etcd/order.ts';
import type { Watch } from '../../../core/etcd/watch.ts';

const keys = ['a', 'b', 'b/1', 'b/2', 'c', '\uff5e', '\u{1f600}'].map(orderKey);
const key = fc.constantFrom(...keys);
const rangeEnd = fc.option(fc.oneof(key, fc.constant('\0')), { nil: undefined });

const watchOf = (number: number, from: string, end: string | undefined): Watch => ({
  stream: 1,
  id: number,
  number,
  bounds: boundsOf(from, end),
  startRevision: 0,
  prevKv: false,
  progressNotify: false,
  noPut: false,
  noDelete: false,
  compacted: false,
});

const wants = ({ bounds: { single, from, to } }: Watch, each: string): boolean =>
  single ? each === from : each >= from && (to === undefined || each < to);

const commands = fc.array(
  fc.oneof(
    fc.record({
      add: fc.tuple(key, rangeEnd).filter(([from, end]) => end === undefined || end === '\0' || from < end),
    }),
    fc.record({ remove: fc.nat(20) }),
  ),
  { maxLength: 25 },
);

test.prop([commands])(
  'those that want a key, ranges first, each in order of creation; nothing is left of what is removed',
  (list) => {
    let interest = noInterest();
    let watches: readonly Watch[] = [];
    list.forEach((command, number) => {
      if ('add' in command) {
        const watch = watchOf(number, ...command.add);
        interest = addInterest(interest, watch);
        watches = [...watches, watch];
      } else {
        const watch = watches[command.remove % Math.max(1, watches.length)];
        if (watch === undefined) return;
        interest = removeInterest(interest, watch);
        watches = watches.filter((other) => other !== watch);
      }
      for (const each of keys) {
        const found = watches.filter((watch) => wants(watch, each));
        const want = [
          ...found.filter((watch) => !watch.bounds.single),
          ...found.filter((watch) => watch.bounds.single),
        ];
        expect(interestedIn(interest, each).map((watch) => watch.number)).toEqual(
          want.map((watch) => watch.number),
        );
      }
    });
    for (const watch of watches) interest = removeInterest(interest, watch);
    expect([interest.exact.size, interest.segments.size]).toEqual([0, 0]);
  },
);
