/** From a request to the verb that serves it. */
import type { ResourceInfo } from '../api/kinds.ts';
import { keyFor } from '../api/object.ts';
import type { ApiRequest } from '../api/request.ts';
import { noSuchResource } from '../api/status.ts';
import { never } from '../reducer.ts';
import type { VirtualTime } from '../time/time.ts';
import { hasStatus, versionAsked } from './custom/versions.ts';
import { cacheAt, refuse, type ApiserverState, type ApiserverStep, type RequestEvent } from './state.ts';
import { tokenRequested } from './reviews/token-request.ts';
import { checkBinding } from './verbs/binding.ts';
import { startCollection } from './verbs/delete-collection.ts';
import { nothingFound, startCreate } from './verbs/create.ts';
import { checkEviction } from './verbs/eviction.ts';
import { startGet, startList } from './verbs/get-list.ts';
import { hasScale } from './verbs/scale.ts';
import { checkDeleteOptions, checkWriteOptions } from './verbs/write-options.ts';
import { startWrite } from './write.ts';

export function startRequest(
  state: ApiserverState,
  event: RequestEvent,
  place: number,
  now: VirtualTime,
): ApiserverStep {
  const { call, request } = event;
  const { info } = cacheAt(state, place);
  const namespace = info.namespaced ? request.namespace : undefined;
  switch (request.verb) {
    case 'get':
      return startGet(state, call, request, place);
    case 'list':
      return startList(state, call, request, place);
    case 'create': {
      const refused = checkWriteOptions(request);
      if (refused !== undefined) return refuse(state, call, refused);
      if (request.subresource === undefined)
        return startCreate(state, event, request, place, now, nothingFound);
      if (request.subresource === 'token') return tokenRequested(state, event, request, now);
      if (info.resource !== 'pods' || request.name === undefined)
        return refuse(state, call, noSuchResource());
      const refusal = request.subresource === 'binding' ? checkBinding(request) : checkEviction(request);
      if (refusal !== undefined) return refuse(state, call, refusal);
      return startWrite(state, event, request, place, keyFor(namespace, request.name), now);
    }
    case 'update':
    case 'patch': {
      const refused = checkWriteOptions(request);
      if (refused !== undefined) return refuse(state, call, refused);
      if (!servesSubresource(info, request)) return refuse(state, call, noSuchResource());
      return startWrite(state, event, request, place, keyFor(namespace, request.name), now);
    }
    case 'deletecollection':
      return startCollection(state, event, request, place, now);
    case 'delete': {
      const refused = checkDeleteOptions(request);
      if (refused !== undefined) return refuse(state, call, refused);
      return startWrite(state, event, request, place, keyFor(namespace, request.name), now);
    }
    default:
      return never(request);
  }
}

function servesSubresource(
  info: ResourceInfo,
  request: Extract<ApiRequest, { verb: 'update' | 'patch' }>,
): boolean {
  const { subresource } = request;
  switch (subresource) {
    case undefined:
      return true;
    case 'status':
      return hasStatus(info, versionAsked(request));
    case 'scale':
      return hasScale(info, request.version);
    case 'finalize':
      return info.resource === 'namespaces';
    case 'ephemeralcontainers':
    case 'resize':
      return info.resource === 'pods';
  }
}
