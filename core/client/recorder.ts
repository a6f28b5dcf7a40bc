/**
 * Writes Events as the real components do: `core` is client-go's tools/record (controllers, kubelet), `events` the newer
 * tools/events (scheduler). What repeats is counted up in the Event that is there, many similar Events become one, and
 * what goes on for ever is dropped: core/client/event-correlator.ts.
 */
import type { EventSource, Json } from '../api/generated/types.ts';
import { microTimeText, minute, timeText, type VirtualTime } from '../time/time.ts';
import type { ClientRequest } from './component.ts';
import { coreEvent, nameOf, newerEvent, type EventObject } from './event-object.ts';
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
  type Many,
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

interface ReporterSpec {
  readonly api: 'core' | 'events';
  readonly component: string;
  readonly userAgent: string;
  readonly host?: string;
}

export function newReporter({ api, component, userAgent, host = '' }: ReporterSpec): Reporter {
  const source = host === '' ? { component } : { component, host };
  return { api, component, userAgent, host, source };
}

export const newRecorder = (spec: ReporterSpec): Recorder => ({
  reporter: newReporter(spec),
  recorded: 0,
  young: noRecollections,
  old: noRecollections,
});

/** The requests that record an occurrence: a new Event, a count in one that is there, or none at all. */
export function record(
  recorder: Recorder,
  regarding: Regarding,
  occurrence: Occurrence,
  now: VirtualTime,
): { readonly recorder: Recorder; readonly requests: readonly ClientRequest<RecorderTag>[] } {
  const { reporter, old } = recorder;
  const before = recall(recorder, regarding.uid);
  const { known, recorded, requests } = recordNext(
    reporter,
    before,
    recorder.recorded,
    regarding,
    occurrence,
    now,
  );
  const young = recorder.young.set(regarding.uid, known);
  const isFull = young.size >= halfMemory;
  const after = isFull
    ? { reporter, recorded, young: noRecollections, old: young }
    : { reporter, recorded, young, old };
  return { recorder: after, requests };
}

/** What is known of an object after an Event, how many its reporter has recorded of all, and what is to be written. */
interface Told {
  readonly known: Recollection;
  readonly recorded: number;
  readonly requests: readonly ClientRequest<RecorderTag>[];
}

/** The same by one who keeps himself what was told of the object, and how many Events were recorded. */
export function recordNext(
  reporter: Reporter,
  known: Recollection | undefined,
  recorded: number,
  regarding: Regarding,
  occurrence: Occurrence,
  now: VirtualTime,
): Told {
  const { type, reason, message } = occurrence;
  const isCore = reporter.api === 'core';
  const what = isCore ? message : (occurrence.action ?? '');
  const of = (isCore ? regarding.fieldPath : regarding.resourceVersion) ?? '';
  if (!isOneOfFew(known, type, reason, what, of)) {
    const before = { known: inFull(known), recorded };
    return isCore
      ? recordCore(reporter, before, regarding, occurrence, now)
      : recordSeries(reporter, before, regarding, occurrence, now);
  }
  const name = nameOf(reporter, recorded, regarding, now);
  const event = isCore
    ? coreEvent(reporter, regarding, type, reason, message, name, now)
    : newerEvent(reporter, regarding, occurrence, name, now);
  const size = known === undefined ? 1 : known.size + 1;
  return {
    known: { form: 'few', type, reason, what, of, name, at: now, earlier: known, size },
    recorded: recorded + 1,
    requests: [creation(reporter, regarding, event)],
  };
}

const nothingToWrite: readonly never[] = [];

interface Before {
  readonly known: Many;
  readonly recorded: number;
}

/** EventCorrelator.EventCorrelate: aggregate, count, filter, in this order. */
function recordCore(
  reporter: Reporter,
  { known, recorded }: Before,
  regarding: Regarding,
  occurrence: Occurrence,
  now: VirtualTime,
): Told {
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
    name: before?.name ?? nameOf(reporter, recorded, regarding, now),
    count: (before?.count ?? 0) + 1,
    lastAt: now,
  };
  const fullAt = spamToken(known, type, now);
  const after: Recollection = {
    form: 'many',
    similar,
    written: noted(known.written, at, event),
    normalFullAt: type === 'Normal' ? (fullAt ?? known.normalFullAt) : known.normalFullAt,
    warningFullAt: type === 'Normal' ? known.warningFullAt : (fullAt ?? known.warningFullAt),
  };
  if (fullAt === undefined) return { known: after, recorded: recorded + 1, requests: nothingToWrite };
  const { count } = event;
  if (count === 1) {
    const object = coreEvent(reporter, regarding, type, reason, message, event.name, now);
    return { known: after, recorded: recorded + 1, requests: [creation(reporter, regarding, object)] };
  }
  const change = { count, lastTimestamp: timeText(now), message };
  return {
    known: after,
    recorded: recorded + 1,
    requests: [counting(reporter, regarding, event.name, change)],
  };
}

/** A series not seen for this long has ended (finishTime); the next such Event begins another. */
const seriesEnd = 6 * minute;

/** The newer API: an Event, then once that it has become a series. Its later counts are written by a timer of 30 minutes, not here. */
function recordSeries(
  reporter: Reporter,
  { known, recorded }: Before,
  regarding: Regarding,
  occurrence: Occurrence,
  now: VirtualTime,
): Told {
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
    name: goesOn ? before.name : nameOf(reporter, recorded, regarding, now),
    count: goesOn ? before.count + 1 : 1,
    lastAt: now,
  };
  const after: Recollection = {
    form: 'many',
    similar: known.similar,
    written: noted(known.written, at, event),
    normalFullAt: known.normalFullAt,
    warningFullAt: known.warningFullAt,
  };
  if (!goesOn) {
    const object = newerEvent(reporter, regarding, occurrence, event.name, now);
    return { known: after, recorded: recorded + 1, requests: [creation(reporter, regarding, object)] };
  }
  if (event.count > 2) return { known: after, recorded: recorded + 1, requests: nothingToWrite };
  const change = { series: { count: 2, lastObservedTime: microTimeText(now) } };
  return {
    known: after,
    recorded: recorded + 1,
    requests: [counting(reporter, regarding, event.name, change)],
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
