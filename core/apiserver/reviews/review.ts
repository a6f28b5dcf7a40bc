/**
 * What is asked of an apiserver in the form of an object that is never stored: whether somebody may do something, what one
 * may do, whose a token is. It is created, and the answer is its status.
 * (kubernetes v1.34.1 pkg/registry/authorization, pkg/registry/authentication)
 */
import type { CreateRequest, Status } from '../../api/request.ts';
import { badRequest, failureOf } from '../../api/status.ts';
import type { VirtualTime } from '../../time/time.ts';
import { answer, refuse, type ApiserverState, type ApiserverStep, type RequestEvent } from '../state.ts';
import { localAccess, ownAccess, subjectAccess } from './access-review.ts';
import { isReview, reviewKinds, type Review, type ReviewKind, type ReviewResource } from './review-kinds.ts';
import { ownRules } from './rules-review.ts';
import { ownUser, tokenReview } from './user-review.ts';

type Answer = (
  state: ApiserverState,
  review: Review,
  event: RequestEvent,
  now: VirtualTime,
) => { readonly status: object } | Status;

/** The status of each kind of question, or why there is none. */
const answers: Readonly<Record<ReviewResource, Answer>> = {
  subjectaccessreviews: subjectAccess,
  selfsubjectaccessreviews: ownAccess,
  localsubjectaccessreviews: localAccess,
  selfsubjectrulesreviews: ownRules,
  tokenreviews: tokenReview,
  selfsubjectreviews: ownUser,
};

/** The answer to a question of one who may ask. */
export function reviewed(state: ApiserverState, event: RequestEvent, now: VirtualTime): ApiserverStep {
  const { call, request } = event;
  const { resource } = request;
  if (!isReview(resource) || request.verb !== 'create') return refuse(state, call, notAllowed);
  const review = readAs(reviewKinds[resource], request);
  if ('code' in review) return refuse(state, call, review);
  const given = answers[resource](state, review, event, now);
  if ('code' in given) return refuse(state, call, given);
  const object = { ...review, status: given.status } as never;
  return answer(state, call, { ok: true, code: 201, object });
}

const notAllowed = failureOf(
  405,
  'MethodNotAllowed',
  'the server does not allow this method on the requested resource',
);

function readAs({ kind, group, namespaced }: ReviewKind, request: CreateRequest): Review | Status {
  const { object, namespace } = request;
  if (object.kind !== kind || object.apiVersion !== `${group}/v1`)
    return badRequest(`${object.apiVersion}, Kind=${object.kind} cannot be handled as a ${kind}`);
  const { spec } = object as Review;
  if (spec !== undefined && (typeof spec !== 'object' || Array.isArray(spec)))
    return badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: spec is no object`);
  if (namespaced !== true) return object;
  if (namespace === undefined) return badRequest('namespace is required on this type: ');
  const given = object.metadata.namespace ?? namespace;
  return given === namespace
    ? { ...object, metadata: { ...object.metadata, namespace } }
    : badRequest('the namespace of the provided object does not match the namespace sent on the request');
}
