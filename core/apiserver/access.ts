/**
 * The door of an apiserver. Before a verb sees a request it is found out who asks (401), whether they may act for whom
 * they say, and whether they may do it (403). What is allowed is read from this server's own caches, which may be behind.
 * (kubernetes v1.34.1 apiserver/pkg/server/config.go DefaultBuildHandlerChain)
 */
import { resources, type ResourceInfo } from '../api/kinds.ts';
import type { ApiRequest, CreateRequest, Impersonation, Status, WatchRequest } from '../api/request.ts';
import type { ApiObject } from '../api/object.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../api/generated/types.ts';
import { forbiddenStatus } from '../api/status.ts';
import type { VirtualTime } from '../time/time.ts';
import { userOfToken, type AccountViews, type TokenUser } from './authentication/account-token.ts';
import { authenticate } from './authentication/authenticate.ts';
import { anonymous, superAdminUser, type UserInfo } from './authentication/identities.ts';
import { impersonatedUser, impersonationAttributes } from './authentication/impersonation.ts';
import { authorize, refusalOfRequest, type AuthorizationViews } from './authorization/authorize.ts';
import { refusalOfBinding, refusalOfRole } from './authorization/escalation.ts';
import type { Attributes, Decision } from './authorization/attributes.ts';
import { grantsOf, type Grant } from './authorization/rbac.ts';
import { attributesOf } from './authorization/request-attributes.ts';
import { reviewKindOf } from './reviews/review-kinds.ts';
import { cacheAt, type ApiserverState } from './state.ts';
import type { WaitingEvent } from './watch-cache.ts';

const placeIn = (resource: string): number => resources.findIndex((info) => info.resource === resource);
const places = {
  roles: placeIn('roles'),
  roleBindings: placeIn('rolebindings'),
  clusterRoles: placeIn('clusterroles'),
  clusterRoleBindings: placeIn('clusterrolebindings'),
  pods: placeIn('pods'),
  persistentVolumes: placeIn('persistentvolumes'),
  serviceAccounts: placeIn('serviceaccounts'),
  secrets: placeIn('secrets'),
  nodes: placeIn('nodes'),
};

/** The caches without which nobody may anything. */
const policyPlaces: readonly number[] = [
  places.clusterRoles,
  places.clusterRoleBindings,
  places.roles,
  places.roleBindings,
  places.pods,
  places.persistentVolumes,
];

/** The first cache that authorisation needs and that is not ready. */
export function policyCacheNeeded(state: ApiserverState): number | undefined {
  if (state.config.authorizationMode === 'AlwaysAllow') return undefined;
  for (const place of policyPlaces) if (cacheAt(state, place).phase !== 'ready') return place;
  return undefined;
}

/** The caches that a token is checked against. */
const tokenPlaces: readonly number[] = [places.serviceAccounts, places.secrets, places.pods, places.nodes];

/** The first cache that has to be ready before a token can be read or made. */
export function accountCacheNeeded(state: ApiserverState, event: WaitingEvent): number | undefined {
  const { request } = event;
  const isShown = event.user === undefined && event.credential?.type === 'token';
  if (!isShown && (request.verb !== 'create' || !concernsTokens(request))) return undefined;
  return tokenPlaces.find((place) => cacheAt(state, place).phase !== 'ready');
}

const concernsTokens = ({ subresource, resource }: CreateRequest): boolean =>
  subresource === 'token' || resource === 'tokenreviews';

/** Whose a token is that is shown to one of these APIs; undefined: nobody's. */
export const userOfBearer = (
  state: ApiserverState,
  token: string,
  apis: readonly string[],
  now: VirtualTime,
): TokenUser | undefined => userOfToken(state.config.seed, token, apis, accountViewsOf(state), now);

/**
 * Who asks, or 401. An event that comes with its user has been let in before. Without a credential it is nobody's, but on
 * a server that allows everything it is the administrator's.
 */
export function identify(state: ApiserverState, event: WaitingEvent, now: VirtualTime): UserInfo | Status {
  if (event.user !== undefined) return event.user;
  if (event.credential === undefined)
    return state.config.authorizationMode === 'AlwaysAllow' ? superAdminUser : anonymous;
  return authenticate(event.credential, state.config.seed, accountViewsOf(state), now);
}

const accountViewsOf = (state: ApiserverState): AccountViews => ({
  serviceAccounts: cacheAt(state, places.serviceAccounts).view,
  pods: cacheAt(state, places.pods).view,
  secrets: cacheAt(state, places.secrets).view,
  nodes: cacheAt(state, places.nodes).view,
});

/** Whose request it is in the end, or 403: where it is made for another, who asks must be allowed to. */
export function actingUser(
  state: ApiserverState,
  user: UserInfo,
  impersonation: Impersonation | undefined,
): UserInfo | Status {
  if (impersonation === undefined) return user;
  if (state.config.authorizationMode !== 'AlwaysAllow')
    for (const attributes of impersonationAttributes(impersonation)) {
      const refusal = refusalOfRequest(viewsOf(state), user, attributes);
      if (refusal !== undefined) return refusal;
    }
  return impersonatedUser(impersonation);
}

/** 403 where the user may not do it, undefined where they may. `place`: of the resource's cache, where it is served. */
export function refusalOf(
  state: ApiserverState,
  user: UserInfo,
  request: ApiRequest | WatchRequest,
  place: number | undefined,
): Status | undefined {
  if (state.config.authorizationMode === 'AlwaysAllow') return undefined;
  const info = place === undefined ? reviewInfoOf(request.resource) : cacheAt(state, place).info;
  return refusalOfRequest(viewsOf(state), user, attributesOf(request, info));
}

/** A question is of no resource that is stored. */
function reviewInfoOf(resource: string): Pick<ResourceInfo, 'group' | 'plural' | 'namespaced'> | undefined {
  const kind = reviewKindOf(resource);
  return kind && { group: kind.group, plural: resource, namespaced: kind.namespaced === true };
}

/** What is decided of anything anybody might ask for. */
export const decisionFor = (state: ApiserverState, user: UserInfo, attributes: Attributes): Decision =>
  state.config.authorizationMode === 'AlwaysAllow'
    ? { allowed: true, reason: '' }
    : authorize(viewsOf(state), user, attributes);

/** The rules that a user has in a namespace, as far as roles say so. */
export const grantsFor = (
  state: ApiserverState,
  user: UserInfo,
  namespace: string,
): readonly Grant[] | 'everything' =>
  state.config.authorizationMode === 'AlwaysAllow' ? 'everything' : grantsOf(viewsOf(state), user, namespace);

/**
 * Why what an apply did not find may not be created by a user, who may patch: creating is another verb, asked for by name.
 * The reason is all that is told. (kubernetes v1.34.1 apiserver/pkg/endpoints/handlers/update.go withAuthorization)
 */
export function refusalOfCreation(
  state: ApiserverState,
  user: UserInfo,
  { resource, group, plural }: ResourceInfo,
  { namespace = '', name }: { readonly namespace?: string | undefined; readonly name: string },
): Status | undefined {
  if (state.config.authorizationMode === 'AlwaysAllow') return undefined;
  const { allowed, reason } = authorize(viewsOf(state), user, {
    verb: 'create',
    apiGroup: group,
    resource: plural,
    subresource: '',
    namespace,
    name,
    fieldSelector: '',
  });
  return allowed ? undefined : forbiddenStatus(resource, name, reason);
}

/** Why a role or binding may not be written by a user: nobody grants what they do not have. */
export function refusalOfGrant(
  state: ApiserverState,
  user: UserInfo,
  object: ApiObject,
  before: ApiObject | undefined,
): Status | undefined {
  if (state.config.authorizationMode === 'AlwaysAllow') return undefined;
  switch (object.kind) {
    case 'Role':
    case 'ClusterRole':
      return refusalOfRole(
        viewsOf(state),
        user,
        object as Role | ClusterRole,
        before as Role | ClusterRole | undefined,
      );
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return refusalOfBinding(viewsOf(state), user, object as RoleBinding | ClusterRoleBinding);
    default:
      return undefined;
  }
}

/** The group whose objects say who may. */
export const rbacGroup = 'rbac.authorization.k8s.io';

const viewsOf = (state: ApiserverState): AuthorizationViews => ({
  roles: cacheAt(state, places.roles).view,
  roleBindings: cacheAt(state, places.roleBindings).view,
  clusterRoles: cacheAt(state, places.clusterRoles).view,
  clusterRoleBindings: cacheAt(state, places.clusterRoleBindings).view,
  pods: cacheAt(state, places.pods).view,
  persistentVolumes: cacheAt(state, places.persistentVolumes).view,
});
