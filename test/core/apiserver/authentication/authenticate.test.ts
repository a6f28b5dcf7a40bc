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
  tokenOf,
} from '../../../../core/apiserver/authentication/identities.ts';
import {
  impersonatedUser,
  impersonationAttributes,
} from '../../../../core/apiserver/authentication/impersonation.ts';
import { second } from '../../../../core/time/time.ts';

function viewOf(resource: string, names: readonly (readonly [name: string, uid: string])[]): View {
  let view: View = emptyView(resource);
  names.forEach(([name, uid], i) => {
    const metadata = { name, namespace: 'default', uid, resourceVersion: `${i + 1}` };
    const object = { apiVersion: 'v1', kind: 'Any', metadata } as unknown as ApiObject;
    view = withObject(view, `default/${name}`, object, i + 1, undefined);
  });
  return view;
}

const views = {
  serviceAccounts: viewOf('serviceaccounts', [['build', 'uid-1']]),
  pods: viewOf('pods', [['runner', 'uid-2']]),
};
const now = 100 * second;
const account = { namespace: 'default', name: 'build', uid: 'uid-1' };

const credentials: readonly (readonly [what: string, shown: Credential | undefined, user: string])[] = [
  ['nothing', undefined, 'system:anonymous'],
  ['something nobody signed', { type: 'unknown' }, '401'],
  ['a certificate that does not end', certificateOf(adminUser), 'kubernetes-admin'],
  ['one that ends later', certificateOf(nodeUser('a'), now + 1), 'system:node:a'],
  ['one that ends now', certificateOf(nodeUser('a'), now), '401'],
  ['an account that is there', tokenOf(account), 'system:serviceaccount:default:build'],
  ['an account that was made anew', tokenOf({ ...account, uid: 'old' }), '401'],
  ['an account that is gone', tokenOf({ ...account, name: 'gone' }), '401'],
  ['a token that has ended', tokenOf(account, undefined, now - 1), '401'],
  [
    'a token of a Pod that is there',
    tokenOf(account, { name: 'runner', uid: 'uid-2' }),
    'system:serviceaccount:default:build',
  ],
  ['a token of a Pod of another uid', tokenOf(account, { name: 'runner', uid: 'uid-9' }), '401'],
  ['a token of a Pod that is gone', tokenOf(account, { name: 'gone', uid: 'uid-2' }), '401'],
];

test.each(credentials)('shown %s', (_, shown, user) => {
  const answer = authenticate(shown, views, now);
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
