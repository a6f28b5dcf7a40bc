/**
 * From creation to all Running through the whole pipeline: Deployments of 1,000 replicas each on 5,000 nodes of 32 CPU
 * and 128 Gi. The nodes register first, and are not counted; then the Deployments are applied, and the clock runs until
 * the cluster has settled. Clients' rate limits are as large clusters set them (kube-controller-manager and scheduler
 * 1,000 requests a second); everything else is as by default.
 */
import { minute } from '../core/time/time.ts';
import type { Deployment, Pod } from '../core/api/generated/types.ts';
import type { ClusterSpec } from '../sim/cluster/spec.ts';
import { Simulation } from '../sim/engine/simulation.ts';
import { check, type Bench, type Case, type Figure } from './frame/bench.ts';
import { deploymentOf, largeCluster } from './rig/cluster.ts';

const nodeCount = 5_000;
const perDeployment = 1_000;
const applyAt = 1 * minute;

export const subject: Bench = {
  about: 'Deployments of 1,000 Pods on 5,000 nodes, from creation to all Running, the whole pipeline',
  cases: [caseOf(1_000), caseOf(10_000), caseOf(150_000)],
};

function caseOf(pods: number): Case {
  return { name: `${nodeCount}x${pods}`, run: () => measured(pods) };
}

function measured(pods: number): readonly Figure[] {
  const simulation = Simulation.create(specOf(pods));
  simulation.run({ time: applyAt - 1 });
  check('nodes registered', simulation.registry().count('nodes'), nodeCount);

  const eventsBefore = simulation.events;
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  simulation.run({ settled: true });
  const wall = (performance.now() - start) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  const events = simulation.events - eventsBefore;

  const all = simulation.registry().list('pods') as readonly Pod[];
  check('Pods', all.length, pods);
  check('Pods Running', all.filter((pod) => pod.status.phase === 'Running').length, pods);
  check('Deployments available', availableDeployments(simulation), pods / perDeployment);
  return [
    { figure: 'creation to Running', value: wall, unit: 's', atMost: 60 },
    { figure: 'creation to Running, cpu', value: (cpu.user + cpu.system) / 1_000_000, unit: 's' },
    { figure: 'events', value: events, unit: '' },
    { figure: 'event', value: (wall * 1_000_000) / events, unit: 'us' },
    { figure: 'virtual time', value: (simulation.now - applyAt) / 1_000_000, unit: 's' },
  ];
}

function availableDeployments(simulation: Simulation): number {
  const deployments = simulation.registry().list('deployments') as readonly Deployment[];
  return deployments.filter((deployment) => deployment.status.availableReplicas === perDeployment).length;
}

function specOf(pods: number): ClusterSpec {
  const objects = Array.from({ length: pods / perDeployment }, (_, i) =>
    deploymentOf(`app-${i}`, perDeployment, `registry.example/app-${i}:1`),
  );
  return largeCluster(nodeCount, [{ at: applyAt, do: 'apply', objects }]);
}
