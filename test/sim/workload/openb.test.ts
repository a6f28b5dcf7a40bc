// A node list and a Pod list in the format of OpenB, read as nodes and Pods, and followed through a run's writes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BadInput } from '../../../sim/input/problem.ts';
import { readNodeTrace, readPodTrace } from '../../../sim/workload/openb.ts';
import { PodLedger } from '../../../sim/workload/pod-ledger.ts';
import { observeWrites, type Write } from '../../../sim/workload/write-observer.ts';

const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, ...lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}

const nodes = file(
  'nodes.csv',
  'sn,cpu_milli,memory_mib,gpu,model',
  'plain,8000,1024,0,',
  'gpus,64000,2048,2,T4',
);
const pods = file(
  'pods.csv',
  'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time',
  'late,1000,64,0,0,,LS,Running,50,60,50',
  'whole,2000,128,2,1000,T4|V100M16,LS,Running,10,20,10',
  'shared,500,32,1,460,,BE,Pending,10,40,',
);

test('nodes have their GPUs whole and in thousandths', () => {
  expect(readNodeTrace(nodes)).toEqual([
    { name: 'plain', labels: {}, taints: [], capacity: { cpu: '8000m', memory: '1024Mi', pods: '1001' } },
    {
      name: 'gpus',
      labels: { 'alibabacloud.com/gpu-card-model': 'T4' },
      taints: [],
      capacity: {
        cpu: '64000m',
        memory: '2048Mi',
        pods: '1001',
        'nvidia.com/gpu': '2',
        'alibabacloud.com/gpu-milli': '2000',
      },
    },
  ]);
});

test('Pods come in order of creation and ask for what the trace says', () => {
  const read = readPodTrace(pods);
  expect(read.map((pod) => [pod.object.metadata.name, pod.createAt, pod.deleteAt])).toEqual([
    ['whole', 10_000_000, 20_000_000],
    ['shared', 10_000_000, 40_000_000],
    ['late', 50_000_000, 60_000_000],
  ]);
  expect(read[0]?.object).toMatchObject({
    spec: {
      containers: [
        {
          resources: {
            requests: {
              cpu: '2000m',
              memory: '128Mi',
              'nvidia.com/gpu': '2',
              'alibabacloud.com/gpu-milli': '2000',
            },
          },
        },
      ],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ operator: 'In', values: ['T4', 'V100M16'] }] }],
          },
        },
      },
    },
  });
  expect(read[1]?.object).toMatchObject({
    spec: {
      containers: [
        { resources: { requests: { cpu: '500m', memory: '32Mi', 'alibabacloud.com/gpu-milli': '460' } } },
      ],
    },
  });
});

test.each([
  [
    'a column is missing',
    ['sn,cpu_milli,memory_mb,gpu,model'],
    ':1:1: no column "memory_mib"; did you mean "memory_mb"? (found: sn, cpu_milli, memory_mb, gpu, model)',
  ],
  [
    'no number',
    ['sn,cpu_milli,memory_mib,gpu,model', 'a,8000,lots,0,'],
    ':2:8: memory_mib: expected a whole number, found "lots"',
  ],
  ['twice', ['sn,cpu_milli,memory_mib,gpu,model', 'a,1,1,0,', 'a,1,1,0,'], ':3:1: sn: "a" is there twice'],
])('a bad node list: %s', (name, lines, message) => {
  const path = file(`${name}.csv`, ...lines);
  expect(() => readNodeTrace(path)).toThrow(BadInput);
  expect(() => readNodeTrace(path)).toThrow(`${path}${message}`);
});

test('writes are seen with the time of their event, however the lines are cut into blocks', () => {
  const lines = [
    '[10,0,0,"etcd",1,"txn put","/registry/pods/default/a"]',
    '{"rev":2,"key":"/registry/pods/default/a","put":{"kind":"Pod","note":"\\"key\\":\\"/registry/pods/\\""}}',
    '[20,1,0,"etcd",1,"txn put","/registry/nodes/n"]',
    '{"rev":3,"key":"/registry/nodes/n","put":{"kind":"Node"}}',
    '[30,1,0,"etcd",1,"txn put","/registry/pods/default/a"]',
    '{"rev":4,"key":"/registry/pods/default/a","patch":{"spec":{"nodeName":"n"}}}',
    '{"rev":5,"key":"/registry/pods/default/a","delete":true}',
    '[40,1,0,"timer","later"]',
  ].map((line) => Buffer.from(`${line}\n`));
  for (let cuts = 0; cuts < 1 << (lines.length - 1); cuts++) {
    const seen: Write[] = [];
    const sink = observeWrites(['/registry/pods/'], (write) => seen.push(write));
    let block: Buffer[] = [];
    lines.forEach((line, i) => {
      block.push(line);
      if (i < lines.length - 1 && (cuts & (1 << i)) === 0) return;
      sink.write(Buffer.concat(block));
      block = [];
    });
    expect(seen.map(({ at, put, patch, delete: gone }) => [at, put !== undefined, patch, gone])).toEqual([
      [10, true, undefined, undefined],
      [30, false, { spec: { nodeName: 'n' } }, undefined],
      [30, false, undefined, true],
    ]);
  }
});

test('the ledger counts what is held, and for how long Pods waited', () => {
  const ledger = new PodLedger(readNodeTrace(nodes), readPodTrace(pods));
  const key = (name: string): string => `/registry/pods/default/${name}`;
  const second = 1_000_000;
  const bound = { spec: { nodeName: 'gpus' } };
  ledger.note({ at: 10 * second, key: key('whole'), put: { spec: {} } });
  ledger.note({ at: 10 * second, key: key('shared'), put: { spec: {} } });
  ledger.note({ at: 11 * second, key: key('whole'), patch: bound });
  ledger.note({ at: 20 * second, key: key('whole'), delete: true });
  ledger.note({ at: 25 * second, key: key('shared'), patch: bound });
  ledger.note({ at: 40 * second, key: key('shared'), delete: true });
  ledger.note({ at: 50 * second, key: key('late'), put: { spec: {} } });
  ledger.note({ at: 60 * second, key: key('late'), delete: true });
  const { samples, allocation, ...report } = ledger.report(60 * second, 6);
  // Both GPUs for 9 s, then 0.46 of one for 15 s, of 2 GPUs and 60 s.
  expect(allocation.gpu?.peak).toBe(1);
  expect(allocation.gpu?.mean).toBeCloseTo((2 * 9 + 0.46 * 15) / (2 * 60), 12);
  expect(report).toEqual({
    created: 3,
    scheduled: 2,
    pending: 0,
    leftUnscheduled: 1,
    waiting: { p50: 1 * second, p90: 15 * second, p99: 15 * second, max: 15 * second },
  });
  expect(samples.map(({ gpu, cpu, bound: held, pending }) => [gpu, cpu, held, pending])).toEqual([
    [0, 0, 0, 2],
    [0, 0, 0, 1],
    [0.23, 500 / 72_000, 1, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 1],
    [0, 0, 0, 0],
  ]);
});
