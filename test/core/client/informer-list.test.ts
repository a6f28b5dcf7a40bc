/** Aim: an informer can be added to others and taken away, and theirs stay as they are. Method: one at a time. */
import { expect, test } from 'vitest';
import {
  allSynced,
  informerNamed,
  newInformers,
  reduceInformers,
  withInformer,
  withoutInformer,
} from '../../../core/client/informer.ts';

const answerTag = (stream: string) => ({ of: 'informer' as const, stream });

test('one more begins with its list; one less closes its watch, and what still comes for it is nobody’s', () => {
  const first = newInformers('me', [{ resource: 'pods' }]);
  const more = withInformer(first, 'me', { resource: 'widgets.example.com' });
  expect(more.requests).toMatchObject([
    { do: 'call', request: { verb: 'list', resource: 'widgets.example.com' } },
  ]);
  expect(informerNamed(more.informers, 'pods')).toBe(informerNamed(first, 'pods'));
  expect(allSynced(more.informers)).toBe(false);
  const again = withInformer(more.informers, 'me', { resource: 'widgets.example.com' });
  expect(again).toEqual({ informers: more.informers, deltas: [], requests: [] });
  const less = withoutInformer(more.informers, 'widgets.example.com');
  expect(less.requests).toEqual([{ do: 'unwatch', stream: 'widgets.example.com' }]);
  expect(informerNamed(less.informers, 'widgets.example.com')).toBeUndefined();
  const late = reduceInformers(less.informers, { type: 'timer', tag: answerTag('widgets.example.com') });
  expect(late).toEqual({ informers: less.informers, deltas: [], requests: [] });
  expect(withoutInformer(less.informers, 'widgets.example.com').requests).toEqual([]);
});
