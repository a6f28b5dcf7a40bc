/** Aim: a line of the trace says what happened. Method: lines by example. */
import { expect, test } from 'vitest';
import type { ApiObject } from '../../../core/api/object.ts';
import type { Message } from '../../../sim/process/message.ts';
import { requestKey, writeEvent } from '../../../sim/trace/line.ts';
import { writtenBy } from './written.ts';

const lineOf = (message: Message): string => writtenBy((out) => writeEvent(out, 5, 4, 3, message));

test.each([
  ['sync', 'sync'],
  [{ of: 'pod', key: 'default/web', stage: 'pull', after: 3 }, 'pod pull default/web'],
  [{ after: 3 }, ''],
  [undefined, ''],
])('the timer of %j', (tag, text) => {
  expect(lineOf({ type: 'timer', tag })).toBe(`[5,4,3,"timer","${text}"]`);
});

const metadata = { name: 'web', uid: 'u', resourceVersion: '7', creationTimestamp: '2025-01-01T00:00:00Z' };
const pod: ApiObject = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, namespace: 'default' } };
const get = { verb: 'get', resource: 'nodes', name: 'a"b' } as const;
const create = {
  verb: 'create',
  resource: 'pods',
  namespace: 'default',
  object: { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'web-' } },
} as const;
const list = { verb: 'list', resource: 'pods' } as const;
const put = { type: 'put', key: '/registry/pods/default/é' } as const;

test.each<[Message, string]>([
  [{ type: 'start' }, '"start"'],
  [
    { type: 'request', call: 1, from: 2, userAgent: 'kubectl', request: get } as Message,
    '"request",2,"kubectl","get","nodes","a\\"b",""',
  ],
  [
    { type: 'request', call: 1, from: 2, userAgent: 'kubectl', request: list } as Message,
    '"request",2,"kubectl","list","pods","",""',
  ],
  [
    { type: 'answer', tag: 1, request: create, answer: { ok: true, code: 201, object: pod } } as Message,
    '"answer","create","pods","default/web","",201,""',
  ],
  [
    {
      type: 'answer',
      tag: 1,
      request: create,
      answer: { ok: false, code: 409, status: { reason: 'AlreadyExists' } },
    } as Message,
    '"answer","create","pods","default/web-*","",409,"AlreadyExists"',
  ],
  [
    {
      type: 'kv',
      call: 1,
      from: 1,
      request: { type: 'txn', compare: [], success: [put], failure: [] },
    } as Message,
    '"etcd",1,"txn put","/registry/pods/default/é"',
  ],
  [
    { type: 'kv', call: 1, from: 1, request: { type: 'compact', revision: 12 } } as Message,
    '"etcd",1,"compact","12"',
  ],
  [
    {
      type: 'watch',
      watcher: 1,
      stream: 'pods',
      event: { type: 'ADDED', object: pod },
    } as unknown as Message,
    '"watch","pods","ADDED","default/web","7"',
  ],
])('%j', (message, text) => {
  expect(lineOf(message)).toBe(`[5,4,3,${text}]`);
});

test.each([
  [create, 'default/web-*'],
  [get, 'a"b'],
  [list, ''],
  [{ ...list, namespace: 'default' }, 'default'],
])('%j is about %j', (request, key) => {
  expect(requestKey(request)).toBe(key);
});
