/**
 * Quantities: core/text/quantity.ts. Compared are all fields, but for `value`, `milliValue` and `asInt64` where Go's int64
 * overflows or a double does not hold the number (the recording's README has them optional there).
 */
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  milliValue,
  multiplyQuantity,
  newMilliQuantity,
  newQuantity,
  parseQuantity,
  quantityText,
  roundUpQuantity,
  subtractQuantities,
  wholeValue,
  type QuantityFormat,
} from '../../../core/text/quantity.ts';
import type { Family, RecordedCase } from '../family.ts';
import { differenceOfFields, operationOf, type Answer } from './operation.ts';

export const quantityFamily: Family = {
  name: 'quantity',
  *answer(cases) {
    for (const asked of cases) {
      const answer = operationOf(answers, asked, 'quantities');
      yield { name: nameOf(asked), difference: differenceOfFields(asked, answer(asked)) };
    }
  },
};

const nameOf = ({ op, in: text, a, b, value }: RecordedCase): string =>
  [op, text ?? a ?? value, b].filter((part) => part !== undefined).join(' ');

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const answers: Readonly<Record<string, (asked: RecordedCase) => Answer>> = {
  parse: (asked) => parsed(text(asked['in']), asked),
  json: (asked) => ({ ...decoded(text(asked['in'])) }),
  cmp: ({ a, b }) => {
    const result = compareQuantities(text(a), text(b));
    return { result, equal: result === 0 };
  },
  add: ({ a, b }) => withFormat(addQuantities(text(a), text(b)), text(a), text(b)),
  sub: ({ a, b }) => withFormat(subtractQuantities(text(a), text(b)), text(a), text(b)),
  sum: (asked) => {
    const list = asked['in'] as readonly string[];
    const result = list.reduce(addQuantities, '0');
    return { ...withFormat(result, ...list), ...numbers(result, asked, ['value', 'milliValue']) };
  },
  mul: ({ a, b }) => {
    const result = multiplyQuantity(text(a), BigInt(text(b)));
    return { result };
  },
  roundUp: ({ in: given, scale }) => ({ result: roundUpQuantity(text(given), Number(scale)) }),
  newQuantity: ({ value, format }) => ({
    string: newQuantity(BigInt(text(value)), format as QuantityFormat),
  }),
  newMilliQuantity: ({ value, format }) => ({
    string: newMilliQuantity(BigInt(text(value)), format as QuantityFormat),
  }),
};

function parsed(given: string, asked: RecordedCase): Answer {
  const value = parseQuantity(given);
  if ('error' in value) return { error: value.error };
  return {
    error: undefined,
    string: quantityText(given),
    canonical: canonicalQuantity(given),
    format: value.format,
    sign: value.digits > 0n ? 1 : value.digits < 0n ? -1 : 0,
    ...numbers(given, asked, ['value', 'milliValue']),
  };
}

/** A format stays what the first that is not zero had. */
function withFormat(result: string, ...terms: readonly string[]): Answer {
  const values = terms.map((term) => parseQuantity(term));
  const first = values.find((value) => !('error' in value) && value.digits !== 0n) ?? values.at(-1);
  return { result, format: first === undefined || 'error' in first ? undefined : first.format };
}

/** Numbers that a double holds; the recorded ones past that are Go's, wrapped. */
function numbers(given: string, asked: RecordedCase, fields: readonly ('value' | 'milliValue')[]): Answer {
  const read = parseQuantity(given);
  // Go keeps what is no small decimal in nanos, and takes a number of them below -2^63 for one that fits.
  const wraps = !('error' in read) && !read.small && wholeValue(given) < -9_223_372_036;
  const exact = { value: wholeValue(given), milliValue: milliValue(given) };
  return Object.fromEntries(
    fields.map((field) => [
      field,
      !wraps && Number.isSafeInteger(exact[field]) && Number.isSafeInteger(Number(asked[field]))
        ? `${exact[field]}`
        : asked[field],
    ]),
  );
}

/** A quantity in a JSON document: text or a number, and what is written back. */
function decoded(document: string): Answer {
  const inner = document.replace(/^"(.*)"$/s, '$1').trim();
  const value = parseQuantity(inner);
  return 'error' in value ? { error: value.error } : { json: JSON.stringify(canonicalQuantity(inner)) };
}
