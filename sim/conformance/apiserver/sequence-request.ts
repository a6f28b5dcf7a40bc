/** The requests of a recorded sequence, with this session's revisions, uids and tokens in place of their symbols. */
import { apiVersionOf, resourceNamed } from '../../../core/api/kinds.ts';
import type { Json } from '../../../core/api/generated/types.ts';
import type {
  ApiRequest,
  CreateRequest,
  DeleteOptions,
  NewObject,
  PatchRequest,
  UpdateRequest,
  WatchRequest,
} from '../../../core/api/request.ts';
import { ConformanceInputError } from '../input.ts';
import type { RecordedOperation, RecordedOptions, RecordedParams } from './sequence-file.ts';
import type { Symbols } from './symbols.ts';

/** What the symbols stand for in this session, at the revision it has come to. */
export interface Own {
  readonly symbols: Symbols;
  readonly revision: number;
}

type Selection = Extract<RecordedOperation, { verb: 'list' | 'watch' }>;

export function requestOf(
  own: Own,
  recorded: Exclude<RecordedOperation, { verb: 'restart' | 'compact' }>,
): ApiRequest {
  const target = targetOf(recorded);
  switch (recorded.verb) {
    case 'list':
    case 'watch':
      return { ...target, ...listParams(own, recorded.params), verb: 'list' };
    case 'get': {
      const { resourceVersion } = listParams(own, recorded.params);
      const { name, subresource } = recorded;
      return {
        ...target,
        verb: 'get',
        name,
        subresource: subresource as 'status' | undefined,
        resourceVersion,
      };
    }
    case 'create':
      return {
        ...target,
        ...writeParams(recorded.params),
        verb: 'create',
        name: recorded.name,
        subresource: recorded.subresource as CreateRequest['subresource'],
        object: objectOf(own, recorded.resource, recorded.object),
      };
    case 'update':
      return {
        ...target,
        ...writeParams(recorded.params),
        verb: 'update',
        name: recorded.name,
        subresource: recorded.subresource as UpdateRequest['subresource'],
        object: objectOf(own, recorded.resource, recorded.object),
      };
    case 'patch':
      return {
        ...target,
        ...writeParams(recorded.params),
        verb: 'patch',
        name: recorded.name,
        subresource: recorded.subresource as PatchRequest['subresource'],
        patchType: patchTypes[recorded.patchType ?? 'application/merge-patch+json'] ?? 'merge',
        patch: inOwnWords(own, recorded.object as Json),
        force: flag(recorded.params?.force),
      };
    case 'delete':
      return { ...target, ...deleteOptions(own, recorded.options), verb: 'delete', name: recorded.name };
    case 'deletecollection':
      return {
        ...target,
        ...deleteOptions(own, recorded.options),
        ...listParams(own, recorded.params),
        verb: 'deletecollection',
      };
  }
}

export const watchRequestOf = (own: Own, op: Selection): WatchRequest => ({
  ...targetOf(op),
  ...listParams(own, op.params),
  verb: 'watch',
});

function targetOf({ resource, namespace }: { resource: string; namespace?: string | undefined }): {
  readonly resource: string;
  readonly namespace?: string;
} {
  return namespace === undefined ? { resource } : { resource, namespace: `s-${namespace}` };
}

function listParams(
  own: Own,
  params: RecordedParams = {},
): Omit<WatchRequest, 'verb' | 'resource'> & {
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
} {
  const { resourceVersion, resourceVersionMatch, labelSelector, fieldSelector, limit } = params;
  return {
    resourceVersion:
      resourceVersion === undefined ? undefined : own.symbols.revisionText(resourceVersion, own.revision),
    resourceVersionMatch,
    labelSelector,
    fieldSelector,
    limit,
    continue: params.continue === undefined ? undefined : own.symbols.tokenText(params.continue),
    sendInitialEvents: flag(params.sendInitialEvents),
    allowWatchBookmarks: flag(params.allowWatchBookmarks),
  };
}

const flag = (text: 'true' | 'false' | undefined): boolean | undefined =>
  text === undefined ? undefined : text === 'true';

function writeParams(
  params: RecordedParams = {},
): Pick<CreateRequest, 'dryRun' | 'fieldManager' | 'fieldValidation'> {
  const { dryRun, fieldManager, fieldValidation } = params;
  return { dryRun, fieldManager, fieldValidation };
}

const patchTypes: Readonly<Record<string, PatchRequest['patchType']>> = {
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/json-patch+json': 'json',
  'application/apply-patch+yaml': 'apply',
};

function deleteOptions(own: Own, options: RecordedOptions = {}): DeleteOptions {
  const { gracePeriodSeconds, preconditions, propagationPolicy, orphanDependents, dryRun } = options;
  return {
    gracePeriodSeconds,
    preconditions:
      preconditions === undefined
        ? undefined
        : (inOwnWords(own, preconditions as Json) as DeleteOptions['preconditions']),
    propagationPolicy,
    orphanDependents,
    dryRun: dryRun?.join(','),
  };
}

/** The recording left out apiVersion and kind where the resource says them. */
function objectOf(own: Own, resource: string, object: Readonly<Record<string, unknown>>): NewObject {
  const info = resourceNamed(resource);
  if (info === undefined) throw new ConformanceInputError(`no resource ${resource}`);
  const translated = inOwnWords(own, object as Json) as unknown as NewObject;
  return { ...{ apiVersion: apiVersionOf(info), kind: info.kind }, ...translated };
}

/** Revisions and uids of the recording become this session's. */
function inOwnWords(own: Own, value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => inOwnWords(own, item as Json));
  if (typeof value !== 'object' || value === null) return value;
  const translated: Record<string, Json> = {};
  for (const [field, part] of Object.entries(value) as [string, Json][]) {
    if (field === 'resourceVersion' && typeof part === 'string')
      translated[field] = own.symbols.revisionText(part, own.revision);
    else if (field === 'uid' && typeof part === 'string') translated[field] = own.symbols.uidText(part);
    else translated[field] = inOwnWords(own, part);
  }
  return translated;
}
