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
  return `${regarding.name}.${highText(epochHigh + high * 1_000 + carry)}${wordText(low - carry * word)}`;
}

let latestHigh = 0;
let latestHighText = '';

/** The higher word is the same for four seconds. */
function highText(high: number): string {
  if (high !== latestHigh) {
    latestHigh = high;
    latestHighText = high.toString(16);
  }
  return latestHighText;
}

const digits = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const digitAt = (value: number, shift: number): number => digits[(value >>> shift) & 15] ?? 0;

/** Eight hexadecimal digits, of character codes: a number is written to the base 16 in ten times as long. */
const wordText = (value: number): string =>
  String.fromCharCode(
    digitAt(value, 28),
    digitAt(value, 24),
    digitAt(value, 20),
    digitAt(value, 16),
    digitAt(value, 12),
    digitAt(value, 8),
    digitAt(value, 4),
    digitAt(value, 0),
  );

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
