/**
 * ResourceQuota. Aim: what is let in is charged first, by the rules and in the words of Kubernetes, and two servers together
 * never let in more than a quota allows. Method: tables against whole servers; a property that delivers the messages between
 * two servers and one etcd in any order.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ResourceQuota } from '../../../../core/api/generated/types.ts';
import { milliValue } from '../../../../core/text/quantity.ts';
import type { ApiAnswer, NewObject } from '../../../../core/api/request.ts';
import { Cluster } from '../cluster.ts';
import { configMap, pod, podSpec, service } from '../objects.ts';
import { Network } from './network.ts';

type Amounts = Readonly<Record<string, string>>;

const quota = (hard: Amounts, spec: object = {}, name = 'q'): NewObject & { readonly spec: object } => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name },
  spec: { hard, ...spec },
});

const inDefault = { namespace: 'default' } as const;

/** A cluster with a quota whose controller has counted `used`. */
function limited(hard: Amounts, used: Amounts | undefined, spec: object = {}): Cluster {
  const cluster = new Cluster();
  addQuota(cluster, hard, used, spec, 'q');
  return cluster;
}

function addQuota(
  cluster: Cluster,
  hard: Amounts,
  used: Amounts | undefined,
  spec: object,
  name: string,
): void {
  const object = quota(hard, spec, name);
  const made = cluster.object({ verb: 'create', resource: 'resourcequotas', ...inDefault, object });
  if (used === undefined) return;
  cluster.object({
    verb: 'update',
    resource: 'resourcequotas',
    ...inDefault,
    name,
    subresource: 'status',
    object: { ...made, status: { hard, used } } as NewObject,
  });
}

const create = (cluster: Cluster, resource: string, object: NewObject, dryRun?: 'All'): ApiAnswer =>
  cluster.call({ verb: 'create', resource, ...inDefault, object, ...(dryRun && { dryRun }) });

const used = (cluster: Cluster, name = 'q'): Amounts | undefined =>
  cluster.object<ResourceQuota>({ verb: 'get', resource: 'resourcequotas', ...inDefault, name }).status.used;

const words = (answer: ApiAnswer): string =>
  answer.ok ? 'admitted' : `${answer.code}: ${answer.status.message ?? ''}`;

const asking = (requests: Amounts, limits: Amounts = requests): object =>
  podSpec({ containers: [{ name: 'c', image: 'img:1', resources: { requests, limits } }] });

describe('a Pod is charged, or told why it is not let in', () => {
  test.each([
    ['it fits', { pods: '2' }, { pods: '1' }, {}, 'admitted', { pods: '2' }],
    [
      'it does not fit',
      { pods: '2' },
      { pods: '2' },
      {},
      '403: pods "p" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
      { pods: '2' },
    ],
    [
      'nobody has counted',
      { pods: '2' },
      {},
      {},
      '403: pods "p" is forbidden: status unknown for quota: q, resources: pods',
      {},
    ],
    [
      'it must say what is limited',
      { 'requests.cpu': '2', 'limits.memory': '1Gi' },
      { 'requests.cpu': '0', 'limits.memory': '0' },
      { spec: podSpec() },
      '403: pods "p" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c',
      { 'requests.cpu': '0', 'limits.memory': '0' },
    ],
    [
      'extended resources are limited as requests',
      { 'requests.example.com/gpu': '3' },
      { 'requests.example.com/gpu': '1' },
      { spec: asking({ 'example.com/gpu': '2' }) },
      'admitted',
      { 'requests.example.com/gpu': '3' },
    ],
    [
      'huge pages by both names',
      { 'hugepages-2Mi': '8Mi', 'requests.hugepages-2Mi': '8Mi' },
      { 'hugepages-2Mi': '0', 'requests.hugepages-2Mi': '0' },
      { spec: asking({ 'hugepages-2Mi': '4Mi', cpu: '1' }) },
      'admitted',
      { 'hugepages-2Mi': '4Mi', 'requests.hugepages-2Mi': '4Mi' },
    ],
    [
      'several are told together, in order',
      { cpu: '1', 'count/pods': '1' },
      { cpu: '800m', 'count/pods': '1' },
      { spec: asking({ cpu: '500m' }) },
      '403: pods "p" is forbidden: exceeded quota: q, requested: count/pods=1,cpu=500m, used: count/pods=1,cpu=800m, limited: count/pods=1,cpu=1',
      { cpu: '800m', 'count/pods': '1' },
    ],
  ] as const)('%s', (_what, hard, before, { spec }: { readonly spec?: object }, answer, after) => {
    const cluster = limited(hard, before);
    expect(words(create(cluster, 'pods', pod('p', {}, spec ?? podSpec())))).toBe(answer);
    expect(used(cluster) ?? {}).toEqual(after);
  });
});

test('a quota that nobody has looked at yet limits nothing', () => {
  const cluster = limited({ pods: '0' }, undefined);
  expect(words(create(cluster, 'pods', pod('p')))).toBe('admitted');
});

describe('scopes', () => {
  const priority = (operator: string, values?: readonly string[]): object => ({
    scopeSelector: {
      matchExpressions: [{ scopeName: 'PriorityClass', operator, ...(values && { values }) }],
    },
  });
  const affinity = {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', namespaceSelector: {} }],
    },
  };
  const critical = podSpec({ priorityClassName: 'system-node-critical' });
  test.each([
    ['Terminating', { scopes: ['Terminating'] }, podSpec({ activeDeadlineSeconds: 5 }), true],
    ['Terminating', { scopes: ['Terminating'] }, podSpec(), false],
    ['NotTerminating', { scopes: ['NotTerminating'] }, podSpec(), true],
    ['BestEffort', { scopes: ['BestEffort'] }, podSpec(), true],
    ['BestEffort', { scopes: ['BestEffort'] }, asking({ cpu: '1' }), false],
    ['NotBestEffort', { scopes: ['NotBestEffort'] }, asking({ cpu: '1' }), true],
    ['both of two', { scopes: ['NotBestEffort', 'Terminating'] }, asking({ cpu: '1' }), false],
    ['PriorityClass', { scopes: ['PriorityClass'] }, critical, true],
    ['PriorityClass In', priority('In', ['system-node-critical']), critical, true],
    ['PriorityClass In', priority('In', ['other']), critical, false],
    ['PriorityClass NotIn', priority('NotIn', ['other']), critical, true],
    ['PriorityClass DoesNotExist', priority('DoesNotExist'), critical, false],
    ['CrossNamespacePodAffinity', { scopes: ['CrossNamespacePodAffinity'] }, podSpec({ affinity }), true],
    ['CrossNamespacePodAffinity', { scopes: ['CrossNamespacePodAffinity'] }, podSpec(), false],
  ] as const)('%s: %j', (_scope, spec, podOf, isCharged) => {
    const cluster = limited({ pods: '9' }, { pods: '0' }, spec);
    expect(words(create(cluster, 'pods', pod('p', {}, podOf)))).toBe('admitted');
    expect(used(cluster)).toEqual({ pods: isCharged ? '1' : '0' });
  });
});

describe('other objects', () => {
  test('everything can be counted by its resource and group', () => {
    const hard = { 'count/configmaps': '1', configmaps: '1', 'count/deployments.apps': '0' };
    const cluster = limited(hard, {
      'count/configmaps': '0',
      configmaps: '0',
      'count/deployments.apps': '0',
    });
    expect(words(create(cluster, 'configmaps', configMap('a')))).toBe('admitted');
    expect(words(create(cluster, 'configmaps', configMap('b')))).toBe(
      '403: configmaps "b" is forbidden: exceeded quota: q, requested: configmaps=1,count/configmaps=1, used: configmaps=1,count/configmaps=1, limited: configmaps=1,count/configmaps=1',
    );
  });

  const claim = (storage: string): NewObject & { readonly spec: object } => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'gold',
      resources: { requests: { storage } },
    },
  });

  test('a claim is charged to its class, in whole bytes', () => {
    const gold = 'gold.storageclass.storage.k8s.io/requests.storage';
    const cluster = limited(
      { [gold]: '1Gi', 'requests.storage': '9Gi' },
      { [gold]: '0', 'requests.storage': '0' },
    );
    expect(words(create(cluster, 'persistentvolumeclaims', claim('1.5')))).toBe('admitted');
    expect(used(cluster)).toEqual({ [gold]: '2', 'requests.storage': '2' });
  });

  test('a Service that changes its type is charged for the difference', () => {
    const hard = { services: '5', 'services.nodeports': '2', 'services.loadbalancers': '1' };
    const cluster = limited(hard, {
      services: '0',
      'services.nodeports': '0',
      'services.loadbalancers': '0',
    });
    expect(words(create(cluster, 'services', service('s')))).toBe('admitted');
    const become = (type: string, ports: number): string =>
      words(
        cluster.call({
          verb: 'patch',
          resource: 'services',
          ...inDefault,
          name: 's',
          patchType: 'merge',
          patch: {
            spec: { type, ports: Array.from({ length: ports }, (_, i) => ({ name: `p${i}`, port: 80 + i })) },
          },
        }),
      );
    expect(become('NodePort', 2)).toBe('admitted');
    expect(used(cluster)).toEqual({
      services: '1',
      'services.nodeports': '2',
      'services.loadbalancers': '0',
    });
    expect(become('NodePort', 3)).toBe(
      '403: services "s" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=2, limited: services.nodeports=2',
    );
    expect(become('NodePort', 1)).toBe('admitted');
    expect(used(cluster)).toEqual({
      services: '1',
      'services.nodeports': '2',
      'services.loadbalancers': '0',
    });
  });
});

describe('several quotas and servers', () => {
  test('each that counts is charged; one that is exceeded refuses', () => {
    const cluster = limited({ pods: '5' }, { pods: '0' });
    addQuota(cluster, { 'count/pods': '1' }, { 'count/pods': '0' }, {}, 'r');
    expect(words(create(cluster, 'pods', pod('a')))).toBe('admitted');
    expect(words(create(cluster, 'pods', pod('b')))).toContain('exceeded quota: r');
    expect([used(cluster), used(cluster, 'r')]).toEqual([{ pods: '1' }, { 'count/pods': '1' }]);
  });

  test('a dry run is refused like a real one, and charged nothing', () => {
    const cluster = limited({ pods: '1' }, { pods: '0' });
    expect(words(create(cluster, 'pods', pod('a'), 'All'))).toBe('admitted');
    expect(used(cluster)).toEqual({ pods: '0' });
    create(cluster, 'pods', pod('a'));
    expect(words(create(cluster, 'pods', pod('b'), 'All'))).toContain('exceeded quota');
  });

  test('a server knows what it wrote before its cache does', () => {
    const cluster = limited({ pods: '5' }, { pods: '0' });
    cluster.hold();
    for (const name of ['a', 'b', 'c']) expect(words(create(cluster, 'pods', pod(name)))).toBe('admitted');
    expect(used(cluster)).toEqual({ pods: '3' });
  });

  test('a server that does not hear of the others gives up after some tries', () => {
    const cluster = new Cluster(2);
    addQuota(cluster, { pods: '5' }, { pods: '0' }, {}, 'q');
    cluster.hold(1);
    create(cluster, 'pods', pod('a'));
    const answer = cluster.call({ verb: 'create', resource: 'pods', ...inDefault, object: pod('b') }, 1);
    expect(words(answer)).toBe(
      '409: Operation cannot be fulfilled on resourcequotas "q": the object has been modified; please apply your changes to the latest version and try again',
    );
    cluster.release(1);
    expect(words(cluster.call({ verb: 'create', resource: 'pods', ...inDefault, object: pod('b') }, 1))).toBe(
      'admitted',
    );
  });

  test('the plugin can be off', () => {
    const cluster = new Cluster(1, { disabledAdmission: ['ResourceQuota', 'ServiceAccount'] });
    addQuota(cluster, { pods: '0' }, { pods: '0' }, {}, 'q');
    expect(words(create(cluster, 'pods', pod('a')))).toBe('admitted');
  });
});

describe('two servers and one etcd, messages in any order', () => {
  const booted = new Network(2);
  booted.drain();
  const hard = { 'requests.cpu': '1', pods: '5' };
  const counted = { ...quota(hard), status: { hard, used: { 'requests.cpu': '0', pods: '0' } } };
  const key = '/registry/resourcequotas/default/q';
  booted.seed(key, { ...counted, metadata: { name: 'q', namespace: 'default', uid: 'u' } } as never);
  booted.drain();

  interface Asked {
    readonly server: number;
    readonly milli: number;
  }

  /** What is let in of Pods that are asked for at the same time, and the codes of the others. */
  function race(asked: readonly Asked[], order: Iterator<number>) {
    const network = booted.copy();
    const calls = asked.map(({ server, milli }, i) => {
      const object = pod(`p${i}`, {}, asking({ cpu: `${milli}m` }));
      return network.begin(server, { verb: 'create', resource: 'pods', ...inDefault, object });
    });
    network.drain(order);
    const codes = calls.map((call) => network.answers.get(call)?.code);
    const admitted = asked.filter((_, i) => codes[i] === 201);
    const total = admitted.reduce((sum, { milli }) => sum + milli, 0);
    const { status } = network.get(key) as unknown as ResourceQuota;
    return { admitted, total, used: status.used, refused: codes.filter((code) => code !== 201) };
  }

  const requests = fc.array(
    fc.record({ server: fc.integer({ min: 0, max: 1 }), milli: fc.integer({ min: 1, max: 400 }) }),
    { minLength: 1, maxLength: 8 },
  );
  const order = fc.infiniteStream(fc.nat(1000));

  test('property: what is let in is never more than the quota, and is charged; all are answered', () => {
    fc.assert(
      fc.property(requests, order, (asked, choice) => {
        const { admitted, total, used: charged, refused } = race(asked, choice);
        expect(total).toBeLessThanOrEqual(1000);
        expect(admitted.length).toBeLessThanOrEqual(5);
        expect(milliValue(charged?.['requests.cpu'] ?? '0')).toBeGreaterThanOrEqual(total);
        expect(refused.every((code) => code === 403 || code === 409)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('sometimes a server is beaten and tries again; sometimes the quota is full to the brim', () => {
    const asked = Array.from({ length: 8 }, (_, i) => ({ server: i % 2, milli: 250 }));
    const seen = fc.sample(order, { numRuns: 40, seed: 1 }).map((choice) => race(asked, choice));
    expect(seen.some(({ total }) => total === 1000)).toBe(true);
    expect(seen.some(({ refused }) => refused.includes(409))).toBe(true);
  });
});
