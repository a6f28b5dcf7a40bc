/** Aim: how long a new Pod waits for its ServiceAccount. Method: the account comes before, late, or never. */
import { expect, test } from 'vitest';
import type { NewObject } from '../../../../core/api/request.ts';
import { millisecond } from '../../../../core/time/time.ts';
import { Cluster } from '../cluster.ts';
import { pod, podSpec } from '../objects.ts';

const account = (name: string): NewObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name },
});

const withAccounts = (): Cluster => new Cluster(2, { disabledAdmission: [] });

const created = (resource: string, object: NewObject) =>
  ({ verb: 'create', resource, namespace: 'default', object }) as const;

const said = (cluster: Cluster, object: NewObject): string => {
  const answer = cluster.call(created('pods', object));
  return answer.ok ? `${answer.code}` : `${answer.code} ${answer.status.message ?? ''}`;
};

test("the namespace's own account is waited for", () => {
  const cluster = withAccounts();
  const before = cluster.now;
  const pending = cluster.begin(created('pods', pod('web')));
  cluster.advance(350 * millisecond);
  expect(cluster.answerTo(pending)).toBeUndefined();
  cluster.object(created('serviceaccounts', account('default')), 1);
  cluster.advance(200 * millisecond);
  expect(cluster.answerTo(pending)).toMatchObject({ ok: true, code: 201 });
  expect(cluster.now).toBeGreaterThan(before);
});

test('a server asks etcd for an account that it has not heard of', () => {
  const cluster = withAccounts();
  cluster.hold(0);
  cluster.object(created('serviceaccounts', account('builder')), 1);
  expect(said(cluster, pod('web', {}, podSpec({ serviceAccountName: 'builder' })))).toBe('201');
});

test('ten looks, 100 to 200 ms apart, and the Pod is refused', () => {
  const cluster = withAccounts();
  const pending = cluster.begin(created('pods', pod('web')));
  cluster.advance(899 * millisecond);
  expect(cluster.answerTo(pending)).toBeUndefined();
  cluster.advance(902 * millisecond);
  expect(cluster.answerTo(pending)).toMatchObject({
    code: 403,
    status: {
      message:
        'pods "web" is forbidden: error looking up service account default/default: serviceaccount "default" not found',
    },
  });
});

test('another account is looked for once', () => {
  const cluster = withAccounts();
  const pending = cluster.begin(created('pods', pod('web', {}, podSpec({ serviceAccountName: 'builder' }))));
  expect(cluster.answerTo(pending)).toMatchObject({
    code: 403,
    status: {
      message:
        'pods "web" is forbidden: error looking up service account default/builder: serviceaccount "builder" not found',
    },
  });
});
