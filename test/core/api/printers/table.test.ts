/**
 * Aim: kinds and cases that no recording asks for are shown as the printers of Kubernetes 1.34.1 show them. Method: an
 * object, the line kubectl prints.
 */
import { expect, test } from 'vitest';
import { resources, resourceOfKind } from '../../../../core/api/kinds.ts';
import type { ApiObject } from '../../../../core/api/object.ts';
import { printerOf, tableOf } from '../../../../core/api/printers/table.ts';
import { tableText } from '../../../../core/api/printers/text.ts';
import { hour } from '../../../../core/time/time.ts';

const now = 3 * hour;

/** The cells of an object made three hours ago. */
function shown(apiVersion: string, kind: string, rest: object): string {
  const metadata = { name: 'x', namespace: 'default', creationTimestamp: '2025-01-01T00:00:00Z' };
  const object = { apiVersion, kind, metadata, ...rest } as unknown as ApiObject;
  const info = resourceOfKind(apiVersion, kind);
  if (info === undefined) throw new Error(`no kind ${kind}`);
  return tableText(tableOf(info, [object], now), { wide: true, noHeaders: true })
    .trimEnd()
    .replaceAll(/ {3,}/g, ' | ');
}

const template = {
  metadata: { labels: { b: '2', a: '1' } },
  spec: { containers: [{ name: 'c', image: 'i' }] },
};

test.each([
  ['v1', 'PodTemplate', { template }, 'x | c | i | a=1,b=2'],
  ['v1', 'LimitRange', { spec: {} }, 'x | 2025-01-01T00:00:00Z'],
  ['v1', 'Secret', { type: 'Opaque', data: { a: '', b: '' } }, 'x | Opaque | 2 | 3h'],
  ['v1', 'ServiceAccount', {}, 'x | 0 | 3h'],
  [
    'v1',
    'Event',
    {
      involvedObject: { kind: 'Pod', name: 'p' },
      type: 'Normal',
      reason: 'Scheduled',
      message: 'assigned',
      reportingComponent: 'default-scheduler',
      firstTimestamp: null,
      lastTimestamp: null,
      eventTime: '2025-01-01T02:00:00.000000Z',
    },
    '60m | Normal | Scheduled | pod/p | default-scheduler | assigned | 60m | 1 | x',
  ],
  [
    'v1',
    'PersistentVolumeClaim',
    {
      spec: { volumeName: 'pv', storageClassName: 'fast', accessModes: ['ReadWriteMany'] },
      status: {
        phase: 'Bound',
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
      },
    },
    'x | Bound | pv | 1Gi | RWO,RWX | fast | <unset> | 3h | <unset>',
  ],
  [
    'v1',
    'Service',
    { spec: { type: 'ExternalName', externalName: 'e.org' } },
    'x | ExternalName | <none> | e.org | <none> | 3h | <none>',
  ],
  [
    'v1',
    'Service',
    {
      spec: {
        type: 'LoadBalancer',
        clusterIPs: ['10.0.0.1'],
        externalIPs: ['9.9.9.9'],
        ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }],
      },
      status: { loadBalancer: { ingress: [{ ip: '2.2.2.2' }, { ip: '1.1.1.1' }] } },
    },
    'x | LoadBalancer | 10.0.0.1 | 1.1.1.1,2.2.2.2,9.9.9.9 | 80:30080/TCP | 3h | <none>',
  ],
  [
    'v1',
    'Endpoints',
    {
      subsets: [{ addresses: [{ ip: 'fd00::1' }, { ip: '10.0.0.2' }], ports: [{ port: 80 }, { port: 81 }] }],
    },
    'x | [fd00::1]:80,10.0.0.2:80,[fd00::1]:81 + 1 more... | 3h',
  ],
  [
    'apps/v1',
    'ControllerRevision',
    {
      revision: 3,
      metadata: {
        name: 'x',
        creationTimestamp: '2025-01-01T00:00:00Z',
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 's', uid: 'u', controller: true },
        ],
      },
    },
    'x | statefulset.apps/s | 3 | 3h',
  ],
  ['storage.k8s.io/v1', 'CSINode', { spec: { drivers: [{}, {}] } }, 'x | 2 | 3h'],
  [
    'storage.k8s.io/v1',
    'CSIDriver',
    { spec: { tokenRequests: [{ audience: 'a' }, { audience: 'b' }], volumeLifecycleModes: ['Persistent'] } },
    'x | true | false | false | a,b | false | Persistent | 3h',
  ],
  [
    'networking.k8s.io/v1',
    'Ingress',
    {
      spec: { rules: [{ host: 'a' }, { host: '' }, { host: 'b' }, { host: 'c' }, { host: 'd' }] },
      status: { loadBalancer: {} },
    },
    'x | <none> | a,b,c + 2 more... | 80 | 3h',
  ],
  [
    'networking.k8s.io/v1',
    'IngressClass',
    { spec: { controller: 'e.org/c', parameters: { apiGroup: 'e.org', kind: 'P', name: 'p' } } },
    'x | e.org/c | P.e.org/p | 3h',
  ],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole', {}, 'x | 2025-01-01T00:00:00Z'],
  [
    'admissionregistration.k8s.io/v1',
    'ValidatingAdmissionPolicy',
    { spec: { validations: [{}], paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } } },
    'x | 1 | v1/ConfigMap | 3h',
  ],
  [
    'admissionregistration.k8s.io/v1',
    'ValidatingAdmissionPolicyBinding',
    {
      spec: {
        policyName: 'p',
        paramRef: {
          selector: {
            matchLabels: { a: 'b' },
            matchExpressions: [{ key: 'k', operator: 'In', values: ['v', 'w'] }],
          },
        },
      },
    },
    'x | p | &LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[v w],},},} | 3h',
  ],
  ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', { webhooks: [{}] }, 'x | 1 | 3h'],
  [
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    {
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        maxReplicas: 3,
        metrics: [
          { type: 'External', external: { target: { averageValue: '5' } } },
          { type: 'Pods', pods: { target: { averageValue: '1k' } } },
          { type: 'Resource', resource: { name: 'cpu', target: {} } },
        ],
      },
      status: { currentMetrics: [{ type: 'External', external: { current: { averageValue: '250m' } } }] },
    },
    'x | Deployment/d | 250m/5 (avg), <unknown>/1k + 1 more... | <unset> | 3 | 0 | 3h',
  ],
])('%s %s', (apiVersion, kind, rest, line) => {
  expect(shown(apiVersion, kind, rest)).toBe(line);
});

test('every kind has columns, the first of format name and of one priority each', () => {
  expect(resources.length).toBeGreaterThan(40);
  for (const info of resources) {
    const { columns } = printerOf(info);
    expect(columns.filter(({ format }) => format === 'name')).toHaveLength(1);
    expect(columns.some(({ priority }) => priority === 0)).toBe(true);
  }
});
