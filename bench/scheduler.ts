/**
 * Decisions one after another: snapshot, filters, scores, choice, assume; no queue, no API. Nodes of 32 CPU, 128 Gi and
 * 110 Pods in 3 zones, Pods of 100m and 256Mi. `plain`: 50 apps. `spread`: all Pods in one Service, so that the
 * system's own constraints spread them. `apart`: required anti-affinity by hostname, 50 apps. `sampled` looks for as
 * many nodes as the real one by default, `all` scores every node. What is measured comes after decisions of the same kind
 * on a cluster of their own, so that it is of code that has been compiled, as the real one's has.
 *
 * The real scheduler 1.34 on a machine like this one, in Pods a CPU second: plain 3,678 on 100 nodes, 1,012 on 1,000,
 * 666 on 5,000 (sampled); spread 2,116, 473 and 170.
 */
import type { Node, Pod, Service } from '../core/api/generated/types.ts';
import { withObject } from '../core/api/view.ts';
import { newInformers } from '../core/client/informer.ts';
import { OrderedMap } from '../core/collections/ordered-map.ts';
import { assumePod, emptyCache, setNode } from '../core/scheduler/cache.ts';
import type { Listers } from '../core/scheduler/framework.ts';
import { followed, listersOf } from '../core/scheduler/listers.ts';
import { defaultProfile } from '../core/scheduler/plugins/registry.ts';
import { podInfoOf } from '../core/scheduler/pod-info.ts';
import { scheduleOne } from '../core/scheduler/schedule-one.ts';
import { check, type Bench, type Case, type Figure } from './frame/bench.ts';

type Kind = 'plain' | 'spread' | 'apart';
type Scope = 'sampled' | 'all';

const sizes: readonly (readonly [nodes: number, pods: number])[] = [
  [100, 3_000],
  [1_000, 10_000],
  [5_000, 10_000],
];

export const subject: Bench = {
  about: 'decisions of the scheduler one after another, without queue and API',
  cases: (['sampled', 'all'] as const).flatMap((scope) => [
    ...(['plain', 'spread'] as const).flatMap((kind) =>
      sizes.map(([nodes, pods]) => caseOf(kind, nodes, pods, scope)),
    ),
    caseOf('apart', 1_000, 10_000, scope),
  ]),
};

function caseOf(kind: Kind, nodes: number, pods: number, scope: Scope): Case {
  return { name: `${kind}/${nodes}x${pods}/${scope}`, run: () => measured(kind, nodes, pods, scope) };
}

/** As many decisions first as make the compiler do its work, which the real one's has done before. */
const warmUp = 12_000;

function measured(kind: Kind, nodes: number, pods: number, scope: Scope): readonly Figure[] {
  for (let done = 0; done < warmUp; done += pods) decided(kind, nodes, pods, scope);
  return [{ figure: 'podsPerCpuSecond', value: pods / decided(kind, nodes, pods, scope), unit: '1/s' }];
}

/** The CPU seconds that it took. */
function decided(kind: Kind, nodes: number, pods: number, scope: Scope): number {
  let cache = emptyCache();
  for (let i = 0; i < nodes; i++) cache = setNode(cache, nodeNamed(i));
  const listers = listersFor(kind);
  const arriving = Array.from({ length: pods }, (_, i) => podInfoOf(podNamed(kind, i)));
  let startIndex = 0;
  let placed = 0;
  const before = process.cpuUsage();
  for (const pod of arriving) {
    const decision = scheduleOne({
      pod,
      nominatedNodeName: '',
      snapshot: {
        nodes: cache.nodes,
        nodeCount: nodes,
        imageNodes: cache.imageNodes,
        affinityNodes: cache.affinityNodes,
        nominated: OrderedMap.empty(),
        listers,
      },
      tree: cache.tree,
      profile: defaultProfile,
      startIndex,
      percentageOfNodesToScore: scope === 'all' ? 100 : 0,
      pick: (count) => placed % count,
    });
    startIndex = decision.nextStartIndex;
    if (decision.node === undefined) continue;
    cache = assumePod(cache, pod, decision.node);
    placed++;
  }
  const cpu = process.cpuUsage(before);
  check('Pods with a node', placed, pods);
  return (cpu.user + cpu.system) / 1_000_000;
}

const nodeNamed = (i: number): Node => {
  const name = `node-${`${i}`.padStart(4, '0')}`;
  const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `zone-${i % 3}` };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '', labels },
    spec: {},
    status: { allocatable: { cpu: '32', memory: '128Gi', pods: '110' } },
  };
};

const containers = [{ name: 'c', image: 'app:1', resources: { requests: { cpu: '100m', memory: '256Mi' } } }];
const apps = 50;
const specs = new Map<string, Pod['spec']>();

/** The Pods of one app share their spec, as those of a template do. */
function specOf(kind: Kind, app: string): Pod['spec'] {
  const known = specs.get(`${kind} ${app}`);
  if (known !== undefined) return known;
  const term = { labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' };
  const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  const spec: Pod['spec'] = { containers, ...(kind === 'apart' && { affinity: { podAntiAffinity } }) };
  specs.set(`${kind} ${app}`, spec);
  return spec;
}

function podNamed(kind: Kind, i: number): Pod {
  const app = kind === 'spread' ? 'app' : `app-${i % apps}`;
  const name = `pod-${i}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '',
      labels: { app },
    },
    spec: specOf(kind, app),
    status: {},
  };
}

function listersFor(kind: Kind): Listers {
  const listers = listersOf(newInformers('bench', followed));
  if (kind !== 'spread') return listers;
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'app', namespace: 'default', uid: 's', resourceVersion: '1', creationTimestamp: '' },
    spec: { selector: { app: 'app' } },
    status: {},
  };
  return { ...listers, services: withObject(listers.services, 'default/app', service, 1) };
}
