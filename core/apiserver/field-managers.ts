/**
 * Who owns which fields. An object is followed from its creation where somebody says as whom he creates it (`fieldManager`,
 * as kubectl always does and a component never), and from its first server-side apply: each later write of it is its manager's then,
 * whoever that is. What controllers and kubelets make among themselves is not followed, so it costs them nothing; if it is
 * applied to some day, all that is there belongs to `before-first-apply`, and what differs is a conflict with that.
 * (kubernetes v1.34.1 staging/src/k8s.io/apiserver/pkg/endpoints/handlers, fieldmanager)
 */
import type { Schema } from '../api/custom/schema.ts';
import { apiVersionOf, type ResourceInfo } from '../api/kinds.ts';
import type { Writer } from '../api/patch/field-manager.ts';
import { objectSchemaOf, type ObjectSchema } from '../api/patch/object-schema.ts';
import { objectSchemaOfCustom } from '../api/patch/structural-merge-type.ts';
import { trackUpdate } from '../api/patch/server-side-apply.ts';
import type { CreateRequest } from '../api/request.ts';
import { timeText } from '../time/time.ts';
import type { Attempt } from './decision.ts';
import { customIn, shown, versionIn } from './custom/versions.ts';
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

/** What server-side apply knows of a kind in a version it is served in. */
export function schemaIn(info: ResourceInfo, apiVersion: string): ObjectSchema | undefined {
  const { custom } = info;
  if (custom === undefined) return objectSchemaOf(info, apiVersion);
  let known = customSchemas.get(custom);
  if (known === undefined) customSchemas.set(custom, (known = new Map()));
  let schema = known.get(apiVersion);
  if (schema === undefined) {
    const versions = custom.spec.versions.map(({ name, schema: declared }) => ({
      apiVersion: apiVersionOf({ group: info.group, version: name }),
      schema: declared?.openAPIV3Schema as Schema | undefined,
    }));
    const hasStatus = customIn(info, versionIn(apiVersion))?.hasStatus === true;
    schema = objectSchemaOfCustom(info.kind, apiVersion, versions, hasStatus);
    known.set(apiVersion, schema);
  }
  return schema;
}

/** Made once for each definition as it is. */
const customSchemas = new WeakMap<object, Map<string, ObjectSchema>>();

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
  apiVersion = after.apiVersion,
): Stored {
  const { request } = attempt.write;
  // An apply has settled who owns what already.
  if (request.verb === 'patch' && request.patchType === 'apply') return after;
  if (before.metadata.managedFields === undefined)
    return after.metadata.managedFields === undefined
      ? after
      : { ...after, metadata: { ...after.metadata, managedFields: undefined } };
  const { info } = attempt;
  const schema = schemaIn(info, apiVersion);
  if (schema === undefined) return after;
  const writer = writerOf(attempt, subresource);
  if (apiVersion === after.apiVersion) return trackUpdate(schema, before, after, writer);
  const [old, next] = [before, after].map((object) => shown(info, object, versionIn(apiVersion)));
  if (old === undefined || next === undefined) throw new Error('two objects stay two');
  const { managedFields } = trackUpdate(schema, old, next, writer).metadata;
  return { ...after, metadata: { ...after.metadata, managedFields } };
}

/** A new object with the owners of its fields, if it is to be followed. */
export function trackedFromCreation(
  info: ResourceInfo,
  request: CreateRequest,
  object: Stored,
  manager: string,
): Stored {
  if ('applied' in request || !isFollowed(request)) return object;
  const schema = schemaIn(info, object.apiVersion);
  return schema === undefined
    ? object
    : trackUpdate(schema, undefined, object, { manager, now: object.metadata.creationTimestamp });
}

/** Whether the object that a request creates has owners. */
export const isFollowed = ({ fieldManager }: CreateRequest): boolean =>
  fieldManager !== undefined && fieldManager !== '';
