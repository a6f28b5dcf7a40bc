/**
 * Writes Events as the real components do: `core` is client-go's tools/record (controllers, kubelet), `events` the newer
 * tools/events (scheduler).
 */
import type { NewObject } from '../api/request.ts';
import { microTimeText, timeText, type VirtualTime } from '../time/time.ts';
import type { ClientRequest } from './component.ts';

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
  readonly recorded: number;
}

export interface RecorderTag {
  readonly of: 'recorder';
}

export function newRecorder(spec: { readonly api: 'core' | 'events'; readonly component: string; readonly userAgent: string; readonly host?: string }): Recorder {
  return { ...spec, host: spec.host ?? '', recorded: 0 };
}

/** Unix nanoseconds of virtual time 0. */
const epochNanoseconds = 1_735_689_600_000_000_000n;

/** Event names end with the time in nanoseconds, hexadecimal; the count keeps two of one microsecond apart. */
function nameOf(regarding: Regarding, recorded: number, now: VirtualTime): string {
  const nanoseconds = epochNanoseconds + BigInt(now) * 1_000n + BigInt(recorded % 1_000);
  return `${regarding.name}.${nanoseconds.toString(16)}`;
}

export function record(
  recorder: Recorder,
  regarding: Regarding,
  occurrence: Occurrence,
  now: VirtualTime,
): { readonly recorder: Recorder; readonly requests: readonly ClientRequest<RecorderTag>[] } {
  const namespace = regarding.namespace ?? 'default';
  const object = recorder.api === 'core' ? coreEvent(recorder, regarding, occurrence, now) : newerEvent(recorder, regarding, occurrence, now);
  return {
    recorder: { ...recorder, recorded: recorder.recorded + 1 },
    requests: [
      {
        do: 'call',
        tag: { of: 'recorder' },
        userAgent: recorder.userAgent,
        request: { verb: 'create', resource: 'events', namespace, object },
      },
    ],
  };
}

type EventObject = NewObject & Readonly<Record<string, unknown>>;

function coreEvent(recorder: Recorder, regarding: Regarding, occurrence: Occurrence, now: VirtualTime): EventObject {
  const at = timeText(now);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: nameOf(regarding, recorder.recorded, now), namespace: regarding.namespace ?? 'default' },
    involvedObject: regarding,
    reason: occurrence.reason,
    message: occurrence.message,
    source: recorder.host === '' ? { component: recorder.component } : { component: recorder.component, host: recorder.host },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    type: occurrence.type,
    eventTime: null,
    reportingComponent: recorder.component,
    reportingInstance: recorder.host,
  };
}

function newerEvent(recorder: Recorder, regarding: Regarding, occurrence: Occurrence, now: VirtualTime): EventObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: nameOf(regarding, recorder.recorded, now), namespace: regarding.namespace ?? 'default' },
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
