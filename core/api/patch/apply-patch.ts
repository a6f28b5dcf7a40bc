/**
 * The body of a PATCH applied to an object: JSON patch, JSON merge patch and strategic merge patch. Server-side apply is
 * in server-side-apply.ts. (kubernetes v1.34.1 apiserver/pkg/endpoints/handlers/patch.go)
 */
import type { Json } from '../generated/types.ts';
import type { Status } from '../request.ts';
import { badRequest, plainError } from '../status.ts';
import { applyJsonMergePatch } from './json-merge.ts';
import { applyJsonPatch } from './json-patch.ts';
import type { MergeType } from './merge-type.ts';
import { applyStrategicPatch } from './strategic.ts';
import { isFields } from './tree.ts';

export interface Patch {
  readonly type: 'json' | 'merge' | 'strategic';
  readonly body: Json;
}

export type Patched<T> = { readonly object: T } | { readonly failure: Status };

/** More operations than this are refused. */
const maxOperations = 10_000;

/**
 * The object with the patch applied, in no way validated, or the Status that refuses the patch. `type` is asked for only by a
 * strategic merge patch; a kind without one (a custom resource) does not know that patch.
 */
export function applyPatch<T extends object>(
  type: MergeType | undefined,
  current: T,
  { type: form, body }: Patch,
): Patched<T> {
  switch (form) {
    case 'merge':
      return afterMergePatch(current, body);
    case 'json':
      return afterJsonPatch(current, body);
    case 'strategic':
      return type === undefined
        ? { failure: unsupportedMediaType }
        : afterStrategicPatch(type, current, body);
  }
}

function afterMergePatch<T extends object>(current: T, body: Json): Patched<T> {
  if (body !== null && !isFields(body))
    return { failure: badRequest(`error decoding patch: ${notAnObject(body)}`) };
  const patched = applyJsonMergePatch(current as unknown as Json, body);
  if ('error' in patched) return { failure: badRequest(patched.error) };
  return { object: patched.document as unknown as T };
}

function afterJsonPatch<T extends object>(current: T, body: Json): Patched<T> {
  if (Array.isArray(body) && body.length > maxOperations) return { failure: tooManyOperations(body.length) };
  const patched = applyJsonPatch(current as unknown as Json, body);
  if ('document' in patched) return { object: patched.document as unknown as T };
  return { failure: patched.when === 'decode' ? badRequest(patched.error) : unprocessable };
}

function afterStrategicPatch<T extends object>(type: MergeType, current: T, body: Json): Patched<T> {
  if (!isFields(body)) return { failure: badRequest(notAnObject(body)) };
  const patched = applyStrategicPatch(current as unknown as Json, body, type);
  if ('result' in patched) return { object: patched.result as unknown as T };
  switch (patched.answer) {
    case 'bad request':
      return { failure: badRequest(patched.error) };
    case 'unprocessable':
      return { failure: unprocessable };
    case 'internal':
      return { failure: plainError(patched.error) };
  }
}

function notAnObject(body: Json): string {
  const found = Array.isArray(body) ? 'array' : typeof body === 'boolean' ? 'bool' : typeof body;
  return `json: cannot unmarshal ${found} into Go value of type map[string]interface {}`;
}

/** What a generic 422 says: the reason for it stays on the server. */
const unprocessable: Status = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'the server rejected our request due to an error in our request',
  reason: 'Invalid',
  details: {},
  code: 422,
};

const tooManyOperations = (count: number): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `Request entity too large: The allowed maximum operations in a JSON patch is ${maxOperations}, got ${count}`,
  reason: 'RequestEntityTooLarge',
  code: 413,
});

/** (kubernetes v1.34.1 apiserver/pkg/endpoints/handlers/negotiation/errors.go) */
export const unsupportedMediaType: Status = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message:
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
  reason: 'UnsupportedMediaType',
  details: {},
  code: 415,
};
