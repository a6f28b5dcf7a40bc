/**
 * Acting for another: `kubectl --as`. Who asks must be allowed to impersonate the user and each of the groups; from then on
 * the request is that user's. (kubernetes v1.34.1 apiserver/pkg/endpoints/filters/impersonation.go)
 */
import type { Impersonation } from '../../api/request.ts';
import type { Attributes } from '../authorization/attributes.ts';
import {
  anonymous,
  serviceAccountUser,
  serviceAccountUserPrefix,
  userNamed,
  type UserInfo,
} from './identities.ts';

/** What the one who asks must be allowed, in the order in which it is asked. */
export function impersonationAttributes({
  user,
  groups = [],
  uid = '',
}: Impersonation): readonly Attributes[] {
  const account = accountOf(user);
  return [
    account === undefined
      ? attributesOf('', 'users', '', user)
      : attributesOf('', 'serviceaccounts', account.namespace, account.name),
    ...groups.map((group) => attributesOf('', 'groups', '', group)),
    ...(uid === '' ? [] : [attributesOf('authentication.k8s.io', 'uids', '', uid)]),
  ];
}

const attributesOf = (apiGroup: string, resource: string, namespace: string, name: string): Attributes => ({
  verb: 'impersonate',
  apiGroup,
  resource,
  subresource: '',
  namespace,
  name,
  fieldSelector: '',
});

/** The user a request goes on as. A service account has its groups by itself, where none are named. */
export function impersonatedUser({ user, groups = [], uid = '' }: Impersonation): UserInfo {
  if (user === anonymous.name && groups.length === 0) return anonymous;
  const account = groups.length === 0 ? accountOf(user) : undefined;
  return account === undefined
    ? userNamed(user, groups, uid)
    : serviceAccountUser(account.namespace, account.name, uid);
}

/** `system:serviceaccount:namespace:name`; undefined for any other user. */
function accountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!user.startsWith(serviceAccountUserPrefix)) return undefined;
  const [namespace = '', name = '', more] = user.slice(serviceAccountUserPrefix.length).split(':');
  return namespace === '' || name === '' || more !== undefined ? undefined : { namespace, name };
}
