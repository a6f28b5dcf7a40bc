/**
 * Aim: an update that is taken for one of its manager's own values alone really is one. Method: objects whose scalars are
 * changed at random, against the full comparison of fields.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resourceNamed } from '../../../../core/api/kinds.ts';
import {
  difference,
  fieldSetOf,
  intersection,
  isEmpty,
  noFields,
} from '../../../../core/api/patch/field-set.ts';
import { mergeTypeOfKind } from '../../../../core/api/patch/merge-type-of-kind.ts';
import type { MapType } from '../../../../core/api/patch/merge-type.ts';
import { changesOnlyOwn } from '../../../../core/api/patch/own-changes.ts';
import { thaw, type Tree } from '../../../../core/api/patch/tree.ts';
import { compare } from '../../../../core/api/patch/typed-compare.ts';
import { fieldsOf } from '../../../../core/api/patch/typed-fields.ts';
import { deployments } from './objects.ts';

function typeOf(resource: string): MapType {
  const info = resourceNamed(resource);
  const type = info === undefined ? undefined : mergeTypeOfKind(info, 'apps/v1');
  if (type === undefined) throw new Error(`${resource} has a type`);
  return type;
}

const type = typeOf('deployments');

/** A copy in which the scalars that `chosen` names by their number are others; the last of a list may go. */
function changed(value: Tree, chosen: ReadonlySet<number>, place = { number: 0 }): Tree {
  const number = place.number++;
  if (Array.isArray(value)) {
    const items = chosen.has(number) && number % 3 === 0 ? value.slice(0, -1) : value;
    return items.map((item) => changed(item, chosen, place));
  }
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        name === 'kind' || name === 'apiVersion' ? inner : changed(inner, chosen, place),
      ]),
    );
  if (!chosen.has(number)) return value;
  return typeof value === 'string' ? `${value}x` : typeof value === 'number' ? value + 1 : value;
}

const updates = fc
  .tuple(
    deployments,
    fc.uniqueArray(fc.nat(40), { maxLength: 4 }),
    fc.uniqueArray(fc.nat(40), { maxLength: 4 }),
  )
  .map(([object, now, theirs]) => {
    const before = thaw(object);
    return { before, after: changed(before, new Set(now)), others: changed(before, new Set(theirs)) };
  });

test('what is taken for own changes alone: nothing came or went, and nobody else had it', () => {
  let taken = 0;
  fc.assert(
    fc.property(updates, fc.boolean(), ({ before, after, others }, shared) => {
      const theirs = shared ? compare(type, before, others).modified : noFields;
      const own = difference(fieldsOf(type, before), shared ? noFields : fieldSetOf(['spec', 'replicas']));
      const place = { own, others: [theirs], ignored: undefined, unowned: undefined };
      if (!changesOnlyOwn(type, before, after, place)) return;
      taken++;
      const { added, removed, modified } = compare(type, before, after);
      expect([isEmpty(added), isEmpty(removed), isEmpty(modified)]).toEqual([true, true, false]);
      expect(difference(modified, own)).toEqual(noFields);
      expect(intersection(modified, theirs)).toEqual(noFields);
    }),
    { numRuns: 500, seed: 7 },
  );
  expect(taken).toBeGreaterThan(50);
});

test('what is ignored does not count, and what came does', () => {
  const status = (readyReplicas: number, replicas?: number): Tree =>
    thaw({ spec: { replicas }, status: { readyReplicas } });
  const own = fieldSetOf(['status', 'readyReplicas']);
  const place = { own, others: [], ignored: fieldSetOf(['spec']), unowned: undefined };
  expect(changesOnlyOwn(type, status(1), status(2), place)).toBe(true);
  expect(changesOnlyOwn(type, status(1, 1), status(2, 5), place)).toBe(true);
  expect(changesOnlyOwn(type, status(1), status(1, 5), place)).toBe(false);
  expect(changesOnlyOwn(type, thaw({ status: {} }), status(1), place)).toBe(false);
});
