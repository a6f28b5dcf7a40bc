/**
 * Aim: who asks decides what is answered, in a whole cluster. Method: the two scenarios that show it, told as transcripts
 * of what an outsider sees; and a cluster with RBAC in which every controller has work, where nobody is refused.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { KubectlState } from '../../../core/client/kubectl-state.ts';
import type { Secret } from '../../../core/api/generated/types.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { second } from '../../../core/time/time.ts';
import type { ClusterSpec } from '../../../sim/cluster/spec.ts';
import { loadScenario } from '../../../sim/scenario/load.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { clusterSpec, runTo, traceOf } from './cluster.ts';

const scenario = async (name: string): Promise<ClusterSpec> =>
  (await loadScenario([join(import.meta.dirname, `../../../scenarios/${name}.yaml`)])).spec;

/** What a process was answered, one line each: second, verb, what, code. */
function answersOf(spec: ClusterSpec, process: number, from: number, until: number): readonly string[] {
  return traceOf(spec, until * second).flatMap((line) => {
    if (!Array.isArray(line) || line[2] !== process || Number(line[0]) < from * second) return [];
    const [at, , , kind, verb, resource, key, subresource, code, reason] = line as readonly (
      string | number
    )[];
    const when = `${(Number(at) / second).toFixed(1)}s`;
    if (kind === 'watch') return [`${when} watch ${verb} ${resource} ${key}`];
    if (kind !== 'answer' || resource === 'events') return [];
    const part = subresource === '' ? '' : `/${subresource}`;
    return [`${when} ${verb} ${resource}${part} ${key} ${code} ${reason}`.trimEnd()];
  });
}

test('a kubelet whose certificate has ended hears of its Pods and is believed nothing, until it is renewed', async () => {
  const lines = answersOf(await scenario('expired-certificate'), 4, 15, 62);
  expect(lines.map((line) => line.replace(/web-\w+-\w+/, 'web-*')).join('\n')).toMatchInlineSnapshot(`
    "20.2s update leases kube-node-lease/node-1 401 Unauthorized
    30.0s watch pods ADDED default/web-*
    30.0s watch pods ADDED default/web-*
    30.0s patch pods/status default/web-* 401 Unauthorized
    30.0s patch pods/status default/web-* 401 Unauthorized
    30.5s get leases kube-node-lease/node-1 401 Unauthorized
    40.0s patch pods/status default/web-* 401 Unauthorized
    40.0s patch pods/status default/web-* 401 Unauthorized
    40.8s get leases kube-node-lease/node-1 401 Unauthorized
    50.0s patch pods/status default/web-* 401 Unauthorized
    50.0s patch pods/status default/web-* 401 Unauthorized
    50.9s get leases kube-node-lease/node-1 401 Unauthorized
    60.0s watch pods BOOKMARK 
    60.0s patch pods/status default/web-* 200
    60.0s watch pods MODIFIED default/web-*
    60.0s watch pods MODIFIED default/web-*
    60.0s patch pods/status default/web-* 200
    60.9s get leases kube-node-lease/node-1 200
    60.9s update leases kube-node-lease/node-1 200"
  `);
});

test('what jane may, and in which words she is refused the rest', async () => {
  const simulation = Simulation.create(await scenario('who-may'));
  simulation.run({ time: 60 * second });
  const { outcomes } = simulation.stateOf('kubectl') as KubectlState;
  const told = outcomes
    .slice(5)
    .map(({ object, done, status }) => [
      `${object} ${done}`,
      ...(status?.message === undefined ? [] : [status.message]),
    ]);
  expect(told.flat().join('\n')).toMatchInlineSnapshot(`
    "deployments/team-a/web created
    configmaps/team-b/settings refused
    configmaps "settings" is forbidden: User "jane" cannot get resource "configmaps" in API group "" in the namespace "team-b"
    namespaces/team-c refused
    namespaces "team-c" is forbidden: User "jane" cannot get resource "namespaces" in API group "" in the namespace "team-c"
    roles/team-a/more refused
    roles.rbac.authorization.k8s.io "more" is forbidden: user "jane" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:
    {APIGroups:[""], Resources:["limitranges"], Verbs:["create"]}
    nodes/node-1 refused
    nodes "node-1" is forbidden: User "jane" cannot delete resource "nodes" in API group "" at the cluster scope
    deployments/team-a/web refused
    deployments.apps "web" is forbidden: User "system:serviceaccount:team-a:default" cannot patch resource "deployments/scale" in API group "apps" in the namespace "team-a""
  `);
});

const meta = (name: string) => ({ name, namespace: 'team' });
const template = {
  metadata: { labels: { app: 'db' } },
  spec: { containers: [{ name: 'db', image: 'db:1', volumeMounts: [{ name: 'data', mountPath: '/d' }] }] },
};
const objects = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    provisioner: 'disk.example.com',
  },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...meta('token'), annotations: { 'kubernetes.io/service-account.name': 'default' } },
    type: 'kubernetes.io/service-account-token',
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta('db'),
    spec: { selector: { app: 'db' }, ports: [{ port: 80 }] },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: meta('db'),
    spec: {
      replicas: 2,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template,
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'fast',
            resources: { requests: { storage: '1Gi' } },
          },
        },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: meta('old'),
    spec: {
      replicas: 1,
      selector: { app: 'old' },
      template: {
        metadata: { labels: { app: 'old' } },
        spec: { containers: [{ name: 'old', image: 'old:1' }] },
      },
    },
  },
] as readonly object[] as readonly NewObject[];

test('with Node,RBAC every component may do all it does', () => {
  const spec: ClusterSpec = {
    ...clusterSpec({
      replicas: 3,
      actions: [
        { at: 6 * second, do: 'apply', objects },
        {
          at: 40 * second,
          do: 'scale',
          resource: 'deployments',
          namespace: 'default',
          name: 'web',
          replicas: 1,
        },
        { at: 60 * second, do: 'delete', resource: 'namespaces', name: 'team' },
        { at: 60 * second, do: 'delete', resource: 'deployments', namespace: 'default', name: 'web' },
      ],
    }),
    authorizationMode: 'Node,RBAC',
    heartbeats: 'exact',
  };
  // A namespace that is being deleted takes nothing new: those who go on creating there for a while are told 403 too.
  const comesTooLate = (line: readonly unknown[]): boolean =>
    Number(line[0]) > 60 * second && line[4] === 'create' && String(line[6]).startsWith('team/');
  const refused = traceOf(spec, 180 * second).filter(
    (line) =>
      Array.isArray(line) &&
      line[3] === 'answer' &&
      (line[8] === 401 || line[8] === 403) &&
      !comesTooLate(line),
  );
  expect(refused).toEqual([]);
  const simulation = runTo(spec, 50 * second);
  const running = simulation.registry().list('pods', 'team');
  expect(running).toHaveLength(3);
  const [secret] = simulation.registry().list('secrets', 'team');
  expect(Object.keys((secret as Secret | undefined)?.data ?? {})).toEqual(['ca.crt', 'namespace', 'token']);
  expect(
    runTo(spec, 180 * second)
      .registry()
      .list('pods'),
  ).toEqual([]);
});
