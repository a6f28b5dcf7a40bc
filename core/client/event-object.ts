/** The Event objects of both APIs, and how they are named. */
import type { NewObject } from '../api/request.ts';
import { microTimeText, timeText, type VirtualTime } from '../time/time.ts';
import type { Occurrence, Regarding, Reporter } from './recorder.ts';

/** Unix nanoseconds of virtual time 0 in two words, the higher and the lower 32 bits. */
const epochHigh = 404_121_726;
const epochLow = 3_226_927_104;
const word = 0x1_0000_0000;

/** Event names end with the time in nanoseconds, hexadecimal; below the microsecond it tells Events and recorders apart. */
export function nameOf(
  { component }: Reporter,
  recorded: number,
  regarding: Regarding,
  now: VirtualTime,
): string {
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

export type EventObject = NewObject & Readonly<Record<string, unknown>>;

export function coreEvent(
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

export function newerEvent(
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
