/**
 * Aim: whatever is written, the store answers reads of any revision and watches of the past like a list of all writes
 * would; and no operation changes what an older store answers. Method: random requests, a naive model beside the store.
 */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import type { EtcdEvent, KeyValue, Operation } from '../../../core/etcd/message.ts';
import { compareBytes } from '../../../core/etcd/order.ts';
import { isTombstone, type Store } from '../../../core/etcd/store.ts';
import { applyKv } from '../../../core/etcd/txn.ts';
import { createWatch, noWatches } from '../../../core/etcd/watch.ts';
import { texts, TextStore } from './text-store.ts';

const key = fc.constantFrom('a', 'a/1', 'a/2', 'b', 'c\uff5e', 'c\u{1f600}', 'd');
const rangeEnd = fc.option(fc.oneof(key, fc.constant('\0')), { nil: undefined });
const write: fc.Arbitrary<Operation<string>> = fc.oneof(
  fc.record({ type: fc.constant('put' as const), key, value: fc.constantFrom('0', '1', '2') }),
  fc.record({ type: fc.constant('deleteRange' as const), key, rangeEnd }),
);
/** Of distinct keys, so that it is not refused. */
const puts = fc.uniqueArray(key, { minLength: 1, maxLength: 3 }).map((keys): Operation<string> => ({
  type: 'txn',
  compare: [],
  success: keys.map((each) => ({ type: 'put', key: each, value: 't' })),
  failure: [],
}));
type Command = Operation<string> | { readonly type: 'compact'; readonly back: number };
const commands: fc.Arbitrary<readonly Command[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: write },
    { weight: 2, arbitrary: puts },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('compact' as const), back: fc.nat(6) }) },
  ),
  { maxLength: 40 },
);

/** One write of one key, in the order they were made. */
interface Write {
  readonly revision: number;
  readonly key: string;
  readonly kv: KeyValue<string> | undefined;
}

class Model {
  readonly writes: Write[] = [];
  revision = 1;
  compactRevision = -1;

  at(revision: number): ReadonlyMap<string, KeyValue<string>> {
    const keys = new Map<string, KeyValue<string>>();
    for (const { revision: when, key: each, kv } of this.writes) {
      if (when > revision) break;
      if (kv === undefined) keys.delete(each);
      else keys.set(each, kv);
    }
    return keys;
  }

  range(from: string, end: string | undefined, revision: number): readonly KeyValue<string>[] {
    return [...this.at(revision).values()]
      .filter((kv) => inRange(kv.key, from, end))
      .sort((a, b) => compareBytes(a.key, b.key));
  }

  apply(operation: Operation<string>): void {
    const next = this.revision + 1;
    this.write(operation, next);
    if (this.writes.at(-1)?.revision === next) this.revision = next;
  }

  private write(operation: Operation<string>, revision: number): void {
    switch (operation.type) {
      case 'put': {
        const before = this.at(revision).get(operation.key);
        const kv = {
          key: operation.key,
          value: operation.value ?? '',
          createRevision: before?.createRevision ?? revision,
          modRevision: revision,
          version: (before?.version ?? 0) + 1,
          lease: 0,
        };
        this.writes.push({ revision, key: operation.key, kv });
        return;
      }
      case 'deleteRange':
        for (const kv of this.range(operation.key, operation.rangeEnd, revision))
          this.writes.push({ revision, key: kv.key, kv: undefined });
        return;
      case 'txn':
        for (const each of operation.success) this.write(each, revision);
        return;
      case 'range':
        return;
    }
  }

  /** What a watch with prev_kv that begins at `revision` is told of the past. */
  events(from: string, end: string | undefined, revision: number): readonly EtcdEvent<string>[] {
    return this.writes
      .filter((each) => each.revision >= revision && inRange(each.key, from, end))
      .map((each) => ({
        type: each.kv === undefined ? 'DELETE' : 'PUT',
        key: each.key,
        modRevision: each.revision,
        kv: each.kv,
        prevKv:
          each.revision - 1 < this.compactRevision ? undefined : this.at(each.revision - 1).get(each.key),
      }));
  }
}

const inRange = (each: string, from: string, end: string | undefined): boolean =>
  end === undefined
    ? each === from
    : compareBytes(each, from) >= 0 && (end === '\0' || compareBytes(each, end) < 0);

/** Carries the commands out on both. */
function both(list: readonly Command[], after: (store: TextStore, model: Model) => void): void {
  const store = new TextStore();
  const model = new Model();
  for (const command of list) {
    if (command.type === 'compact') {
      const revision = model.revision - command.back;
      const response = store.kv({ type: 'compact', revision });
      expect(response.type).toBe(revision <= model.compactRevision ? 'error' : 'compact');
      if (response.type === 'compact') model.compactRevision = revision;
    } else {
      store.kv(command);
      model.apply(command);
    }
    after(store, model);
  }
}

test.prop([commands, key, rangeEnd, fc.nat(12)])(
  'every revision reads as the list of writes says',
  (list, from, end, limit) => {
    both(list, (store, model) => {
      expect(store.store.revision).toBe(model.revision);
      for (let revision = Math.max(1, model.compactRevision); revision <= model.revision; revision++) {
        const want = model.range(from, end, revision);
        const kvs = limit > 0 ? want.slice(0, limit) : want;
        const response = store.kv({ type: 'range', key: from, rangeEnd: end, revision, limit });
        expect(response).toMatchObject({
          type: 'range',
          revision: model.revision,
          kvs,
          more: kvs.length < want.length,
          count: want.length,
        });
      }
      if (model.compactRevision > 1)
        expect(store.read(from, end, model.compactRevision - 1)).toMatch(/compacted/);
      expect(store.kv({ type: 'range', key: from, rangeEnd: end, countOnly: true })).toMatchObject({
        count: model.range(from, end, model.revision).length,
      });
    });
  },
);

test.prop([commands, key, rangeEnd])(
  'a watch of the past is told what the list of writes says',
  (list, from, end) => {
    fc.pre(end === undefined || end === '\0' || compareBytes(from, end) < 0);
    both(list, (store, model) => {
      for (let revision = Math.max(1, model.compactRevision); revision <= model.revision; revision++) {
        const create = { key: from, rangeEnd: end, startRevision: revision, prevKv: true };
        const { deliveries } = createWatch(noWatches(), store.store, 1, create);
        expect(deliveries.slice(1).flatMap((delivery) => delivery.response.events)).toMatchObject(
          model.events(from, end, revision),
        );
      }
    });
  },
);

test.prop([commands])(
  'the key of a version is in exactly one place, and nothing that is compacted is kept',
  (list) => {
    both(list, ({ store }, model) => {
      for (const [each, version] of store.live.ordered()) {
        expect(isTombstone(version)).toBe(false);
        expect(store.dead.get(each)).toBeUndefined();
      }
      for (const [each, version] of store.dead) {
        expect(isTombstone(version)).toBe(true);
        expect(version.modRevision).toBeGreaterThanOrEqual(model.compactRevision);
        expect(store.live.get(each)).toBeUndefined();
      }
      for (const newest of [...store.live.ordered().values(), ...store.dead.values()]) {
        const older = new Set<number>();
        for (let version = newest.previous; version !== undefined; version = version.previous)
          if (version.modRevision <= model.compactRevision) older.add(version.modRevision);
        expect(older.size).toBeLessThanOrEqual(1);
      }
      expect(store.log.first).toBe(Math.max(2, model.compactRevision));
    });
  },
);

/** All that a store can answer about its keys. */
function everything(store: Store<string>): unknown {
  const answers: unknown[] = [store.revision, store.compactRevision];
  for (let revision = 1; revision <= store.revision; revision++) {
    answers.push(applyKv(store, { type: 'range', key: '\0', rangeEnd: '\0', revision }, texts).response);
    answers.push(store.log.get(revision));
  }
  return structuredClone(answers);
}

test.prop([commands, commands])(
  'an older store answers as before, whatever was done with it since',
  (first, then) => {
    let older: Store<string> | undefined;
    both(first, ({ store }) => (older = store));
    if (older === undefined) return;
    const before = everything(older);
    for (const forked of [then, [...then].reverse()]) {
      const fork = new TextStore();
      fork.store = older;
      for (const command of forked)
        fork.kv(
          command.type === 'compact'
            ? { type: 'compact', revision: fork.store.revision - command.back }
            : command,
        );
      expect(everything(older)).toEqual(before);
    }
  },
);
