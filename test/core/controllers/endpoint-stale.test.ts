/**
 * Aim: a Pod that is unready for less than the watch of Endpoints takes is not left out for ever (kubernetes/kubernetes#125638).
 * Method: the small world, in which that watch is silent while the Pod's readiness goes and comes back.
 */
import { expect, test } from 'vitest';
import type { Endpoints } from '../../../core/api/generated/types.ts';
import { second } from '../../../core/time/time.ts';
import { World } from './world.ts';

const readiness = (status: 'True' | 'False') => ({
  status: { phase: 'Running', podIP: '10.0.0.7', conditions: [{ type: 'Ready', status }] },
});

test('what the controller has written over is not compared with', () => {
  const world = new World().start();
  world.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  world.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { clusterIP: '10.96.0.9', selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  world.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'default', labels: { app: 'web' } },
    spec: { containers: [] },
    ...readiness('True'),
  });
  const subsets = () => world.get<Endpoints>('endpoints', 'default/web')?.subsets?.[0];
  world.run(5 * second);
  expect(subsets()?.addresses).toHaveLength(1);

  world.stall('endpoints');
  world.change('pods', 'default/a', readiness('False'));
  world.run(6 * second);
  expect(subsets()?.notReadyAddresses).toHaveLength(1);
  world.change('pods', 'default/a', readiness('True'));
  world.run(8 * second);
  world.proceed('endpoints');
  world.run(30 * second);
  expect(subsets()?.addresses).toHaveLength(1);
});
