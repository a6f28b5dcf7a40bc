/** `wavetank etcd get`: what etcd held, at the end and before; and what is said of keys that are not there. */
import { expect, test } from 'vitest';
import { etcdGet } from '../../reports/etcd-get.ts';
import { memorySource } from '../../reports/trace/source.ts';
import { podCreation } from './pod-creation.ts';

const source = memorySource('run.trace', podCreation().text);
const pod = '/registry/pods/default/web-5d4f8-x7k2p';

test('one key: the key, then the object', () => {
  const { text, notes } = etcdGet(source, { key: pod });
  const [key, ...rest] = text.split('\n');
  expect(key).toBe(pod);
  expect(JSON.parse(rest.join('\n'))).toMatchObject({
    kind: 'Pod',
    spec: { nodeName: 'node-1' },
    status: { phase: 'Running', qosClass: 'BestEffort' },
  });
  expect(notes).toEqual([]);
});

test('a prefix: keys in order, one line an object', () => {
  const { text } = etcdGet(source, { key: '/registry/', prefix: true, keysOnly: true });
  expect(text.split('\n').filter((key) => !key.includes('/events/'))).toEqual([
    '/registry/deployments/default/web',
    '/registry/endpointslices/default/web-abcde',
    '/registry/minions/node-1',
    pod,
    '/registry/replicasets/default/web-5d4f8',
    '/registry/services/specs/default/web',
    '',
  ]);
  expect(etcdGet(source, { key: '/registry/pods/', prefix: true }).text.split('\n')).toHaveLength(3);
});

test('at a time: what had happened by then, and nothing later', () => {
  const at = (seconds: number): string => etcdGet(source, { key: pod, at: seconds * 1_000_000 }).text;
  expect(at(0)).toBe('');
  expect(JSON.parse(at(0.1).slice(pod.length))).toMatchObject({ status: { phase: 'Pending' } });
  expect(JSON.parse(at(2).slice(pod.length))).toMatchObject({ status: { phase: 'Running' } });
});

test('json has the revisions', () => {
  const { text } = etcdGet(source, { key: pod, format: 'json' });
  expect(JSON.parse(text)).toMatchObject({
    header: { revision: 12 },
    count: 1,
    kvs: [{ key: pod, create_revision: 5, mod_revision: 10, version: 3 }],
  });
  expect(JSON.parse(etcdGet(source, { key: '/no', format: 'json' }).text)).toMatchObject({
    kvs: [],
    count: 0,
  });
});

test.each([
  [
    '/registry/pods/default/web-5d4f8-x7k2q',
    undefined,
    'no key /registry/pods/default/web-5d4f8-x7k2q at the end of the trace; did you mean /registry/pods/default/web-5d4f8-x7k2p?',
  ],
  [
    '/registry/pods',
    undefined,
    'no key /registry/pods at the end of the trace, but 1 below it: --prefix shows them',
  ],
  [pod, 0, `no key ${pod} at 0.000s`],
])('%s: nothing, and why', (key, at, note) => {
  expect(etcdGet(source, { key, at })).toEqual({ text: '', notes: [note] });
});

test('a misspelt prefix names the resource it may have meant', () => {
  expect(etcdGet(source, { key: '/registry/pod/', prefix: true }).notes).toEqual([
    'no key begins with /registry/pod/ at the end of the trace; did you mean /registry/pods/?',
  ]);
});
