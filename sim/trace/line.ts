/**
 * One line of the trace for one event (format.ts says what each holds). Lines are put together by hand: at nine million
 * events `JSON.stringify` of arrays would be a third of a run. Words of the simulator's own need no escaping; names,
 * which a user chose, are escaped.
 */
import type { Json } from '../../core/api/generated/types.ts';
import { keyFor, keyOf, type ApiObject } from '../../core/api/object.ts';
import type { ApiAnswer, ApiRequest } from '../../core/api/request.ts';
import type { KvRequest, Operation } from '../../core/etcd/message.ts';
import { never } from '../../core/reducer.ts';
import type { Message } from '../process/message.ts';
import { faultText } from '../network/fault.ts';

/** The text as `JSON.stringify` gives it. Hardly any needs escaping, and to look costs a fraction of that call. */
export const quoted = (text: string): string => (isPlain(text) ? `"${text}"` : JSON.stringify(text));

/** Whether JSON has the text as it is, between quotes. */
export function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || unit >= 0xd800) return false;
  }
  return true;
}

/** The line of an event that happens to `process` at `at` because of `cause`. `client` is whose request an etcd call is. */
export function eventLine(at: number, cause: number, process: number, message: Message): string {
  return `[${at},${cause},${process},${body(message)}]`;
}

function body(message: Message): string {
  switch (message.type) {
    case 'start':
      return '"start"';
    case 'timer':
      return `"timer",${quoted(tagText(message.tag))}`;
    case 'request': {
      const { request } = message;
      return `"request",${message.from},"${message.userAgent}","${request.verb}",${targetText(request)}`;
    }
    case 'openWatch':
      return `"openWatch",${message.from},"${message.stream}","${message.request.resourceVersion ?? ''}"`;
    case 'unwatch':
      return '"unwatch"';
    case 'answer': {
      const { request, answer } = message;
      return `"answer","${request.verb}",${answerTarget(request, answer)},${answer.code},"${answer.ok ? '' : (answer.status.reason ?? '')}"`;
    }
    case 'watch': {
      const { event } = message;
      if (event.object.kind === 'Status') return `"watch","${message.stream}","${event.type}","",""`;
      const object = event.object as ApiObject;
      return `"watch","${message.stream}","${event.type}",${quoted(keyOf(object))},"${object.metadata.resourceVersion}"`;
    }
    case 'watchClosed':
      return `"watchClosed","${message.stream}"`;
    case 'kv':
      return `"etcd",${message.from},"${operationText(message.request)}",${quoted(keyText(message.request))}`;
    case 'openEtcdWatch':
      return `"openEtcdWatch",${quoted(message.create.key)},${message.create.startRevision ?? 0}`;
    case 'closeEtcdStream':
      return '"closeEtcdStream"';
    case 'etcdAnswer': {
      const { response } = message;
      const revision = response.type === 'error' ? 0 : response.revision;
      const succeeded = response.type === 'txn' ? response.succeeded : response.type !== 'error';
      return `"etcdAnswer","${operationText(message.request)}",${quoted(keyText(message.request))},${revision},${succeeded}`;
    }
    case 'etcdWatch': {
      const event = message.response.events[0];
      if (event === undefined) return `"etcdWatch","PROGRESS","",${message.response.revision}`;
      return `"etcdWatch","${event.type}",${quoted(event.key)},${event.modRevision}`;
    }
    case 'etcdWatchClosed':
      return `"etcdWatchClosed","${message.stream}"`;
    case 'fault':
      return `"fault",${quoted(faultText(message.fault))}`;
    default:
      return never(message);
  }
}

/** `"resource","key","subresource"` of a request. */
function targetText(request: ApiRequest): string {
  return `"${request.resource}",${quoted(requestKey(request))},"${subresourceOf(request)}"`;
}

/** As of the request; a created object's name is known only now. */
function answerTarget(request: ApiRequest, answer: ApiAnswer): string {
  const created =
    request.verb === 'create' && request.subresource === undefined && answer.ok ? answer.object : undefined;
  return `"${request.resource}",${quoted(created === undefined ? requestKey(request) : keyOf(created))},"${subresourceOf(request)}"`;
}

export function requestKey(request: ApiRequest): string {
  switch (request.verb) {
    case 'list':
    case 'deletecollection':
      return request.namespace ?? '';
    case 'create': {
      const { name, generateName } = request.object.metadata;
      return keyFor(request.namespace, request.name ?? name ?? `${generateName ?? ''}*`);
    }
    default:
      return keyFor(request.namespace, request.name);
  }
}

const subresourceOf = (request: ApiRequest): string =>
  request.verb === 'list' || request.verb === 'delete' || request.verb === 'deletecollection'
    ? ''
    : (request.subresource ?? '');

/** `put`, `delete`, `range`: what a request to etcd does at heart, with `txn` before it where it is guarded. */
function operationText(request: KvRequest<ApiObject>): string {
  if (request.type !== 'txn') return request.type;
  const first = request.success[0];
  return first === undefined ? 'txn' : `txn ${first.type}`;
}

function keyText(request: KvRequest<ApiObject> | Operation<ApiObject>): string {
  if (request.type === 'compact') return `${request.revision}`;
  if (request.type !== 'txn') return request.key;
  const first = request.success[0] ?? request.compare[0];
  return first === undefined ? '' : 'target' in first ? first.key : keyText(first);
}

const tagWords = ['of', 'controller', 'stage', 'do', 'stream', 'key', 'container'] as const;

/** What a tag says of itself: its kind and the key it concerns. */
export function tagText(tag: unknown): string {
  if (typeof tag === 'string') return tag;
  if (typeof tag !== 'object' || tag === null) return '';
  const parts = tag as Readonly<Record<string, unknown>>;
  let text: string | undefined;
  for (const word of tagWords) {
    const part = parts[word];
    if (typeof part === 'string') text = text === undefined ? part : `${text} ${part}`;
  }
  return text ?? '';
}

export function explainLine(what: string, resource: string, key: string, detail: Json): string {
  return `{"explain":"${what}","resource":"${resource}","key":${quoted(key)},"detail":${JSON.stringify(detail)}}`;
}
