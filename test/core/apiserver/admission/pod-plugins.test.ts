/** The plugins that change Pods and Nodes: Priority, DefaultTolerationSeconds, TaintNodesByCondition, LimitRanger, ServiceAccount. Aim: what the recordings do not ask. Method: tables. */
import { describe, expect, test } from 'vitest';
import type { ApiObject } from '../../../../core/api/object.ts';
import { defaultTolerationSeconds } from '../../../../core/apiserver/admission/default-toleration-seconds.ts';
import { limitRanger } from '../../../../core/apiserver/admission/limit-ranger.ts';
import { priority } from '../../../../core/apiserver/admission/priority.ts';
import { serviceAccountPlugin } from '../../../../core/apiserver/admission/service-account.ts';
import { taintNodesByCondition } from '../../../../core/apiserver/admission/taint-nodes.ts';
import { admittedBy, judgedBy, podThing, thing } from './admitting.ts';

const specOf = (answer: ApiObject | string): unknown =>
  typeof answer === 'string' ? answer : (answer as ApiObject & { readonly spec: object }).spec;

describe('Priority', () => {
  const classes = [thing('PriorityClass', 'std', { value: 5, globalDefault: true })];

  test('an update keeps the number that a client left out', () => {
    const oldObject = podThing({ priority: 7, preemptionPolicy: 'Never' });
    const answer = admittedBy(priority, {
      resource: 'pods',
      operation: 'UPDATE',
      object: podThing(),
      oldObject,
    });
    expect(specOf(answer)).toMatchObject({ priority: 7, preemptionPolicy: 'Never' });
  });

  test.each([
    [
      'a second default',
      'other',
      true,
      'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass std is already marked as default. Only one default can exist',
    ],
    ['the default itself', 'std', true, 'admitted'],
    ['one that is not default', 'other', false, 'admitted'],
  ])('%s', (_what, name, globalDefault, answer) => {
    const object = thing('PriorityClass', name, { value: 1, globalDefault });
    const asked = { resource: 'priorityclasses', operation: 'UPDATE', object } as const;
    expect(judgedBy(priority, asked, { priorityclasses: classes })).toBe(answer);
  });
});

test('DefaultTolerationSeconds looks at a Pod, not at its status', () => {
  const object = podThing();
  expect(admittedBy(defaultTolerationSeconds, { resource: 'pods', subresource: 'status', object })).toBe(
    object,
  );
  expect(specOf(admittedBy(defaultTolerationSeconds, { resource: 'pods', object }))).toMatchObject({
    tolerations: [
      { key: 'node.kubernetes.io/not-ready', tolerationSeconds: 300 },
      { key: 'node.kubernetes.io/unreachable', tolerationSeconds: 300 },
    ],
  });
});

test('TaintNodesByCondition taints a node once', () => {
  const answer = admittedBy(taintNodesByCondition, { resource: 'nodes', object: thing('Node', 'n') });
  const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
  expect(specOf(answer)).toEqual({ taints: [taint] });
  expect(admittedBy(taintNodesByCondition, { resource: 'nodes', object: answer as ApiObject })).toBe(answer);
});

describe('LimitRanger', () => {
  const range = (name: string, ...limits: readonly object[]): object =>
    thing('LimitRange', name, { metadata: { namespace: 'default' }, spec: { limits } });
  const claim = (storage: string, metadata: object = {}): ApiObject =>
    thing('PersistentVolumeClaim', 'c', {
      metadata: { namespace: 'default', ...metadata },
      spec: { resources: { requests: { storage } } },
    });
  const most = { limitranges: [range('r', { type: 'PersistentVolumeClaim', max: { storage: '2Gi' } })] };

  test.each([
    [
      'a claim that grows too far',
      claim('3Gi'),
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    ],
    ['one that is going', claim('3Gi', { deletionTimestamp: '2026-01-01T00:00:00Z' }), 'admitted'],
    ['one that fits', claim('2Gi'), 'admitted'],
  ])('%s', (_what, object, answer) => {
    const asked = {
      resource: 'persistentvolumeclaims',
      operation: 'UPDATE',
      object,
      oldObject: claim('1Gi'),
    } as const;
    expect(judgedBy(limitRanger, asked, most)).toBe(answer);
  });

  test('of two ranges the first by name sets, the second what is left', () => {
    const limitranges = [
      range('b', { type: 'Container', defaultRequest: { cpu: '2', memory: '1Gi' } }),
      range('a', { type: 'Container', defaultRequest: { cpu: '1' } }),
    ];
    expect(
      specOf(admittedBy(limitRanger, { resource: 'pods', object: podThing() }, { limitranges })),
    ).toEqual({
      containers: [{ name: 'c', image: 'img:1', resources: { requests: { cpu: '1', memory: '1Gi' } } }],
    });
  });

  test('ranges of other namespaces do not matter', () => {
    const other = thing('LimitRange', 'r', {
      metadata: { namespace: 'other' },
      spec: { limits: [{ type: 'Container', max: { cpu: '1m' } }] },
    });
    expect(judgedBy(limitRanger, { resource: 'pods', object: podThing() }, { limitranges: [other] })).toBe(
      'admitted',
    );
  });
});

describe('ServiceAccount', () => {
  const account = (more: object = {}): object =>
    thing('ServiceAccount', 'default', {
      ...more,
      metadata: { namespace: 'default', ...(more as { metadata?: object }).metadata },
    });

  test('a Pod gets the account and its pull secrets; in the simulator no token unless asked for', () => {
    const serviceaccounts = [account({ imagePullSecrets: [{ name: 'pull' }] })];
    expect(
      specOf(admittedBy(serviceAccountPlugin, { resource: 'pods', object: podThing() }, { serviceaccounts })),
    ).toEqual({
      containers: [{ name: 'c', image: 'img:1' }],
      serviceAccountName: 'default',
      serviceAccount: 'default',
      imagePullSecrets: [{ name: 'pull' }],
    });
  });

  test.each([
    [
      'no account',
      podThing(),
      [],
      'pods "p" is forbidden: error looking up service account default/default: serviceaccount "default" not found',
    ],
    [
      'a mirror Pod with an account',
      podThing({ serviceAccountName: 'default' }, { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
      [account()],
      'pods "p" is forbidden: a mirror pod may not reference service accounts',
    ],
    [
      'a secret the account does not list',
      podThing({ volumes: [{ name: 'v', secret: { secretName: 's' } }] }),
      [account({ metadata: { annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } } })],
      'pods "p" is forbidden: volume with secret.secretName="s" is not allowed because service account default does not reference that secret',
    ],
  ])('%s', (_what, object, serviceaccounts, answer) => {
    expect(judgedBy(serviceAccountPlugin, { resource: 'pods', object }, { serviceaccounts })).toBe(answer);
  });

  test('a container that comes later reads no secret the account does not list', () => {
    const env = [{ name: 'E', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }];
    const object = podThing({ serviceAccountName: 'default', ephemeralContainers: [{ name: 'e', env }] });
    const enforced = account({
      metadata: { annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } },
    });
    const asked = {
      resource: 'pods',
      operation: 'UPDATE',
      subresource: 'ephemeralcontainers',
      object,
    } as const;
    expect(judgedBy(serviceAccountPlugin, asked, { serviceaccounts: [account()] })).toBe('admitted');
    expect(judgedBy(serviceAccountPlugin, asked, { serviceaccounts: [enforced] })).toBe(
      'pods "p" is forbidden: ephemeral container e with envVar E referencing secret.secretName="s" is not allowed because service account default does not reference that secret',
    );
  });
});
