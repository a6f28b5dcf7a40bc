/**
 * The filters and strategies of other schedulers as tables: a sentence, the expression, and the nodes that are left or the
 * scores they get. The sources of the rules are named in core/scheduler/plugins/others.
 */
import { describe, expect, test } from 'vitest';
import type { Node, Pod } from '../../../core/api/generated/types.ts';
import { newInformers } from '../../../core/client/informer.ts';
import { OrderedMap } from '../../../core/collections/ordered-map.ts';
import { defaultArguments } from '../../../core/scheduler/arguments.ts';
import { emptyCache, setNode, setPod } from '../../../core/scheduler/cache.ts';
import type { Profile } from '../../../core/scheduler/framework.ts';
import { followed, listersOf } from '../../../core/scheduler/listers.ts';
import { otherSchedulers } from '../../../core/scheduler/other-schedulers.ts';
import type { SchedulerPlugin } from '../../../core/scheduler/own-plugin.ts';
import { mesosDominantResourceFairness } from '../../../core/scheduler/plugins/others/mesos-offers.ts';
import { chosenProfile } from '../../../core/scheduler/plugins/registry.ts';
import { podInfoOf } from '../../../core/scheduler/pod-info.ts';
import { evaluate } from '../../../core/scheduler/evaluation.ts';
import type { QueuedPod } from '../../../core/scheduler/queue.ts';
import { aNode, aPod } from './rig.ts';

const node = (name: string, labels: Readonly<Record<string, string>>): Node => {
  const made = aNode(name);
  return { ...made, metadata: { ...made.metadata, labels } };
};

const nodes: readonly Node[] = [
  node('n1', { rack: 'r1', storage: 'ssd' }),
  node('n2', { rack: 'r1', storage: 'disk' }),
  node('n3', { rack: 'r2', storage: 'ssd' }),
  node('n4', {}),
];

interface Placed {
  readonly name: string;
  readonly on: string;
  readonly app?: string;
}

function pod(name: string, app: string, annotations: Readonly<Record<string, string>>, on?: string): Pod {
  const made = aPod(name);
  return {
    ...made,
    metadata: { ...made.metadata, labels: { app }, annotations },
    spec: { ...made.spec, ...(on === undefined ? {} : { nodeName: on }) },
  };
}

function evaluated(
  profile: Profile,
  annotations: Readonly<Record<string, string>>,
  placed: readonly Placed[],
) {
  let cache = emptyCache();
  for (const each of nodes) cache = setNode(cache, each);
  for (const { name, on, app = 'other' } of placed) cache = setPod(cache, pod(name, app, {}, on));
  const snapshot = {
    nodes: cache.nodes,
    nodeCount: nodes.length,
    imageNodes: cache.imageNodes,
    affinityNodes: cache.affinityNodes,
    nominated: OrderedMap.empty<string, readonly ReturnType<typeof podInfoOf>[]>(),
    listers: listersOf(newInformers('scheduler', followed)),
  };
  return evaluate({
    pod: podInfoOf(pod('new', 'web', annotations)),
    nominatedNodeName: '',
    snapshot,
    tree: cache.tree,
    profile,
    startIndex: 0,
    percentageOfNodesToScore: 100,
    pick: () => 0,
  });
}

const profileOf = (filter: readonly string[], score: string): Profile =>
  chosenProfile(
    { preEnqueue: [], preFilter: filter, filter, postFilter: [], score: [{ name: score, weight: 1 }] },
    defaultArguments,
    otherSchedulers,
  );

/** The names of the nodes that pass: with one score for all, in the order of nodes. */
function passing(
  filter: string,
  annotations: Readonly<Record<string, string>>,
  placed: readonly Placed[] = [],
): string {
  const { scored, feasible, preFilter, rejected } = evaluated(
    profileOf([filter], 'SwarmRandom'),
    annotations,
    placed,
  );
  if (preFilter !== undefined) return preFilter.reasons.join();
  if (feasible === 1) return `one but ${rejected.map((each) => each.nodes).join()}`;
  return scored.map((each) => each.node).join(' ');
}

describe("Swarm's constraints", () => {
  test.each([
    ['storage==ssd', 'n1 n3'],
    ['storage!=ssd', 'n2 n4'],
    ['storage==s*', 'n1 n3'],
    ['storage==/^(ssd|disk)$/', 'n1 n2 n3'],
    ['node==n[12]', ''],
    ['node==/n[12]/', 'n1 n2'],
    ['storage==tape', ''],
    ['storage==~tape', 'n1 n2 n3 n4'],
    ['storage==~ssd', 'n1 n3'],
    ['storage=ssd', 'com.docker.swarm.constraints: storage=ssd: one of operator ==, != is expected'],
    ['storage==/(/', 'com.docker.swarm.constraints: storage==/(/: /(/ is no regular expression'],
  ])('%s', (expression, left) => {
    const annotations = { 'com.docker.swarm.constraints': JSON.stringify([expression]) };
    expect(passing('SwarmConstraint', annotations)).toBe(left);
  });

  test('several must all be met; what is no list is refused', () => {
    const both = { 'com.docker.swarm.constraints': '["storage==ssd","rack!=r9"]' };
    expect(passing('SwarmConstraint', both)).toBe('n1 n3');
    const text = { 'com.docker.swarm.constraints': 'storage==ssd' };
    expect(passing('SwarmConstraint', text)).toContain('is not a JSON list of texts');
  });
});

const front = [
  { name: 'front', on: 'n2', app: 'front' },
  { name: 'front-2', on: 'n3', app: 'front' },
];

describe("Swarm's affinities and dependencies", () => {
  test.each([
    ['container==front*', 'n2 n3'],
    ['container!=front*', 'n1 n4'],
    ['app==front', 'n2 n3'],
    ['app!=front', 'n1 n4'],
    ['app==~nobody', 'n1 n2 n3 n4'],
  ])('%s', (expression, left) => {
    const annotations = { 'com.docker.swarm.affinities': JSON.stringify([expression]) };
    expect(passing('SwarmAffinity', annotations, front)).toBe(left);
  });

  test.each([
    [['link=front:f'], 'one but 3'],
    [['volumes-from=front', 'net=container:front-2'], ''],
    [['net=container:gone'], ''],
    [['link'], 'com.docker.swarm.dependencies: ["link"] is not a JSON list of'],
  ])('%s', (dependencies, left) => {
    const annotations = { 'com.docker.swarm.dependencies': JSON.stringify(dependencies) };
    expect(passing('SwarmDependency', annotations, front).startsWith(left)).toBe(true);
  });
});

describe("Swarm's strategies", () => {
  const scores = (strategy: string): readonly string[] =>
    evaluated(profileOf([], strategy), {}, [...front, { name: 'x', on: 'n3' }]).scored.map(
      (each) => `${each.node} ${each.plugins[0]?.normalized ?? -1}`,
    );

  test('spread: the emptiest first; binpack: the fullest; of one rank by containers', () => {
    expect(scores('SwarmSpread')).toEqual(['n1 100', 'n4 100', 'n2 99', 'n3 98']);
    expect(scores('SwarmBinpack')).toEqual(['n3 100', 'n2 99', 'n1 98', 'n4 98']);
    expect(scores('SwarmRandom')).toEqual(['n1 0', 'n2 0', 'n3 0', 'n4 0']);
  });
});

const web = (...on: readonly string[]): readonly Placed[] =>
  on.map((each, i) => ({ name: `web-${i}`, on: each, app: 'web' }));

describe("Marathon's constraints", () => {
  test.each<[string, readonly string[][], readonly Placed[], string]>([
    ['UNIQUE by host', [['hostname', 'UNIQUE']], web('n1', 'n2'), 'n3 n4'],
    ['UNIQUE by rack: a node without one is refused', [['rack', 'UNIQUE']], web('n3'), 'n1 n2'],
    ['CLUSTER with a value', [['storage', 'CLUSTER', 'ssd']], [], 'n1 n3'],
    ['CLUSTER: the first decides', [['rack', 'CLUSTER']], web('n2'), 'n1 n2'],
    ['CLUSTER: nobody is there yet', [['rack', 'CLUSTER']], [], 'n1 n2 n3'],
    ['GROUP_BY: the smallest group', [['rack', 'GROUP_BY']], web('n1', 'n2', 'n3'), 'one but 3'],
    ['GROUP_BY: all equal', [['rack', 'GROUP_BY']], web('n1', 'n3'), 'n1 n2 n3'],
    ['GROUP_BY: one group is all it knows of', [['rack', 'GROUP_BY']], web('n1'), 'n1 n2 n3'],
    ['GROUP_BY 2: a second is expected', [['rack', 'GROUP_BY', '2']], web('n1'), 'one but 3'],
    ['LIKE', [['rack', 'LIKE', 'r[13]']], [], 'n1 n2'],
    ['LIKE matches the whole value', [['rack', 'LIKE', 'r']], [], ''],
    ['UNLIKE takes a node without the attribute', [['rack', 'UNLIKE', 'r1']], [], 'n3 n4'],
    ['MAX_PER', [['rack', 'MAX_PER', '2']], web('n1', 'n2', 'n3'), 'one but 3'],
    [
      'several',
      [
        ['storage', 'LIKE', 'ssd'],
        ['hostname', 'UNIQUE'],
      ],
      web('n4'),
      'n1 n3',
    ],
    ['tasks of other apps do not count', [['hostname', 'UNIQUE']], front, 'n1 n2 n3 n4'],
    ['no such operator', [['rack', 'NEAR']], [], 'marathon/constraints: ["rack","NEAR"]: NEAR is none of'],
    [
      'MAX_PER without a number',
      [['rack', 'MAX_PER']],
      [],
      'marathon/constraints: ["rack","MAX_PER"]: MAX_PER needs',
    ],
    ['LIKE without a pattern', [['rack', 'LIKE']], [], 'marathon/constraints: ["rack","LIKE"]: LIKE needs'],
  ])('%s', (_what, constraints, placed, left) => {
    const annotations = { 'marathon/constraints': JSON.stringify(constraints) };
    const found = passing('MarathonConstraints', annotations, placed);
    expect(left === '' ? found : found.slice(0, left.length)).toBe(left);
  });
});

/** The example of the paper: 9 CPUs and 18 GB; a task of a takes 1 CPU and 4 GB, one of b 3 CPUs and 1 GB. */
test('dominant resource fairness: a gets three tasks and b two; with twice the weight b comes first', () => {
  const asks = { a: { cpu: '1', memory: '4Gi' }, b: { cpu: '3', memory: '1Gi' } };
  const sequence = (plugin: SchedulerPlugin): string => {
    let cache = setNode(emptyCache(), aNode('n', { cpu: '9', memory: '18Gi' }));
    let placed = '';
    for (let task = 0; task < 5; task++) {
      const waiting = (['a', 'b'] as const).map((role) =>
        queuedOf(withRole(aPod(`${role}-${task}`, asks[role]), role)),
      );
      const next = plugin.next?.(waiting, cache);
      if (next === undefined) break;
      placed += next.info.annotations?.['mesos/role'] ?? '';
      cache = setPod(cache, { ...next.pod, spec: { ...next.pod.spec, nodeName: 'n' } });
    }
    return placed;
  };
  expect(sequence(mesosDominantResourceFairness)).toBe('ababa');
  const weighted = mesosDominantResourceFairness.configured?.({ weights: { b: 4 } }, { seed: '' });
  expect(sequence(weighted ?? mesosDominantResourceFairness).slice(0, 3)).toBe('abb');
  expect(() => mesosDominantResourceFairness.configured?.({ weights: { b: 0 } }, { seed: '' })).toThrow(
    'expected numbers above 0',
  );
});

const withRole = (made: Pod, role: string): Pod => ({
  ...made,
  metadata: { ...made.metadata, annotations: { 'mesos/role': role } },
});

const queuedOf = (made: Pod): QueuedPod => ({
  pod: made,
  info: podInfoOf(made),
  place: 'active',
  timestamp: 0,
  sequence: 0,
  attempts: 0,
  unschedulableCount: 0,
  consecutiveErrors: 0,
  backoffUntil: 0,
  rejectors: [],
  gate: '',
});
