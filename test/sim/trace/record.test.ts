/** Aim: a record is what JSON says of the object, however its text was made. Method: fast-check against `JSON.stringify`. */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { stampRevision, type ApiObject } from '../../../core/api/object.ts';
import type { EtcdEvent } from '../../../core/etcd/message.ts';
import { writeCommit } from '../../../sim/trace/record.ts';
import { writtenBy } from './written.ts';

const commitLine = (event: EtcdEvent<ApiObject>): string => writtenBy((out) => writeCommit(out, event));

const metadata = { name: 'web', uid: 'u', resourceVersion: '7', creationTimestamp: '2025-01-01T00:00:00Z' };

/** The first write of `value`. */
const put = (key: string, value: ApiObject): string =>
  commitLine({
    type: 'PUT',
    key,
    modRevision: 7,
    kv: { key, value, createRevision: 7, modRevision: 7, version: 1, lease: 0 },
  });

property.prop([fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()])(
  'the object of a first write is all there, its spec last',
  (spec, status) => {
    const key = '/registry/pods/default/web';
    const value = { apiVersion: 'v1', kind: 'Pod', metadata, spec, status } as ApiObject;
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, status, spec });
    expect(put(key, value)).toBe(`{"rev":7,"key":"${key}","put":${text}}`);
  },
);

const word = fc.oneof({ weight: 9, arbitrary: fc.constantFrom('', 'web', 'v1') }, fc.string());
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 8 });
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, arbitrary);
const reference = fc.record({ kind: word, name: word, uid: maybe(word), fieldPath: maybe(word) });

const event = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constant('Event'),
  metadata: fc.record({
    name: word,
    namespace: word,
    uid: word,
    resourceVersion: word,
    creationTimestamp: word,
    labels: rarely(fc.dictionary(word, word)),
    generateName: rarely(word),
  }),
  reportingInstance: maybe(word),
  involvedObject: reference,
  reason: maybe(word),
  message: maybe(word),
  source: maybe(fc.dictionary(word, word)),
  firstTimestamp: maybe(fc.option(word, { freq: 8 })),
  lastTimestamp: maybe(word),
  count: maybe(fc.nat()),
  type: maybe(word),
  eventTime: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, maybe(word)),
  series: rarely(fc.record({ count: fc.nat() })),
  action: rarely(word),
  related: rarely(reference),
  reportingComponent: maybe(word),
});

property.prop([event], { numRuns: 500 })(
  'an Event is written as JSON writes what etcd has stamped',
  (each) => {
    const value = stampRevision(each as unknown as ApiObject, 7);
    expect(put('/registry/events/e', value)).toBe(
      `{"rev":7,"key":"/registry/events/e","put":${JSON.stringify(value)}}`,
    );
  },
);

test('what was there already is patched', () => {
  const key = '/registry/pods/default/web';
  const kv = (value: object, modRevision: number) => ({
    key,
    value: value as ApiObject,
    createRevision: 7,
    modRevision,
    version: 1,
    lease: 0,
  });
  const before = kv({ kind: 'Pod', metadata, spec: { a: 1, b: [1] }, status: { phase: 'Pending' } }, 7);
  const after = kv({ kind: 'Pod', metadata, spec: { b: [1, 2] }, status: { phase: 'Pending' } }, 8);
  expect(commitLine({ type: 'PUT', key, modRevision: 8, kv: after, prevKv: before })).toBe(
    `{"rev":8,"key":"${key}","patch":{"spec":{"b":[1,2],"a":null}}}`,
  );
  expect(commitLine({ type: 'DELETE', key, modRevision: 9, prevKv: after })).toBe(
    `{"rev":9,"key":"${key}","delete":true}`,
  );
});
