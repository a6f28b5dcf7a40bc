// Expectations are judged by what etcd holds at each moment: a history is a list of (time, Deployment's ready count).
import { expect, test } from 'vitest';
import type { ApiObject } from '../../../core/api/object.ts';
import type { Registry } from '../../../sim/engine/registry.ts';
import type { Expectation } from '../../../sim/checks/expectation.ts';
import { Judge } from '../../../sim/checks/judge.ts';

const at = { file: 'x.yaml', line: 1, column: 1 };
const second = 1_000_000;

/** What etcd holds: a Deployment with so many ready replicas; without a status where that is undefined. */
function holding(revision: number, ready: number | undefined): Registry {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'default',
      resourceVersion: `${revision}`,
      uid: 'u',
      creationTimestamp: '',
    },
    status: ready === undefined ? {} : { readyReplicas: ready },
  } as ApiObject;
  return {
    revision,
    get: (resource, key) => (resource === 'deployments' && key === 'default/web' ? deployment : undefined),
    list: (resource) => (resource === 'deployments' ? [deployment] : []),
    count: () => 1,
    infoOf: () => undefined,
  };
}

type History = readonly (readonly [time: number, ready: number | undefined])[];

function judged(expectation: Expectation, history: History, end: number): string {
  const judge = new Judge([expectation]);
  for (const [index, [time, ready]] of history.entries())
    judge.look(holding(index + 1, ready), time * second);
  const last = history.at(-1);
  const registry = holding(history.length, last?.[1]);
  for (const time of judge.times())
    if (time > (last?.[0] ?? 0) * second && time <= end * second) judge.look(registry, time, true);
  const [result] = judge.results(registry, end * second);
  return `${result?.met === true ? 'met' : 'not met'}: ${result?.because ?? ''}`;
}

const two = "deployment('web').status.readyReplicas >= 2";
const eventually = (after: number, within: number, that = two): Expectation => ({
  mood: 'eventually',
  after: after * second,
  within: within * second,
  that,
  at,
});
const always = (after?: number, that = two): Expectation => ({
  mood: 'always',
  after: after === undefined ? undefined : after * second,
  that,
  at,
});

const found = "deployment('web').status.readyReplicas";

test.each<[string, Expectation, History, number, string]>([
  [
    'eventually holds',
    eventually(0, 10),
    [
      [0, undefined],
      [3, 1],
      [6, 2],
    ],
    60,
    'met: held at 6s',
  ],
  [
    'it may end again',
    eventually(0, 10),
    [
      [0, 0],
      [3, 2],
      [4, 0],
    ],
    60,
    'met: held at 3s',
  ],
  [
    'too late',
    eventually(0, 10),
    [
      [0, 0],
      [11, 2],
    ],
    60,
    `not met: not by 10s: ${found} is 2`,
  ],
  [
    'only from after on',
    eventually(5, 10),
    [
      [0, 2],
      [4, 1],
    ],
    60,
    `not met: not by 15s: ${found} is 1`,
  ],
  ['it still holds at after', eventually(5, 10), [[0, 2]], 60, 'met: held at 5s'],
  [
    'no such field yet',
    eventually(0, 10),
    [[0, undefined]],
    60,
    `not met: not by 10s: ${found}: no such key: readyReplicas`,
  ],
  [
    'the run ends before',
    eventually(0, 90),
    [[0, 1]],
    60,
    `not met: never held until the run ended at 1m0s: ${found} is 1`,
  ],
  [
    'always, from the first moment it holds',
    always(),
    [
      [0, undefined],
      [3, 1],
      [6, 2],
      [9, 3],
    ],
    60,
    'met: held from 6s to the end',
  ],
  [
    'always, and then no more',
    always(),
    [
      [0, 0],
      [6, 2],
      [9, 1],
      [12, 2],
    ],
    60,
    `not met: did not hold at 9s: ${found} is 1`,
  ],
  [
    'always, from a time on',
    always(5),
    [
      [0, 0],
      [6, 1],
    ],
    60,
    `not met: did not hold at 6s: ${found} is 1`,
  ],
  [
    'never held',
    always(),
    [
      [0, 0],
      [6, 1],
    ],
    60,
    `not met: never held until the run ended at 1m0s: ${found} is 1`,
  ],
  [
    'an object that is not there',
    eventually(0, 10, "pod('x') != null"),
    [[0, 0]],
    60,
    "not met: not by 10s: pod('x') does not exist",
  ],
  [
    'a list',
    eventually(0, 10, 'deployments().size() == 2'),
    [[0, 0]],
    60,
    'not met: not by 10s: deployments().size() is 1',
  ],
  [
    'numbers are whole',
    eventually(0, 10, `${found} / 2 == 1 && ${found} % 2 == 1`),
    [[0, 3]],
    60,
    'met: held at 0s',
  ],
])('%s', (_, expectation, history, end, verdict) => {
  expect(judged(expectation, history, end)).toBe(verdict);
});

test('nothing is evaluated while nothing is written', () => {
  const judge = new Judge([eventually(0, 10)]);
  let reads = 0;
  const registry = holding(1, 0);
  const counting: Registry = { ...registry, get: (resource, key) => (reads++, registry.get(resource, key)) };
  for (let time = 0; time < 5; time++) judge.look(counting, time * second);
  expect(reads).toBe(1);
});
