/**
 * Aim: a KubeSchedulerConfiguration is read as kube-scheduler reads it, and what is wrong is told with its place.
 * Method: files of the documented shape, tables of bad ones, and one run with two profiles.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDocuments } from '../../../../sim/scenario/documents.ts';
import { readSchedulerConfig } from '../../../../sim/scenario/scheduler-config/read.ts';
import type { LoadedPlugin, SchedulerSpec } from '../../../../sim/cluster/spec.ts';
import { said } from '../../cli/said.ts';

const header = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

const read = (text: string): SchedulerSpec => readSchedulerConfig(readDocuments('c.yaml', header + text));

const twoProfiles = `leaderElection: { leaderElect: true }
parallelism: 16
podInitialBackoffSeconds: 2
podMaxBackoffSeconds: 20
profiles:
  - schedulerName: default-scheduler
    plugins:
      score:
        disabled: [{ name: PodTopologySpread }]
        enabled:
          - { name: ImageLocality, weight: 5 }
          - { name: TaintToleration }
    pluginConfig:
      - name: NodeResourcesFit
        args:
          apiVersion: kubescheduler.config.k8s.io/v1
          kind: NodeResourcesFitArgs
          scoringStrategy: { type: MostAllocated, resources: [{ name: cpu, weight: 3 }] }
  - schedulerName: no-scoring-scheduler
    plugins:
      preScore: { disabled: [{ name: '*' }] }
      score: { disabled: [{ name: '*' }] }
`;

test('profiles, weights and arguments', () => {
  const spec = read(twoProfiles);
  const [first, second] = spec.profiles;
  expect(spec.backoff).toEqual({ initial: 2_000_000, max: 20_000_000 });
  expect(first?.choice.score.map(({ name, weight }) => `${name} ${weight}`)).toEqual([
    'ImageLocality 5',
    'TaintToleration 1',
    'NodeAffinity 2',
    'NodeResourcesFit 1',
    'VolumeBinding 1',
    'InterPodAffinity 2',
    'NodeResourcesBalancedAllocation 1',
  ]);
  expect(first?.pluginConfig[0]?.args).toMatchObject({ scoringStrategy: { type: 'MostAllocated' } });
  expect(second?.schedulerName).toBe('no-scoring-scheduler');
  expect(second?.choice.score).toEqual([]);
  expect(second?.choice.filter).toEqual(read('').profiles[0]?.choice.filter);
});

test('multiPoint: all disabled, some enabled again', () => {
  const [profile] = read(`profiles:
  - plugins:
      multiPoint:
        disabled: [{ name: '*' }]
        enabled: [{ name: PrioritySort }, { name: NodeResourcesFit, weight: 7 }, { name: DefaultBinder }]
`).profiles;
  expect(profile?.choice).toEqual({
    preEnqueue: [],
    queueSort: 'PrioritySort',
    preFilter: ['NodeResourcesFit'],
    filter: ['NodeResourcesFit'],
    postFilter: [],
    score: [{ name: 'NodeResourcesFit', weight: 7 }],
    reserve: [],
    permit: [],
    preBind: [],
    bind: ['DefaultBinder'],
    postBind: [],
    percentageOfNodesToScore: undefined,
  });
});

const oneProfile = (inside: string): string => `profiles:\n  - ${inside}\n`;
const config = (name: string, args: string): string =>
  oneProfile(`pluginConfig: [{ name: ${name}, args: ${args} }]`);

test.each([
  ['extenders: [{ urlPrefix: http://e }]\n', 'c.yaml:3:12: extenders: extenders are HTTP servers'],
  ['paralelism: 3\n', 'c.yaml:3:1: unknown field "paralelism"; did you mean "parallelism"?'],
  ['percentageOfNodesToScore: 101\n', 'c.yaml:3:27: percentageOfNodesToScore: must be at most 100'],
  ['podInitialBackoffSeconds: 11\n', 'podMaxBackoffSeconds: 10 must be greater than or equal'],
  [
    oneProfile('plugins: { score: { enabled: [{ name: NodeAfinity }] } }'),
    'c.yaml:4:43: profiles[0].plugins.score.enabled[0].name: unknown plugin "NodeAfinity"; did you mean "NodeAffinity"?',
  ],
  [
    oneProfile('plugins: { score: { enabled: [{ name: NodeAffinity, weight: 0 }] } }'),
    'c.yaml:4:65: profiles[0].plugins.score.enabled[0].weight: must be at least 1, found 0',
  ],
  [
    oneProfile('plugins: { score: { enabled: [{ name: NodeAffinity, weight: -2 }] } }'),
    'weight: must be at least 1, found -2',
  ],
  [
    oneProfile('plugins: { score: { enabled: [{ name: NodeName }] } }'),
    'plugin "NodeName" does not extend score plugins',
  ],
  [oneProfile('plugins: { bind: { disabled: [{ name: "*" }] } }'), 'at least one bind plugin is needed'],
  [
    oneProfile('plugins: { preScore: { disabled: [{ name: "*" }] } }'),
    'TaintToleration is enabled for score and not for preScore',
  ],
  ['profiles: [{ schedulerName: a }, { schedulerName: a }]\n', '"a" is the name of another profile'],
  [config('NodeResourcesFits', '{}'), 'unknown plugin "NodeResourcesFits"; did you mean "NodeResourcesFit"?'],
  [config('NodeName', '{ a: 1 }'), 'NodeName takes none'],
  [config('InterPodAffinity', '{ hardPodAffinityWeight: 101 }'), 'must be at most 100, found 101'],
  [
    config('NodeResourcesFit', '{ scoringStrategy: { type: Most } }'),
    'expected LeastAllocated, MostAllocated',
  ],
  [
    config('NodeResourcesFit', '{ scoringStrategy: { type: RequestedToCapacityRatio } }'),
    'must be specified',
  ],
  [
    config('PodTopologySpread', '{ defaultConstraints: [], defaultType: List }'),
    'did you mean "defaultingType"?',
  ],
  [
    config('NodeResourcesBalancedAllocation', '{ resources: [{ name: cpu, weight: 2 }] }'),
    'must be at most 1',
  ],
  [
    oneProfile('plugins: { score: { enabled: [{ name: NodeAffinity }, { name: NodeAffinity }] } }'),
    'c.yaml:4:67: profiles[0].plugins.score.enabled[1].name: "NodeAffinity" is there twice',
  ],
  [
    oneProfile('plugins: { reserve: { disabled: [{ name: VolumeBinding }] } }'),
    'VolumeBinding is enabled for filter and not for reserve',
  ],
  [
    'profiles: [{ schedulerName: a }, { schedulerName: b, plugins: { queueSort: { disabled: [{ name: "*" }], enabled: [{ name: MesosDominantResourceFairness }] } } }]\n',
    'c.yaml:3:34: profiles[1]: its queueSort plugin is MesosDominantResourceFairness, that of the first profile PrioritySort',
  ],
  [
    config(
      'NodeAffinity',
      '{ addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } }',
    ),
    'nodeSelectorTerms: Required value: must have at least one node selector term',
  ],
  [
    config(
      'NodeAffinity',
      '{ addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: a, operator: In }] }] } } }',
    ),
    "nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  ],
  [
    config('MesosDominantResourceFairness', '{ weights: { a: -1 } }'),
    'c.yaml:4:65: profiles[0].pluginConfig[0].args: MesosDominantResourceFairness: weights: expected numbers above 0',
  ],
  [
    'leaderElection: { leaderElect: maybe }\n',
    'leaderElection.leaderElect: expected true or false, found "maybe"',
  ],
  [
    'extenders: [{ urlPrefix: "http://x" }]\n',
    'c.yaml:3:12: extenders: extenders are HTTP servers of their own',
  ],
  ['parallelism: 0\n', 'c.yaml:3:14: parallelism: must be at least 1, found 0'],
])('%s is refused', (text, message) => {
  expect(() => read(text)).toThrow(message);
});

/** As kubernetes.io/docs has them: scheduling/config, resource-bin-packing, assign-pod-node, topology-spread-constraints. */
test.each([
  ['a kubeconfig', 'clientConnection:\n  kubeconfig: /etc/srv/kubernetes/kube-scheduler/kubeconfig\n'],
  [
    'a profile without scoring',
    `profiles:
  - schedulerName: default-scheduler
  - schedulerName: no-scoring-scheduler
    plugins:
      preScore:
        disabled:
        - name: '*'
      score:
        disabled:
        - name: '*'
`,
  ],
  [
    'bin packing by MostAllocated',
    `profiles:
- pluginConfig:
  - args:
      scoringStrategy:
        resources:
        - name: cpu
          weight: 1
        - name: memory
          weight: 1
        - name: intel.com/foo
          weight: 3
        - name: intel.com/bar
          weight: 3
        type: MostAllocated
    name: NodeResourcesFit
`,
  ],
  [
    'bin packing by a shape',
    `profiles:
- pluginConfig:
  - args:
      scoringStrategy:
        resources:
        - name: intel.com/foo
          weight: 3
        requestedToCapacityRatio:
          shape:
          - utilization: 0
            score: 0
          - utilization: 100
            score: 10
        type: RequestedToCapacityRatio
    name: NodeResourcesFit
`,
  ],
  [
    'an affinity for all Pods of a profile',
    `profiles:
  - schedulerName: default-scheduler
  - schedulerName: foo-scheduler
    pluginConfig:
      - name: NodeAffinity
        args:
          addedAffinity:
            requiredDuringSchedulingIgnoredDuringExecution:
              nodeSelectorTerms:
              - matchExpressions:
                - key: scheduler-profile
                  operator: In
                  values:
                  - foo
`,
  ],
  [
    'constraints of spreading of a cluster',
    `profiles:
  - schedulerName: default-scheduler
    pluginConfig:
      - name: PodTopologySpread
        args:
          defaultConstraints:
            - maxSkew: 1
              topologyKey: topology.kubernetes.io/zone
              whenUnsatisfiable: ScheduleAnyway
          defaultingType: List
`,
  ],
  [
    'a second scheduler without leader election',
    'profiles:\n  - schedulerName: my-scheduler\nleaderElection:\n  leaderElect: false\n',
  ],
])('the documentation: %s', (_what, text) => {
  const { profiles } = read(text);
  expect(profiles.length).toBeGreaterThan(0);
  for (const { choice } of profiles) expect(choice.filter.length).toBe(13);
});

test('the documentation: plugins of multiPoint, with a weight and an order of their own', () => {
  const custom = (name: string): LoadedPlugin => ({
    file: 'x.ts',
    plugin: { name, score: () => 1, filter: () => undefined },
  });
  const text = `profiles:
  - schedulerName: multipoint-scheduler
    plugins:
      multiPoint:
        enabled:
        - name: 'DefaultScore1'
        - name: 'CustomScore1'
          weight: 3
      score:
        enabled:
        - name: 'CustomScore1'
          weight: 5
        disabled:
        - name: 'NodeAffinity'
`;
  const loaded = [custom('DefaultScore1'), custom('CustomScore1')];
  const [profile] = readSchedulerConfig(readDocuments('c.yaml', header + text), loaded).profiles;
  const scores = profile?.choice.score.map(({ name, weight }) => `${name} ${weight}`);
  expect(scores?.[0]).toBe('CustomScore1 5');
  expect(scores?.at(-1)).toBe('DefaultScore1 1');
  expect(scores).not.toContain('NodeAffinity 2');
  expect(profile?.choice.filter.slice(-2)).toEqual(['DefaultScore1', 'CustomScore1']);
});

test('a run: each profile decides on its own Pods, a Pod of nobody stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
  const pod = (name: string, scheduler: string): string =>
    `---\napiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec: { schedulerName: ${scheduler}, containers: [{ name: c, image: i }] }\n`;
  writeFileSync(join(folder, 'config.yaml'), header + twoProfiles);
  writeFileSync(
    join(folder, 'pods.yaml'),
    `apiVersion: wavetank/v1
kind: Scenario
spec:
  duration: 1m
  expect:
    - eventually: { within: 30s, that: "pod('a').status.phase == 'Running' && pod('b').status.phase == 'Running'" }
    - always: { that: "pod('c').status.phase == 'Pending'", after: 1s }
` +
      ['default-scheduler', 'no-scoring-scheduler', 'constructor']
        .map((name, i) => pod('abc'.charAt(i), name))
        .join(''),
  );
  const words = ['run', join(folder, 'pods.yaml')];
  const configured = await said([...words, '--scheduler-config', join(folder, 'config.yaml')]);
  const plain = await said(words);
  rmSync(folder, { recursive: true });
  expect(configured).not.toContain('exit status');
  expect(plain).toContain('exit status 1');
}, 30_000);
