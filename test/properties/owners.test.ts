/**
 * Aim: whatever references say, in whichever namespace, the garbage collector deletes nothing whose owners are there.
 * Method: random families of ConfigMaps. `WAVETANK_RUNS=1000 npx vitest run test/properties/owners.test.ts` runs more.
 */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { second } from '../../core/time/time.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import { defaultCluster, defaultNodes } from '../../sim/scenario/defaults.ts';
import { configMap, families, other, parent, type Family } from './owner-arbitrary.ts';
import { OwnerLaws, type Proof } from './owner-laws.ts';
import { runs } from './runs.ts';

/** A stray reference teaches the collector that there is no root in `other`; the root of the default namespace is another. */
const strayed: Family = {
  spec: {
    ...defaultCluster,
    nodes: defaultNodes(1),
    actions: [{ at: 1 * second, do: 'apply', objects: [configMap('root', 'default'), other] }],
    faults: [],
    workload: [],
  },
  children: [
    { at: 5 * second, name: 'stray', namespace: 'other', owners: [{ name: 'root', uid: 'its own' }] },
    {
      at: 20 * second,
      name: 'leaf',
      namespace: 'default',
      owners: [
        { name: 'root', uid: 'its own' },
        { name: 'stem', uid: 'made up' },
      ],
    },
  ],
};

function lawsOf({ spec, children }: Family, proof?: Proof): OwnerLaws {
  const laws = new OwnerLaws(proof);
  const simulation = Simulation.create(spec, { observer: laws, programs: [parent(children)] });
  simulation.run({ time: 90 * second });
  return laws;
}

test.prop([families], runs(12))(
  'P25: what is deleted has lost its owners',
  (family) => {
    expect(lawsOf(family).broken).toEqual([]);
  },
  3_600_000,
);

test('P25 can be broken: by a law that does not take for gone what was heard to be', () => {
  const sample = fc.sample(families, { numRuns: 10, seed: 1 });
  expect(sample.reduce((sum, family) => sum + (lawsOf(family).looked['P25'] ?? 0), 0)).toBeGreaterThan(10);
  expect(sample.flatMap((family) => lawsOf(family, 'read').broken)).not.toEqual([]);
});

test('an owner that is absent in one namespace is not taken for absent in another', () => {
  const laws = new OwnerLaws();
  const simulation = Simulation.create(strayed.spec, {
    observer: laws,
    programs: [parent(strayed.children)],
  });
  simulation.run({ time: 60 * second });
  expect(laws.broken).toEqual([]);
  expect(simulation.registry().get('configmaps', 'other/stray')).toBeUndefined();
  expect(simulation.registry().get('configmaps', 'default/leaf')?.metadata.ownerReferences).toMatchObject([
    { name: 'root' },
  ]);
});
