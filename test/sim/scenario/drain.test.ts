/**
 * Aim: a drain says and does what kubectl's does, while other things go on, and is the same when it is resumed. Method: the
 * scenario that shows it, told as what kubectl printed and what there was on the nodes before and after.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { KubectlState } from '../../../core/client/kubectl-state.ts';
import { minute, second } from '../../../core/time/time.ts';
import type { ClusterSpec } from '../../../sim/cluster/spec.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { loadScenario } from '../../../sim/scenario/load.ts';
import { pods } from '../engine/cluster.ts';

const scenario = async (): Promise<ClusterSpec> =>
  (await loadScenario([join(import.meta.dirname, '../../../scenarios/drain.yaml')])).spec;

/** `node-1: agent web web`, for each node. */
function onNodes(simulation: Simulation): readonly string[] {
  const byNode = (node: string): readonly string[] =>
    pods(simulation)
      .filter(({ spec }) => spec.nodeName === node)
      .map(({ metadata }) => metadata.name.split('-')[0] ?? '')
      .toSorted();
  return ['node-1', 'node-2', 'node-3'].map((node) => `${node}: ${byNode(node).join(' ')}`);
}

const saidBetween = (simulation: Simulation, from: number, to: number): readonly string[] =>
  [...(simulation.stateOf('kubectl') as KubectlState).said.from(0)]
    .filter(({ at }) => at >= from && at < to)
    .map(({ at, text }) => `${(at / second).toFixed(3).padStart(8)}  ${text}`);

test('a budget is waited for, a DaemonSet stays, and what nobody would make again has to be forced', async () => {
  const simulation = Simulation.create(await scenario());
  const told: string[] = [];
  for (const end of [1, 3, 4, 5, 6]) {
    const from = simulation.now;
    simulation.run({ time: end * minute });
    told.push(
      ...saidBetween(simulation, from, end * minute),
      '',
      `# after ${end} min`,
      ...onNodes(simulation),
      '',
    );
  }
  await expect(`${told.join('\n').trim()}\n`).toMatchFileSnapshot('drain.txt');
});

test('a drain that is resumed in its midst goes on', async () => {
  const spec = await scenario();
  const whole = Simulation.create(spec);
  whole.run({ time: 2 * minute });
  const part = Simulation.create(spec);
  part.run({ time: 63 * second });
  const resumed = Simulation.resume(part.checkpoint());
  resumed.run({ time: 2 * minute });
  expect(resumed.hash()).toBe(whole.hash());
});
