/** Aim: an aggregated ClusterRole has the rules of those it selects, as they come and go. Method: a small world, step by step. */
import { expect, test } from 'vitest';
import type { ClusterRole } from '../../../core/api/generated/types.ts';
import { second } from '../../../core/time/time.ts';
import { World, type Plain } from './world.ts';

const role = (name: string, labels: Plain, rest: Plain): Plain => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name, labels },
  ...rest,
});
const may = (verb: string, resource: string): Plain => ({
  apiGroups: [''],
  resources: [resource],
  verbs: [verb],
});
const toReader = { 'example.com/aggregate-to-reader': 'true' };

test('rules are gathered by label, each once, in the order of names; a role that goes takes its own away', () => {
  const world = new World().start();
  world.run(second);
  world.create('clusterroles', role('b', toReader, { rules: [may('get', 'pods'), may('get', 'services')] }));
  world.create(
    'clusterroles',
    role('reader', {}, { aggregationRule: { clusterRoleSelectors: [{ matchLabels: toReader }] }, rules: [] }),
  );
  world.create('clusterroles', role('other', {}, { rules: [may('delete', 'pods')] }));
  const rules = (): readonly string[] =>
    (world.get<ClusterRole>('clusterroles', 'reader')?.rules ?? []).map(
      ({ verbs, resources = [] }) => `${verbs.join()} ${resources.join()}`,
    );
  world.run(2 * second);
  expect(rules()).toEqual(['get pods', 'get services']);
  world.create('clusterroles', role('a', toReader, { rules: [may('list', 'pods'), may('get', 'pods')] }));
  world.run(3 * second);
  expect(rules()).toEqual(['list pods', 'get pods', 'get services']);
  world.vanish('clusterroles', 'b');
  world.run(4 * second);
  expect(rules()).toEqual(['list pods', 'get pods']);
  const writes = world.lines.filter((line) => line.includes('clusterrole-aggregation-controller'));
  expect(writes).toHaveLength(3);
});
