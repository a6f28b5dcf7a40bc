/**
 * Aim: the status of a ResourceQuota tells what is used, and what is admitted stays within it. Method: the controller in
 * a small world, step by step; and whole clusters in which random Deployments grow against a quota.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pod, ResourceQuota } from '../../../core/api/generated/types.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { minute, second } from '../../../core/time/time.ts';
import type { Action } from '../../../sim/cluster/spec.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { applyAt, clusterSpec, deployment } from '../../sim/engine/cluster.ts';
import { World, type Plain } from './world.ts';

const quota = (hard: Plain, spec: Plain = {}): Plain => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'most', namespace: 'default' },
  spec: { hard, ...spec },
  status: {},
});

const pod = (name: string, cpu = '100m', rest: Plain = {}): Plain => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }], ...rest },
});

function world(): World {
  const made = new World().start();
  made.run(second);
  return made;
}

const statusOf = (of: World): ResourceQuota['status'] | undefined =>
  of.get<ResourceQuota>('resourcequotas', 'default/most')?.status;

describe('the status of a quota', () => {
  test('is written at once for a new one, and anew when the limits change', () => {
    const here = world();
    here.create('pods', pod('a'));
    here.create('pods', pod('b', '250m'));
    here.create('resourcequotas', quota({ pods: '5', 'requests.cpu': '1', services: '2' }));
    here.run(2 * second);
    expect(statusOf(here)).toEqual({
      hard: { pods: '5', 'requests.cpu': '1', services: '2' },
      used: { pods: '2', 'requests.cpu': '350m', services: '0' },
    });
    here.change('resourcequotas', 'default/most', {
      spec: { hard: { pods: '3', 'requests.cpu': null, services: null } },
    });
    here.run(3 * second);
    expect(statusOf(here)?.hard).toEqual({ pods: '3' });
    expect(statusOf(here)?.used).toEqual({ pods: '2' });
  });

  test('is counted again when a Pod goes or ends, not when one comes: that is charged on admission', () => {
    const here = world();
    for (const name of ['a', 'b', 'c']) here.create('pods', pod(name));
    here.create('resourcequotas', quota({ pods: '5' }));
    here.run(2 * second);
    here.lines.length = 0;
    here.vanish('pods', 'default/a');
    here.run(3 * second);
    here.change('pods', 'default/b', { status: { phase: 'Succeeded' } });
    here.run(4 * second);
    here.create('pods', pod('d'));
    here.run(minute);
    expect(statusOf(here)?.used).toEqual({ pods: '1' });
    expect(here.lines.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'resourcequota-controller update resourcequotas/status most',
      'resourcequota-controller update resourcequotas/status most',
    ]);
    // What admission did not charge, since there is none in this world, is found every five minutes.
    here.run(6 * minute);
    expect(statusOf(here)?.used).toEqual({ pods: '2' });
  });

  test('is of the objects in its scopes', () => {
    const here = world();
    here.create('pods', pod('a'));
    here.create('pods', pod('b', '100m', { activeDeadlineSeconds: 60 }));
    here.create('resourcequotas', quota({ pods: '5' }, { scopes: ['Terminating'] }));
    here.run(2 * second);
    expect(statusOf(here)?.used).toEqual({ pods: '1' });
  });

  test('counts any kind by its name', () => {
    const here = world();
    here.create('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'default' },
    });
    here.create(
      'resourcequotas',
      quota({ 'count/secrets': '4', 'count/deployments.apps': '1', secrets: '3' }),
    );
    here.run(2 * second);
    expect(statusOf(here)?.used).toEqual({
      'count/secrets': '1',
      'count/deployments.apps': '0',
      secrets: '1',
    });
    here.vanish('secrets', 'default/s');
    here.run(3 * second);
    expect(statusOf(here)?.used).toEqual({
      'count/secrets': '0',
      'count/deployments.apps': '0',
      secrets: '0',
    });
  });
});

test('what a quota admits never exceeds it, and in the end it is used up', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 6 }),
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 6 }), fc.nat(20)), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.constantFrom(1, 2),
      fc.nat(1_000),
      (most, wanted, apiservers, seed) => {
        const limit: Action = {
          at: second,
          do: 'apply',
          objects: [quota({ pods: String(most) }) as unknown as NewObject],
        };
        const actions = wanted.map(([name, replicas, at]): Action => ({
          at: applyAt + at * second,
          do: 'apply',
          objects: [deployment(name, replicas)],
        }));
        const simulation = Simulation.create({
          ...clusterSpec({ replicas: 0, apiservers, seed: String(seed) }),
          actions: [limit, ...actions.sort((a, b) => a.at - b.at)],
        });
        const pods = (): number =>
          (simulation.registry().list('pods') as readonly Pod[]).filter(
            ({ metadata }) => metadata.deletionTimestamp === undefined,
          ).length;
        for (let at = 0; at < 2 * minute; at += second / 4) {
          simulation.run({ time: at });
          expect(pods()).toBeLessThanOrEqual(most);
        }
        const last = new Map(
          [...wanted].sort((a, b) => a[2] - b[2]).map(([name, replicas]) => [name, replicas]),
        );
        const asked = [...last.values()].reduce((sum, replicas) => sum + replicas, 0);
        if (wanted.length === last.size) expect(pods()).toBe(Math.min(most, asked));
      },
    ),
    { numRuns: 5 },
  );
});
