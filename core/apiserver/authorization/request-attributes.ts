/** A request as authorisation sees it. (kubernetes v1.34.1 apiserver/pkg/endpoints/request/requestinfo.go) */
import { groupAndPlural, type ResourceInfo } from '../../api/kinds.ts';
import type { ApiRequest, WatchRequest } from '../../api/request.ts';
import type { ResourceAttributes } from './attributes.ts';

/** `info`: of the resource; undefined where no such resource is served, which is told to those alone who may ask for it. */
export function attributesOf(
  request: ApiRequest | WatchRequest,
  info: Pick<ResourceInfo, 'group' | 'plural' | 'namespaced'> | undefined,
): ResourceAttributes {
  const { group, plural } = info ?? groupAndPlural(request.resource);
  const name = nameOf(request);
  return {
    verb: request.verb,
    apiGroup: group,
    resource: plural,
    subresource: subresourceOf(request),
    namespace: info?.namespaced === false ? clusterScope(plural, name) : namespaceOf(request),
    name,
    fieldSelector: 'fieldSelector' in request ? (request.fieldSelector ?? '') : '',
  };
}

/** A Namespace is asked for as if it were in itself: `/api/v1/namespaces/default`. */
const clusterScope = (resource: string, name: string): string => (resource === 'namespaces' ? name : '');

/** Empty: all namespaces. */
function namespaceOf(request: ApiRequest | WatchRequest): string {
  if (request.namespace !== undefined) return request.namespace;
  return request.verb === 'create' ? (request.object.metadata.namespace ?? 'default') : '';
}

function subresourceOf(request: ApiRequest | WatchRequest): string {
  switch (request.verb) {
    case 'get':
    case 'create':
    case 'update':
    case 'patch':
      return request.subresource ?? '';
    default:
      return '';
  }
}

function nameOf(request: ApiRequest | WatchRequest): string {
  switch (request.verb) {
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return request.name;
    case 'create':
      return request.name ?? '';
    case 'list':
    case 'watch':
      return selectedName(request.fieldSelector);
    case 'deletecollection':
      return '';
  }
}

const nameField = 'metadata.name=';

/** The one name that a list or watch is about. */
function selectedName(fieldSelector: string | undefined): string {
  if (fieldSelector === undefined || !fieldSelector.includes(nameField)) return '';
  const part = fieldSelector.split(',').find((each) => each.startsWith(nameField)) ?? '';
  const value = part.slice(nameField.length);
  return value.startsWith('=') ? value.slice(1) : value;
}
