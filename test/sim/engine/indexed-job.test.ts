/**
 * Aim: containers end as the scenario says for their completion index, and an Indexed Job gives up index by index. Method: the
 * scenario `indexed-job`, told as what its Jobs' statuses say, and which Pods there were.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Job } from '../../../core/api/generated/types.ts';
import { second } from '../../../core/time/time.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { loadScenario } from '../../../sim/scenario/load.ts';
import { pods } from './cluster.ts';

test('each index has its own end, and its own tries', async () => {
  const { spec } = await loadScenario([join(import.meta.dirname, '../../../scenarios/indexed-job.yaml')]);
  const simulation = Simulation.create(spec);
  const told: string[] = [];
  const tell = (name: string): void => {
    const { status } = simulation.registry().get('jobs', `default/${name}`) as Job;
    const { completedIndexes = '', failedIndexes = '', active = 0 } = status;
    const last = (status.conditions ?? []).at(-1);
    const end = last === undefined ? '' : `, ${last.type}: ${last.reason ?? ''}`;
    told.push(`${name}: done "${completedIndexes}", failed "${failedIndexes}", ${active} active${end}`);
  };
  for (const time of [20, 60, 240]) {
    simulation.run({ time: time * second });
    told.push(`# after ${time} s`);
    tell('shards');
    tell('strict');
  }
  told.push('# the Pods of shards: index, exit code, after so many seconds');
  for (const { metadata, status } of pods(simulation)) {
    if (metadata.labels?.['job-name'] !== 'shards') continue;
    const {
      exitCode = -1,
      startedAt = '',
      finishedAt = '',
    } = status.containerStatuses?.[0]?.state?.terminated ?? {};
    const seconds = Math.round((Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000);
    told.push(`${metadata.annotations?.['batch.kubernetes.io/job-completion-index']} ${exitCode} ${seconds}`);
  }
  expect(told.join('\n')).toMatchInlineSnapshot(`
    "# after 20 s
    shards: done "0,1,3", failed "", 3 active
    strict: done "1,3", failed "2,4", 0 active, Failed: MaxFailedIndexesExceeded
    # after 60 s
    shards: done "0,1,3", failed "2,4", 1 active
    strict: done "1,3", failed "2,4", 0 active, Failed: MaxFailedIndexesExceeded
    # after 240 s
    shards: done "0,1,3,5", failed "2,4", 0 active, Failed: FailedIndexes
    strict: done "1,3", failed "2,4", 0 active, Failed: MaxFailedIndexesExceeded
    # the Pods of shards: index, exit code, after so many seconds
    0 0 5
    1 0 5
    2 3 5
    2 3 5
    3 0 5
    4 3 5
    4 3 5
    5 0 60"
  `);
});
