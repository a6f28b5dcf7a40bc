/**
 * Writes Events as the real components do: `core` is client-go's tools/record (controllers, kubelet), `events` the newer
 * tools/events (scheduler). What repeats is counted up in the Event that is there, many similar Events become one, and
 * what goes on for ever is dropped: core/client/event-correlator.ts.
 */
import type { EventSource, Json } from '../api/generated/types.ts';
import type { NewObject } from '../api/request.ts';
import { microTimeText, minute, timeText, type VirtualTime } from '../time/time.ts';
import type { ClientRequest } from './component.ts';
import {
  findWritten,
  isOneOfMany,
  noMemory,
  noted,
  recall,
  remember,
  spamToken,
  type Memory,
  type Recollection,
  type Written,
} from './event-correlator.ts';

/** What an Event is about. */
export interface Regarding {
  readonly kind: string;
  readonly apiVersion: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion?: string | undefined;
  readonly fieldPath?: string | undefined;
}

export interface Occurrence {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Only the newer API has it: `Binding`, `Scheduling`. */
  readonly action?: string | undefined;
}

export interface Recorder {
  readonly api: 'core' | 'events';
  /** `deployment-controller`, `kubelet`, `default-scheduler`. */
  readonly component: string;
  readonly userAgent: string;
  /** The node's name for a kubelet. */
  readonly host: string;
  /** What its Events name as their source: one object for all of them. */
  readonly source: EventSource;
  readonly recorded: number;
  readonly memory: Memory;
}

export interface RecorderTag {
  readonly of: 'recorder';
}

export function newRecorder(spec: {
  readonly api: 'core' | 'events';
  readonly component: string;
  readonly userAgent: string;
  readonly host?: string;
}): Recorder {
  const { api, component, userAgent, host = '' } = spec;
  const source = host === '' ? { component } : { component, host };
  return { api, component, userAgent, host, source, recorded: 0, memory: noMemory };
}

/** The requests that record an occurrence: a new Event, a count in one that is there, or none at all. */
export function record(
  recorder: Recorder,
  regarding: Regarding,
  occurrence: Occurrence,
  now: VirtualTime,
): { readonly recorder: Recorder; readonly requests: readonly ClientRequest<RecorderTag>[] } {
  return recorder.api === 'core'
    ? recordCore(recorder, regarding, occurrence, now)
    : recordSeries(recorder, regarding, occurrence, now);
}

interface Recorded {
  readonly recorder: Recorder;
  readonly requests: readonly ClientRequest<RecorderTag>[];
}

const nothingToWrite: readonly never[] = [];

/** EventCorrelator.EventCorrelate: aggregate, count, filter, in this order. */
function recordCore(
  recorder: Recorder,
  regarding: Regarding,
  occurrence: Occurrence,
  now: VirtualTime,
): Recorded {
  const object = regarding.uid;
  const known = recall(recorder.memory, object);
  const { type, reason } = occurrence;
  const { many, similar } = isOneOfMany(known, type, reason, occurrence.message, now);
  const message = many ? `(combined from similar events): ${occurrence.message}` : occurrence.message;
  const part = many ? '' : (regarding.fieldPath ?? '');
  const what = many ? '' : occurrence.message;
  const at = findWritten(known, type, reason, what, part);
  const before = known.written[at];
  const event: Written = {
    type,
    reason,
    what,
    of: part,
    name: before?.name ?? nameOf(recorder, regarding, now),
    count: (before?.count ?? 0) + 1,
    firstAt: before?.firstAt ?? now,
    lastAt: now,
  };
  const fullAt = spamToken(known, type, now);
  const next: Recollection = {
    similar,
    written: noted(known.written, at, event),
    normalFullAt: type === 'Normal' ? (fullAt ?? known.normalFullAt) : known.normalFullAt,
    warningFullAt: type === 'Normal' ? known.warningFullAt : (fullAt ?? known.warningFullAt),
  };
  const after = recollecting(recorder, object, next);
  if (fullAt === undefined) return { recorder: after, requests: nothingToWrite };
  const { count } = event;
  if (count === 1)
    return {
      recorder: after,
      requests: [
        creation(recorder, regarding, coreEvent(recorder, regarding, type, reason, message, event.name, now)),
      ],
    };
  const change = { count, lastTimestamp: timeText(now), message };
  return { recorder: after, requests: [counting(recorder, regarding, event.name, change)] };
}

/** A series not seen for this long has ended (finishTime); the next such Event begins another. */
const seriesEnd = 6 * minute;

/** The newer API: an Event, then once that it has become a series. Its later counts are written by a timer of 30 minutes, not here. */
function recordSeries(
  recorder: Recorder,
  regarding: Regarding,
  occurrence: Occurrence,
  now: VirtualTime,
): Recorded {
  const object = regarding.uid;
  const known = recall(recorder.memory, object);
  const { type, reason, action = '' } = occurrence;
  const version = regarding.resourceVersion ?? '';
  const at = findWritten(known, type, reason, action, version);
  const before = known.written[at];
  const goesOn = before !== undefined && now - before.lastAt <= seriesEnd;
  const event: Written = {
    type,
    reason,
    what: action,
    of: version,
    name: goesOn ? before.name : nameOf(recorder, regarding, now),
    count: goesOn ? before.count + 1 : 1,
    firstAt: goesOn ? before.firstAt : now,
    lastAt: now,
  };
  const after = recollecting(recorder, object, {
    similar: known.similar,
    written: noted(known.written, at, event),
    normalFullAt: known.normalFullAt,
    warningFullAt: known.warningFullAt,
  });
  if (!goesOn)
    return {
      recorder: after,
      requests: [creation(recorder, regarding, newerEvent(recorder, regarding, occurrence, event.name, now))],
    };
  if (event.count > 2) return { recorder: after, requests: nothingToWrite };
  const change = { series: { count: 2, lastObservedTime: microTimeText(now) } };
  return { recorder: after, requests: [counting(recorder, regarding, event.name, change)] };
}

function recollecting(recorder: Recorder, object: string, recollection: Recollection): Recorder {
  return {
    api: recorder.api,
    component: recorder.component,
    userAgent: recorder.userAgent,
    host: recorder.host,
    source: recorder.source,
    recorded: recorder.recorded + 1,
    memory: remember(recorder.memory, object, recollection),
  };
}

const tag: RecorderTag = { of: 'recorder' };

const creation = (
  recorder: Recorder,
  regarding: Regarding,
  object: EventObject,
): ClientRequest<RecorderTag> => ({
  do: 'call',
  tag,
  userAgent: recorder.userAgent,
  request: { verb: 'create', resource: 'events', namespace: regarding.namespace ?? 'default', object },
  after: undefined,
});

const counting = (
  recorder: Recorder,
  regarding: Regarding,
  name: string,
  patch: Json,
): ClientRequest<RecorderTag> => ({
  do: 'call',
  tag,
  userAgent: recorder.userAgent,
  request: {
    verb: 'patch',
    resource: 'events',
    namespace: regarding.namespace ?? 'default',
    name,
    patchType: 'merge',
    patch,
  },
  after: undefined,
});

/** Unix nanoseconds of virtual time 0 in two words, the higher and the lower 32 bits. */
const epochHigh = 404_121_726;
const epochLow = 3_226_927_104;
const word = 0x1_0000_0000;

/** Event names end with the time in nanoseconds, hexadecimal; below the microsecond it tells Events and recorders apart. */
function nameOf(recorder: Recorder, regarding: Regarding, now: VirtualTime): string {
  const { component } = recorder;
  const recorderOwn =
    37 * component.length + component.charCodeAt(0) + component.charCodeAt(component.length >> 1);
  const high = Math.floor(now / word);
  const low = epochLow + (now - high * word) * 1_000 + ((recorder.recorded + recorderOwn) % 1_000);
  const carry = Math.floor(low / word);
  return `${regarding.name}.${(epochHigh + high * 1_000 + carry).toString(16)}${hexWord(low - carry * word)}`;
}

/** Eight hexadecimal digits. A word is written in halves: numbers below 2^31 are written much faster. */
const hexWord = (value: number): string => hexHalf(value >>> 16) + hexHalf(value & 0xffff);
const hexHalf = (half: number): string => (half + 0x1_0000).toString(16).slice(1);

type EventObject = NewObject & Readonly<Record<string, unknown>>;

function coreEvent(
  recorder: Recorder,
  regarding: Regarding,
  type: string,
  reason: string,
  message: string,
  name: string,
  now: VirtualTime,
): EventObject {
  const at = timeText(now);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: regarding.namespace ?? 'default' },
    involvedObject: regarding,
    reason,
    message,
    source: recorder.source,
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    type,
    eventTime: null,
    reportingComponent: recorder.component,
    reportingInstance: recorder.host,
  };
}

function newerEvent(
  recorder: Recorder,
  regarding: Regarding,
  occurrence: Occurrence,
  name: string,
  now: VirtualTime,
): EventObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: regarding.namespace ?? 'default' },
    involvedObject: regarding,
    reason: occurrence.reason,
    message: occurrence.message,
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    type: occurrence.type,
    eventTime: microTimeText(now),
    action: occurrence.action,
    reportingComponent: recorder.component,
    reportingInstance: `${recorder.component}-${recorder.host}`,
  };
}
