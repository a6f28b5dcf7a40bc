/** An event of a trace with its fields by name, and the rules that turn a line into one. */
import type { EventLine, RecordLine, TraceHeader } from '../../sim/trace/format.ts';
import { traceVersion } from '../../sim/trace/format.ts';

interface Head<Kind extends EventKind> {
  /** Its place in the trace, counted from 1. */
  readonly id: number;
  /** Virtual time in microseconds. */
  readonly at: number;
  /** The id of the event that caused this one; 0: none did. */
  readonly cause: number;
  readonly process: number;
  readonly kind: Kind;
}

/** The kinds of sim/trace/format.ts, and the ends of streams, which no report has a use for but every trace has. */
export type EventKind = EventLine[3] | 'unwatch' | 'openEtcdWatch' | 'closeEtcdStream' | 'etcdWatchClosed';

export interface RequestEvent extends Head<'request'> {
  readonly from: number;
  readonly userAgent: string;
  readonly verb: string;
  readonly resource: string;
  readonly key: string;
  readonly subresource: string;
}

export interface AnswerEvent extends Head<'answer'> {
  readonly verb: string;
  readonly resource: string;
  readonly key: string;
  readonly subresource: string;
  readonly code: number;
  readonly reason: string;
}

interface WatchEvent extends Head<'watch'> {
  readonly stream: string;
  readonly type: string;
  readonly key: string;
  readonly resourceVersion: string;
}

export type TraceEvent =
  | Head<'start'>
  | Head<'unwatch'>
  | Head<'openEtcdWatch'>
  | Head<'closeEtcdStream'>
  | Head<'etcdWatchClosed'>
  | RequestEvent
  | AnswerEvent
  | (Head<'etcd'> & { readonly from: number; readonly operation: string; readonly key: string })
  | (Head<'etcdAnswer'> & {
      readonly operation: string;
      readonly key: string;
      readonly revision: number;
      readonly succeeded: boolean;
    })
  | (Head<'etcdWatch'> & { readonly type: string; readonly key: string; readonly revision: number })
  | WatchEvent
  | (Head<'openWatch'> & { readonly from: number; readonly stream: string; readonly resourceVersion: string })
  | (Head<'watchClosed'> & { readonly stream: string })
  | (Head<'timer'> & { readonly what: string })
  | (Head<'fault'> & { readonly what: string });

type FieldType = 'number' | 'string' | 'boolean';

/** The fields of each kind behind at, cause, process and kind, in the order of sim/trace/format.ts. */
const fieldsOf: Readonly<Record<EventKind, readonly (readonly [name: string, type: FieldType])[]>> = {
  start: [],
  request: [
    ['from', 'number'],
    ['userAgent', 'string'],
    ['verb', 'string'],
    ['resource', 'string'],
    ['key', 'string'],
    ['subresource', 'string'],
  ],
  answer: [
    ['verb', 'string'],
    ['resource', 'string'],
    ['key', 'string'],
    ['subresource', 'string'],
    ['code', 'number'],
    ['reason', 'string'],
  ],
  etcd: [
    ['from', 'number'],
    ['operation', 'string'],
    ['key', 'string'],
  ],
  etcdAnswer: [
    ['operation', 'string'],
    ['key', 'string'],
    ['revision', 'number'],
    ['succeeded', 'boolean'],
  ],
  etcdWatch: [
    ['type', 'string'],
    ['key', 'string'],
    ['revision', 'number'],
  ],
  watch: [
    ['stream', 'string'],
    ['type', 'string'],
    ['key', 'string'],
    ['resourceVersion', 'string'],
  ],
  openWatch: [
    ['from', 'number'],
    ['stream', 'string'],
    ['resourceVersion', 'string'],
  ],
  watchClosed: [['stream', 'string']],
  timer: [['what', 'string']],
  fault: [['what', 'string']],
  unwatch: [],
  openEtcdWatch: [],
  closeEtcdStream: [],
  etcdWatchClosed: [],
};

/** The kinds, in the order of the numbers that columns hold for them. */
export const eventKinds = Object.keys(fieldsOf) as readonly EventKind[];

/** What a line was found to be; a text says what is wrong with it. */
type Parsed<T> = T | string;

/** A line of an event. */
export function parseEvent(id: number, text: string): Parsed<TraceEvent> {
  const value = parsed(text);
  if (!Array.isArray(value)) return 'an event is an array in JSON';
  const [at, cause, process, kind] = value as unknown[];
  if (!isCount(at) || !isCount(cause) || !isCount(process))
    return 'an event begins with its time, its cause and its process, three whole numbers';
  if (cause >= id) return `event ${id} says that event ${cause} caused it, which had not happened yet`;
  const fields = fieldsOf[kind as EventKind] as (typeof fieldsOf)[EventKind] | undefined;
  if (typeof kind !== 'string' || fields === undefined)
    return `${JSON.stringify(kind)} is no kind of event (${eventKinds.join(', ')})`;
  const event: Record<string, unknown> = { id, at, cause, process, kind };
  for (let i = 0; i < fields.length; i++) {
    const [name, type] = fields[i] ?? ['', 'string'];
    const field = (value as unknown[])[4 + i];
    if (typeof field !== type) return `the ${kind} event has no ${name} (a ${type} in place ${5 + i})`;
    event[name] = field;
  }
  return event as unknown as TraceEvent;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** A line of a record. */
export function parseRecord(text: string): Parsed<RecordLine> {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'a record is an object in JSON';
  if ('process' in value && 'name' in value && 'kind' in value) return value as RecordLine;
  if ('explain' in value && 'resource' in value && 'key' in value) return value as RecordLine;
  const isWrite = 'rev' in value && isCount(value.rev) && 'key' in value && typeof value.key === 'string';
  if (isWrite && ('put' in value || 'patch' in value || 'delete' in value)) return value as RecordLine;
  return 'a record is of a process, of a written key, or of an explanation';
}

/** Line 1. */
export function parseHeader(text: string): Parsed<TraceHeader> {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || !('wavetank' in value))
    return 'this is no trace of wavetank: its first line should be {"wavetank":1,…}';
  if (value.wavetank !== traceVersion)
    return `this trace has version ${JSON.stringify(value.wavetank)}; this wavetank reads version ${traceVersion}`;
  return value as TraceHeader;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
