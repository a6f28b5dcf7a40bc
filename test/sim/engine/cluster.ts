/** A small cluster to try things on: three nodes, and a Deployment applied at 5 s. */
import type { Deployment, Pod } from '../../../core/api/generated/types.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { fixed } from '../../../core/random/distribution.ts';
import { millisecond, second } from '../../../core/time/time.ts';
import type { Action, ClusterSpec, FaultAction } from '../../../sim/cluster/spec.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { defaultCluster, defaultNodes } from '../../../sim/scenario/defaults.ts';

export function deployment(name: string, replicas: number): NewObject & Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'c', image: `registry.example/${name}:1` }] },
      },
    },
  };
}

export const applyAt = 5 * second;

/** Pulls take a second, so that a time in a test is easy to tell. */
export function clusterSpec(parts: {
  readonly replicas: number;
  readonly faults?: readonly FaultAction[];
  readonly actions?: readonly Action[];
  readonly apiservers?: number;
  readonly seed?: string;
}): ClusterSpec {
  return {
    ...defaultCluster,
    seed: parts.seed ?? '1',
    apiservers: parts.apiservers ?? 1,
    nodes: defaultNodes(3),
    images: { default: { pull: fixed(1 * second), startup: fixed(300 * millisecond) }, byName: {} },
    actions: [
      { at: applyAt, do: 'apply', objects: [deployment('web', parts.replicas)] },
      ...(parts.actions ?? []),
    ],
    faults: parts.faults ?? [],
    workload: [],
  };
}

export const pods = (simulation: Simulation): readonly Pod[] =>
  simulation.registry().list('pods') as readonly Pod[];

export const running = (simulation: Simulation): number =>
  pods(simulation).filter((pod) => pod.status.phase === 'Running').length;

export const bound = (simulation: Simulation): number =>
  pods(simulation).filter((pod) => pod.spec.nodeName !== undefined).length;

export function availableReplicas(simulation: Simulation, key = 'default/web'): number {
  const found = simulation.registry().get('deployments', key) as Deployment | undefined;
  return found?.status.availableReplicas ?? 0;
}

/** A run of the spec up to `time`. */
export function runTo(spec: ClusterSpec, time: number): Simulation {
  const simulation = Simulation.create(spec);
  simulation.run({ time });
  return simulation;
}

/** The lines of a run's trace, read as JSON. */
export function traceOf(spec: ClusterSpec, time: number): readonly unknown[] {
  const blocks: Uint8Array[] = [];
  const simulation = Simulation.create(spec, {
    trace: { write: (block) => void blocks.push(block), close: () => undefined },
  });
  simulation.run({ time });
  simulation.close();
  const lines = Buffer.concat(blocks).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as unknown);
}
