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

/**
 * The token that goes on behind the key `last`, at the same revision. One made from the watch cache begins with the slash
 * its keys are behind, one made from etcd without: both are read.
 */
export const tokenFor = (revision: number, last: string, cached: boolean): string =>
  encoded(revision, `${cached ? '/' : ''}${last}\0`);

/** Reads a token, with or without the slash. */
export function continueFrom(token: string): Continue | Status {
  const read = parsed(token);
  if (typeof read === 'string') return unreadable(read);
  const { v, rv, start } = read;
  if (v !== 'meta.k8s.io/v1')
    return unreadable(`server does not recognize this encoded version ${JSON.stringify(v ?? '')}`);
  if (typeof rv !== 'number' || rv === 0)
    return unreadable('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '')
    return unreadable('encoded start key empty (version meta.k8s.io/v1)');
  return { revision: rv, start: start.startsWith('/') ? start.slice(1) : start };
}

const unreadable = (why: string): Status =>
  badRequest(`invalid continue token: continue key is not valid: ${why}`);

interface Token {
  readonly v?: unknown;
  readonly rv?: unknown;
  readonly start?: unknown;
}

/** The JSON in a token, or what Go's decoders say of it. */
function parsed(token: string): Token | string {
  const bad = /[^A-Za-z0-9_-]/.exec(token);
  if (bad !== null) return `illegal base64 data at input byte ${bad.index}`;
  if (token.length % 4 === 1) return `illegal base64 data at input byte ${token.length - 1}`;
  const text = atob(token.replaceAll('-', '+').replaceAll('_', '/'));
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read;
    const type = Array.isArray(read) ? 'array' : typeof read === 'boolean' ? 'bool' : typeof read;
    return read === null ? {} : `json: cannot unmarshal ${type} into Go value of type storage.continueToken`;
  } catch {
    const first = /[^ \t\r\n]/.exec(text)?.[0];
    return first === undefined || /[{["\-0-9tfn]/.test(first)
      ? 'unexpected end of JSON input'
      : `invalid character ${quoted(first)} looking for beginning of value`;
  }
}

/** A byte as Go prints it: in quotes, by its number where it cannot be seen. */
function quoted(character: string): string {
  if (character === "'") return "'\\''";
  const code = character.charCodeAt(0);
  const visible = code >= 0x20 && code !== 0x7f && (code < 0x80 || code > 0xa0) && code !== 0xad;
  return visible ? `'${character}'` : `'\\${code < 0x80 ? 'x' : 'u00'}${code.toString(16).padStart(2, '0')}'`;
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
    metadata: { continue: encoded(-1, old.start) },
    status: 'Failure',
    message: tooOld,
    reason: 'Expired',
    code: 410,
  };
}
