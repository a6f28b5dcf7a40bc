/** Aim: what etcd sends to whom, and when. Method: events to the reducer, requests from it. */
import { describe, expect, test } from 'vitest';
import type { EtcdServerEvent, EtcdServerRequest, WatchCreate } from '../../../core/etcd/message.ts';
import { etcdReducer, newEtcd, reduceEtcd, type EtcdServerState } from '../../../core/etcd/server.ts';
import { getKey } from '../../../core/etcd/store.ts';
import type { ApiObject } from '../../../core/api/object.ts';
import { second } from '../../../core/time/time.ts';
import { always, put, remove, texts } from './text-store.ts';

const reduce = etcdReducer<string>({ ...texts, progressNotifyInterval: 5 * second });

class Server {
  state: EtcdServerState<string> = newEtcd();

  send(event: EtcdServerEvent<string>, now = 0): readonly EtcdServerRequest<string>[] {
    const { state, requests } = reduce(this.state, event, now);
    this.state = state;
    return requests;
  }

  kv(request: Extract<EtcdServerEvent<string>, { type: 'kv' }>['request']) {
    return this.send({ type: 'kv', call: 1, request });
  }

  watch(stream: number, create: WatchCreate) {
    return this.send({ type: 'watch', stream, create });
  }
}

/** Short: what is done, on which stream and watch, at which revision, with which keys. */
const short = (request: EtcdServerRequest<string>): string => {
  switch (request.do) {
    case 'answer':
    case 'answerLease':
      return `answer ${request.response.type}`;
    case 'timer':
      return `timer ${request.timer.of} after ${request.after / second}s`;
    case 'committed':
      return `committed ${request.revision}: ${request.events.map((event) => `${event.type} ${event.key}`).join(', ')}`;
    case 'deliver': {
      const { revision, watchId, created, canceled, events } = request.response;
      const what =
        canceled === true
          ? 'canceled'
          : created === true
            ? 'created'
            : events.map((event) => event.key).join(', ') || 'progress';
      return `${request.stream}/${watchId}@${revision} ${what}`;
    }
  }
};
const shorts = (requests: readonly EtcdServerRequest<string>[]): readonly string[] => requests.map(short);

test('a write is told once for the trace, answered, and told to the watches that want it', () => {
  const server = new Server();
  server.watch(1, { key: 'a', rangeEnd: 'c' });
  server.watch(2, { key: 'b' });
  server.watch(3, { key: 'x', rangeEnd: '\0' });
  expect(shorts(server.kv(put('b', '1')))).toEqual([
    'committed 2: PUT b',
    'answer put',
    '1/0@2 b',
    '2/0@2 b',
  ]);
  expect(shorts(server.kv(always(put('x', '1'), remove('b'), put('a', '1'))))).toEqual([
    'committed 3: PUT x, DELETE b, PUT a',
    'answer txn',
    '3/0@3 x',
    '1/0@3 b, a',
    '2/0@3 b',
  ]);
  expect(shorts(server.kv(remove('b')))).toEqual(['answer deleteRange']);
});

test('the trace is told what was there before, a watch only if it asked', () => {
  const server = new Server();
  server.kv(put('a', '1'));
  server.watch(1, { key: 'a', prevKv: true });
  server.watch(2, { key: 'a' });
  const told = server.kv(put('a', '2')).flatMap((request) => {
    if (request.do === 'committed') return [request.events[0]?.prevKv?.value];
    return request.do === 'deliver' ? [request.response.events[0]?.prevKv?.value] : [];
  });
  expect(told).toEqual(['1', '1', undefined]);
});

test('filters and a start in the future are silent', () => {
  const server = new Server();
  server.watch(1, { key: 'a', noPut: true });
  server.watch(2, { key: 'a', noDelete: true });
  server.watch(3, { key: 'a', startRevision: 4 });
  server.watch(4, { key: 'a', noPut: true, noDelete: true });
  expect(shorts(server.kv(put('a', '1'))).slice(2)).toEqual(['2/0@2 a']);
  expect(shorts(server.kv(remove('a'))).slice(2)).toEqual(['1/0@3 a']);
  expect(shorts(server.kv(put('a', '1'))).slice(2)).toEqual(['2/0@4 a', '3/0@4 a']);
});

test('a watch of the past catches up in batches of 1,000 revisions', () => {
  const server = new Server();
  for (let i = 0; i < 1_500; i++) server.kv(put('a', `${i}`));
  const [created, ...batches] = server.watch(1, { key: 'a', startRevision: 1 });
  expect(created).toMatchObject({ response: { created: true, revision: 1_501 } });
  expect(batches.map((batch) => batch.do === 'deliver' && batch.response.events.length)).toEqual([
    1_000, 500,
  ]);
});

describe('a stream', () => {
  test('numbers its watches, around those that clients have numbered', () => {
    const server = new Server();
    const ids = [0, 1, 0, 2, 0, 2].map((watchId) => shorts(server.watch(1, { key: 'a', watchId }))[0]);
    expect(ids).toEqual([
      '1/0@1 created',
      '1/1@1 created',
      '1/2@1 created',
      '1/-1@1 canceled',
      '1/3@1 created',
      '1/-1@1 canceled',
    ]);
  });
  test('confirms a cancellation, and knows nothing of a watch that is not there', () => {
    const server = new Server();
    server.watch(1, { key: 'a' });
    expect(shorts(server.send({ type: 'cancelWatch', stream: 1, watchId: 0 }))).toEqual(['1/0@1 canceled']);
    expect(server.send({ type: 'cancelWatch', stream: 1, watchId: 0 })).toEqual([]);
    expect(server.send({ type: 'cancelWatch', stream: 2, watchId: 0 })).toEqual([]);
    expect(shorts(server.kv(put('a', '1')))).toEqual(['committed 2: PUT a', 'answer put']);
  });
  test('that is closed hears nothing, and leaves nothing', () => {
    const server = new Server();
    server.watch(1, { key: 'a', rangeEnd: 'b', progressNotify: true });
    server.watch(1, { key: 'a' });
    server.kv(put('a', '1'));
    server.send({ type: 'closeStream', stream: 1 });
    expect(shorts(server.kv(put('a', '2')))).toEqual(['committed 3: PUT a', 'answer put']);
    const { streams, interest, busy } = server.state.watches;
    expect([streams.size, interest.exact.size, interest.segments.size, busy.size]).toEqual([0, 0, 0, 0]);
  });
});

describe('a progress request is answered', () => {
  const progress = (server: Server) => shorts(server.send({ type: 'progress', stream: 1 }));
  test('once for the stream', () => {
    const server = new Server();
    server.watch(1, { key: 'a' });
    server.watch(1, { key: 'b' });
    expect(progress(server)).toEqual(['1/-1@1 progress']);
  });
  test('not without a watch', () => {
    expect(progress(new Server())).toEqual([]);
  });
  test('not before every watch has reached its start', () => {
    const server = new Server();
    server.watch(1, { key: 'a', startRevision: 2 });
    expect(progress(server)).toEqual([]);
    server.kv(put('b', '1'));
    expect(progress(server)).toEqual(['1/-1@2 progress']);
  });
  test('not while a watch is there that a compaction has canceled', () => {
    const server = new Server();
    for (const value of ['1', '2', '3']) server.kv(put('a', value));
    server.kv({ type: 'compact', revision: 3 });
    expect(server.watch(1, { key: 'a', startRevision: 2 })[1]).toMatchObject({
      response: { canceled: true, compactRevision: 3, watchId: 0, revision: 0 },
    });
    expect(progress(server)).toEqual([]);
    server.watch(1, { key: 'b' });
    expect(progress(server)).toEqual([]);
    expect(shorts(server.send({ type: 'cancelWatch', stream: 1, watchId: 0 }))).toEqual(['1/0@4 canceled']);
    expect(progress(server)).toEqual(['1/-1@4 progress']);
  });
});

describe('periodic progress', () => {
  const tick = (server: Server, stream = 1) =>
    shorts(server.send({ type: 'timer', timer: { of: 'progress', stream } }));
  test('is told to watches that asked and have had no event in the interval', () => {
    const server = new Server();
    expect(shorts(server.watch(1, { key: 'a', progressNotify: true }))).toEqual([
      '1/0@1 created',
      'timer progress after 5s',
    ]);
    expect(shorts(server.watch(1, { key: 'b', progressNotify: true }))).toEqual(['1/1@1 created']);
    server.watch(1, { key: 'c' });
    server.kv(put('a', '1'));
    expect(tick(server)).toEqual(['1/1@2 progress', 'timer progress after 5s']);
    expect(tick(server)).toEqual(['1/0@2 progress', '1/1@2 progress', 'timer progress after 5s']);
  });
  test('catching up counts as an event', () => {
    const server = new Server();
    server.kv(put('a', '1'));
    server.watch(1, { key: 'a', progressNotify: true, startRevision: 2 });
    expect(tick(server)).toEqual(['timer progress after 5s']);
  });
  test('ends with the last watch that wants it, and begins again with the next', () => {
    const server = new Server();
    server.watch(1, { key: 'a', progressNotify: true });
    server.send({ type: 'cancelWatch', stream: 1, watchId: 0 });
    expect(shorts(server.watch(1, { key: 'a', progressNotify: true }))).toEqual(['1/1@1 created']);
    server.send({ type: 'cancelWatch', stream: 1, watchId: 1 });
    expect(tick(server)).toEqual([]);
    expect(shorts(server.watch(1, { key: 'a', progressNotify: true }))).toEqual([
      '1/2@1 created',
      'timer progress after 5s',
    ]);
    server.send({ type: 'closeStream', stream: 1 });
    expect(tick(server)).toEqual([]);
  });
});

describe('a lease', () => {
  const ring = (server: Server, now: number) =>
    shorts(server.send({ type: 'timer', timer: { of: 'lease', id: 7 } }, now));
  const grant = (server: Server) =>
    server.send({ type: 'lease', call: 1, request: { type: 'leaseGrant', id: 7, ttlSeconds: 10 } });
  test('asks for a timer, and takes its keys along in one commit when it has run out', () => {
    const server = new Server();
    server.watch(1, { key: '\0', rangeEnd: '\0' });
    expect(shorts(grant(server))).toEqual(['answer leaseGrant', 'timer lease after 10s']);
    server.kv(put('b', '1', 7));
    server.kv(put('a', '1', 7));
    expect(ring(server, 10 * second)).toEqual(['committed 4: DELETE a, DELETE b', '1/0@4 a, b']);
    expect(ring(server, 11 * second)).toEqual([]);
  });
  test('that was kept alive is looked at again later', () => {
    const server = new Server();
    grant(server);
    server.send({ type: 'lease', call: 1, request: { type: 'leaseKeepAlive', id: 7 } }, 4 * second);
    expect(ring(server, 10 * second)).toEqual(['timer lease after 4s']);
    expect(ring(server, 14 * second)).toEqual([]);
    expect(server.state.store.leases.size).toBe(0);
  });
  test('that is revoked is told like any write', () => {
    const server = new Server();
    grant(server);
    server.kv(put('a', '1', 7));
    const requests = server.send({ type: 'lease', call: 2, request: { type: 'leaseRevoke', id: 7 } });
    expect(shorts(requests)).toEqual(['committed 3: DELETE a', 'answer leaseRevoke']);
  });
});

test('an API object is stored with the revision it was written at', () => {
  const object: ApiObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'web', uid: 'u', resourceVersion: '', creationTimestamp: '' },
  };
  const { state, requests } = reduceEtcd(
    newEtcd(),
    { type: 'kv', call: 1, request: { type: 'put', key: '/web', value: object } },
    0,
  );
  expect(getKey(state.store, '/web')?.value.metadata.resourceVersion).toBe('2');
  expect(requests[0]).toMatchObject({
    do: 'committed',
    events: [{ kv: { value: { metadata: { resourceVersion: '2' } } } }],
  });
  expect(object.metadata.resourceVersion).toBe('');
});
