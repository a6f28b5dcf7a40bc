/** Aim: the edges of requests about keys, each as etcd v3.6.4 answers it. Method: tables over a small store. */
import { describe, expect, test } from 'vitest';
import type { Compare, KvRequest, Operation, RangeRequest } from '../../../core/etcd/message.ts';
import { always, put, remove, TextStore } from './text-store.ts';

/** Revision 2: a=1; 3: b=2; 4: c=0; 5: b=3; 6: c deleted; 7: d=1. */
function example(): TextStore {
  const store = new TextStore();
  for (const request of [
    put('a', '1'),
    put('b', '2'),
    put('c', '0'),
    put('b', '3'),
    remove('c'),
    put('d', '1'),
  ])
    store.kv(request);
  return store;
}

const errorOf = (store: TextStore, request: KvRequest<string>): string => {
  const response = store.kv(request);
  return response.type === 'error'
    ? `${response.error.code} ${response.error.message}`
    : `no error, revision ${response.revision}`;
};

describe('what does not take a revision', () => {
  const idle: readonly (readonly [string, KvRequest<string>])[] = [
    ['a delete of a key that is not there', remove('x')],
    ['a delete of an empty range', remove('x', 'z')],
    ['a txn that only reads', always({ type: 'range', key: 'a' })],
    ['an empty txn', always()],
    ['a txn whose deletes find nothing', always(remove('x'), remove('c'))],
    ['a compaction', { type: 'compact', revision: 3 }],
  ];
  test.each(idle)('%s', (_, request) => {
    const store = example();
    expect(store.kv(request)).toMatchObject({ revision: 7 });
    expect(store.events).toEqual([]);
  });
  test('but a put of the same value does', () => {
    const store = example();
    expect(store.kv({ ...put('a', '1'), prevKv: true })).toMatchObject({
      revision: 8,
      prevKv: { modRevision: 2, version: 1 },
    });
  });
});

test('a key that was deleted begins anew', () => {
  const store = example();
  expect(store.kv({ ...put('c', '9'), prevKv: true })).toEqual({
    type: 'put',
    revision: 8,
    prevKv: undefined,
  });
  expect(store.kv({ type: 'range', key: 'c' })).toMatchObject({
    kvs: [{ key: 'c', value: '9', createRevision: 8, modRevision: 8, version: 1 }],
  });
  expect(['2', '4', '5', '6', '8'].map((revision) => store.read('c', undefined, Number(revision)))).toEqual([
    '',
    'c=0@4',
    'c=0@4',
    '',
    'c=9@8',
  ]);
});

describe('ranges', () => {
  const all: RangeRequest = { type: 'range', key: '\0', rangeEnd: '\0' };
  const ranges: readonly (readonly [string, Partial<RangeRequest>, string])[] = [
    ['all', {}, 'a b d / 3'],
    ['from a key on', { key: 'b' }, 'b d / 2'],
    ['up to a key', { key: 'a', rangeEnd: 'd' }, 'a b / 2'],
    ['an end before the key', { key: 'd', rangeEnd: 'a' }, ' / 0'],
    ['the past', { revision: 4 }, 'a b c / 3'],
    ['at a deletion', { revision: 6 }, 'a b / 2'],
    ['a negative revision is now', { revision: -1 }, 'a b d / 3'],
    ['a limit', { limit: 2 }, 'a b more / 3'],
    ['a limit in the past', { limit: 2, revision: 4 }, 'a b more / 3'],
    ['a limit that is enough', { limit: 3 }, 'a b d / 3'],
    ['a negative limit is none', { limit: -1 }, 'a b d / 3'],
    ['only the count, before the limit', { countOnly: true, limit: 1 }, ' / 3'],
    ['only the count, in the past', { countOnly: true, revision: 2 }, ' / 1'],
    ['descending', { sortOrder: 'DESCEND' }, 'd b a / 3'],
    ['by value, equals by key', { sortTarget: 'VALUE' }, 'a d b / 3'],
    ['by value descending, equals by key', { sortTarget: 'VALUE', sortOrder: 'DESCEND' }, 'b a d / 3'],
    ['by mod descending', { sortTarget: 'MOD', sortOrder: 'DESCEND', limit: 2 }, 'd b more / 3'],
    [
      'another target without an order is limited before it is sorted',
      { sortTarget: 'VALUE', limit: 1, key: 'b' },
      'd more / 2',
    ],
    ['a filter, with the count before it', { minModRevision: 5 }, 'b d / 3'],
    ['filters and a limit', { minCreateRevision: 3, maxCreateRevision: 7, limit: 1 }, 'b more / 3'],
  ];
  test.each(ranges)('%s', (_, request, short) => {
    const response = example().kv({ ...all, ...request });
    if (response.type !== 'range') throw new Error('a range is answered by a range');
    const keys = response.kvs.map((kv) => kv.key).join(' ');
    expect(`${keys}${response.more ? ' more' : ''} / ${response.count}`).toBe(short);
    expect(response.revision).toBe(7);
  });
  test('keys only', () => {
    expect(example().kv({ type: 'range', key: 'b', keysOnly: true })).toMatchObject({
      kvs: [{ key: 'b', value: '', modRevision: 5 }],
    });
  });
});

describe('compares', () => {
  const compare = (
    key: string,
    target: Compare<string>['target'],
    result: Compare<string>['result'],
    operand: number | string,
    rangeEnd?: string,
  ) => ({ key, target, result, operand, rangeEnd }) satisfies Compare<string>;
  const table: readonly (readonly [string, readonly Compare<string>[], boolean])[] = [
    ['none holds', [], true],
    ['mod', [compare('b', 'MOD', 'EQUAL', 5)], true],
    ['create', [compare('b', 'CREATE', 'EQUAL', 3)], true],
    ['version', [compare('b', 'VERSION', 'LESS', 3)], true],
    ['all must hold', [compare('b', 'MOD', 'EQUAL', 5), compare('a', 'MOD', 'GREATER', 2)], false],
    [
      'a missing key has number 0',
      [compare('x', 'MOD', 'EQUAL', 0), compare('c', 'VERSION', 'EQUAL', 0)],
      true,
    ],
    ['a missing key has no value', [compare('x', 'VALUE', 'EQUAL', '')], false],
    ['nor another value', [compare('x', 'VALUE', 'NOT_EQUAL', '1')], false],
    ['values', [compare('a', 'VALUE', 'LESS', '2')], true],
    ['every key of a range', [compare('a', 'MOD', 'GREATER', 1, 'z')], true],
    ['one key of a range fails', [compare('a', 'MOD', 'GREATER', 2, 'z')], false],
    ['a range without keys is a missing key', [compare('x', 'LEASE', 'EQUAL', 0, 'z')], true],
    ['from a key on', [compare('b', 'CREATE', 'GREATER', 2, '\0')], true],
  ];
  test.each(table)('%s', (_, compares, succeeded) => {
    expect(example().kv({ type: 'txn', compare: compares, success: [], failure: [] })).toMatchObject({
      succeeded,
    });
  });
});

describe('a txn', () => {
  test('reads its own writes at its own revision, and is one commit in the order of its operations', () => {
    const store = example();
    const read: Operation<string> = { type: 'range', key: 'a', rangeEnd: 'z' };
    expect(
      store.kv(always(read, put('z', '1'), put('a', '2'), remove('b', 'c'), { ...read, countOnly: true })),
    ).toMatchObject({
      revision: 8,
      responses: [
        { revision: 7, count: 3 },
        { revision: 8 },
        { revision: 8 },
        { revision: 8, deleted: 1 },
        { revision: 8, count: 2 },
      ],
    });
    expect(store.events.map((event) => `${event.type} ${event.key}@${event.modRevision}`)).toEqual([
      'PUT z@8',
      'PUT a@8',
      'DELETE b@8',
    ]);
  });
  test('reads the past while it writes', () => {
    const store = example();
    const response = store.kv(
      always(put('a', '2'), { type: 'range', key: 'a', revision: 7 }, { type: 'range', key: 'a' }),
    );
    expect(response).toMatchObject({ responses: [{}, { kvs: [{ value: '1' }] }, { kvs: [{ value: '2' }] }] });
  });
  test('decides nested compares on the store before it', () => {
    const store = example();
    const nested: Operation<string> = {
      type: 'txn',
      compare: [{ key: 'a', target: 'MOD', result: 'EQUAL', operand: 2 }],
      success: [put('y', 'before')],
      failure: [put('y', 'after')],
    };
    expect(store.kv(always(put('a', '2'), nested))).toMatchObject({
      revision: 8,
      responses: [{ revision: 8 }, { type: 'txn', revision: 0, succeeded: true }],
    });
    expect(store.read('y')).toBe('y=before@8');
  });
  test('that fails anywhere writes nothing', () => {
    const store = example();
    const before = store.store;
    expect(errorOf(store, always(put('a', '2'), always(put('b', '1', 99))))).toBe(
      '5 etcdserver: requested lease not found',
    );
    expect(store.store).toBe(before);
  });
  test('puts and deletes one key only through sibling txns: the previous key is the one before the txn', () => {
    const store = example();
    store.kv(always(always(put('a', 'own')), always(remove('a'))));
    expect(store.events).toMatchObject([
      { type: 'PUT', prevKv: { value: '1' } },
      { type: 'DELETE', prevKv: { value: '1' } },
    ]);
    expect(store.read('a')).toBe('');
    expect(store.read('a', undefined, 7)).toBe('a=1@2');
  });
});

describe('refused', () => {
  const range: Operation<string> = { type: 'range', key: 'a' };
  const many = (count: number): readonly Operation<string>[] => Array.from({ length: count }, () => range);
  const empty = '3 etcdserver: key is not provided';
  const twice = '3 etcdserver: duplicate key given in txn request';
  const tooMany = '3 etcdserver: too many operations in txn request';
  const gone = '11 etcdserver: mvcc: required revision has been compacted';
  const future = '11 etcdserver: mvcc: required revision is a future revision';
  const table: readonly (readonly [string, KvRequest<string>, string])[] = [
    ['a range without a key', { type: 'range', key: '' }, empty],
    ['a put without a key', put(''), empty],
    ['a delete without a key', remove('', '\0'), empty],
    [
      'a compare without a key',
      {
        type: 'txn',
        compare: [{ key: '', target: 'MOD', result: 'EQUAL', operand: 0 }],
        success: [],
        failure: [],
      },
      empty,
    ],
    [
      'an operation of the other branch without a key',
      { type: 'txn', compare: [], success: [], failure: [put('')] },
      empty,
    ],
    ['a value that is ignored', { ...put('a', '1'), ignoreValue: true }, '3 etcdserver: value is provided'],
    [
      'a lease that is ignored',
      { ...put('a', '1', 7), ignoreLease: true },
      '3 etcdserver: lease is provided',
    ],
    ['no value to keep', { ...put('x'), ignoreValue: true }, '3 etcdserver: key not found'],
    ['no lease to keep', { ...put('c', '1'), ignoreLease: true }, '3 etcdserver: key not found'],
    ['a lease that is not there', put('a', '1', 7), '5 etcdserver: requested lease not found'],
    ['the future', { type: 'range', key: 'a', revision: 8 }, future],
    [
      'the revision a txn is about to write',
      always(put('a', '2'), { type: 'range', key: 'a', revision: 8 }),
      future,
    ],
    ['what was compacted', { type: 'range', key: 'a', revision: 2 }, gone],
    ['what was compacted, only to count', { type: 'range', key: 'a', revision: 2, countOnly: true }, gone],
    [
      'a negative revision in a txn after a compaction',
      always({ type: 'range', key: 'a', revision: -1 }),
      gone,
    ],
    ['a compaction once more', { type: 'compact', revision: 3 }, gone],
    ['a compaction of the future', { type: 'compact', revision: 8 }, future],
    ['put and put', always(put('x'), put('x')), twice],
    ['put and delete', always(put('x'), remove('x')), twice],
    ['put and delete of a range', always(remove('a', 'z'), put('x')), twice],
    [
      'put and put in the branch not taken',
      { type: 'txn', compare: [], success: [], failure: [put('x'), put('x')] },
      twice,
    ],
    ['put and nested put', always(put('x'), always(put('x'))), twice],
    ['nested put and delete', always(always(put('x')), remove('x')), twice],
    ['nested delete, then nested put', always(always(remove('a', 'z')), always(put('x'))), twice],
    ['129 operations', always(...many(129)), tooMany],
    ['129 operations along a path', always(...many(127), always(...many(2))), tooMany],
    [
      '129 compares',
      {
        type: 'txn',
        compare: Array.from({ length: 129 }, () => ({
          key: 'a',
          target: 'MOD',
          result: 'EQUAL',
          operand: 0,
        })),
        success: [],
        failure: [],
      },
      tooMany,
    ],
  ];
  test.each(table)('%s', (_, request, message) => {
    const store = example();
    store.kv({ type: 'compact', revision: 3 });
    expect(errorOf(store, request)).toBe(message);
  });
});

describe('allowed', () => {
  const table: readonly (readonly [string, KvRequest<string>])[] = [
    ['128 operations', always(...Array.from({ length: 128 }, (_, i) => put(`k${i}`)))],
    ['delete and delete', always(remove('a'), remove('a'), remove('a', 'z'))],
    ['the same put in both branches', { type: 'txn', compare: [], success: [put('x')], failure: [put('x')] }],
    [
      'the same put in both nested branches',
      always({ type: 'txn', compare: [], success: [put('x')], failure: [put('x')] }),
    ],
    ['put beside a delete that ends before it', always(remove('a', 'x'), put('x'))],
    ['put within a delete to the end of all keys, as etcd overlooks it', always(remove('d', '\0'), put('x'))],
  ];
  test.each(table)('%s', (_, request) => {
    expect(errorOf(example(), request)).toBe('no error, revision 8');
  });
});

describe('compaction', () => {
  test('of revision 0, once', () => {
    const store = example();
    expect(errorOf(store, { type: 'compact', revision: 0 })).toBe('no error, revision 7');
    expect(errorOf(store, { type: 'compact', revision: 0 })).toMatch(/compacted/);
  });
  test('keeps what can be read from its revision on, and no more', () => {
    const store = example();
    store.kv({ type: 'compact', revision: 5 });
    expect([5, 6, 7].map((revision) => store.read('a', 'z', revision))).toEqual([
      'a=1@2 b=3@5 c=0@4',
      'a=1@2 b=3@5',
      'a=1@2 b=3@5 d=1@7',
    ]);
    expect(store.store.live.get('b')?.previous).toBeUndefined();
    store.kv({ type: 'compact', revision: 6 });
    // The deletion at revision 6 itself is told to a watch that begins there.
    expect([...store.store.dead.keys()]).toEqual(['c']);
    store.kv({ type: 'compact', revision: 7 });
    expect(store.store.dead.size).toBe(0);
    expect(store.read('c', undefined, 7)).toBe('');
    store.kv(put('c', 'new'));
    expect(store.store.live.get('c')?.previous).toBeUndefined();
  });
  test('of a key that was written very often', () => {
    const store = new TextStore();
    for (let i = 0; i < 20_000; i++) store.kv(put('hot', `${i}`));
    store.kv({ type: 'compact', revision: 10_000 });
    expect(store.read('hot', undefined, 10_000)).toBe('hot=9998@10000');
    expect(store.read('hot')).toBe('hot=19999@20001');
  });
});
