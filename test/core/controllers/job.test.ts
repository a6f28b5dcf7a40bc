/**
 * Jobs in a small world: what the controller writes, in order, as transcripts. Each test also asserts the one thing it is
 * about. `vitest -u` writes the transcripts anew.
 */
import { describe, expect, test } from 'vitest';
import type { Job, JobStatus, Pod } from '../../../core/api/generated/types.ts';
import { minute, second } from '../../../core/time/time.ts';
import { World, type Plain, type WorldOptions } from './world.ts';

const indexOf = (pod: Pod): string =>
  pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index'] ?? '';

/** A Job as the apiserver would have stored it. */
const job = (spec: Plain): Plain => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'work', namespace: 'default' },
  spec: {
    parallelism: 1,
    completions: 1,
    completionMode: 'NonIndexed',
    backoffLimit: 6,
    podReplacementPolicy: 'TerminatingOrFailed',
    selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } },
    template: {
      metadata: { labels: { 'batch.kubernetes.io/controller-uid': 'u' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'img:1' }] },
    },
    ...spec,
  },
  status: {},
});

/** Pods are ready after 0.8 s; how each ends is told by `end`. */
function world(spec: Plain, end: WorldOptions['end'], refuse?: WorldOptions['refuse']): World {
  const made = new World({
    readyAfter: 800_000,
    ...(end === undefined ? {} : { end }),
    ...(refuse === undefined ? {} : { refuse }),
  })
    .start()
    .withNode();
  made.create('jobs', job(spec));
  return made;
}

const statusOf = (of: World): JobStatus => of.get<Job>('jobs', 'default/work')?.status ?? {};
const conditionsOf = (of: World): readonly string[] =>
  (statusOf(of).conditions ?? []).map(({ type, reason = '' }) => `${type} ${reason}`);
const transcript = (of: World): string =>
  `${of.lines.filter((line) => line.includes('job-controller')).join('\n')}\n`;
const succeed = (): { after: number; exitCode: number } => ({ after: 3 * second, exitCode: 0 });
const fail = (): { after: number; exitCode: number } => ({ after: 3 * second, exitCode: 1 });

describe('a Job', () => {
  test('runs two Pods at a time until five have succeeded, and counts each once', async () => {
    const here = world({ parallelism: 2, completions: 5 }, succeed).run(minute);
    expect(statusOf(here)).toMatchObject({ succeeded: 5, uncountedTerminatedPods: {} });
    expect(conditionsOf(here)).toEqual([
      'SuccessCriteriaMet CompletionsReached',
      'Complete CompletionsReached',
    ]);
    expect(here.list<Pod>('pods').filter((pod) => pod.metadata.finalizers?.length !== 0)).toEqual([]);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/job.txt');
  });

  test('waits 10 s, 20 s, 40 s after failures, and gives up at the backoffLimit', async () => {
    const here = world({ backoffLimit: 3 }, fail).run(5 * minute);
    const created = here.lines
      .filter((line) => line.includes('create pods'))
      .map((line) => Number(line.split(' ')[0]));
    // A Pod fails 3.8 s after it was made; the back-off counts from the whole second in which its container ended.
    const between = created.slice(1).map((at, i) => Math.round(at - (created[i] ?? 0)));
    expect(between).toEqual([3 + 10, 3 + 20, 3 + 40]);
    expect(conditionsOf(here)).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
    expect(statusOf(here)).toMatchObject({ failed: 4 });
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/job-backoff.txt');
  });

  test('that is Indexed tries each index on its own, and fails when all others are done', async () => {
    const here = world(
      {
        completionMode: 'Indexed',
        completions: 4,
        parallelism: 2,
        backoffLimit: 2_147_483_647,
        backoffLimitPerIndex: 1,
      },
      (pod) => (indexOf(pod) === '1' ? fail() : succeed()),
    ).run(2 * minute);
    expect(statusOf(here)).toMatchObject({
      succeeded: 3,
      failed: 2,
      completedIndexes: '0,2,3',
      failedIndexes: '1',
    });
    expect(conditionsOf(here)).toEqual(['FailureTarget FailedIndexes', 'Failed FailedIndexes']);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/job-indexed.txt');
  });

  test('is over when its successPolicy is met, whatever still runs', () => {
    const here = world(
      {
        completionMode: 'Indexed',
        completions: 3,
        parallelism: 3,
        successPolicy: { rules: [{ succeededIndexes: '0' }] },
      },
      (pod) => (indexOf(pod) === '0' ? succeed() : undefined),
    ).run(minute);
    expect(conditionsOf(here)).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy']);
    expect(statusOf(here)).toMatchObject({ succeeded: 1, completedIndexes: '0', terminating: 0 });
    expect(statusOf(here).active ?? 0).toBe(0);
  });

  test('fails at once where its podFailurePolicy says so', async () => {
    const rules = [{ action: 'FailJob', onExitCodes: { containerName: 'c', operator: 'In', values: [42] } }];
    const here = world({ parallelism: 2, completions: 2, podFailurePolicy: { rules } }, () => ({
      after: 3 * second,
      exitCode: 42,
    })).run(minute);
    expect(here.lines.filter((line) => line.includes('create pods'))).toHaveLength(2);
    expect(conditionsOf(here)).toEqual(['FailureTarget PodFailurePolicy', 'Failed PodFailurePolicy']);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/job-failure-policy.txt');
  });

  test('is stopped by its active deadline', async () => {
    const here = world({ activeDeadlineSeconds: 20 }, undefined).run(minute);
    expect(conditionsOf(here)).toEqual(['FailureTarget DeadlineExceeded', 'Failed DeadlineExceeded']);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/job-deadline.txt');
  });

  test('gives up its Pods while it is suspended, and begins anew', async () => {
    const here = world({ parallelism: 2, completions: 2 }, succeed).run(3 * second);
    here.change('jobs', 'default/work', { spec: { suspend: true } });
    here.run(10 * second);
    expect(statusOf(here)).toMatchObject({ conditions: [{ type: 'Suspended', status: 'True' }] });
    expect(here.list('pods')).toEqual([]);
    here.change('jobs', 'default/work', { spec: { suspend: false } });
    here.run(minute);
    expect(statusOf(here)).toMatchObject({ succeeded: 2, startTime: '2025-01-01T00:00:10Z' });
    expect(statusOf(here).failed ?? 0).toBe(0);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/job-suspend.txt');
  });

  test('replaces a Pod only when it has failed, if its podReplacementPolicy says so', () => {
    const created = (podReplacementPolicy: string): number[] => {
      const here = world({ podReplacementPolicy }, undefined).run(3 * second);
      here.delete('pods', `default/${here.list<Pod>('pods')[0]?.metadata.name ?? ''}`);
      here.run(minute);
      return here.lines.filter((line) => line.includes('create pods')).map((line) => Number.parseFloat(line));
    };
    const [, early = 0] = created('TerminatingOrFailed');
    const [, late = 0] = created('Failed');
    // In both cases the back-off counts: from the deletion, or from the failure 0.3 s later.
    expect(early).toBeLessThan(late);
  });

  test('that is gone lets go of its Pods', () => {
    const here = world({}, undefined).run(3 * second);
    here.vanish('jobs', 'default/work');
    here.run(5 * second);
    expect(here.lines.some((line) => line.includes('job-controller patch pods'))).toBe(true);
    expect(here.list('pods')).toEqual([]);
  });

  test('counts no Pod twice when its status cannot be written', () => {
    let refused = 0;
    const here = world({ parallelism: 3, completions: 3 }, succeed, (request) =>
      request.verb === 'update' && request.resource === 'jobs' && ++refused % 3 !== 0
        ? {
            kind: 'Status',
            apiVersion: 'v1',
            metadata: {},
            status: 'Failure',
            reason: 'Conflict',
            message: 'again',
            code: 409,
          }
        : undefined,
    ).run(5 * minute);
    expect(statusOf(here)).toMatchObject({ succeeded: 3 });
    expect(here.lines.filter((line) => line.includes('create pods'))).toHaveLength(3);
  });

  test('gives up Pods when its parallelism falls, and does not count them', () => {
    const here = world({ parallelism: 4, completions: 9 }, undefined).run(5 * second);
    here.change('jobs', 'default/work', { spec: { parallelism: 1 } });
    here.run(10 * second);
    expect(here.list('pods')).toHaveLength(1);
    expect(statusOf(here)).toMatchObject({ active: 1, ready: 1 });
    expect(statusOf(here).failed ?? 0).toBe(0);
  });

  test('adopts a Pod that it selects, with its finalizer, and counts it', () => {
    const here = new World({ readyAfter: 800_000, end: succeed }).start();
    here.create('nodes', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node-1' },
      spec: {},
      status: {},
    });
    const labels = { 'batch.kubernetes.io/controller-uid': 'u' };
    here.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'stray', namespace: 'default', labels },
      spec: { containers: [{ name: 'c', image: 'img:1' }] },
      status: { phase: 'Pending' },
    });
    here.run(second);
    here.create('jobs', job({}));
    here.run(3 * second);
    const adopted = here.get<Pod>('pods', 'default/stray')?.metadata;
    expect(adopted?.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
    expect(adopted?.ownerReferences).toMatchObject([{ kind: 'Job', name: 'work', controller: true }]);
    here.run(minute);
    expect(statusOf(here)).toMatchObject({ succeeded: 1 });
    expect(here.lines.filter((line) => line.includes('create pods'))).toEqual([]);
  });

  test('that has ended gets no more Pods, though the cache does not know of its end yet', () => {
    const here = world({}, succeed).run(5 * second);
    here.deafTo.add('jobs');
    here.run(minute);
    expect(conditionsOf(here)).toEqual([
      'SuccessCriteriaMet CompletionsReached',
      'Complete CompletionsReached',
    ]);
    expect(here.lines.filter((line) => line.includes('create pods'))).toHaveLength(1);
  });

  test('of a managedBy is left alone', () => {
    const here = world({ managedBy: 'example.com/other' }, succeed).run(minute);
    expect(here.lines).toEqual([]);
  });
});
