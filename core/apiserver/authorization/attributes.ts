/** What somebody wants to do, as authorisation sees it. (kubernetes v1.34.1 apiserver/pkg/authorization/authorizer) */
import type { Status } from '../../api/request.ts';
import type { UserInfo } from '../authentication/identities.ts';

export type Attributes = ResourceAttributes | PathAttributes;

/** Every field is there, empty where it does not apply. */
export interface ResourceAttributes {
  /** The API's word: get, list, watch, create, update, patch, delete, deletecollection; or bind, escalate, impersonate. */
  readonly verb: string;
  readonly apiGroup: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  /** Of a list or watch: the name its field selector asks for. Of a creation: empty. */
  readonly name: string;
  /** The text of a list's or watch's field selector; empty without one. */
  readonly fieldSelector: string;
}

/** A request that is of no resource: `get /healthz`. */
export interface PathAttributes {
  readonly verb: string;
  readonly path: string;
}

/** Allowed, or nobody has an opinion, which refuses. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** 403 in the words of the server. (apiserver/pkg/endpoints/handlers/responsewriters/errors.go Forbidden) */
export function forbiddenRequest(attributes: Attributes, user: UserInfo, reason: string): Status {
  const why = reason === '' ? refusalOf(attributes, user) : `${refusalOf(attributes, user)}: ${reason}`;
  if ('path' in attributes) return status(`forbidden: ${why}`, {});
  const { apiGroup, resource, name } = attributes;
  const qualified = apiGroup === '' ? resource : `${resource}.${apiGroup}`;
  const target = name === '' ? qualified : `${qualified} ${JSON.stringify(name)}`;
  return status(`${target} is forbidden: ${why}`, {
    ...(name === '' ? {} : { name }),
    ...(apiGroup === '' ? {} : { group: apiGroup }),
    kind: resource,
  });
}

function refusalOf(attributes: Attributes, user: UserInfo): string {
  const who = escaped(JSON.stringify(user.name));
  const verb = escaped(attributes.verb);
  if ('path' in attributes)
    return `User ${who} cannot ${verb} path ${escaped(JSON.stringify(attributes.path))}`;
  const { resource, subresource, apiGroup, namespace } = attributes;
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `User ${who} cannot ${verb} resource ${quoted(what)} in API group ${quoted(apiGroup)} ${escaped(where)}`;
}

const quoted = (text: string): string => escaped(JSON.stringify(text));

/** Browsers must not take it for HTML. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const status = (message: string, details: NonNullable<Status['details']>): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason: 'Forbidden',
  details,
  code: 403,
});
