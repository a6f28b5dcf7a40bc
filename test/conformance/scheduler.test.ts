/**
 * Aim: the scheduler decides what kube-scheduler 1.34.1 decided. Method: all recorded Pods and queues, in a compact
 * copy; every field of every recording.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { schedulerSuite } from '../../sim/conformance/scheduler/suite.ts';

const folder = new URL('./scheduler/', import.meta.url);
const textOf = (family: string): string =>
  gunzipSync(readFileSync(new URL(`${family}.json.gz`, folder))).toString('utf8');

/** How many cases a family has. */
const families: readonly (readonly [family: string, cases: number])[] = [
  ['balancedAllocation', 40],
  ['imageLocality', 40],
  ['interPodAffinity', 70],
  ['leastAllocated', 40],
  ['mixed', 42],
  ['mostAllocated', 40],
  ['nodeAffinity', 60],
  ['nodeName', 40],
  ['nodePorts', 40],
  ['nodeUnschedulable', 40],
  ['nominated', 40],
  ['podTopologySpread', 64],
  ['preemption', 60],
  ['queue', 4],
  ['quirkNamespaceSelector', 24],
  ['requestedToCapacityRatio', 40],
  ['resources', 60],
  ['taints', 46],
];

test('every family is here', () => {
  const files = readdirSync(folder).sort();
  expect(files).toEqual(families.map(([family]) => `${family}.json.gz`));
});

test.each(families)('%s: all %i agree', (family, cases) => {
  const results = [...schedulerSuite.run(textOf(family), family)];
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
  expect(results.length).toBe(cases);
});

interface Doctored {
  readonly want: Record<string, unknown>;
  readonly wantFixed?: Record<string, unknown>;
}

/** A recording in which something is otherwise, and the difference that is found. */
function differenceOf(family: string, change: (recorded: Doctored) => void): string | undefined {
  const content = JSON.parse(textOf(family)) as { cases: Doctored[] };
  for (const recorded of content.cases) change(recorded);
  return [...schedulerSuite.run(JSON.stringify(content), family)].find(({ passed }) => !passed)?.difference;
}

test.each([
  ['mixed', 'total', /^total\.n\d+: want 1, got \d+$/],
  ['mixed', 'raw', /^raw\.\w+: want 1, got \{/],
  ['preemption', 'postFilter', /^postFilter\.\w+: want 1, got/],
  ['podTopologySpread', 'filter', /^filter\.n\d+: want 1, got/],
])('a recording of %s that says otherwise in %s is noticed', (family, field, want) => {
  const difference = differenceOf(family, ({ want: fields }) => {
    const value = fields[field];
    if (typeof value !== 'object' || value === null) return;
    const [first] = Object.keys(value);
    if (first !== undefined) (value as Record<string, unknown>)[first] = 1;
  });
  expect(difference).toMatch(want);
});

test('a step of a queue and what is right after the mending of a bug are compared too', () => {
  const inQueue = differenceOf('queue', ({ want }) => {
    const [, second] = want['steps'] as { choice: string }[];
    if (second !== undefined) second.choice = 'elsewhere';
  });
  expect(inQueue).toMatch(/^steps\[1\]\.choice: want "elsewhere", got "n\d+"$/);
  const fixed = differenceOf('quirkNamespaceSelector', ({ wantFixed }) => {
    if (wantFixed !== undefined) wantFixed['best'] = [];
  });
  expect(fixed).toMatch(/^wantFixed: best\[0\]: want nothing, got "n\d+"$/);
});

test('what tells how the cases were recorded has no case', () => {
  const about = { kubernetes: 'v1.34.1', gates: {}, order: {} };
  expect([...schedulerSuite.run(JSON.stringify(about), 'info.json')]).toEqual([]);
});
