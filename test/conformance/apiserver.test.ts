/** Aim: core/apiserver answers what a real kube-apiserver 1.34.1 answered. Method: all recorded sequences, in a compact copy. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { apiserverSuite } from '../../sim/conformance/apiserver/suite.ts';

const folder = new URL('./apiserver/', import.meta.url);
const textOf = (file: string): string => gunzipSync(readFileSync(new URL(file, folder))).toString('utf8');

const families = {
  'api-crud': 2,
  'api-list': 2,
  'api-pods': 3,
  'api-restart': 1,
  'api-watch': 4,
  'api-watch-edges': 1,
};

test('every family is here', () => {
  const files = readdirSync(folder).map((file) => file.replace('.json.gz', ''));
  expect(files.sort()).toEqual([...Object.keys(families), 'semantics'].sort());
});

test.each(Object.entries(families))('%s', (family, count) => {
  const results = [...apiserverSuite.run(textOf(`${family}.json.gz`), family)];
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
  expect(results.length).toBe(count);
});

test('semantics', () => {
  const results = [...apiserverSuite.run(textOf('semantics.json.gz'), 'semantics')];
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
  expect(results.length).toBe(129);
});

describe('a recording that says otherwise is noticed', () => {
  interface Step {
    want: Record<string, unknown>;
  }
  interface File {
    readonly sequences: readonly { readonly steps: Step[]; readonly watches: { want_events: unknown[] }[] }[];
  }
  const doctored = (family: string, change: (content: File) => void): string | undefined => {
    const content = JSON.parse(textOf(`${family}.json.gz`)) as File;
    change(content);
    return [...apiserverSuite.run(JSON.stringify(content), family)][0]?.difference;
  };

  test('in an answer', () => {
    const difference = doctored('api-crud', ({ sequences }) => {
      const step = sequences[0]?.steps[1];
      if (step !== undefined) step.want = { ...step.want, code: 200 };
    });
    expect(difference).toMatch(/^step 1: code: want 200, got 201\nop \{"verb":"create"/);
  });

  test('in the revision after a write', () => {
    const difference = doctored('api-pods', ({ sequences }) => {
      const step = sequences[0]?.steps.find(({ want }) => want['rv_after'] === '@12');
      if (step !== undefined) step.want = { ...step.want, rv_after: '@11' };
    });
    expect(difference).toMatch(/rv_after: want "@11", got "@12"/);
  });

  test('in a missing event', () => {
    const difference = doctored('api-watch', ({ sequences }) => sequences[0]?.watches[0]?.want_events.pop());
    expect(difference).toMatch(/^watch w1: events\[\d+\]: want nothing, got \{/);
  });
});
