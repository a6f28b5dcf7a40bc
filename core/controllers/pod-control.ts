/**
 * What a controller says of the Pods it creates and deletes, on the object it does it for.
 * (kubernetes v1.34.1 pkg/controller/controller_utils.go, RealPodControl)
 */
import type { ApiObject } from '../api/object.ts';
import type { ApiAnswer, ApiRequest } from '../api/request.ts';
import { messageOf, namespaceTerminating, news, refused, type News } from './controller.ts';

const nothing: readonly News[] = [];

/** The Events of an answer. There is none of a Pod that was gone, nor of one that a namespace's end forbids. */
export function podNews(owner: ApiObject, request: ApiRequest, answer: ApiAnswer): readonly News[] {
  if (request.resource !== 'pods') return nothing;
  if (request.verb === 'create') {
    if (namespaceTerminating(answer)) return nothing;
    if (!answer.ok) return [news(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(answer)}`)];
    const name = answer.object?.metadata.name ?? '';
    return [news(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${name}`)];
  }
  if (request.verb !== 'delete' || refused(answer, 'NotFound')) return nothing;
  return answer.ok
    ? [news(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${request.name}`)]
    : [news(owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(answer)}`)];
}
