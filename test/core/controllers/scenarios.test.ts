/**
 * The kube-controller-manager in a small world: what it writes, in order, as transcripts. Each scenario also asserts the
 * one thing it is about. `vitest -u` writes the transcripts anew.
 */
import { describe, expect, test } from 'vitest';
import type {
  Deployment,
  Endpoints,
  EndpointSlice,
  Node,
  PersistentVolumeClaim,
  Pod,
  ReplicaSet,
} from '../../../core/api/generated/types.ts';
import { forbiddenStatus } from '../../../core/api/status.ts';
import { millisecond, minute, second } from '../../../core/time/time.ts';
import { World, type Plain, type WorldOptions } from './world.ts';

const template = (image = 'img:1'): Plain => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
});
const selector = { matchLabels: { app: 'web' } };
const named = (apiVersion: string, kind: string, name: string, rest: Plain): Plain => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'default' },
  ...rest,
});
const replicaSet = (replicas: number, spec: Plain = {}): Plain =>
  named('apps/v1', 'ReplicaSet', 'web', { spec: { replicas, selector, template: template(), ...spec } });
const deployment = (replicas: number, spec: Plain = {}): Plain =>
  named('apps/v1', 'Deployment', 'web', {
    spec: {
      replicas,
      selector,
      template: template(),
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      ...spec,
    },
    status: {},
  });
const service = named('v1', 'Service', 'web', {
  spec: { clusterIP: '10.96.0.9', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
});

function world(options: WorldOptions = { readyAfter: 800 * millisecond }): World {
  const made = new World(options).start();
  made.create('namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'default' },
    status: { phase: 'Active' },
  });
  made.create('nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/zone': 'a' } },
    spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  made.run(second);
  made.lines.length = 0;
  return made;
}

const transcript = (what: World): string => `${what.lines.join('\n')}\n`;
const pods = (of: World): Pod[] =>
  of.list<Pod>('pods').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
const events = (of: World, reason: string): string[] =>
  of.lines.filter((line) => line.includes(`event ${reason} `));

describe('a new cluster', () => {
  test('has a ServiceAccount, the CA and a Node that may be scheduled on', () => {
    const here = world();
    expect(here.get('serviceaccounts', 'default/default')).toBeDefined();
    expect(here.get('configmaps', 'default/kube-root-ca.crt')).toBeDefined();
    expect(here.get<Node>('nodes', 'node-1')?.spec.taints ?? []).toEqual([]);
  });

  test('asks for nothing when nothing happens', () => {
    const here = world();
    expect(here.run(10 * minute).lines).toEqual([]);
  });
});

describe('a ReplicaSet', () => {
  test('creates in batches of 1, 2, 4, and deletes the surplus at once', async () => {
    const here = world();
    here.create('replicasets', replicaSet(7));
    here.run(4 * second);
    here.change('replicasets', 'default/web', { spec: { replicas: 2 } });
    here.run(8 * second);
    expect(pods(here)).toHaveLength(2);
    expect(here.get<ReplicaSet>('replicasets', 'default/web')?.status).toMatchObject({
      replicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    });
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/replicaset.txt');
  });

  test('stops at the first refusal, says so, and tries again ever later', async () => {
    let created = 0;
    const refuse: WorldOptions['refuse'] = (request) => {
      if (request.verb !== 'create' || request.resource !== 'pods') return undefined;
      return ++created > 5
        ? forbiddenStatus(
            'pods',
            'web-x',
            'exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5',
          )
        : undefined;
    };
    const here = world({ refuse });
    here.create('replicasets', replicaSet(40));
    here.run(2 * second);
    expect(pods(here)).toHaveLength(5);
    const tried = here.lines
      .filter((line) => line.includes('create pods') && line.endsWith('403'))
      .map((line) => Number(line.split(' ')[0]));
    // At first the news of the Pods that were made mark the key too; then only the back-off does, and each wait doubles.
    const waits = tried.slice(1).map((at, i) => at - (tried[i] ?? 0));
    const [before = 0, last = 0] = waits.slice(-2);
    expect(last / before).toBeGreaterThan(1.5);
    expect(tried.length).toBeGreaterThan(6);
    expect(here.get<ReplicaSet>('replicasets', 'default/web')?.status.conditions).toMatchObject([
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' },
    ]);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/replicaset-quota.txt');
  });

  test('never creates twice because its cache is behind', () => {
    const here = world();
    here.create('replicasets', replicaSet(3));
    // Marks its key at each instant while the Pods are on their way.
    for (let i = 1; i < 20; i++)
      here.later(i * millisecond, () => {
        here.change('replicasets', 'default/web', { metadata: { annotations: { touched: `${i}` } } });
      });
    here.run(5 * second);
    expect(here.lines.filter((line) => line.includes('create pods'))).toHaveLength(3);
  });

  test('adopts a Pod that matches and lets go of one that does not', () => {
    const here = world();
    here.create(
      'pods',
      named('v1', 'Pod', 'orphan', {
        ...template(),
        metadata: { name: 'orphan', namespace: 'default', labels: { app: 'web' } },
      }),
    );
    here.create('replicasets', replicaSet(2));
    here.run(4 * second);
    expect(pods(here).map(({ metadata }) => metadata.ownerReferences?.[0]?.name)).toEqual(['web', 'web']);
    here.change('pods', 'default/orphan', { metadata: { labels: { app: 'debug' } } });
    here.run(8 * second);
    expect(here.get<Pod>('pods', 'default/orphan')?.metadata.ownerReferences ?? []).toEqual([]);
    expect(pods(here).filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === 'web')).toHaveLength(
      2,
    );
  });

  test('counts a Pod as available only after minReadySeconds, and looks then', () => {
    const here = world();
    here.create('replicasets', replicaSet(1, { minReadySeconds: 10 }));
    here.run(5 * second);
    expect(here.get<ReplicaSet>('replicasets', 'default/web')?.status).toMatchObject({ readyReplicas: 1 });
    expect(here.get<ReplicaSet>('replicasets', 'default/web')?.status.availableReplicas).toBeUndefined();
    here.run(20 * second);
    expect(here.get<ReplicaSet>('replicasets', 'default/web')?.status.availableReplicas).toBe(1);
  });

  test('waits for tokens of its client: 20 a second after the first 30', () => {
    const here = world({ qps: 20, burst: 30 });
    here.create('replicasets', replicaSet(100));
    here.run(second + 100 * millisecond);
    expect(pods(here).length).toBeLessThanOrEqual(32);
    here.run(10 * second);
    expect(pods(here)).toHaveLength(100);
  });
});

describe('a Deployment', () => {
  test('is created, scaled and rolled out as the real one', async () => {
    const here = world();
    here.create('deployments', deployment(3));
    here.run(4 * second);
    here.lines.push('# scale to 6');
    here.change('deployments', 'default/web', { spec: { replicas: 6 } });
    here.run(8 * second);
    here.lines.push('# another image');
    here.change('deployments', 'default/web', { spec: { template: template('img:2') } });
    here.run(20 * second);
    const status = here.get<Deployment>('deployments', 'default/web')?.status;
    expect(status).toMatchObject({
      replicas: 6,
      updatedReplicas: 6,
      availableReplicas: 6,
      observedGeneration: 3,
    });
    expect(
      status?.conditions?.map(({ type, status: is, reason }) => `${type}=${is}(${reason ?? ''})`),
    ).toEqual(['Available=True(MinimumReplicasAvailable)', 'Progressing=True(NewReplicaSetAvailable)']);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/deployment.txt');
  });

  test('never has fewer available, or more Pods, than its strategy allows', () => {
    const here = world();
    here.create('deployments', deployment(8));
    here.run(4 * second);
    here.change('deployments', 'default/web', { spec: { template: template('img:2') } });
    for (let at = 4 * second; at < 12 * second; at += 20 * millisecond) {
      here.run(at);
      const ready = pods(here).filter(({ status }) => status.phase === 'Running').length;
      expect(ready).toBeGreaterThanOrEqual(6);
      expect(pods(here).length).toBeLessThanOrEqual(10);
    }
    expect(
      here
        .list<ReplicaSet>('replicasets')
        .map(({ spec }) => spec.replicas)
        .sort(),
    ).toEqual([0, 8]);
  });

  test('Recreate begins the new Pods when the last old one is gone', () => {
    const here = world();
    here.create('deployments', deployment(2, { strategy: { type: 'Recreate' } }));
    here.run(4 * second);
    here.change('deployments', 'default/web', { spec: { template: template('img:2') } });
    for (let at = 4 * second; at < 8 * second; at += 5 * millisecond) {
      here.run(at);
      const images = new Set(here.list<Pod>('pods').map(({ spec }) => spec.containers[0]?.image));
      expect(images.size).toBeLessThanOrEqual(1);
    }
    expect(pods(here).map(({ spec }) => spec.containers[0]?.image)).toEqual(['img:2', 'img:2']);
  });

  test('says after its deadline that it is stuck', () => {
    const here = world({});
    here.create('deployments', deployment(1, { progressDeadlineSeconds: 20 }));
    here.run(30 * second);
    const progressing = here
      .get<Deployment>('deployments', 'default/web')
      ?.status.conditions?.find(({ type }) => type === 'Progressing');
    expect(progressing).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
  });

  test('keeps revisionHistoryLimit old ReplicaSets', () => {
    const here = world();
    here.create('deployments', deployment(1, { revisionHistoryLimit: 1 }));
    for (let i = 2; i <= 4; i++) {
      here.run((4 * i - 4) * second);
      here.change('deployments', 'default/web', { spec: { template: template(`img:${i}`) } });
    }
    here.run(30 * second);
    expect(
      here
        .list<ReplicaSet>('replicasets')
        .map(({ metadata }) => metadata.annotations?.['deployment.kubernetes.io/revision'])
        .sort(),
    ).toEqual(['3', '4']);
  });
});

describe('a StatefulSet with claims', () => {
  test('has its Pods one by one, each with a volume', async () => {
    const here = world();
    here.create('storageclasses', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'disk.example',
    });
    const claims = [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ];
    here.create(
      'statefulsets',
      named('apps/v1', 'StatefulSet', 'db', {
        spec: {
          replicas: 2,
          serviceName: 'db',
          selector,
          template: template(),
          volumeClaimTemplates: claims,
        },
      }),
    );
    here.run(30 * second);
    expect(
      here
        .list<Pod>('pods')
        .map(
          ({ metadata, spec }) =>
            `${metadata.name} ${spec.volumes?.[0]?.persistentVolumeClaim?.claimName ?? ''}`,
        ),
    ).toEqual(['db-0 data-db-0', 'db-1 data-db-1']);
    expect(here.get<Pod>('pods', 'default/db-1')?.metadata.labels).toMatchObject({
      'statefulset.kubernetes.io/pod-name': 'db-1',
      'apps.kubernetes.io/pod-index': '1',
    });
    expect(
      here
        .list<PersistentVolumeClaim>('persistentvolumeclaims')
        .map(({ status, spec }) => `${status?.phase ?? ''} ${spec?.volumeName?.slice(0, 4) ?? ''}`),
    ).toEqual(['Bound pvc-', 'Bound pvc-']);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/statefulset.txt');
  });

  test('a claim of a class that is not there waits, and says why', () => {
    const here = world();
    here.create('persistentvolumeclaims', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: 'data',
        namespace: 'default',
        annotations: { 'volume.beta.kubernetes.io/storage-class': 'fast' },
      },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      status: { phase: 'Pending' },
    });
    here.run(5 * second);
    expect(events(here, 'ProvisioningFailed')[0]).toContain('storageclass.storage.k8s.io "fast" not found');
    here.create('storageclasses', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'fast' },
      provisioner: 'disk.example',
    });
    here.run(60 * second);
    expect(here.get<PersistentVolumeClaim>('persistentvolumeclaims', 'default/data')?.status?.phase).toBe(
      'Bound',
    );
  });
});

describe('a Service', () => {
  test('has the addresses of its ready Pods, and of no others', () => {
    const here = world();
    here.create('services', service);
    here.create('deployments', deployment(3));
    here.run(5 * second);
    const addresses = (): number =>
      here.get<Endpoints>('endpoints', 'default/web')?.subsets?.[0]?.addresses?.length ?? 0;
    const [slice] = here.list<EndpointSlice>('endpointslices');
    expect(addresses()).toBe(3);
    expect(
      slice?.endpoints.map(
        ({ zone, nodeName, conditions }) => `${zone ?? ''} ${nodeName ?? ''} ${conditions?.ready ?? ''}`,
      ),
    ).toEqual(new Array(3).fill('a node-1 true'));
    expect(slice?.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Service', name: 'web' });
    here.change('deployments', 'default/web', { spec: { replicas: 1 } });
    here.run(5 * second + 100 * millisecond);
    expect(addresses()).toBe(1);
    // Those being deleted are still served by the slice, and no longer ready.
    expect(
      here
        .list<EndpointSlice>('endpointslices')[0]
        ?.endpoints.filter(({ conditions }) => conditions?.terminating === true),
    ).toHaveLength(2);
    here.delete('services', 'default/web');
    here.run(10 * second);
    expect([here.list('endpoints'), here.list('endpointslices')]).toEqual([[], []]);
  });
});

describe('deletion', () => {
  test('in the background: what the Deployment owned goes after it', async () => {
    const here = world();
    here.create('deployments', deployment(2));
    here.run(4 * second);
    here.lines.length = 0;
    here.delete('deployments', 'default/web');
    here.run(8 * second);
    expect([here.list('replicasets'), here.list('pods')]).toEqual([[], []]);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/delete-background.txt');
  });

  test('in the foreground: the Deployment goes last', async () => {
    const here = world();
    here.create('deployments', deployment(2));
    here.run(4 * second);
    here.lines.length = 0;
    here.change('deployments', 'default/web', {
      metadata: { deletionTimestamp: '2025-01-01T00:00:04Z', finalizers: ['foregroundDeletion'] },
    });
    here.run(4 * second + 200 * millisecond);
    expect(here.list('deployments')).toHaveLength(1);
    here.run(8 * second);
    expect([here.list('deployments'), here.list('replicasets'), here.list('pods')]).toEqual([[], [], []]);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/delete-foreground.txt');
  });

  test('as orphans: the ReplicaSet stays, and a new Deployment adopts it', () => {
    const here = world();
    here.create('deployments', deployment(2));
    here.run(4 * second);
    const before = pods(here).map(({ metadata }) => metadata.uid);
    here.change('deployments', 'default/web', {
      metadata: { deletionTimestamp: '2025-01-01T00:00:04Z', finalizers: ['orphan'] },
    });
    here.run(8 * second);
    expect(here.list('deployments')).toEqual([]);
    expect(here.list<ReplicaSet>('replicasets')[0]?.metadata.ownerReferences ?? []).toEqual([]);
    here.create('deployments', deployment(2));
    here.run(12 * second);
    expect(here.list<ReplicaSet>('replicasets')).toHaveLength(1);
    expect(pods(here).map(({ metadata }) => metadata.uid)).toEqual(before);
  });
});

test('a process that starts again does nothing twice', () => {
  const here = world();
  here.create('deployments', deployment(3));
  here.run(4 * second);
  here.lines.length = 0;
  here.restart();
  here.run(8 * second);
  // It says of each node once more that it knows it, as the real one does.
  expect(here.lines.filter((line) => !line.includes('RegisteredNode'))).toEqual([]);
});
