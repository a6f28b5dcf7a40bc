/**
 * Aim: a strategic merge patch between two objects turns one into the other, and says nothing where there is nothing to say.
 * Method: properties over Pods, Services and Deployments with lists by key, sets, atomic lists and `retainKeys`.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../../core/api/generated/types.ts';
import type { MergeType } from '../../../../core/api/patch/merge-type.ts';
import { mergeTypeOfDefinition } from '../../../../core/api/patch/merge-type-of-kind.ts';
import { applyStrategicPatch } from '../../../../core/api/patch/strategic.ts';
import { createThreeWayPatch, createTwoWayPatch } from '../../../../core/api/patch/three-way.ts';
import { deployments, pods, services } from './objects.ts';

const kinds: readonly (readonly [string, fc.Arbitrary<Json>])[] = [
  ['Pod', pods],
  ['Service', services],
  ['Deployment', deployments],
];

const patchOf = (answer: { readonly patch: Json } | { readonly error: string }): Json => {
  if ('error' in answer) throw new Error(answer.error);
  return answer.patch;
};

/**
 * What the apiserver makes of a patched object: a set has no order (Kubernetes compares it with a sorted copy, so that sorting it is
 * no change), and of a new item of a list neither its nulls nor its `$retainKeys` are fields.
 */
function decoded(value: Json, field = ''): Json {
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => decoded(item));
    return field === 'finalizers' ? items.sort() : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([name, inner]) => inner !== null && !name.startsWith('$'));
  return Object.fromEntries(fields.map(([name, inner]) => [name, decoded(inner as Json, name)]));
}

function applied(object: Json, patch: Json, type: MergeType): Json {
  const patched = applyStrategicPatch(object, patch, type);
  if ('error' in patched) throw new Error(patched.error);
  return decoded(patched.result);
}

describe.each(kinds)('%s', (kind, objects) => {
  const type = mergeTypeOfDefinition(kind);

  test('the patch from one object to another turns one into the other', () => {
    fc.assert(
      fc.property(objects, objects, (before, after) => {
        const patch = patchOf(createTwoWayPatch(before, after, type));
        expect(applied(before, patch, type)).toEqual(decoded(after));
      }),
    );
  });

  test('a patch changes neither of the objects it is computed from', () => {
    fc.assert(
      fc.property(objects, objects, (before, after) => {
        const kept = JSON.stringify([before, after]);
        applyStrategicPatch(before, patchOf(createTwoWayPatch(before, after, type)), type);
        expect(JSON.stringify([before, after])).toBe(kept);
      }),
    );
  });

  test('kubectl apply of what is live already changes nothing', () => {
    fc.assert(
      fc.property(objects, (object) => {
        const patch = patchOf(createThreeWayPatch(object, object, object, type, true));
        expect(applied(object, patch, type)).toEqual(decoded(object));
      }),
    );
  });

  test('kubectl apply leaves nothing to apply', () => {
    fc.assert(
      fc.property(objects, objects, objects, (last, wanted, live) => {
        const patch = patchOf(createThreeWayPatch(last, wanted, live, type, true));
        const once = applied(live, patch, type);
        const again = patchOf(createThreeWayPatch(wanted, wanted, once, type, true));
        expect(applied(once, again, type)).toEqual(once);
      }),
    );
  });
});
