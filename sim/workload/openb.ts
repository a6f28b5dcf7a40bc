/**
 * Traces in the format of Alibaba's OpenB: nodes and Pods with GPUs, whole or shared, and the times the Pods came and
 * went.
 *
 * A node with GPUs has the extended resource `alibabacloud.com/gpu-milli`, 1,000 for each of its GPUs, and a Pod asks
 * for `gpu_milli` times `num_gpu` of it: every allocation is then counted truly, but which GPU of its node a Pod gets
 * is not modelled, and two Pods may share what on a real node would be the ends of two GPUs. So that whole GPUs stay
 * countable where they are whole, the node also has `nvidia.com/gpu`, which Pods that take whole GPUs ask for as well.
 */
import type { NewObject } from '../../core/api/request.ts';
import type { Pod } from '../../core/api/generated/types.ts';
import { second } from '../../core/time/time.ts';
import type { NodeSpec, WorkloadPod } from '../cluster/spec.ts';
import { BadInput, shown } from '../input/problem.ts';
import { readCsv, type CsvRow } from './csv.ts';

export const gpuModelLabel = 'alibabacloud.com/gpu-card-model';
export const gpuMilliResource = 'alibabacloud.com/gpu-milli';
export const gpuResource = 'nvidia.com/gpu';

/** The trace's nodes take 1,001 Pods each (the limit its published experiments use). */
const podsPerNode = 1_001;

/** Reads a node list: `sn,cpu_milli,memory_mib,gpu,model`. */
export function readNodeTrace(file: string): readonly NodeSpec[] {
  const rows = readCsv(file, ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model']);
  refuseRepeated(rows, 'sn');
  return rows.map(nodeOf);
}

function nodeOf(row: CsvRow): NodeSpec {
  const gpus = row.whole('gpu');
  const model = row.text('model');
  const devices = gpus === 0 ? {} : { [gpuResource]: `${gpus}`, [gpuMilliResource]: `${gpus * 1_000}` };
  return {
    name: row.text('sn'),
    labels: gpus === 0 || model === '' ? {} : { [gpuModelLabel]: model },
    taints: [],
    capacity: {
      cpu: `${row.whole('cpu_milli')}m`,
      memory: `${row.whole('memory_mib')}Mi`,
      pods: `${podsPerNode}`,
      ...devices,
    },
  };
}

/**
 * Reads a Pod list: `name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,…,creation_time,deletion_time,…`. Times are
 * seconds; a list without them has all Pods come at once and stay.
 */
export function readPodTrace(file: string): readonly WorkloadPod[] {
  const rows = readCsv(file, ['name', 'cpu_milli', 'memory_mib', 'num_gpu', 'gpu_milli']);
  refuseRepeated(rows, 'name');
  return rows.map(podOf).sort((a, b) => a.createAt - b.createAt);
}

function podOf(row: CsvRow): WorkloadPod {
  const timed = row.text('creation_time') !== '';
  const createAt = timed ? row.whole('creation_time') * second : 0;
  const leaves = timed && row.text('deletion_time') !== '';
  const deleteAt = leaves ? row.whole('deletion_time') * second : undefined;
  if (deleteAt !== undefined && deleteAt < createAt)
    throw new BadInput([{ at: row.at('deletion_time'), message: 'deletion_time: is before creation_time' }]);
  return { object: podObject(row), createAt, deleteAt };
}

function podObject(row: CsvRow): NewObject {
  const resources = requestsOf(row);
  const models =
    row.whole('num_gpu') === 0
      ? []
      : row
          .text('gpu_spec')
          .split('|')
          .filter((model) => model !== '');
  const pod: Pick<Pod, 'apiVersion' | 'kind' | 'spec'> & NewObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: row.text('name'), namespace: 'default', labels: labelsOf(row) },
    spec: {
      containers: [
        { name: 'main', image: 'openb/workload', resources: { requests: resources, limits: resources } },
      ],
      ...(models.length === 0 ? {} : { affinity: modelAffinity(models) }),
    },
  };
  return pod;
}

function requestsOf(row: CsvRow): Readonly<Record<string, string>> {
  const count = row.whole('num_gpu');
  const milli = Math.min(row.whole('gpu_milli'), 1_000);
  const whole = count > 0 && milli === 1_000 ? { [gpuResource]: `${count}` } : {};
  const shared = count > 0 ? { [gpuMilliResource]: `${count * milli}` } : {};
  return { cpu: `${row.whole('cpu_milli')}m`, memory: `${row.whole('memory_mib')}Mi`, ...whole, ...shared };
}

const labelsOf = (row: CsvRow): Readonly<Record<string, string>> => {
  const qos = row.text('qos');
  return qos === '' ? {} : { qos };
};

/** `V100M16|V100M32`: any of these models. */
function modelAffinity(models: readonly string[]): NonNullable<NonNullable<Pod['spec']>['affinity']> {
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: gpuModelLabel, operator: 'In', values: models }] }],
      },
    },
  };
}

function refuseRepeated(rows: readonly CsvRow[], column: string): void {
  const seen = new Set<string>();
  for (const row of rows) {
    const name = row.text(column);
    if (name === '' || seen.has(name))
      throw new BadInput([
        {
          at: row.at(column),
          message: `${column}: ${name === '' ? 'is empty' : `${shown(name)} is there twice`}`,
        },
      ]);
    seen.add(name);
  }
}
