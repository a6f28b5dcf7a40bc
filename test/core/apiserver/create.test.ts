/** Aim: what the server adds to a new object. Method: tables and small stories over a real etcd. */
import { describe, expect, test } from 'vitest';
import { parseRegistryKey, registryKey, resources } from '../../../core/api/kinds.ts';
import { keyFor, type ApiObject } from '../../../core/api/object.ts';
import type { Node, Pod, Service } from '../../../core/api/generated/types.ts';
import type { ApiAnswer, NewObject } from '../../../core/api/request.ts';
import { Cluster } from './cluster.ts';
import { configMap, pod, podSpec, service } from './objects.ts';

const create = <T extends ApiObject>(cluster: Cluster, resource: string, object: NewObject): T =>
  cluster.object<T>({ verb: 'create', resource, namespace: 'default', object });

/** The same, but not the same text. */
const inAnotherOrder = (fields: object): object => Object.fromEntries(Object.entries(fields).reverse());

describe('names and uids', () => {
  const generated = (cluster: Cluster, count: number): readonly ApiObject[] =>
    Array.from({ length: count }, () =>
      create(cluster, 'configmaps', { ...configMap(''), metadata: { generateName: 'web-' } }),
    );

  test('a generated name is the base and five characters that make no words', () => {
    const made = generated(new Cluster(), 200);
    for (const { metadata } of made) expect(metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(new Set(made.map(({ metadata }) => metadata.name)).size).toBe(200);
  });

  test('a uid is of RFC 4122 version 4, and every object has its own', () => {
    const made = generated(new Cluster(), 200);
    for (const { metadata } of made)
      expect(metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(made.map(({ metadata }) => metadata.uid)).size).toBe(200);
  });

  test('a name that is used again is another object', () => {
    const cluster = new Cluster();
    const first = create(cluster, 'configmaps', configMap('web'));
    cluster.call({ verb: 'delete', resource: 'configmaps', namespace: 'default', name: 'web' });
    expect(create(cluster, 'configmaps', configMap('web')).metadata.uid).not.toBe(first.metadata.uid);
  });

  test('a name that is taken is made again', () => {
    const [first] = generated(new Cluster(), 1);
    const cluster = new Cluster();
    create(cluster, 'configmaps', configMap(first?.metadata.name ?? ''));
    const [another] = generated(cluster, 1);
    expect(another?.metadata.name).toMatch(/^web-.{5}$/);
    expect(another?.metadata.name).not.toBe(first?.metadata.name);
  });

  test('a name that is given is meant, whatever base stands beside it', () => {
    const cluster = new Cluster();
    const object = pod('db-0', { generateName: 'db-' });
    const first = create(cluster, 'pods', object);
    const again = cluster.call({ verb: 'create', resource: 'pods', namespace: 'default', object });
    expect(first.metadata.name).toBe('db-0');
    expect(again.ok ? '' : `${again.code} ${again.status.message ?? ''}`).toBe(
      '409 pods "db-0" already exists, the server was not able to generate a unique name for the object',
    );
  });

  test('another base in between changes no name', () => {
    const [first, second] = generated(new Cluster(), 2);
    const cluster = new Cluster();
    const [again] = generated(cluster, 1);
    create(cluster, 'configmaps', { ...configMap(''), metadata: { generateName: 'api-' } });
    const [next] = generated(cluster, 1);
    expect([again?.metadata.name, next?.metadata.name]).toEqual([
      first?.metadata.name,
      second?.metadata.name,
    ]);
  });
});

describe('Pods', () => {
  test('run as an account that is there, and each template is admitted anew when what admission reads has changed', () => {
    const cluster = new Cluster(1, { disabledAdmission: [] });
    const template = podSpec();
    const made = (name: string): ApiAnswer =>
      cluster.call({
        verb: 'create',
        resource: 'pods',
        namespace: 'default',
        object: { ...pod(name), spec: template } as NewObject,
      });
    const refused = made('a');
    expect(refused.ok ? '' : refused.status.message).toBe(
      'pods "a" is forbidden: error looking up service account default/default: serviceaccount "default" not found',
    );
    create(cluster, 'serviceaccounts', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default' },
    });
    const first = made('b');
    expect(first.ok && (first.object as Pod).spec.serviceAccountName).toBe('default');
    create(cluster, 'limitranges', {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'cpu' },
      spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '100m' } }] },
    } as NewObject);
    const second = made('c');
    expect(second.ok && (second.object as Pod).spec.containers[0]?.resources?.requests).toEqual({
      cpu: '100m',
    });
  });

  test('admission adds tolerations and priority', () => {
    const { spec, status, metadata } = create<Pod>(new Cluster(), 'pods', pod('web'));
    expect(metadata.generation).toBe(1);
    expect(status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
    expect(spec).toMatchObject({
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      tolerations: [
        {
          key: 'node.kubernetes.io/not-ready',
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: 300,
        },
        {
          key: 'node.kubernetes.io/unreachable',
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: 300,
        },
      ],
    });
  });

  test('a toleration that is there is not added again', () => {
    const tolerations = [
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
    ];
    const { spec } = create<Pod>(new Cluster(), 'pods', pod('web', {}, podSpec({ tolerations })));
    expect(spec.tolerations?.map(({ tolerationSeconds }) => tolerationSeconds)).toEqual([5, 300]);
  });

  test('Pods of one template share their spec, and are what they would be without', () => {
    const cluster = new Cluster();
    const template = podSpec({ restartPolicy: 'Always', dnsPolicy: 'ClusterFirst' });
    const metadata = { labels: { app: 'web' }, ownerReferences: [] };
    const made = ['a', 'b', 'c'].map((name) => create<Pod>(cluster, 'pods', pod(name, metadata, template)));
    const copied = create<Pod>(cluster, 'pods', pod('d', metadata, structuredClone(template)));
    const other = create<Pod>(cluster, 'pods', pod('e', metadata, inAnotherOrder(template)));
    expect(made[1]?.spec).toBe(made[2]?.spec);
    expect(copied.spec).toBe(made[2]?.spec);
    expect(made[1]?.spec).not.toBe(other.spec);
    expect(made[1]?.spec).toEqual(other.spec);
    expect(made[1]?.status).toEqual(other.status);
    expect(Object.keys(made[1]?.metadata ?? {}).sort()).toEqual(Object.keys(other.metadata).sort());
  });

  test.each([
    ['beside it', { extra: 1 }],
    ['in its metadata', { metadata: { name: 'second', extra: 1 } }],
  ])('a known template does not let a field pass that is unknown %s', (_what, fields) => {
    const cluster = new Cluster();
    const template = podSpec();
    create(cluster, 'pods', pod('first', {}, template));
    const object = { ...pod('second', {}, template), ...fields } as NewObject;
    const strict = {
      verb: 'create',
      resource: 'pods',
      namespace: 'default',
      fieldValidation: 'Strict',
    } as const;
    expect(cluster.call({ ...strict, object }).code).toBe(400);
  });

  test('a spec that was let in with unknown fields is not let in again by who wants none', () => {
    const cluster = new Cluster();
    const spec = { ...podSpec(), extra: 1 };
    const create = { verb: 'create', resource: 'pods', namespace: 'default' } as const;
    const first = pod('first', {}, spec);
    expect(cluster.call({ ...create, fieldValidation: 'Ignore', object: first }).code).toBe(201);
    const second = pod('second', {}, structuredClone(spec));
    expect(cluster.call({ ...create, fieldValidation: 'Strict', object: second }).code).toBe(400);
  });

  test('more specs come than are kept in mind, and each is what it says', () => {
    const cluster = new Cluster();
    const specOf = (i: number): object => podSpec({ terminationGracePeriodSeconds: i % 600 });
    const made = Array.from({ length: 1_300 }, (_, i) =>
      create<Pod>(cluster, 'pods', pod(`p-${i}`, {}, specOf(i))),
    );
    expect(made.filter(({ spec }, i) => spec.terminationGracePeriodSeconds !== i % 600)).toEqual([]);
  });

  test.each([
    ['a name that is none', 'Bad_Name', {}],
    ['a label that is none', 'fine', { 'bad key!': 'x' }],
  ])('a known template does not let %s pass', (_what, name, labels) => {
    const cluster = new Cluster();
    const template = podSpec();
    create(cluster, 'pods', pod('first', { labels: { app: 'web' } }, template));
    const object = pod(name, { labels: { app: 'web', ...labels } }, template);
    expect(cluster.call({ verb: 'create', resource: 'pods', namespace: 'default', object }).code).toBe(422);
  });

  test.each([
    ['second', 0],
    ['second.web', 1],
    ['a'.repeat(64), 1],
  ])('a known template does not keep back what is to be said of the name %s', (name, count) => {
    const cluster = new Cluster();
    const template = podSpec();
    create(cluster, 'pods', pod('first', {}, template));
    const object = pod(name, {}, template);
    const answer = cluster.call({ verb: 'create', resource: 'pods', namespace: 'default', object });
    expect(
      answer.ok && (answer.warnings ?? []).filter((text) => text.includes("Pod's hostname")),
    ).toHaveLength(count);
  });

  test('a status that cannot be is refused', () => {
    const cluster = new Cluster();
    const object = { ...create<Pod>(cluster, 'pods', pod('web')), status: { podIPs: [{ ip: 'here' }] } };
    const answer = cluster.call({
      verb: 'update',
      resource: 'pods',
      namespace: 'default',
      name: 'web',
      subresource: 'status',
      object,
    });
    expect(answer.ok ? '' : answer.status.message).toBe(
      'Pod "web" is invalid: status.podIPs[0]: Invalid value: "here": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    );
  });

  test.each([
    ['an unknown class', { priorityClassName: 'nope' }, 'no PriorityClass with name nope was found'],
    ['a number of its own', { priority: 7 }, 'must not be provided in pod spec'],
  ])('%s is refused', (_what, fields, message) => {
    const object = pod('web', {}, podSpec(fields));
    const answer = new Cluster().call({ verb: 'create', resource: 'pods', namespace: 'default', object });
    expect(answer.ok ? '' : `${answer.code} ${answer.status.message ?? ''}`).toContain(message);
  });

  test("the priority is its class's", () => {
    const spec = podSpec({ priorityClassName: 'system-node-critical' });
    expect(create<Pod>(new Cluster(), 'pods', pod('web', {}, spec)).spec.priority).toBe(2_000_001_000);
  });
});

test('a new node is not ready', () => {
  const node = create<Node>(new Cluster(), 'nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1' },
  });
  expect(node.spec?.taints).toEqual([{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
});

describe('Services', () => {
  test('each gets an address of its own in the range, and keeps it', () => {
    const cluster = new Cluster(1, { serviceCidr: '10.96.0.0/24' });
    const made = Array.from({ length: 120 }, (_, i) =>
      create<Service>(cluster, 'services', service(`s${i}`)),
    );
    const addresses = made.map(({ spec }) => spec.clusterIP ?? '');
    expect(new Set(addresses).size).toBe(120);
    for (const address of addresses) expect(address).toMatch(/^10\.96\.0\.\d+$/);
    const object = service('s0', { selector: { app: 'web' } });
    const updated = cluster.object<Service>({
      verb: 'update',
      resource: 'services',
      namespace: 'default',
      name: 's0',
      object,
    });
    expect(updated.spec).toMatchObject({
      clusterIP: addresses[0],
      clusterIPs: [addresses[0]],
      selector: { app: 'web' },
    });
  });

  test('a range that is full is said', () => {
    const cluster = new Cluster(1, { serviceCidr: '10.96.0.0/29' });
    const codes = Array.from({ length: 7 }, (_, i) =>
      cluster.call({ verb: 'create', resource: 'services', namespace: 'default', object: service(`s${i}`) }),
    ).map(({ code }) => code);
    // Eight addresses less the network's, the broadcast's and that of the Service kubernetes.
    expect(codes).toEqual([201, 201, 201, 201, 201, 422, 422]);
  });

  test('an address or a port that is taken is refused', () => {
    const cluster = new Cluster();
    const spec = { type: 'NodePort', clusterIP: '10.96.1.1', ports: [{ port: 80, nodePort: 30_080 }] };
    create(cluster, 'services', service('first', spec));
    for (const other of [{ ...spec, clusterIP: '10.96.1.2' }, { clusterIP: '10.96.1.1' }])
      expect(
        cluster.call({
          verb: 'create',
          resource: 'services',
          namespace: 'default',
          object: service('next', other),
        }).code,
      ).toBe(422);
  });

  test('a headless one has no address', () => {
    const { spec } = create<Service>(
      new Cluster(),
      'services',
      service('db', { clusterIP: 'None', selector: { app: 'db' } }),
    );
    expect(spec).toMatchObject({
      clusterIP: 'None',
      clusterIPs: ['None'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
  });

  test('the Service kubernetes has the first', () => {
    const found = new Cluster().object<Service>({
      verb: 'get',
      resource: 'services',
      namespace: 'default',
      name: 'kubernetes',
    });
    expect(found.spec.clusterIP).toBe('10.96.0.1');
  });
});

test('every key of the registry is read back', () => {
  for (const info of resources) {
    const objectKey = keyFor(info.namespaced ? 'default' : undefined, 'web');
    expect(parseRegistryKey(registryKey(info, objectKey))).toEqual({ info, objectKey });
  }
  expect(parseRegistryKey('compact_rev_key')).toBeUndefined();
});
