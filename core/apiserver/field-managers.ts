/**
 * Who owns which fields. An object is followed from its creation where somebody says as whom he creates it (`fieldManager`,
 * as kubectl always does and a component never), and from its first server-side apply: each later write of it is its manager's then,
 * whoever that is. What controllers and kubelets make among themselves is not followed, so it costs them nothing; if it is
 * applied to some day, all that is there belongs to `before-first-apply`, and what differs is a conflict with that.
 * (kubernetes v1.34.1 staging/src/k8s.io/apiserver/pkg/endpoints/handlers, fieldmanager)
 */
import type { ResourceInfo } from '../api/kinds.ts';
import type { Writer } from '../api/patch/field-manager.ts';
import { objectSchemaOf } from '../api/patch/object-schema.ts';
import { trackUpdate } from '../api/patch/server-side-apply.ts';
import type { CreateRequest } from '../api/request.ts';
import { timeText } from '../time/time.ts';
import type { Attempt } from './decision.ts';
import type { RequestEvent, WriteRequest } from './state.ts';
import type { Stored } from './strategy/stored.ts';

/** A longer one is cut off. */
const longestManager = 128;

/** As whom a request writes: as it says, or by the first word of its program. (prefixFromUserAgent) */
export function managerOf({ userAgent }: RequestEvent, request: WriteRequest): string {
  const said = 'fieldManager' in request ? (request.fieldManager ?? '') : '';
  if (said !== '') return said;
  const slash = userAgent.indexOf('/');
  return userAgent.slice(0, slash < 0 ? longestManager : Math.min(slash, longestManager));
}

/** Who writes, when, through which subresource. */
export const writerOf = ({ write, now }: Attempt, subresource: string | undefined): Writer => ({
  manager: managerOf(write.event, write.request),
  now: timeText(now),
  subresource,
});

/** The object as it is to be written, with the owners of its fields: `after` itself where nobody follows it. */
export function tracked(
  attempt: Attempt,
  before: Stored,
  after: Stored,
  subresource: string | undefined,
): Stored {
  const { request } = attempt.write;
  // An apply has settled who owns what already.
  if (request.verb === 'patch' && request.patchType === 'apply') return after;
  if (before.metadata.managedFields === undefined)
    return after.metadata.managedFields === undefined
      ? after
      : { ...after, metadata: { ...after.metadata, managedFields: undefined } };
  const schema = objectSchemaOf(attempt.info);
  return schema === undefined ? after : trackUpdate(schema, before, after, writerOf(attempt, subresource));
}

/** A new object with the owners of its fields, if it is to be followed. */
export function trackedFromCreation(
  info: ResourceInfo,
  request: CreateRequest,
  object: Stored,
  manager: string,
): Stored {
  if ('applied' in request || !isFollowed(request)) return object;
  const schema = objectSchemaOf(info);
  return schema === undefined
    ? object
    : trackUpdate(schema, undefined, object, { manager, now: object.metadata.creationTimestamp });
}

/** Whether the object that a request creates has owners. */
export const isFollowed = ({ fieldManager }: CreateRequest): boolean =>
  fieldManager !== undefined && fieldManager !== '';
