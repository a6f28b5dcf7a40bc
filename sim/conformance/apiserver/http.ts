/**
 * The HTTP of an apiserver as requests of core/api: paths, query parameters and media types. What HTTP itself refuses is
 * answered here with the real words. (kubernetes v1.34.1 staging/src/k8s.io/apiserver/pkg/endpoints)
 */
import { parse } from 'yaml';
import type { Json } from '../../../core/api/generated/types.ts';
import { apiVersionOf, resourceNamed, resources, type ResourceInfo } from '../../../core/api/kinds.ts';
import type {
  ApiRequest,
  CreateRequest,
  DeleteOptions,
  NewObject,
  PatchRequest,
  Status,
  Subresource,
  WatchRequest,
} from '../../../core/api/request.ts';
import { badRequest, noSuchResource } from '../../../core/api/status.ts';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly body?: unknown;
}

/** The request; a refusal; or the text of a page that is no part of the API. */
export type Understood =
  { readonly request: ApiRequest | WatchRequest } | { readonly refusal: Status } | { readonly page: string };

interface Target {
  readonly info: ResourceInfo;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: Subresource | undefined;
  /** The path is one of the old ones for watching. */
  readonly watch: boolean;
}

export function understood(http: HttpRequest): Understood {
  const url = new URL(http.path, 'https://apiserver');
  const target = targetOf(url.pathname);
  if ('page' in target) return target;
  if ('code' in target) return { refusal: target };
  if (http.accept !== undefined && !/json|yaml|protobuf|\*\/\*/.test(http.accept))
    return { refusal: notAcceptable };
  const { method } = http;
  if (method === 'GET' || method === 'WATCH') return { request: readRequest(target, url.searchParams) };
  return writeRequest(target, http, url.searchParams);
}

function targetOf(path: string): Target | { readonly page: string } | Status {
  const parts = path.split('/').filter((part) => part !== '');
  const [root, ...rest] = parts;
  const group = root === 'apis' ? (rest.shift() ?? '') : '';
  const version = rest.shift() ?? '';
  if (!resources.some((info) => info.group === group && info.version === version))
    return { page: '404 page not found\n' };
  const watch = rest[0] === 'watch';
  if (watch) rest.shift();
  const namespaced = rest[0] === 'namespaces' && rest.length > 2;
  const namespace = namespaced ? rest[1] : undefined;
  const [resource, name, subresource] = namespaced ? rest.slice(2) : rest;
  const info = resourceNamed(resource ?? '');
  if (info === undefined || info.group !== group) return noSuchResource();
  return { info, namespace, name, subresource: subresource as Subresource | undefined, watch };
}

function readRequest(target: Target, params: URLSearchParams): ApiRequest | WatchRequest {
  const { info, namespace, name, subresource } = target;
  const resource = info.resource;
  const text = (param: string): string | undefined => params.get(param) ?? undefined;
  const resourceVersion = text('resourceVersion');
  const isWatch = target.watch || params.get('watch') === '1';
  if (name !== undefined && !isWatch)
    return { verb: 'get', resource, namespace, name, subresource, resourceVersion };
  const list = {
    resource,
    namespace,
    labelSelector: text('labelSelector'),
    fieldSelector: name === undefined ? text('fieldSelector') : `metadata.name=${name}`,
    resourceVersion,
    resourceVersionMatch: text('resourceVersionMatch'),
    sendInitialEvents: flag(text('sendInitialEvents')),
  };
  if (!isWatch) return { ...list, verb: 'list', limit: numeric(text('limit')), continue: text('continue') };
  return {
    ...list,
    verb: 'watch',
    allowWatchBookmarks: flag(text('allowWatchBookmarks')),
    timeoutSeconds: numeric(text('timeoutSeconds')),
  };
}

function writeRequest(target: Target, http: HttpRequest, params: URLSearchParams): Understood {
  const { info, namespace, name, subresource } = target;
  const { resource } = info;
  const options = {
    dryRun: params.get('dryRun') ?? undefined,
    fieldManager: params.get('fieldManager') ?? undefined,
    fieldValidation: params.get('fieldValidation') ?? 'Warn',
  };
  switch (http.method) {
    case 'POST': {
      if (name !== undefined && subresource === undefined) return { refusal: notAllowed };
      const object = bodyOf(http, info);
      if ('refusal' in object) return object;
      const connect = subresource as CreateRequest['subresource'];
      return {
        request: {
          ...options,
          verb: 'create',
          resource,
          namespace,
          name,
          subresource: connect,
          object: object.body as NewObject,
        },
      };
    }
    case 'PUT': {
      if (name === undefined) return { refusal: notAllowed };
      const object = bodyOf(http, info);
      if ('refusal' in object) return object;
      const part = subresource as 'status' | 'scale' | undefined;
      return {
        request: {
          ...options,
          verb: 'update',
          resource,
          namespace,
          name,
          subresource: part,
          object: object.body as NewObject,
        },
      };
    }
    case 'PATCH': {
      if (name === undefined) return { refusal: notAllowed };
      const patchType = patchTypes[http.contentType ?? ''];
      if (patchType === undefined) return { refusal: unsupportedPatchType };
      const force = flag(params.get('force') ?? undefined);
      const part = subresource as PatchRequest['subresource'];
      const patch = http.body as Json;
      return {
        request: {
          ...options,
          verb: 'patch',
          resource,
          namespace,
          name,
          subresource: part,
          patchType,
          patch,
          force,
        },
      };
    }
    case 'DELETE': {
      const given = { ...deleteOptions(http.body), ...queryDeleteOptions(params) };
      if (name !== undefined) return { request: { ...given, verb: 'delete', resource, namespace, name } };
      const labelSelector = params.get('labelSelector') ?? undefined;
      const fieldSelector = params.get('fieldSelector') ?? undefined;
      return {
        request: { ...given, verb: 'deletecollection', resource, namespace, labelSelector, fieldSelector },
      };
    }
    default:
      return { refusal: notAllowed };
  }
}

const deleteOptions = (body: unknown): DeleteOptions => {
  const { gracePeriodSeconds, preconditions, propagationPolicy, orphanDependents } = (body ??
    {}) as DeleteOptions;
  return { gracePeriodSeconds, preconditions, propagationPolicy, orphanDependents };
};

function queryDeleteOptions(params: URLSearchParams): DeleteOptions {
  const grace = numeric(params.get('gracePeriodSeconds') ?? undefined);
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(params.has('dryRun') ? { dryRun: params.get('dryRun') ?? '' } : {}),
  };
}

const patchTypes: Readonly<Record<string, PatchRequest['patchType']>> = {
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/json-patch+json': 'json',
  'application/apply-patch+yaml': 'apply',
};

/** A body as the server reads it: JSON that was sent as an object, or text of either language. */
function bodyOf(
  { body, contentType = 'application/json' }: HttpRequest,
  info: ResourceInfo,
): { readonly body: unknown } | { readonly refusal: Status } {
  if (!/^application\/(json|yaml)/.test(contentType)) return { refusal: unsupportedMediaType };
  if (typeof body !== 'string') return { body };
  // YAML is read as version 1.1 has it: `y` is true.
  if (contentType.includes('yaml')) return { body: parse(body, { version: '1.1' }) as unknown };
  try {
    return { body: JSON.parse(body) as unknown };
  } catch {
    return {
      refusal: badRequest(
        `the object provided is unrecognized (must be of type ${info.kind}): couldn't get version/kind; json parse error: unexpected end of JSON input (${body})`,
      ),
    };
  }
}

const flag = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : text === 'true' || text === '1';
const numeric = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

/** `Table`, `PartialObjectMetadataList`: what a list was asked to be shown as. */
export const shownAs = ({ accept = '' }: HttpRequest): string | undefined => /;as=(\w+)/.exec(accept)?.[1];

const failure = (code: number, reason: string, message: string, details?: Status['details']): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  ...(details === undefined ? {} : { details }),
  code,
});

const notAllowed = failure(
  405,
  'MethodNotAllowed',
  'the server does not allow this method on the requested resource',
  {},
);
const mediaTypes = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const unsupportedMediaType = failure(
  415,
  'UnsupportedMediaType',
  `the body of the request was in an unknown format - accepted media types include: ${mediaTypes}`,
);
const unsupportedPatchType = failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
const notAcceptable = failure(
  406,
  'NotAcceptable',
  `406: Not Acceptable\n\nAvailable representations: ${mediaTypes}`,
  {},
);

/** `v1`, `apps/v1`: for a list of a kind. */
export const listKind = (info: ResourceInfo): { readonly kind: string; readonly apiVersion: string } => ({
  kind: `${info.kind}List`,
  apiVersion: apiVersionOf(info),
});
