/**
 * Aim: a request that a webhook is concerned with waits for it and bears its failure. Method: one configuration over a
 * real etcd, a table of what stands behind it, and what a creation is then answered, after how long.
 */
import { describe, expect, test } from 'vitest';
import type { SimulatedWebhook } from '../../../../core/apiserver/admission/webhooks.ts';
import type { NewObject } from '../../../../core/api/request.ts';
import { millisecond, second } from '../../../../core/time/time.ts';
import { Cluster } from '../cluster.ts';
import { configMap, namespace, service } from '../objects.ts';

const name = 'check.example.com';

const configuration = (webhook: object, kind = 'Validating'): NewObject =>
  ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: `${kind.toLowerCase()}-check` },
    webhooks: [
      {
        name,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        timeoutSeconds: 2,
        clientConfig: { service: { namespace: 'default', name: 'check', path: '/v1' } },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
        ...webhook,
      },
    ],
  }) as NewObject;

function clusterWith(webhook: object, simulated?: SimulatedWebhook, kind = 'Validating'): Cluster {
  const cluster = new Cluster(1, simulated === undefined ? {} : { webhooks: { [name]: simulated } });
  const resource = `${kind.toLowerCase()}webhookconfigurations`;
  cluster.object({ verb: 'create', resource, object: configuration(webhook, kind) });
  return cluster;
}

/** What a creation is answered, and after how long. */
function created(cluster: Cluster, object: NewObject = configMap('a'), into = 'default'): string {
  const call = cluster.begin({ verb: 'create', resource: 'configmaps', namespace: into, object });
  const from = cluster.now;
  while (cluster.answerTo(call) === undefined && cluster.timers.length > 0)
    cluster.advance(100 * millisecond);
  const answer = cluster.answerTo(call);
  const after = Math.round((cluster.now - from) / (100 * millisecond)) / 10;
  if (answer === undefined) throw new Error('no answer');
  return `${after}s ${answer.code} ${answer.ok ? '' : (answer.status.message ?? '')}`.trim();
}

const failed = `Internal error occurred: failed calling webhook "${name}": failed to call webhook: Post "https://check.default.svc:443/v1?timeout=2s":`;

describe('what stands behind a webhook', () => {
  test.each<readonly [what: string, webhook: object, simulated: SimulatedWebhook | undefined, told: string]>([
    ['an answer', {}, { latency: 0.5 * second, outcome: 'admits' }, '0.5s 201'],
    [
      'a refusal',
      {},
      { latency: 0, outcome: 'denies' },
      `0s 403 admission webhook "${name}" denied the request without explanation`,
    ],
    ['an error', {}, { latency: 0.2 * second, outcome: 'fails' }, `0.2s 500 ${failed} EOF`],
    ['silence', {}, { latency: 0, outcome: 'times out' }, `2s 500 ${failed} context deadline exceeded`],
    [
      'an answer that comes too late',
      {},
      { latency: 3 * second, outcome: 'admits' },
      `2s 500 ${failed} context deadline exceeded`,
    ],
    [
      'silence that may be ignored',
      { failurePolicy: 'Ignore' },
      { latency: 0, outcome: 'times out' },
      '2s 201',
    ],
    ['no Service', {}, undefined, `0s 500 ${failed} service "check" not found`],
    ['no Service, which may be ignored', { failurePolicy: 'Ignore' }, undefined, '0s 201'],
    [
      'a condition that is met',
      conditions("object.metadata.name == 'a'"),
      undefined,
      `0s 500 ${failed} service "check" not found`,
    ],
    ['a condition that is not met', conditions("object.metadata.name == 'b'"), undefined, '0s 201'],
    ['another resource', rules({ resources: ['secrets'] }), undefined, '0s 201'],
    ['another operation', rules({ operations: ['DELETE'] }), undefined, '0s 201'],
    ['another label', { objectSelector: { matchLabels: { checked: 'yes' } } }, undefined, '0s 201'],
  ])('%s', (_what, webhook, simulated, told) => {
    expect(created(clusterWith(webhook, simulated))).toBe(told);
  });

  test('a Service without Pods refuses the connection: the webhook keeps its own Pods from starting', () => {
    const cluster = clusterWith({});
    cluster.object({ verb: 'create', resource: 'services', namespace: 'default', object: service('check') });
    expect(created(cluster)).toMatch(/dial tcp 10\.\d+\.\d+\.\d+:443: connect: connection refused$/);
  });

  test('the namespace may be spared', () => {
    const spared = {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['system'] }],
    };
    const cluster = clusterWith({ namespaceSelector: spared });
    cluster.object({ verb: 'create', resource: 'namespaces', object: namespace('system') });
    expect(created(cluster, configMap('a'), 'system')).toBe('0s 201');
    expect(created(cluster)).toContain('not found');
  });

  test('mutating ones are waited for one after the other, then the validating ones together', () => {
    const cluster = clusterWith({}, { latency: 0.5 * second, outcome: 'admits' }, 'Mutating');
    const resource = 'validatingwebhookconfigurations';
    cluster.object({ verb: 'create', resource, object: configuration({}) });
    expect(created(cluster)).toBe('1s 201');
  });
});

function conditions(expression: string): object {
  return { matchConditions: [{ name: 'c', expression }] };
}

function rules(rule: object): object {
  return {
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['*'], ...rule }],
  };
}
