/** Aim: what a selector finds by the index is what it finds in a walk of all Pods, in that order. Method: fast-check against the walk. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Pod } from '../../../core/api/generated/types.ts';
import { matchesLabels, type Requirement } from '../../../core/api/selector.ts';
import { emptyView, objectsIn, withObject, withoutObject, type View } from '../../../core/api/view.ts';
import { informersOf } from '../../../core/client/informer.ts';
import { selectedPods } from '../../../core/controllers/selected-pods.ts';

// Keys and namespaces of which one begins as another does.
const keys = fc.constantFrom('app', 'app.x', 'app/x', 'ap');
const values = fc.constantFrom('', '1', '2', '30');
const namespaces = fc.constantFrom('a', 'ab');

const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record({ key: keys, operator: fc.constant('=' as const), values: fc.tuple(values) }),
  fc.record({
    key: keys,
    operator: fc.constantFrom('in' as const, 'notin' as const),
    values: fc.array(values),
  }),
  fc.record({ key: keys, operator: fc.constantFrom('gt' as const, 'lt' as const), values: fc.tuple(values) }),
  fc.record({
    key: keys,
    operator: fc.constantFrom('exists' as const, '!' as const),
    values: fc.constant([]),
  }),
);

const write = fc.record({
  namespace: namespaces,
  name: fc.constantFrom('p', 'q', 'r', 's'),
  labels: fc.option(fc.dictionary(keys, values), { nil: undefined }),
});

const podOf = (namespace: string, name: string, labels: Readonly<Record<string, string>>): Pod =>
  ({ kind: 'Pod', apiVersion: 'v1', metadata: { namespace, name, labels }, spec: {} }) as unknown as Pod;

test('the index finds what a walk finds', () => {
  fc.assert(
    fc.property(
      fc.array(write, { maxLength: 20 }),
      namespaces,
      fc.array(requirement, { maxLength: 3 }),
      (writes, namespace, selector) => {
        let view: View<'pods'> = emptyView('pods');
        for (const { namespace: at, name, labels } of writes)
          view =
            labels === undefined
              ? withoutObject(view, `${at}/${name}`, 1)
              : withObject(view, `${at}/${name}`, podOf(at, name, labels), 1);
        const walked = [...objectsIn(view, namespace)].filter(({ metadata }) =>
          matchesLabels(selector, metadata.labels),
        );
        expect(selectedPods(informersOf([view as View]), namespace, selector)).toEqual(walked);
      },
    ),
    { numRuns: 500 },
  );
});
