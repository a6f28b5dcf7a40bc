/** Aim: arithmetic on quantities is exact, whatever the suffixes. Method: properties against BigInt thousandths. */
import { test, fc } from '@fast-check/vitest';
import { expect } from 'vitest';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  isQuantity,
  milliValue,
  quantityText,
  subtractQuantities,
} from '../../../core/text/quantity.ts';

const factors = {
  m: 1n,
  '': 1000n,
  k: 1_000_000n,
  M: 1_000_000_000n,
  Ki: 1_024_000n,
  Mi: 1_048_576_000n,
  e3: 1_000_000n,
};

/** A quantity and how many thousandths it is. */
const amounts = fc
  .tuple(fc.integer({ min: -999_999, max: 999_999 }), fc.constantFrom(...Object.keys(factors)))
  .map(([number, suffix]) => ({
    text: `${number}${suffix}`,
    milli: BigInt(number) * (factors[suffix as keyof typeof factors] ?? 0n),
  }));

test.prop([amounts, amounts])('a sum is the sum of the thousandths, and can be taken apart again', (a, b) => {
  const sum = addQuantities(a.text, b.text);
  expect(BigInt(milliValue(sum))).toBe(a.milli + b.milli);
  expect(compareQuantities(subtractQuantities(sum, b.text), a.text)).toBe(0);
});

test.prop([amounts, amounts])('the order is that of the thousandths', (a, b) => {
  expect(compareQuantities(a.text, b.text)).toBe(a.milli < b.milli ? -1 : a.milli > b.milli ? 1 : 0);
});

test.prop([amounts])('the canonical text is canonical, and says the same', ({ text }) => {
  const canonical = canonicalQuantity(text);
  expect(canonicalQuantity(canonical)).toBe(canonical);
  expect(compareQuantities(canonical, text)).toBe(0);
  expect(compareQuantities(quantityText(text), text)).toBe(0);
});

test('a text as long as a book, or with an exponent past all bounds, is refused or read in no time', () => {
  expect(isQuantity(`${'9'.repeat(10_000)}m`)).toBe(true);
  expect(isQuantity('1e2000000000')).toBe(false);
  expect(canonicalQuantity('1e-2000000000')).toBe('1e-9');
});
