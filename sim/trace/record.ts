/**
 * The record of what an event committed (format.ts): the whole object where it is new, else the merge patch. Its text is
 * what `JSON.stringify` gives, made in less time where most of it is known beforehand: the Pods of a template share the
 * text of their spec, and the Events that components record are alike but for a few words.
 */
import type { Event as CoreEvent, ObjectMeta } from '../../core/api/generated/types.ts';
import { mergeDiff } from '../../core/api/merge-patch.ts';
import { hasOnlyName, type ApiObject } from '../../core/api/object.ts';
import type { EtcdEvent } from '../../core/etcd/message.ts';
import { isPlain, quoted } from './line.ts';

/** The record of one key that was written. */
export function commitLine(event: EtcdEvent<ApiObject>): string {
  const head = `{"rev":${event.modRevision},"key":${quoted(event.key)},`;
  if (event.kv === undefined || event.type === 'DELETE') return `${head}"delete":true}`;
  if (event.prevKv === undefined) return `${head}"put":${objectText(event.kv.value)}}`;
  const patch = mergeDiff(event.prevKv.value, event.kv.value);
  return `${head}"patch":${JSON.stringify(patch ?? {})}}`;
}

/** The text of a `spec` that many objects share (all Pods of a ReplicaSet do) is made once. */
const specTexts = new WeakMap<object, string>();

function objectText(object: ApiObject): string {
  if (object.kind === 'Event') return eventText(object as CoreEvent) ?? JSON.stringify(object);
  const { spec } = object as ApiObject & { readonly spec?: unknown };
  if (typeof spec !== 'object' || spec === null) return JSON.stringify(object);
  let text = specTexts.get(spec);
  if (text === undefined) {
    text = JSON.stringify(spec);
    specTexts.set(spec, text);
  }
  // A field that is undefined is not written; to leave it out of the copy would cost several times as much.
  return `${JSON.stringify({ ...object, spec: undefined }).slice(0, -1)},"spec":${text}}`;
}

/**
 * An Event as components record them, its fields in the order in which etcd stamps them (core/api/object.ts, which stamps
 * no others); undefined where it has more of these, or fewer, or a text that JSON escapes.
 */
function eventText(event: CoreEvent): string | undefined {
  if (event.series !== undefined || event.action !== undefined || event.related !== undefined)
    return undefined;
  const { reason, message, source, firstTimestamp, lastTimestamp, count, type } = event;
  const { reportingComponent, reportingInstance } = event;
  if ((event.eventTime as unknown) !== null || count === undefined || source === undefined) return undefined;
  if (!isWord(reason) || !isWord(message) || !isWord(firstTimestamp) || !isWord(lastTimestamp))
    return undefined;
  if (!isWord(type) || !isWord(reportingComponent) || !isWord(reportingInstance)) return undefined;
  return (
    `{"apiVersion":"v1","kind":"Event","metadata":${metadataText(event.metadata)}` +
    `,"involvedObject":${textOf(event.involvedObject)},"reason":"${reason}","message":"${message}"` +
    `,"source":${textOf(source)},"firstTimestamp":"${firstTimestamp}","lastTimestamp":"${lastTimestamp}"` +
    `,"count":${count},"type":"${type}","eventTime":null` +
    `,"reportingComponent":"${reportingComponent}","reportingInstance":"${reportingInstance}"}`
  );
}

/** Most Events have nothing but their name, as core/api/object.ts stamps it. */
function metadataText(metadata: ObjectMeta): string {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const words = isWord(namespace) && isPlain(name) && isPlain(uid) && isPlain(creationTimestamp);
  return words && hasOnlyName(metadata)
    ? `{"name":"${name}","namespace":"${namespace}","uid":"${uid}","resourceVersion":"${resourceVersion}","creationTimestamp":"${creationTimestamp}"}`
    : JSON.stringify(metadata);
}

/** A field that is there, and that JSON has as it is. */
const isWord = (text: string | undefined): text is string => typeof text === 'string' && isPlain(text);

/** Of a small object, whose fields are mostly words. */
function textOf(fields: object): string {
  let text = '';
  for (const field in fields) {
    const value = fields[field as keyof typeof fields] as string | undefined;
    if (value === undefined) continue;
    if (!isWord(value) || !isPlain(field)) return JSON.stringify(fields);
    text += text === '' ? `{"${field}":"${value}"` : `,"${field}":"${value}"`;
  }
  return text === '' ? '{}' : `${text}}`;
}
