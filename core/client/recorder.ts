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
  halfMemory,
  inFull,
  isOneOfFew,
  isOneOfMany,
  noRecollections,
  noted,
  recall,
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

/** Whose Events they are: what stays while a recorder records. */
export interface Reporter {
  readonly api: 'core' | 'events';
  /** `deployment-controller`, `kubelet`, `default-scheduler`. */
  readonly component: string;
  readonly userAgent: string;
  /** The node's name for a kubelet. */
  readonly host: string;
  /** What its Events name as their source: one object for all of them. */
  readonly source: EventSource;
}

export interface Recorder extends Memory {
  readonly reporter: Reporter;
  readonly recorded: number;
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
  const reporter = { api, component, userAgent, host, source };
  return { reporter, recorded: 0, young: noRecollections, old: noRecollections };
}

interface Recorded {
  readonly recorder: Recorder;
  readonly requests: readonly ClientRequest<RecorderTag>[];
}

/** The requests that record an occurrence: a new Event, a count in one that is there, or none at all. */
export const record = (
  recorder: Recorder,
  regarding: Regarding,
  occurrence: Occurrence,
  now: VirtualTime,
): Recorded => recordAll(recorder, regarding, [occurrence], now);

/** The same for what happened to one object at one time, one after another: they are remembered together. */
export function recordAll(
  recorder: Recorder,
  regarding: Regarding,
  occurrences: readonly Occurrence[],
  now: VirtualTime,
): Recorded {
  const { reporter } = recorder;
  const isCore = reporter.api === 'core';
  const of = (isCore ? regarding.fieldPath : regarding.resourceVersion) ?? '';
  let known = recall(recorder, regarding.uid);
  const requests: ClientRequest<RecorderTag>[] = [];
  for (const occurrence of occurrences) {
    const { type, reason } = occurrence;
    const what = isCore ? occurrence.message : (occurrence.action ?? '');
    if (!isOneOfFew(known, type, reason, what, of)) break;
    const name = nameOf(reporter, recorder.recorded + requests.length, regarding, now);
    const event = isCore
      ? coreEvent(reporter, regarding, type, reason, occurrence.message, name, now)
      : newerEvent(reporter, regarding, occurrence, name, now);
    requests.push(creation(reporter, regarding, event));
    const size = known === undefined ? 1 : known.size + 1;
    known = { form: 'few', type, reason, what, of, name, at: now, earlier: known, size };
  }
  const after =
    known === undefined || requests.length === 0
      ? recorder
      : recollecting(recorder, regarding.uid, known, requests.length);
  return requests.length === occurrences.length
    ? { recorder: after, requests }
    : recordRest({ recorder: after, requests }, regarding, occurrences, now);
}

/** Those that may be one of many, or have been written before. */
function recordRest(
  { recorder, requests }: Recorded,
  regarding: Regarding,
  occurrences: readonly Occurrence[],
  now: VirtualTime,
): Recorded {
  let after = recorder;
  const all = requests.slice();
  const recordOne = recorder.reporter.api === 'core' ? recordCore : recordSeries;
  for (const occurrence of occurrences.slice(requests.length)) {
    const one = recordOne(after, recall(after, regarding.uid), regarding, occurrence, now);
    after = one.recorder;
    all.push(...one.requests);
  }
  return { recorder: after, requests: all };
}

const nothingToWrite: readonly never[] = [];

/** EventCorrelator.EventCorrelate: aggregate, count, filter, in this order. */
function recordCore(
  recorder: Recorder,
  recollection: Recollection | undefined,
  regarding: Regarding,
  occurrence: Occurrence,
  now: VirtualTime,
): Recorded {
  const known = inFull(recollection);
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
    name: before?.name ?? nameOf(recorder.reporter, recorder.recorded, regarding, now),
    count: (before?.count ?? 0) + 1,
    lastAt: now,
  };
  const fullAt = spamToken(known, type, now);
  const after = recollecting(recorder, regarding.uid, {
    form: 'many',
    similar,
    written: noted(known.written, at, event),
    normalFullAt: type === 'Normal' ? (fullAt ?? known.normalFullAt) : known.normalFullAt,
    warningFullAt: type === 'Normal' ? known.warningFullAt : (fullAt ?? known.warningFullAt),
  });
  if (fullAt === undefined) return { recorder: after, requests: nothingToWrite };
  const { count } = event;
  if (count === 1) {
    const object = coreEvent(recorder.reporter, regarding, type, reason, message, event.name, now);
    return { recorder: after, requests: [creation(recorder.reporter, regarding, object)] };
  }
  const change = { count, lastTimestamp: timeText(now), message };
  return { recorder: after, requests: [counting(recorder.reporter, regarding, event.name, change)] };
}

/** A series not seen for this long has ended (finishTime); the next such Event begins another. */
const seriesEnd = 6 * minute;

/** The newer API: an Event, then once that it has become a series. Its later counts are written by a timer of 30 minutes, not here. */
function recordSeries(
  recorder: Recorder,
  recollection: Recollection | undefined,
  regarding: Regarding,
  occurrence: Occurrence,
  now: VirtualTime,
): Recorded {
  const known = inFull(recollection);
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
    name: goesOn ? before.name : nameOf(recorder.reporter, recorder.recorded, regarding, now),
    count: goesOn ? before.count + 1 : 1,
    lastAt: now,
  };
  const after = recollecting(recorder, regarding.uid, {
    form: 'many',
    similar: known.similar,
    written: noted(known.written, at, event),
    normalFullAt: known.normalFullAt,
    warningFullAt: known.warningFullAt,
  });
  if (!goesOn) {
    const object = newerEvent(recorder.reporter, regarding, occurrence, event.name, now);
    return { recorder: after, requests: [creation(recorder.reporter, regarding, object)] };
  }
  if (event.count > 2) return { recorder: after, requests: nothingToWrite };
  const change = { series: { count: 2, lastObservedTime: microTimeText(now) } };
  return { recorder: after, requests: [counting(recorder.reporter, regarding, event.name, change)] };
}

function recollecting(recorder: Recorder, object: string, recollection: Recollection, events = 1): Recorder {
  const young = recorder.young.set(object, recollection);
  const isFull = young.size >= halfMemory;
  return {
    reporter: recorder.reporter,
    recorded: recorder.recorded + events,
    young: isFull ? noRecollections : young,
    old: isFull ? young : recorder.old,
  };
}

const tag: RecorderTag = { of: 'recorder' };

const creation = (
  reporter: Reporter,
  regarding: Regarding,
  object: EventObject,
): ClientRequest<RecorderTag> => ({
  do: 'call',
  tag,
  userAgent: reporter.userAgent,
  request: { verb: 'create', resource: 'events', namespace: regarding.namespace ?? 'default', object },
  after: undefined,
});

const counting = (
  reporter: Reporter,
  regarding: Regarding,
  name: string,
  patch: Json,
): ClientRequest<RecorderTag> => ({
  do: 'call',
  tag,
  userAgent: reporter.userAgent,
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
function nameOf({ component }: Reporter, recorded: number, regarding: Regarding, now: VirtualTime): string {
  const recorderOwn =
    37 * component.length + component.charCodeAt(0) + component.charCodeAt(component.length >> 1);
  const high = Math.floor(now / word);
  const low = epochLow + (now - high * word) * 1_000 + ((recorded + recorderOwn) % 1_000);
  const carry = Math.floor(low / word);
  return `${regarding.name}.${(epochHigh + high * 1_000 + carry).toString(16)}${hexWord(low - carry * word)}`;
}

/** Eight hexadecimal digits. A word is written in halves: numbers below 2^31 are written much faster. */
const hexWord = (value: number): string => hexHalf(value >>> 16) + hexHalf(value & 0xffff);
const hexHalf = (half: number): string => (half + 0x1_0000).toString(16).slice(1);

type EventObject = NewObject & Readonly<Record<string, unknown>>;

function coreEvent(
  reporter: Reporter,
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
    source: reporter.source,
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    type,
    eventTime: null,
    reportingComponent: reporter.component,
    reportingInstance: reporter.host,
  };
}

function newerEvent(
  reporter: Reporter,
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
    reportingComponent: reporter.component,
    reportingInstance: `${reporter.component}-${reporter.host}`,
  };
}
