/**
 * Aim: what is behind a gate that is off in Kubernetes 1.34 is dropped, wherever a Pod's template lies, when an object is
 * created and when it is updated. Method: every kind that has a template, with each of those fields.
 */
import { describe, expect, test } from 'vitest';
import type { ApiObject } from '../../../../core/api/object.ts';
import { prepareForCreate, prepareForUpdate } from '../../../../core/apiserver/strategy/strategy.ts';
import type { Stored } from '../../../../core/apiserver/strategy/stored.ts';

const container = { name: 'c', image: 'i' };
const token = { serviceAccountToken: { path: 't' } };
const given = {
  containers: [{ ...container, restartPolicy: 'Always', lifecycle: { stopSignal: 'SIGINT' } }],
  initContainers: [
    { ...container, restartPolicy: 'Never' },
    { ...container, restartPolicy: 'Always' },
  ],
  hostnameOverride: 'h',
  volumes: [
    { name: 'i', image: { reference: 'r' } },
    { name: 'p', projected: { sources: [{ clusterTrustBundle: { path: 'b' } }, token] } },
  ],
};
const kept = {
  containers: [{ ...container, lifecycle: {} }],
  initContainers: [container, { ...container, restartPolicy: 'Always' }],
  volumes: [{ name: 'p', projected: { sources: [{}, token] } }],
};

/** An object that has the spec at a path. */
const at = (path: string, spec: object): Stored =>
  ({
    apiVersion: 'v1',
    kind: 'K',
    metadata: { name: 'a', uid: 'u' } as ApiObject['metadata'],
    ...(path.split('.').reduceRight<object>((inner, step) => ({ [step]: inner }), spec) as object),
  }) as Stored;

const partAt = (object: Stored, path: string): unknown =>
  path.split('.').reduce<unknown>((part, step) => (part as Readonly<Record<string, unknown>>)[step], object);

describe.each([
  ['pods', 'spec'],
  ['podtemplates', 'template.spec'],
  ['replicationcontrollers', 'spec.template.spec'],
  ['replicasets', 'spec.template.spec'],
  ['deployments', 'spec.template.spec'],
  ['statefulsets', 'spec.template.spec'],
  ['daemonsets', 'spec.template.spec'],
  ['jobs', 'spec.template.spec'],
  ['cronjobs', 'spec.jobTemplate.spec.template.spec'],
])('%s', (resource, path) => {
  test('lose it when they are created', () => {
    expect(partAt(prepareForCreate(resource, at(path, given)), path)).toEqual(kept);
  });

  test('and when they are updated', () => {
    const before = at(path, { containers: [container] });
    expect(partAt(prepareForUpdate(resource, true, at(path, given), before), path)).toEqual(kept);
  });
});

test('the tolerance of an autoscaler is dropped', () => {
  const rules = { selectPolicy: 'Max', tolerance: '100m' };
  const autoscaler = at('spec', { behavior: { scaleUp: rules } });
  const created = prepareForCreate('horizontalpodautoscalers', autoscaler);
  expect(partAt(created, 'spec.behavior')).toEqual({ scaleUp: { selectPolicy: 'Max' } });
});

test('a Lease is held without an election', () => {
  const lease = at('spec', { holderIdentity: 'h', strategy: 'OldestEmulationVersion', preferredHolder: 'p' });
  expect(prepareForCreate('leases', lease).spec).toEqual({ holderIdentity: 'h' });
  expect(prepareForUpdate('leases', false, lease, lease).spec).toEqual({ holderIdentity: 'h' });
});
