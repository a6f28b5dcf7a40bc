/**
 * One line of the trace for one event (format.ts says what each holds). Lines are put together by hand: at nine million
 * events `JSON.stringify` of arrays would be a third of a run. Words of the simulator's own (verbs, resources, streams)
 * need no escaping; names, which a user chose, are escaped.
 */
import type { Json } from '../../core/api/generated/types.ts';
import { keyFor, type ApiObject } from '../../core/api/object.ts';
import type { ApiAnswer, ApiRequest } from '../../core/api/request.ts';
import type { KvRequest, Operation } from '../../core/etcd/message.ts';
import { never } from '../../core/reducer.ts';
import type { Message } from '../process/message.ts';
import { faultText } from '../network/fault.ts';
import type { JsonBytes } from './json-bytes.ts';

/** The line of an event that happens to `process` at `at` because of `cause`. */
export function writeEvent(
  out: JsonBytes,
  at: number,
  cause: number,
  process: number,
  message: Message,
): void {
  out.ascii('[');
  out.natural(at);
  out.ascii(',');
  out.natural(cause);
  out.ascii(',');
  out.natural(process);
  out.ascii(',"');
  body(out, message);
  out.ascii(']');
}

/** What the message is, from within the quotes of its type. */
function body(out: JsonBytes, message: Message): void {
  switch (message.type) {
    case 'start':
      return out.ascii('start"');
    case 'timer':
      out.ascii('timer",');
      return out.quoted(tagText(message.tag));
    case 'request': {
      const { request } = message;
      out.ascii('request",');
      out.natural(message.from);
      out.ascii(',');
      out.quoted(message.userAgent);
      out.ascii(',"');
      out.ascii(request.verb);
      out.ascii('","');
      return writeTarget(out, request, undefined);
    }
    case 'openWatch':
      out.ascii('openWatch",');
      out.natural(message.from);
      out.ascii(',"');
      out.ascii(message.stream);
      out.ascii('",');
      return out.quoted(message.request.resourceVersion ?? '');
    case 'unwatch':
      return out.ascii('unwatch"');
    case 'answer': {
      const { request, answer } = message;
      out.ascii('answer","');
      out.ascii(request.verb);
      out.ascii('","');
      writeTarget(out, request, answer);
      out.ascii(',');
      out.natural(answer.code);
      out.ascii(',');
      return out.quoted(answer.ok ? '' : (answer.status.reason ?? ''));
    }
    case 'watch': {
      const { event } = message;
      out.ascii('watch","');
      out.ascii(message.stream);
      out.ascii('","');
      out.ascii(event.type);
      if (event.object.kind === 'Status') return out.ascii('","",""');
      const { metadata } = event.object as ApiObject;
      out.ascii('","');
      writeKey(out, metadata.namespace, metadata.name);
      out.ascii('","');
      out.ascii(metadata.resourceVersion);
      return out.ascii('"');
    }
    case 'watchClosed':
      out.ascii('watchClosed","');
      out.ascii(message.stream);
      return out.ascii('"');
    case 'kv':
      out.ascii('etcd",');
      out.natural(message.from);
      out.ascii(',"');
      return writeOperation(out, message.request);
    case 'openEtcdWatch':
      out.ascii('openEtcdWatch",');
      out.quoted(message.create.key);
      out.ascii(',');
      return out.natural(message.create.startRevision ?? 0);
    case 'closeEtcdStream':
      return out.ascii('closeEtcdStream"');
    case 'etcdAnswer': {
      const { response } = message;
      out.ascii('etcdAnswer","');
      writeOperation(out, message.request);
      out.ascii(',');
      out.natural(response.type === 'error' ? 0 : response.revision);
      const succeeded = response.type === 'txn' ? response.succeeded : response.type !== 'error';
      return out.ascii(succeeded ? ',true' : ',false');
    }
    case 'etcdWatch': {
      const event = message.response.events[0];
      if (event === undefined) {
        out.ascii('etcdWatch","PROGRESS","",');
        return out.natural(message.response.revision);
      }
      out.ascii('etcdWatch","');
      out.ascii(event.type);
      out.ascii('",');
      out.quoted(event.key);
      out.ascii(',');
      return out.natural(event.modRevision);
    }
    case 'etcdWatchClosed':
      out.ascii('etcdWatchClosed","');
      out.ascii(message.stream);
      return out.ascii('"');
    case 'fault':
      out.ascii('fault",');
      return out.quoted(faultText(message.fault));
    default:
      return never(message);
  }
}

/** `resource","key","subresource"` of a request. A created object's name is known only from the answer. */
function writeTarget(out: JsonBytes, request: ApiRequest, answer: ApiAnswer | undefined): void {
  const created =
    answer?.ok === true && request.verb === 'create' && request.subresource === undefined
      ? answer.object?.metadata
      : undefined;
  out.ascii(request.resource);
  out.ascii('","');
  if (created !== undefined) writeKey(out, created.namespace, created.name);
  else writeKey(out, request.namespace, nameOf(request));
  out.ascii('","');
  out.ascii(subresourceOf(request));
  out.ascii('"');
}

/** As `keyFor` (core/api/object.ts) makes it, between quotes. */
function writeKey(out: JsonBytes, namespace: string | undefined, name: string | undefined): void {
  if (namespace !== undefined) out.escaped(namespace);
  if (namespace !== undefined && name !== undefined) out.ascii('/');
  if (name !== undefined) out.escaped(name);
}

/** What a request is about: the key of an object; of many objects their namespace. */
export function requestKey(request: ApiRequest): string {
  const name = nameOf(request);
  return name === undefined ? (request.namespace ?? '') : keyFor(request.namespace, name);
}

function nameOf(request: ApiRequest): string | undefined {
  switch (request.verb) {
    case 'list':
    case 'deletecollection':
      return undefined;
    case 'create': {
      const { name, generateName } = request.object.metadata;
      return request.name ?? name ?? `${generateName ?? ''}*`;
    }
    default:
      return request.name;
  }
}

const subresourceOf = (request: ApiRequest): string =>
  request.verb === 'list' || request.verb === 'delete' || request.verb === 'deletecollection'
    ? ''
    : (request.subresource ?? '');

/** `put","key"`, `delete`, `range`: what a request to etcd does at heart, with `txn` before it where it is guarded. */
function writeOperation(out: JsonBytes, request: KvRequest<ApiObject>): void {
  const first = request.type === 'txn' ? request.success[0] : undefined;
  out.ascii(request.type);
  if (first !== undefined) {
    out.ascii(' ');
    out.ascii(first.type);
  }
  out.ascii('",');
  out.quoted(keyText(request));
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

/** Why something was decided as it was. */
export function writeExplanation(
  out: JsonBytes,
  what: string,
  resource: string,
  key: string,
  detail: Json,
): void {
  out.ascii('{"explain":');
  out.quoted(what);
  out.ascii(',"resource":');
  out.quoted(resource);
  out.ascii(',"key":');
  out.quoted(key);
  out.ascii(',"detail":');
  out.json(detail);
  out.ascii('}');
}
