/**
 * Aim: whole scenarios go as they went on a real control plane of Kubernetes 1.34.1. Method: each recording is done again
 * in wavetank with the hollow kubelet's timings, and the transcripts are compared (sim/conformance/recorded). Those that
 * differ are listed with the reason: who mends one takes it off the list.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { controllersSuite } from '../../sim/conformance/controllers/suite.ts';

const folder = new URL('./controllers/recorded/', import.meta.url);

/** What is known to differ, and why. */
const known: Readonly<Record<string, string>> = {
};

const recordings = readdirSync(folder).map((file) => file.replace('.json.gz', ''));

const textOf = (name: string): string =>
  gunzipSync(readFileSync(new URL(`${name}.json.gz`, folder))).toString('utf8');

function differenceOf(text: string): string {
  const results = [...controllersSuite.run(text, 'recording')];
  expect(results.length).toBe(1);
  return results[0]?.difference ?? '';
}

test('all recordings are here, and only known ones are excused', () => {
  expect(recordings.length).toBe(46);
  expect(Object.keys(known).filter((name) => !recordings.includes(name))).toEqual([]);
});

test.each(recordings.filter((name) => !(name in known)))('%s goes as it went', (name) => {
  expect(differenceOf(textOf(name))).toBe('');
});

test.fails.each(Object.entries(known))('%s differs: %s', (name) => {
  expect(differenceOf(textOf(name))).toBe('');
});

/** A recording in which something is otherwise must not agree. */
test.each([
  ['c-scale', '"from 3 to 6"', /from 3 to 6/, 'from 3 to 5'],
  ['b-deployment-create', 'the hash of a template', /7f4b5c4445/g, '7f4b5c4446'],
  ['b-deployment-create', 'a reason of a condition', /MinimumReplicasAvailable/g, 'AllReplicasAvailable'],
  ['b-deployment-create', 'a counter at rest', /"availableReplicas": ?3/g, '"availableReplicas": 2'],
  ['dm-3-1-0', 'a size', /"spec": ?2/g, '"spec": 4'],
  ['n2-delete-foreground', 'a finalizer', /foregroundDeletion/g, 'orphan'],
  ['a-bare-pod', 'an action', /delete Pod\/p1/, 'remove Pod/p1'],
])('%s with %s otherwise is noticed', (name, _, what, instead) => {
  const text = textOf(name);
  expect(text).toMatch(what);
  expect(differenceOf(text.replace(what, instead))).not.toBe('');
});

interface Recorded {
  readonly events: { t_ms: number; kind: string; name: string }[];
}

test('a Pod that is given up before one that is not ready is noticed', () => {
  const recording = JSON.parse(textOf('c3-scale-down-half-3')) as Recorded;
  const swapped: Readonly<Record<string, string>> = {
    'rs-<pod2>': 'rs-<pod4>',
    'rs-<pod4>': 'rs-<pod2>',
  };
  for (const event of recording.events)
    if (event.t_ms > 33_845 && event.kind === 'Pod') event.name = swapped[event.name] ?? event.name;
  const difference = differenceOf(JSON.stringify(recording));
  expect(difference).toMatch(/Pods given up that should have stayed[\s\S]*not ready since/);
});

test('a timer that ran out too early is noticed', () => {
  const recording = JSON.parse(textOf('j2-job-backoff')) as Recorded;
  for (const event of recording.events) if (event.t_ms > 31_000) event.t_ms -= 6_000;
  expect(differenceOf(JSON.stringify(recording))).toMatch(/! \[1\] +25\.\d+s appears/);
});

test('what was compared is said', () => {
  const [result] = [...controllersSuite.run(textOf('g-recreate'), 'recording')];
  expect(result?.note).toMatch(/^g-recreate: \d+ lines compared: Sizes of Deployment \d+, .*Events \d+/);
});
