/** Aim: core/etcd answers what a real etcd 3.6.4 answered. Method: all recorded sequences, in a compact copy. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { etcdSuite } from '../../sim/conformance/etcd.ts';
import { runConformance } from '../../sim/conformance/run.ts';

const folder = new URL('./etcd/', import.meta.url);
const files = readdirSync(folder).sort();
const textOf = (file: string): string => gunzipSync(readFileSync(new URL(file, folder))).toString('utf8');

test('every family is here', () => {
  expect(files.map((file) => file.replace('.json.gz', ''))).toEqual([
    'compaction',
    'edges',
    'k8s-registry',
    'kv-basic',
    'lease-expiry',
    'lease',
    'range-history',
    'range-options',
    'txn',
    'watch-basic',
    'watch-history',
    'watch-multi-stream',
    'watch-progress-notify',
    'watch-txn-filters',
  ]);
});

test.each(files)('%s', (file) => {
  const results = [...etcdSuite.run(textOf(file), file)];
  expect(results.length).toBeGreaterThan(0);
  expect(results.filter((result) => !result.passed)).toEqual([]);
});

test('the command counts all of them', () => {
  const printed: string[] = [];
  const paths = files.map((file) => new URL(file, folder).pathname);
  expect(runConformance('etcd', paths, (line) => printed.push(line))).toEqual({ passed: 54, failed: 0 });
  expect(printed).toEqual(['54 passed, 0 failed']);
});

describe('a recording that says otherwise is noticed', () => {
  interface Step {
    readonly op: { readonly type: string };
    want: Record<string, unknown>;
  }
  interface File {
    readonly sequences: { readonly steps: Step[]; readonly watches: { want_events: unknown[]; want_final?: unknown }[] }[];
  }
  const doctored = (file: string, change: (content: File) => void): string | undefined => {
    const content = JSON.parse(textOf(file)) as File;
    change(content);
    return [...etcdSuite.run(JSON.stringify(content), file)][0]?.difference;
  };
  const first = (content: File) => {
    const [sequence] = content.sequences;
    if (sequence === undefined) throw new Error('the file has a sequence');
    return sequence;
  };

  test('in an answer', () => {
    const difference = doctored('kv-basic.json.gz', (content) => {
      const step = first(content).steps[3];
      if (step !== undefined) step.want = { ...step.want, count: 2 };
    });
    expect(difference).toMatch(/^step 3: count: want 2, got 1\nop \{"type":"range","key":/);
  });

  test('in a missing event', () => {
    const difference = doctored('watch-basic.json.gz', (content) => first(content).watches[0]?.want_events.pop());
    expect(difference).toMatch(/^watch w1: events\[\d+\]: want nothing, got \{/);
  });

  test('in the end of a watch', () => {
    const difference = doctored('compaction.json.gz', (content) => {
      const watch = first(content).watches.find(({ want_final }) => want_final !== undefined);
      delete watch?.want_final;
    });
    expect(difference).toMatch(/^watch w4: final: want nothing, got \{"at_step":39/);
  });
});
