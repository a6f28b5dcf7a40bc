/** Aim: who is believed, and as whom a request goes on. Method: tables of credentials and of `--as`. */
import { expect, test } from 'vitest';
import { emptyView, withObject, type View } from '../../../../core/api/view.ts';
import type { ApiObject } from '../../../../core/api/object.ts';
import {
  authenticate,
  unauthorized,
  type Credential,
} from '../../../../core/apiserver/authentication/authenticate.ts';
import {
  adminUser,
  anonymous,
  certificateOf,
  controllerUser,
  nodeUser,
} from '../../../../core/apiserver/authentication/identities.ts';
import {
  impersonatedUser,
  impersonationAttributes,
} from '../../../../core/apiserver/authentication/impersonation.ts';
import { boundClaims, legacyClaims, type Bound } from '../../../../core/api/token/account-claims.ts';
import { signed } from '../../../../core/api/token/jwt.ts';
import { hour, minute, second, timeText } from '../../../../core/time/time.ts';

type Extra = Readonly<Record<string, unknown>>;

function viewOf(
  resource: string,
  named: readonly (readonly [key: string, uid: string, rest?: Extra, metadata?: Extra])[],
): View {
  let view: View = emptyView(resource);
  named.forEach(([key, uid, rest, more], i) => {
    const metadata = { name: key, uid, resourceVersion: `${i + 1}`, ...more };
    const object = { apiVersion: 'v1', kind: 'Any', metadata, ...rest } as unknown as ApiObject;
    view = withObject(view, key, object, i + 1, undefined);
  });
  return view;
}

const now = 1 * hour;
const account = { name: 'build', uid: 'uid-1' };
const kept = signed('seed', legacyClaims('default', account, 'build-token'));
const leaving = (since: number) => ({ deletionTimestamp: timeText(now - since) });

const views = {
  serviceAccounts: viewOf('serviceaccounts', [
    ['default/build', 'uid-1'],
    ['default/leaving', 'uid-5', {}, leaving(30 * second)],
    ['default/long-leaving', 'uid-6', {}, leaving(61 * second)],
  ]),
  pods: viewOf('pods', [['default/runner', 'uid-2']]),
  nodes: viewOf('nodes', [['node-1', 'uid-3']]),
  secrets: viewOf('secrets', [
    ['default/build-token', 'uid-4', { data: { token: btoa(kept) } }],
    ['default/empty', 'uid-7', {}],
    ['default/going', 'uid-8', { data: { token: btoa(keptIn('going')) } }, leaving(0)],
    ['default/of-another', 'uid-9', { data: { token: btoa(keptIn('of-another', 'old')) } }],
  ]),
};

/** A token that a Secret keeps. */
function keptIn(secret: string, uid = 'uid-1'): string {
  return signed('seed', legacyClaims('default', { name: 'build', uid }, secret));
}

/** A token that was asked for, a while ago. */
function tokenOf(
  of: { readonly name: string; readonly uid: string } = account,
  bound: Bound = {},
  { since = 5 * minute, seed = 'seed', audience = 'https://kubernetes.default.svc.cluster.local' } = {},
): Credential {
  const wanted = {
    namespace: 'default',
    account: of,
    audiences: [audience],
    bound,
    expirationSeconds: 600,
    warnAfterSeconds: undefined,
    id: 'id',
  };
  return { type: 'token', token: signed(seed, boundClaims(wanted, now - since)) };
}

const legacy = (token: string): Credential => ({ type: 'token', token });
const build = 'system:serviceaccount:default:build';

const credentials: readonly (readonly [what: string, shown: Credential | undefined, user: string])[] = [
  ['nothing', undefined, 'system:anonymous'],
  ['something nobody signed', { type: 'unknown' }, '401'],
  ['a certificate that does not end', certificateOf(adminUser), 'kubernetes-admin'],
  ['one that ends later', certificateOf(nodeUser('a'), now + 1), 'system:node:a'],
  ['one that ends now', certificateOf(nodeUser('a'), now), '401'],
  ['a token of an account that is there', tokenOf(), build],
  ['one of an account that was made anew', tokenOf({ ...account, uid: 'old' }), '401'],
  ['one of an account that is gone', tokenOf({ ...account, name: 'gone' }), '401'],
  [
    'one of an account that is being deleted since half a minute',
    tokenOf({ name: 'leaving', uid: 'uid-5' }),
    'system:serviceaccount:default:leaving',
  ],
  ['the same after a minute', tokenOf({ name: 'long-leaving', uid: 'uid-6' }), '401'],
  ['a token in its last second', tokenOf(account, {}, { since: 10 * minute }), build],
  ['a token that has ended', tokenOf(account, {}, { since: 10 * minute + second }), '401'],
  ['a token from the future', tokenOf(account, {}, { since: -second }), '401'],
  ['a token for another API', tokenOf(account, {}, { audience: 'vault' }), '401'],
  ['a token of another cluster', tokenOf(account, {}, { seed: 'theirs' }), '401'],
  ['no token', legacy('none'), '401'],
  ['a Pod that is there', tokenOf(account, { pod: { name: 'runner', uid: 'uid-2' } }), build],
  ['a Pod of another uid', tokenOf(account, { pod: { name: 'runner', uid: 'uid-9' } }), '401'],
  ['a Pod that is gone', tokenOf(account, { pod: { name: 'gone', uid: 'uid-2' } }), '401'],
  ['a node that is there', tokenOf(account, { node: { name: 'node-1', uid: 'uid-3' } }), build],
  ['a node that is gone', tokenOf(account, { node: { name: 'node-2', uid: 'uid-3' } }), '401'],
  [
    'a Pod on a node that is gone',
    tokenOf(account, { pod: { name: 'runner', uid: 'uid-2' }, node: { name: 'gone', uid: 'uid-3' } }),
    build,
  ],
  ['a Secret that is there', tokenOf(account, { secret: { name: 'empty', uid: 'uid-7' } }), build],
  ['a Secret that is gone', tokenOf(account, { secret: { name: 'gone', uid: 'uid-7' } }), '401'],
  ['what a Secret keeps', legacy(kept), build],
  ['what a Secret does not keep any more', legacy(keptIn('empty')), '401'],
  ['what a Secret keeps that is being deleted', legacy(keptIn('going')), '401'],
  ['what is kept for an account that was made anew', legacy(keptIn('of-another', 'old')), '401'],
];

test.each(credentials)('shown %s', (_, shown, user) => {
  const answer = authenticate(shown, 'seed', views, now);
  expect('code' in answer ? String(answer.code) : answer.name).toBe(user);
});

test('the words of 401', () => {
  expect(unauthorized).toMatchObject({ message: 'Unauthorized', reason: 'Unauthorized', code: 401 });
});

test('the groups of those who are known', () => {
  expect(anonymous.groups).toEqual(['system:unauthenticated']);
  expect(nodeUser('a').groups).toEqual(['system:nodes', 'system:authenticated']);
  expect(controllerUser('job-controller').groups).toEqual([
    'system:serviceaccounts',
    'system:serviceaccounts:kube-system',
    'system:authenticated',
  ]);
});

test('whom `--as` makes of somebody, and what has to be allowed for it', () => {
  const as = [
    { user: 'jane' },
    { user: 'jane', groups: ['team'], uid: '7' },
    { user: 'system:serviceaccount:default:build' },
    { user: 'system:serviceaccount:nameless' },
    { user: 'system:anonymous' },
  ];
  const told = as.map((impersonation) => {
    const { name, groups } = impersonatedUser(impersonation);
    const asked = impersonationAttributes(impersonation).map((attributes) =>
      'path' in attributes ? '' : `${attributes.resource} ${attributes.namespace}/${attributes.name}`,
    );
    return `${name} of ${groups.join(', ')}; impersonate ${asked.join(', ')}`;
  });
  expect(told.join('\n')).toMatchInlineSnapshot(`
    "jane of system:authenticated; impersonate users /jane
    jane of team, system:authenticated; impersonate users /jane, groups /team, uids /7
    system:serviceaccount:default:build of system:serviceaccounts, system:serviceaccounts:default, system:authenticated; impersonate serviceaccounts default/build
    system:serviceaccount:nameless of system:authenticated; impersonate users /system:serviceaccount:nameless
    system:anonymous of system:unauthenticated; impersonate users /system:anonymous"
  `);
});
