/** The token by which a list that was cut goes on. (apiserver/pkg/storage/continue.go, storage/etcd3/errors.go) */
import type { Status } from '../../api/request.ts';
import { badRequest } from '../../api/status.ts';

export interface Continue {
  /** -1: as things are now. */
  readonly revision: number;
  /** The key to go on with, after what was listed by. */
  readonly start: string;
}

/** base64url without padding of the token's JSON. */
const encoded = (revision: number, start: string): string =>
  btoa(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start }))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** The token that goes on behind the key `last`, at the same revision. */
export const tokenFor = (revision: number, last: string): string => encoded(revision, `/${last}\0`);

/** Reads a token, with the slash the cache begins keys with or without it. */
export function continueFrom(token: string): Continue | Status {
  let read: unknown;
  try {
    read = JSON.parse(atob(token.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return badRequest('invalid continue token: continue key is not valid: not base64 of JSON');
  }
  const { v, rv, start } = (read ?? {}) as {
    readonly v?: unknown;
    readonly rv?: unknown;
    readonly start?: unknown;
  };
  if (v !== 'meta.k8s.io/v1')
    return badRequest(
      `invalid continue token: continue key is not valid: server does not recognize this encoded version ${JSON.stringify(v)}`,
    );
  if (typeof rv !== 'number' || rv === 0)
    return badRequest(
      'invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    );
  if (typeof start !== 'string' || start === '')
    return badRequest(
      'invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)',
    );
  return { revision: rv, start: start.startsWith('/') ? start.slice(1) : start };
}

const tooOld =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.';

/** The revision of a token is compacted: the answer has one that goes on at the newest revision. */
export function expiredContinue(token: string): Status {
  const old = continueFrom(token);
  if ('code' in old) return old;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: { continue: encoded(-1, `/${old.start}`) },
    status: 'Failure',
    message: tooOld,
    reason: 'Expired',
    code: 410,
  };
}
