/**
 * Decisions one after another while the cluster changes, each made twice: with what Pods that are alike share, and
 * plugin by plugin, node by node. The cluster is large enough for searches that stop early and start anywhere.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node, Pod, Service } from '../../../core/api/generated/types.ts';
import { withObject } from '../../../core/api/view.ts';
import { newInformers } from '../../../core/client/informer.ts';
import {
  assumePod,
  emptyCache,
  removeNode,
  removePod,
  setNode,
  setPod,
  type SchedulerCache,
} from '../../../core/scheduler/cache.ts';
import { plain, type Listers, type NominatedPods, type Profile } from '../../../core/scheduler/framework.ts';
import { followed, listersOf } from '../../../core/scheduler/listers.ts';
import { nominate } from '../../../core/scheduler/nominator.ts';
import { treeSize } from '../../../core/scheduler/node-tree.ts';
import { defaultProfile } from '../../../core/scheduler/plugins/registry.ts';
import { podInfoOf } from '../../../core/scheduler/pod-info.ts';
import { scheduleOne, type Decision } from '../../../core/scheduler/schedule-one.ts';
import { OrderedMap } from '../../../core/collections/ordered-map.ts';
import { aNode, aPod } from './rig.ts';

const hostname = 'kubernetes.io/hostname';
const zone = 'topology.kubernetes.io/zone';

/** A node of a few cores; everything about it may change while Pods are on it. */
interface NodeTraits {
  readonly cpu: number;
  /** '-': the label is there, and empty; '': it is not. */
  readonly zone: string;
  readonly tier: string;
  readonly taint: '' | 'NoSchedule' | 'PreferNoSchedule';
  readonly cordoned: boolean;
  readonly image: boolean;
}

/** What makes nodes other than plain ones, and more of it the later: nothing, taints, images too. */
type Variety = 0 | 1 | 2;

type Act =
  | { readonly do: 'decide'; readonly kind: number; readonly draw: number }
  | { readonly do: 'node'; readonly name: number; readonly traits: NodeTraits }
  | { readonly do: 'removeNode' | 'removePod' | 'terminate'; readonly name: number }
  | { readonly do: 'nominate'; readonly name: number; readonly kind: number }
  | { readonly do: 'denominate' | 'service' };

const rare = fc.integer({ min: 0, max: 9 }).map((n) => n === 0);
const traits: fc.Arbitrary<NodeTraits> = fc.record({
  cpu: fc.integer({ min: 1, max: 4 }),
  zone: fc.constantFrom('a', 'a', 'b', 'b', 'c', '-', ''),
  tier: fc.constantFrom('x', 'y'),
  taint: fc.constantFrom(
    '' as const,
    '' as const,
    '' as const,
    'NoSchedule' as const,
    'PreferNoSchedule' as const,
  ),
  cordoned: rare,
  image: rare,
});

/** What is wanted of nodes and neighbours: Pods of one kind have one spec, as those of a template have. */
const specs: readonly Partial<Pod['spec']>[] = [
  {},
  { nodeSelector: { tier: 'x' } },
  { tolerations: [{ operator: 'Exists' }] },
  {
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 3, preference: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['y'] }] } },
        ],
      },
    },
  },
  { topologySpreadConstraints: [spread(zone, 'DoNotSchedule', 'd')] },
  {
    topologySpreadConstraints: [spread(zone, 'ScheduleAnyway', 'e'), spread(hostname, 'ScheduleAnyway', 'e')],
  },
  {
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near('g', hostname)] } },
  },
  {
    affinity: {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near('h', zone)] },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 5, podAffinityTerm: near('g', zone) },
          { weight: 2, podAffinityTerm: near('a', hostname) },
        ],
      },
    },
  },
  { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near('a', 'tier')] } } },
  {
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { ...near('j', zone), namespaceSelector: {} },
          near('j', 'tier'),
        ],
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 4,
            podAffinityTerm: {
              ...near('d', hostname),
              namespaceSelector: { matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] },
            },
          },
        ],
      },
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { ...near('b', hostname), namespaces: ['default', 'other'] },
        ],
      },
    },
  },
];
const apps = 'abcxdeghij';

function near(app: string, topologyKey: string): { topologyKey: string; labelSelector: object } {
  return { topologyKey, labelSelector: { matchLabels: { app } } };
}

function spread(topologyKey: string, whenUnsatisfiable: string, app: string) {
  return { maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector: { matchLabels: { app } } };
}

const kinds = specs.map((spec, kind): Pod => {
  const pod = aPod('', { cpu: '300m' }, { ...spec, priority: kind % 3 });
  return { ...pod, metadata: { ...pod.metadata, labels: { app: apps[kind] ?? '' } } };
});

/** The Pods of app a are a Service: they are spread of themselves. */
const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', namespace: 'default', uid: 's', resourceVersion: '1', creationTimestamp: '' },
  spec: { selector: { app: 'a' } },
  status: {},
};
const bare = listersOf(newInformers('test', followed));
const withService: Listers = { ...bare, services: withObject(bare.services, 'default/a', service, 1) };

const kindIndex = fc.nat(kinds.length - 1);
const nodeName = fc.nat(139);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({ do: fc.constant('decide' as const), kind: kindIndex, draw: fc.nat() }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('node' as const), name: nodeName, traits }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('removeNode' as const), name: nodeName }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('removePod' as const), name: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('terminate' as const), name: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('nominate' as const), name: nodeName, kind: kindIndex }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('denominate' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('service' as const) }) },
);

const story = fc.record({
  variety: fc.constantFrom<Variety>(0, 1, 2),
  nodes: fc.oneof(
    fc.array(traits, { minLength: 1, maxLength: 20 }),
    fc.array(traits, { minLength: 110, maxLength: 140, size: 'max' }),
  ),
  /** Few kinds at a time, so that they come again soon. */
  among: fc.array(kindIndex, { minLength: 1, maxLength: 3 }),
  percentage: fc.constantFrom(0, 0, 100),
  acts: fc.array(act, { minLength: 40, maxLength: 80, size: 'max' }),
});
type Story = typeof story extends fc.Arbitrary<infer S> ? S : never;

function nodeOf(name: number, wanted: NodeTraits, variety: Variety): Node {
  const labels = {
    [hostname]: `n${name}`,
    tier: wanted.tier,
    ...(wanted.zone !== '' && { [zone]: wanted.zone.replace('-', '') }),
  };
  const taints = wanted.taint === '' || variety < 1 ? [] : [{ key: 'k', value: 'v', effect: wanted.taint }];
  const node = aNode(
    `n${name}`,
    { cpu: `${wanted.cpu}`, pods: '6' },
    { labels, taints, unschedulable: wanted.cordoned },
  );
  const images =
    wanted.image && variety === 2 ? [{ names: ['img:latest'], sizeBytes: 900 * 1024 * 1024 }] : [];
  return { ...node, status: { ...node.status, images } };
}

const told = ({ search: _search, diagnosis, ...rest }: Decision): string =>
  JSON.stringify([rest, diagnosis.reasons(), diagnosis.plugins()]);

class Telling {
  cache: SchedulerCache = emptyCache();
  nominated: NominatedPods = OrderedMap.empty();
  startIndex = 0;
  service = false;
  decisions = 0;
}

/** Tells the story; every decision is compared. */
function tell(wanted: Story, profile: Profile, reference: Profile): Telling {
  const now = new Telling();
  wanted.nodes.forEach((each, name) => (now.cache = setNode(now.cache, nodeOf(name, each, wanted.variety))));
  const nameOf = (n: number): string | undefined => {
    const placed = [...now.cache.pods.keys()];
    return placed[n % placed.length];
  };
  for (const each of wanted.acts)
    switch (each.do) {
      case 'decide':
        decide(now, wanted, each.kind, each.draw, profile, reference);
        break;
      case 'node':
        now.cache = setNode(now.cache, nodeOf(each.name, each.traits, wanted.variety));
        break;
      case 'removeNode': {
        const node = now.cache.nodes.get(`n${each.name}`)?.node;
        if (node !== undefined && treeSize(now.cache.tree) > 1) now.cache = removeNode(now.cache, node);
        break;
      }
      case 'removePod':
        now.cache = removePod(now.cache, nameOf(each.name) ?? '');
        break;
      case 'terminate': {
        const pod = now.cache.pods.get(nameOf(each.name) ?? '');
        if (pod === undefined) break;
        const base = kinds[Number(pod.labels?.['kind'] ?? 0)] as Pod;
        const metadata = { ...base.metadata, name: pod.uid, uid: pod.uid, deletionTimestamp: 't' };
        now.cache = setPod(now.cache, { ...base, metadata, spec: { ...base.spec, nodeName: pod.nodeName } });
        break;
      }
      case 'nominate':
        now.nominated = nominate(now.nominated, podOf(each.kind, `nominee-${each.kind}`), `n${each.name}`);
        break;
      case 'denominate':
        now.nominated = OrderedMap.empty();
        break;
      case 'service':
        now.service = !now.service;
    }
  return now;
}

function podOf(kind: number, name: string) {
  const base = kinds[kind] as Pod;
  return podInfoOf({ ...base, metadata: { ...base.metadata, name, uid: name } });
}

function decide(
  now: Telling,
  wanted: Story,
  wish: number,
  draw: number,
  profile: Profile,
  reference: Profile,
): void {
  const kind = wanted.among[wish % wanted.among.length] ?? 0;
  const pod = podOf(kind, `pod-${now.decisions++}`);
  const { cache, nominated, startIndex } = now;
  const decision = (by: Profile): Decision =>
    scheduleOne({
      pod,
      nominatedNodeName: '',
      snapshot: {
        nodes: cache.nodes,
        nodeCount: treeSize(cache.tree),
        imageNodes: cache.imageNodes,
        affinityNodes: cache.affinityNodes,
        nominated,
        listers: now.service ? withService : bare,
      },
      tree: cache.tree,
      profile: by,
      startIndex,
      percentageOfNodesToScore: wanted.percentage,
      pick: (count) => draw % count,
    });
  const found = decision(profile);
  expect(told(found)).toBe(told(decision(reference)));
  now.startIndex = found.nextStartIndex;
  if (found.node !== undefined) now.cache = assumePod(cache, pod, found.node);
}

describe('what Pods that are alike share', () => {
  test('decides as judging node by node does', () => {
    fc.assert(
      fc.property(story, (wanted) => {
        tell(wanted, defaultProfile, plain(defaultProfile));
      }),
      { numRuns: 60 },
    );
  }, 30_000);
});
