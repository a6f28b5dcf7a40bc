/**
 * Aim: a manifest is completed as Go completes it. Method: a table, each line taken from the types.go and defaults.go of its
 * group (kubernetes v1.34.1): what was written, and what is read back in that place.
 */
import { expect, test } from 'vitest';
import { withDefaults } from '../../../core/api/defaults.ts';
import { manifest, type Parts } from './validation/verdict.ts';

/** The part of a value at a path: `spec.ports.0.protocol`. */
const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce((part, step) => (part as Readonly<Record<string, unknown>> | undefined)?.[step], value);

const container = { name: 'c', image: 'i' };
const podOf = (spec: Parts): Parts => ({ spec: { containers: [container], ...spec } });
const image = (name: string): Parts => ({ spec: { containers: [{ name: 'c', image: name }] } });
const pullPolicy = 'spec.containers.0.imagePullPolicy';

test.each<[string, Parts, string, unknown]>([
  // An empty text, 0 or false is kept by a pointer, and as good as absent elsewhere.
  ['batch/v1/Job', { spec: { managedBy: '', template: {} } }, 'spec.managedBy', ''],
  ['v1/Pod', podOf({ preemptionPolicy: '' }), 'spec.preemptionPolicy', ''],
  ['v1/Pod', podOf({ priorityClassName: '' }), 'spec.priorityClassName', undefined],
  ['v1/Service', { spec: { healthCheckNodePort: 0 } }, 'spec.healthCheckNodePort', undefined],
  ['v1/Service', { spec: { ports: [{ port: 1, name: '' }] } }, 'spec.ports.0.name', undefined],
  ['v1/PersistentVolume', { spec: { storageClassName: '' } }, 'spec.storageClassName', undefined],
  ['v1/PersistentVolumeClaim', { spec: { storageClassName: '' } }, 'spec.storageClassName', ''],
  ['apps/v1/Deployment', { spec: { replicas: 0, template: {} } }, 'spec.replicas', 0],
  ['apps/v1/Deployment', { spec: { minReadySeconds: 0, template: {} } }, 'spec.minReadySeconds', undefined],
  [
    'networking.k8s.io/v1/NetworkPolicy',
    { spec: { ingress: [{ ports: [{ protocol: '' }] }] } },
    'spec.ingress.0.ports.0.protocol',
    '',
  ],
  // A CronJob without a template has one all the same, and its policies get what a Job's get.
  [
    'batch/v1/CronJob',
    { spec: { schedule: 'x' } },
    'spec.jobTemplate.spec.template.spec.dnsPolicy',
    'ClusterFirst',
  ],
  [
    'batch/v1/CronJob',
    {
      spec: {
        jobTemplate: { spec: { podFailurePolicy: { rules: [{ onPodConditions: [{ type: 'A' }] }] } } },
      },
    },
    'spec.jobTemplate.spec.podFailurePolicy.rules.0.onPodConditions.0.status',
    'True',
  ],
  ['v1/PersistentVolume', { spec: { iscsi: { iqn: 'i' } } }, 'spec.iscsi.iscsiInterface', 'default'],
  ['v1/PersistentVolume', { spec: { rbd: { image: 'i' } } }, 'spec.rbd.keyring', '/etc/ceph/keyring'],
  ['v1/PersistentVolume', { spec: { scaleIO: {} } }, 'spec.scaleIO.storageMode', 'ThinProvisioned'],
  ['v1/PersistentVolume', { spec: { azureDisk: {} } }, 'spec.azureDisk.cachingMode', 'ReadWrite'],
  ['v1/Service', { spec: { type: 'Foo' } }, 'spec.internalTrafficPolicy', undefined],
  [
    'v1/Service',
    { spec: { type: 'LoadBalancer' }, status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } },
    'status.loadBalancer.ingress.0.ipMode',
    'VIP',
  ],
  [
    'v1/Service',
    { spec: {}, status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } },
    'status.loadBalancer.ingress.0.ipMode',
    undefined,
  ],
  // An image that cannot be read has no tag.
  ['v1/Pod', image('nginx'), pullPolicy, 'Always'],
  ['v1/Pod', image('nginx:latest'), pullPolicy, 'Always'],
  ['v1/Pod', image('localhost:5000/a/b'), pullPolicy, 'Always'],
  ['v1/Pod', image('nginx:1.25'), pullPolicy, 'IfNotPresent'],
  ['v1/Pod', image('NGINX'), pullPolicy, 'IfNotPresent'],
  ['v1/Pod', image(`nginx:latest@sha256:${'a'.repeat(64)}`), pullPolicy, 'Always'],
  ['v1/Pod', image(`nginx@sha256:${'a'.repeat(64)}`), pullPolicy, 'IfNotPresent'],
  ['v1/Pod', image('nginx:latest@sha256:a'), pullPolicy, 'IfNotPresent'],
])('%s %j has %s %j', (type, parts, path, expected) => {
  expect(at(withDefaults(manifest(type, parts)), path)).toEqual(expected);
});
