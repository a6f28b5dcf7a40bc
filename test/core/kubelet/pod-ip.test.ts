/** Addresses for Pods: in turn, never one that is taken, none when all are. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressText, cidrOf, nextAddress, placeOf } from '../../../core/kubelet/pod-ip.ts';

test('the first address is the third of the range, and the turn goes round', () => {
  const cidr = cidrOf('10.0.3.0/29');
  const given: string[] = [];
  for (let last = 0, i = 0; i < 6; i++) {
    last = nextAddress(cidr, last, () => false) ?? -1;
    given.push(addressText(cidr, placeOf(cidr, last)));
  }
  expect(given).toEqual(['10.0.3.2', '10.0.3.3', '10.0.3.4', '10.0.3.5', '10.0.3.6', '10.0.3.2']);
});

test('once all have been given, a taken address is never given, and undefined means that all are taken', () => {
  const cidr = cidrOf('10.0.0.0/28');
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 2, max: 14 })),
      fc.integer({ min: 14, max: 40 }),
      (taken, last) => {
        const next = nextAddress(cidr, last, (each) => taken.includes(each));
        if (next === undefined) expect(taken).toHaveLength(13);
        else {
          const place = placeOf(cidr, next);
          expect(next).toBeGreaterThan(last);
          expect(taken).not.toContain(place);
          expect(place).toBeGreaterThanOrEqual(2);
          expect(place).toBeLessThanOrEqual(14);
        }
      },
    ),
  );
});

test('a range that carries over a byte', () => {
  expect(addressText(cidrOf('10.1.0.0/22'), 700)).toBe('10.1.2.188');
});
