/**
 * Aim: a node that is gone is not counted on for longer than it takes to notice it, and its Pods are replaced in their time (L5).
 * Method: random Deployments, one or two of whose nodes are lost; more with
 * `WAVETANK_RUNS=1000 npx vitest run test/properties/node-loss.test.ts`.
 */
import { test } from '@fast-check/vitest';
import { expect } from 'vitest';
import type { EndpointSlice } from '../../core/api/generated/types.ts';
import type { ApiObject } from '../../core/api/object.ts';
import type { EtcdServerState } from '../../core/etcd/server.ts';
import { second } from '../../core/time/time.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import { clusterSpec } from '../sim/engine/cluster.ts';
import { losses, slowestStart } from './node-loss-arbitrary.ts';
import { endpointsGoneAfter, leadingAstray, replacedAfter, unreplaced, type Loss } from './node-loss-laws.ts';
import { runs } from './runs.ts';
import { objectsOfStore } from './store-objects.ts';

test.prop([losses], runs(8))(
  'nobody is led to a node that is gone, and its Pods are replaced',
  ({ spec, lost }) => {
    const simulation = Simulation.create(spec);
    const byThen = (time: number): readonly ApiObject[] => {
      simulation.run({ time });
      return objectsOfStore((simulation.stateOf('etcd') as EtcdServerState<ApiObject>).store);
    };
    for (const { node, at } of [...lost].sort((a, b) => a.at - b.at)) {
      const objects = byThen(at + endpointsGoneAfter);
      expect(leadingAstray(slicesIn(objects), new Set([node]))).toEqual([]);
    }
    // Of two of a zone one may have to wait for the other.
    const last = Math.max(...lost.map(({ at }) => at)) + replacedAfter(lost.length - 1, slowestStart);
    expect(unreplaced(byThen(last), nodesOf(lost))).toEqual([]);
  },
  3_600_000,
);

const slicesIn = (objects: readonly ApiObject[]): readonly EndpointSlice[] =>
  objects.filter(({ kind }) => kind === 'EndpointSlice') as unknown as readonly EndpointSlice[];

const nodesOf = (lost: readonly Loss[]): ReadonlySet<string> => new Set(lost.map(({ node }) => node));

test('L5 can be broken: by whatever looks before its time', () => {
  const at = 60 * second;
  const lost = new Set(['node-1', 'node-2', 'node-3']);
  const simulation = Simulation.create({
    ...clusterSpec({ replicas: 3, actions: [{ at: second, do: 'apply', objects: [service] }] }),
    faults: [{ at, do: 'crash', process: 'kubelet/node-1' }],
  });
  simulation.run({ time: at + 30 * second });
  const objects = objectsOfStore((simulation.stateOf('etcd') as EtcdServerState<ApiObject>).store);
  expect(leadingAstray(slicesIn(objects), lost)).toHaveLength(3);
  expect(unreplaced(objects, lost)).toContain('L5: Deployment web wants 3, and 0 are ready');
});

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
};
