/** url() and its parts. (apiserver/pkg/cel/library/urls.go; Go's net/url) */
import type { Environment } from '@marcbachmann/cel-js';
import { fail } from './failure.ts';

class Url {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  constructor(scheme: string, host: string, path: string, query: string) {
    this.scheme = scheme;
    this.host = host;
    this.path = path;
    this.query = query;
  }
}

/** Adds the type kubernetes.URL; a text that is none is an error of the evaluation in the words of Go's net/url. */
export function registerUrls(environment: Environment): void {
  environment
    .registerType('kubernetes.URL', Url)
    .registerFunction('url(string): kubernetes.URL', (text: string) => {
      const url = parseUrl(text);
      return typeof url === 'string'
        ? fail(`URL parse error during conversion from string: parse "${text}": ${url}`)
        : url;
    })
    .registerFunction('isURL(string): bool', (text: string) => isURL(text))
    .registerFunction('kubernetes.URL.getScheme(): string', (url: Url) => url.scheme)
    .registerFunction('kubernetes.URL.getHost(): string', (url: Url) => url.host)
    .registerFunction('kubernetes.URL.getHostname(): string', (url: Url) => hostAndPort(url.host).hostname)
    .registerFunction('kubernetes.URL.getPort(): string', (url: Url) => hostAndPort(url.host).port)
    .registerFunction('kubernetes.URL.getEscapedPath(): string', (url: Url) => escaped(url.path))
    .registerFunction('kubernetes.URL.getQuery(): map<string, list<string>>', (url: Url) =>
      queryOf(url.query),
    );
}

/** An absolute URI or an absolute path, as Go's ParseRequestURI has it. */
export const isURL = (text: string): boolean => typeof parseUrl(text) !== 'string';

/** Why a text is no URL, in Go's words. */
export function urlError(text: string): string | undefined {
  const url = parseUrl(text);
  return typeof url === 'string' ? `parse "${text}": ${url}` : undefined;
}

function parseUrl(text: string): Url | string {
  if (text === '') return 'empty url';
  for (const character of text)
    if (character < ' ' || character === '\x7f') return 'net/url: invalid control character in URL';
  const [beforeFragment = ''] = text.split('#', 1);
  const { scheme, rest } = schemeOf(beforeFragment);
  if (scheme === undefined) return 'missing protocol scheme';
  if (!rest.startsWith('/')) return scheme === '' ? 'invalid URI for request' : new Url(scheme, '', '', '');
  const question = rest.indexOf('?');
  const beforeQuery = question < 0 ? rest : rest.slice(0, question);
  const query = question < 0 ? '' : rest.slice(question + 1);
  if (!beforeQuery.startsWith('//') || (scheme === '' && beforeQuery.startsWith('///')))
    return pathError(beforeQuery) ?? new Url(scheme, '', beforeQuery, query);
  const slash = beforeQuery.indexOf('/', 2);
  const authority = slash < 0 ? beforeQuery.slice(2) : beforeQuery.slice(2, slash);
  const path = slash < 0 ? '' : beforeQuery.slice(slash);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return hostError(host) ?? pathError(path) ?? new Url(scheme, host, path, query);
}

/** A scheme that is undefined is one that is missing before a colon. */
function schemeOf(text: string): { readonly scheme: string | undefined; readonly rest: string } {
  const colon = /^([A-Za-z][A-Za-z0-9+.-]*)?:/.exec(text);
  if (colon === null) return { scheme: '', rest: text };
  return { scheme: colon[1]?.toLowerCase(), rest: text.slice(colon[0].length) };
}

function hostError(host: string): string | undefined {
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    if (end < 0) return "missing ']' in host";
    return portError(host.slice(end + 1));
  }
  const colon = host.lastIndexOf(':');
  if (colon >= 0) {
    const error = portError(host.slice(colon));
    if (error !== undefined) return error;
    if (host.slice(0, colon).includes(':'))
      return `invalid port "${host.slice(host.indexOf(':'))}" after host`;
  }
  const bad = /[ "<>\\^`{|}]/.exec(host);
  return bad === null ? undefined : `invalid character "${bad[0]}" in host name`;
}

const portError = (port: string): string | undefined =>
  port === '' || /^:\d*$/.test(port) ? undefined : `invalid port "${port}" after host`;

function pathError(path: string): string | undefined {
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(path);
  return bad === null ? undefined : `invalid URL escape "${bad[0]}"`;
}

function hostAndPort(host: string): { readonly hostname: string; readonly port: string } {
  const [, name = host, port = ''] = /^(.*?)(?::(\d*))?$/.exec(host) ?? [];
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    return { hostname: host.slice(1, end), port: host.slice(end + 1).replace(':', '') };
  }
  return { hostname: name, port };
}

/** What may stand in a path stays; everything else is written in percent. */
const escaped = (path: string): string =>
  path.replace(/[^A-Za-z0-9\-_.~$&+,/:;=@%!'()*[\]]/gu, (character) => encodeURIComponent(character));

function queryOf(query: string): Readonly<Record<string, readonly string[]>> {
  const values: Record<string, string[]> = {};
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const key = unescaped(equals < 0 ? pair : pair.slice(0, equals));
    const value = unescaped(equals < 0 ? '' : pair.slice(equals + 1));
    if (key !== undefined && value !== undefined) (values[key] ??= []).push(value);
  }
  return values;
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
