/**
 * metav1.Status values: what a user of Kubernetes is told when a request fails, with the real texts.
 * (kubernetes v1.34.1 apimachinery/pkg/api/errors/errors.go)
 */
import { aggregate, causeReason, errorBody, errorText, type FieldError } from './field-error.ts';
import { groupAndPlural, groupResource, resourceNamed, type ResourceInfo } from './kinds.ts';
import type { Resource } from './object.ts';
import type { Status, StatusCause } from './request.ts';

interface Fields {
  readonly code: number;
  readonly reason?: string;
  readonly message: string;
  readonly details?: Status['details'];
}

const failure = ({ code, reason, message, details }: Fields): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  ...(reason === undefined ? {} : { reason }),
  ...(details === undefined ? {} : { details }),
  code,
});

const detailsOf = (resource: Resource, name: string): NonNullable<Status['details']> => {
  const { group, plural } = groupAndPlural(resource);
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural };
};

/** `pods`, `deployments.apps`; a custom resource is called so already, and one nobody knows stays as it was written. */
function qualified(resource: Resource): string {
  const info = resourceNamed(resource);
  return info === undefined ? resource : groupResource(info);
}

/** `pods "web" not found`. */
export const notFound = (resource: Resource, name: string): Status =>
  failure({
    code: 404,
    reason: 'NotFound',
    message: `${qualified(resource)} "${name}" not found`,
    details: detailsOf(resource, name),
  });

/** `pods "web" already exists`. */
export const alreadyExists = (resource: Resource, name: string): Status =>
  failure({
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualified(resource)} "${name}" already exists`,
    details: detailsOf(resource, name),
  });

/** A name that is taken, of an object that has a `generateName` too. (NewGenerateNameConflict) */
export const noUniqueName = (resource: Resource, name: string): Status =>
  failure({
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualified(resource)} "${name}" already exists, the server was not able to generate a unique name for the object`,
    details: { ...detailsOf(resource, name), retryAfterSeconds: 1 },
  });

/** What a conflict says when the resourceVersion is not the newest. */
const optimisticLockMessage =
  'the object has been modified; please apply your changes to the latest version and try again';

/** `Operation cannot be fulfilled on pods "web": the object has been modified; …`. */
export const conflict = (resource: Resource, name: string, why: string = optimisticLockMessage): Status =>
  failure({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    details: detailsOf(resource, name),
  });

/** `Deployment.apps "web" is invalid: [a, b]`, with a cause for each error. */
export const invalid = (resource: Resource, name: string, errors: readonly FieldError[]): Status =>
  invalidKind(resourceNamed(resource) ?? { kind: resource, group: '' }, name, errors);

/** The same for a kind that is in no table, such as a custom one. */
export function invalidKind(
  { kind, group }: Pick<ResourceInfo, 'kind' | 'group'>,
  name: string,
  errors: readonly FieldError[],
): Status {
  const causes: readonly StatusCause[] = errors.map((error) => ({
    reason: causeReason[error.type],
    message: errorBody(error),
    field: error.field,
  }));
  return failure({
    code: 422,
    reason: 'Invalid',
    message: `${group === '' ? kind : `${kind}.${group}`} "${name}" is invalid: ${aggregate(errors.map(errorText))}`,
    details: { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind, causes },
  });
}

/** `MethodNotAllowed` and the like. */
export const failureOf = (code: number, reason: string, message: string): Status =>
  failure({ code, reason, message });

/** The request cannot be understood. */
export const badRequest = (message: string): Status => failure({ code: 400, reason: 'BadRequest', message });

/** `pods "web" is forbidden: why`. */
export const forbiddenStatus = (resource: Resource, name: string, why: string): Status =>
  failure({
    code: 403,
    reason: 'Forbidden',
    message: `${qualified(resource)}${name === '' ? '' : ` "${name}"`} is forbidden: ${why}`,
    details: detailsOf(resource, name),
  });

/** The revision asked for is no longer kept. */
export const expired = (message: string): Status => failure({ code: 410, reason: 'Expired', message });

/** The server did not answer in time, and the client may ask again. */
export const timeout = (message: string, retryAfterSeconds = 0): Status =>
  failure({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: ${message}`,
    details: retryAfterSeconds === 0 ? {} : { retryAfterSeconds },
  });

/** The resourceVersion asked for lies in this server's future. */
export const tooLargeResourceVersion = (asked: number, current: number): Status =>
  failure({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });

export const tooManyRequests = (message: string, retryAfterSeconds: number): Status =>
  failure({ code: 429, reason: 'TooManyRequests', message, details: { retryAfterSeconds } });

export const internalError = (why: string): Status =>
  failure({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${why}`,
    details: { causes: [{ message: why }] },
  });

/** A plain error of the server, to which it gives no reason. */
export const plainError = (message: string): Status => failure({ code: 500, message });

/** No such path: the resource or subresource is not served. */
export const noSuchResource = (): Status =>
  failure({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  });
