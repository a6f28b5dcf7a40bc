/**
 * Aim: an Event is validated whoever writes it, and its metadata by the rules of every kind alone. Method: a table of
 * creations and changes through an apiserver.
 */
import { expect, test } from 'vitest';
import type { Json } from '../../../../core/api/generated/types.ts';
import type { ApiAnswer, NewObject } from '../../../../core/api/request.ts';
import { Cluster } from '../cluster.ts';

const eventOf = (fields: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'web.1', ...metadata },
  involvedObject: { kind: 'Pod', namespace: 'default', name: 'web' },
  ...fields,
});

const create = (cluster: Cluster, object: ReturnType<typeof eventOf>, fieldManager?: string): ApiAnswer =>
  cluster.call({ verb: 'create', resource: 'events', namespace: 'default', object, fieldManager });

const told = (answer: ApiAnswer): string =>
  answer.ok ? String(answer.code) : `${answer.code} ${answer.status.message ?? ''}`;

const elsewhere = { involvedObject: { kind: 'Pod', namespace: 'other', name: 'web' } };
const mismatch =
  '422 Event "web.1" is invalid: involvedObject.namespace: Invalid value: "other": does not match event.namespace';

const creations: Readonly<Record<string, readonly [object: ReturnType<typeof eventOf>, want: string]>> = {
  sound: [eventOf({ reason: 'Seen', count: 1 }), '201'],
  'with labels': [eventOf({}, { labels: { a: 'b' } }), '201'],
  'of another namespace': [eventOf(elsewhere), mismatch],
  'with a name that is none of DNS': [eventOf({}, { name: 'Web_1' }), '201'],
  'with a name that is no path': [
    eventOf({}, { name: 'a%b' }),
    '422 Event "a%b" is invalid: metadata.name: Invalid value: "a%b": may not contain \'%\'',
  ],
  // What is wrong with the metadata is told when the rest is right.
  'of another namespace, with a bad label': [eventOf(elsewhere, { labels: { a: '-' } }), mismatch],
};

for (const manager of [undefined, 'kubectl-create'])
  test.each(Object.entries(creations))(`%s, by ${manager ?? 'nobody'}`, (_, [object, want]) => {
    expect(told(create(new Cluster(), object, manager))).toBe(want);
  });

const changes: Readonly<Record<string, readonly [patch: Json, want: string]>> = {
  'counted up': [{ count: 2 }, '200'],
  'moved elsewhere': [elsewhere, mismatch],
  'with a bad label': [
    { metadata: { labels: { a: '-' } } },
    '422 Event "web.1" is invalid: metadata.labels: Invalid value: "-": a valid label must be an empty string or',
  ],
};

test.each(Object.entries(changes))('an Event that is there, %s', (_, [patch, want]) => {
  const cluster = new Cluster();
  create(cluster, eventOf({}));
  const target = { resource: 'events', namespace: 'default', name: 'web.1' } as const;
  const text = told(cluster.call({ verb: 'patch', ...target, patchType: 'merge', patch }));
  expect(text.slice(0, want.length)).toBe(want);
  expect(text.split('metadata.labels').length).toBeLessThanOrEqual(2);
});

test("a PodDisruptionBudget's metadata is looked at too", () => {
  const object = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'db', labels: { a: '-' } },
    spec: { selector: {}, minAvailable: 1 },
  };
  const answer = new Cluster().call({
    verb: 'create',
    resource: 'poddisruptionbudgets',
    namespace: 'default',
    object,
  });
  expect(told(answer)).toContain(
    'PodDisruptionBudget.policy "db" is invalid: metadata.labels: Invalid value: "-"',
  );
});

test('an admission policy has a say about Events', () => {
  const cluster = new Cluster();
  const put = (resource: string, object: NewObject): boolean =>
    cluster.call({ verb: 'create', resource, object }).ok;
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['events'] };
  const policy = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'no-noise' },
    spec: {
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression: "object.reason != 'Noise'", message: 'be quiet' }],
    },
  };
  const binding = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'no-noise' },
    spec: { policyName: 'no-noise', validationActions: ['Deny'] },
  };
  expect(told(create(cluster, eventOf({ reason: 'Noise' }, { name: 'web.1' })))).toBe('201');
  expect(put('validatingadmissionpolicies', policy)).toBe(true);
  expect(put('validatingadmissionpolicybindings', binding)).toBe(true);
  expect(told(create(cluster, eventOf({ reason: 'Noise' }, { name: 'web.2' })))).toContain('be quiet');
  expect(told(create(cluster, eventOf({ reason: 'Seen' }, { name: 'web.3' })))).toBe('201');
});
