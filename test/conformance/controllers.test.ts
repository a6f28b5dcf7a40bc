/** Aim: the arithmetic of the controllers is that of Kubernetes 1.34.1. Method: all recorded cases of each family, in compact copies. */
import { expect, test } from 'vitest';
import { controllersSuite } from '../../sim/conformance/controllers/suite.ts';
import { runConformance } from '../../sim/conformance/run.ts';

/** How many cases each family has: a copy that lost some would be noticed. */
const families: Readonly<Record<string, number>> = {
  'daemonset-node': 80,
  'daemonset-rolling': 80,
  'deployment-cleanup': 24,
  'deployment-math': 100,
  'deployment-progress': 60,
  'deployment-reconcile-old': 50,
  'deployment-rollback': 30,
  'deployment-rollout': 44,
  'deployment-scale': 60,
  endpointslice: 50,
  'hpa-behavior': 64,
  'hpa-calc': 100,
  'job-backoff': 30,
  'job-failure-policy': 50,
  'job-indexes': 40,
  'job-sync': 80,
  'node-lifecycle': 44,
  'node-zone-state': 40,
  pdb: 70,
  podgc: 40,
  'replicaset-rank': 80,
  'slow-start': 32,
  'taint-eviction': 50,
};

test.each(Object.entries(families))('%s: %i cases agree', (family, count) => {
  const printed: string[] = [];
  const file = new URL(`./controllers/${family}.json.gz`, import.meta.url).pathname;
  runConformance('controllers', [file], (line) => printed.push(line));
  expect(printed).toEqual([`${count} passed, 0 failed`]);
});

test('a recording that says otherwise is noticed', () => {
  const asked = { strategy: 'Recreate', replicas: 3, maxSurge: 1, maxUnavailable: 0, newRS: 1, oldRS: 0 };
  const answer = { MaxSurge: 1, MaxUnavailable: 0, MinAvailable: 3, NewRSNewReplicas: 2, err: false };
  const content = { family: 'deployment-math', cases: [{ ...asked, ...answer, surge: 1, unavailable: 0 }] };
  const [result] = [...controllersSuite.run(JSON.stringify(content), 'made here')];
  expect(result?.difference).toBe('NewRSNewReplicas: want 2, got 3');
});
