/** `wavetank explain`: an object's story as text (a transcript to read) and JSON, and the names it answers to. */
import { expect, test } from 'vitest';
import { explain, UnknownObjectError } from '../../reports/explain.ts';
import type { Step } from '../../reports/story/step.ts';
import { memorySource } from '../../reports/trace/source.ts';
import { TraceByHand } from './by-hand.ts';
import { podCreation } from './pod-creation.ts';

const source = memorySource('run.trace', podCreation().text);
const stepsOf = (target: string): readonly Step[] =>
  JSON.parse(explain(source, { target, format: 'json' })) as readonly Step[];

test.each([
  ['pod', 'pod/web-5d4f8-x7k2p'],
  ['replicaset', 'rs/web-5d4f8'],
  ['deployment', 'deployments.apps/web'],
  ['node', 'no/node-1'],
])('the story of a %s', async (name, target) => {
  await expect(explain(source, { target, width: 120 })).toMatchFileSnapshot(
    `transcripts/explain-${name}.txt`,
  );
});

test('--full shows every message on the way', async () => {
  await expect(explain(source, { target: 'rs/web-5d4f8', full: true })).toMatchFileSnapshot(
    'transcripts/explain-full.txt',
  );
});

test('every step of a Pod has the step that moved it, back to the person', () => {
  const steps = stepsOf('pod/web-5d4f8-x7k2p');
  expect(steps.map(({ number, because, relation }) => [number, because?.step ?? 0, relation])).toEqual([
    [1, 0, 'origin'],
    [2, 1, 'origin'],
    [3, 2, 'life'],
    [4, 3, 'life'],
    [5, 3, 'life'],
    [6, 5, 'life'],
    [7, 5, 'life'],
    [8, 5, 'life'],
    [9, 5, 'life'],
    [10, 9, 'effect'],
    [11, 9, 'effect'],
  ]);
  expect(steps.map((step) => step.at)).toEqual(steps.map((step) => step.at).sort((a, b) => a - b));
});

test('a refused request is a step, with the reason', () => {
  const t = podCreation();
  const request = t.event(
    1_000,
    t.events,
    1,
    'request',
    2,
    'scheduler',
    'create',
    'pods',
    'default/web-5d4f8-x7k2p',
    'binding',
  );
  t.event(
    1_000,
    request,
    2,
    'answer',
    'create',
    'pods',
    'default/web-5d4f8-x7k2p',
    'binding',
    409,
    'Conflict',
  );
  const text = explain(memorySource('t', t.text), { target: 'po/web-5d4f8-x7k2p' });
  expect(text).toContain('bind Pod/web-5d4f8-x7k2p: refused: 409 Conflict');
});

test('alike effects of one cause are one step', () => {
  const t = podCreation();
  const heard = t.events;
  const scaled = t.write({
    cause: 0,
    from: 5,
    userAgent: 'kubectl',
    verb: 'patch',
    resource: 'replicasets',
    key: 'default/web-5d4f8',
    registryKey: 'replicasets/default/web-5d4f8',
    patch: { spec: { replicas: 4 } },
  });
  const told = t.heard(scaled, 3, 'replicasets', 'MODIFIED', 'default/web-5d4f8');
  for (const name of ['a', 'b', 'c'])
    t.write({
      cause: told,
      from: 3,
      userAgent: 'replicaset-controller',
      verb: 'create',
      resource: 'pods',
      key: 'default/web-5d4f8-*',
      registryKey: `pods/default/web-5d4f8-${name}`,
      put: { metadata: { name: `web-5d4f8-${name}` } },
    });
  expect(heard).toBeGreaterThan(0);
  expect(explain(memorySource('t', t.text), { target: 'rs/web-5d4f8' })).toContain(
    'create Pod/web-5d4f8-a and 2 more (to Pod/web-5d4f8-c)',
  );
});

const twoNamespaces = (): string => {
  const t = new TraceByHand();
  t.process('etcd', 'etcd');
  t.process('apiserver-0', 'apiserver');
  const person = t.process('kubectl', 'user');
  for (const namespace of ['red', 'blue'])
    t.write({
      cause: 0,
      from: person,
      userAgent: 'kubectl',
      verb: 'create',
      resource: 'configmaps',
      key: `${namespace}/both`,
      registryKey: `configmaps/${namespace}/both`,
      put: {},
    });
  t.write({
    cause: 0,
    from: person,
    userAgent: 'kubectl',
    verb: 'create',
    resource: 'configmaps',
    key: 'red/once',
    registryKey: 'configmaps/red/once',
    put: {},
  });
  return t.text;
};

const failure = (trace: string, target: string, namespace?: string): string => {
  try {
    return explain(memorySource('run.trace', trace), { target, namespace });
  } catch (error) {
    if (error instanceof UnknownObjectError) return error.message;
    throw error;
  }
};

test.each([
  ['pod', undefined, 'pod: an object is named KIND/NAME, as in Pod/web (its namespace with -n)'],
  ['pox/web', undefined, 'pox/web: there is no kind pox; did you mean Pod/web?'],
  ['cm/boht', undefined, 'ConfigMap/boht: there is no such object in run.trace; did you mean both?'],
  ['cm/o', undefined, 'ConfigMap/o: there is no such object in run.trace; there is once'],
  ['cm/both', undefined, 'ConfigMap/both is in several namespaces: say which with -n (blue, red)'],
  ['cm/once', 'blue', 'ConfigMap/once: there is no such object in namespace blue in run.trace; it is in red'],
  ['pod/web', undefined, 'Pod/web: there is no such object in run.trace; nothing of kind Pod is'],
])('%s in %s is refused in words', (target, namespace, problem) => {
  expect(failure(twoNamespaces(), target, namespace)).toBe(problem);
});

test('a name that is in one namespace only needs none', () => {
  expect(failure(twoNamespaces(), 'cm/once')).toContain('create ConfigMap/red/once');
  expect(failure(twoNamespaces(), 'cm/both', 'blue')).toContain('create ConfigMap/blue/both');
});

test("a request that the apiserver had held back is still its client's", () => {
  const t = new TraceByHand();
  t.process('etcd', 'etcd');
  t.process('apiserver-0', 'apiserver');
  const kubelet = t.process('kubelet/node-1', 'kubelet');
  const start = t.event(0, 0, kubelet, 'start');
  t.event(10, start, 1, 'request', kubelet, 'kubelet', 'create', 'nodes', 'node-1', '');
  const filled = t.event(10, 0, 1, 'etcdWatch', 'PUT', '/registry/namespaces/default', 1);
  const commit = t.event(10, filled, 0, 'etcd', 1, 'txn put', '/registry/minions/node-1');
  t.record({ rev: 2, key: '/registry/minions/node-1', put: { metadata: { name: 'node-1' } } });
  const answered = t.event(10, commit, 1, 'etcdAnswer', 'txn put', '/registry/minions/node-1', 2, true);
  t.event(10, answered, kubelet, 'answer', 'create', 'nodes', 'node-1', '', 201, '');
  expect(
    JSON.parse(explain(memorySource('t', t.text), { target: 'node/node-1', format: 'json' })),
  ).toMatchObject([
    { component: 'kubelet', process: 'kubelet/node-1', verb: 'create', because: { kind: 'start' } },
  ]);
});

test('what a new watch tells first is known by its revision', () => {
  const t = podCreation();
  const opened = t.event(10, 0, 1, 'openWatch', 3, 'pods', '5');
  const heard = t.event(10, opened, 3, 'watch', 'pods', 'ADDED', 'default/web-5d4f8-x7k2p', '10');
  t.write({
    cause: heard,
    from: 3,
    userAgent: 'replicaset-controller',
    verb: 'delete',
    resource: 'pods',
    key: 'default/web-5d4f8-x7k2p',
    registryKey: 'pods/default/web-5d4f8-x7k2p',
  });
  const steps = JSON.parse(
    explain(memorySource('t', t.text), { target: 'pod/web-5d4f8-x7k2p', format: 'json' }),
  ) as Step[];
  expect(steps.at(-1)).toMatchObject({
    verb: 'delete',
    what: 'gone from the registry',
    because: { step: 9 },
  });
});

test('a batch that goes on when it is answered has one cause', () => {
  const t = podCreation();
  const pod = (cause: number, name: string): number =>
    t.write({
      cause,
      from: 3,
      userAgent: 'replicaset-controller',
      verb: 'create',
      resource: 'pods',
      key: 'default/web-5d4f8-*',
      registryKey: `pods/default/${name}`,
      put: { metadata: { name } },
    }).answer;
  const scaled = t.write({
    cause: 0,
    from: 5,
    userAgent: 'kubectl',
    verb: 'patch',
    resource: 'replicasets',
    key: 'default/web-5d4f8',
    registryKey: 'replicasets/default/web-5d4f8',
    patch: { spec: { replicas: 4 } },
  });
  pod(pod(pod(t.heard(scaled, 3, 'replicasets', 'MODIFIED', 'default/web-5d4f8'), 'p1'), 'p2'), 'p3');
  const trace = memorySource('t', t.text);
  expect(explain(trace, { target: 'rs/web-5d4f8' })).toContain('create Pod/p1 and 2 more (to Pod/p3)');
  const [, , , last] = JSON.parse(explain(trace, { target: 'pod/p3', format: 'json' })) as Step[];
  expect(last).toBeUndefined();
  expect(explain(trace, { target: 'pod/p3' })).toContain('patch ReplicaSet/web-5d4f8: wants 4');
});
