/**
 * Whether an Event has the very shape in which components record it: nothing is to be read into it, left out or filled in.
 * What is decided of it here, decoding and the defaults would come to as well.
 */
import { rfc3339, rfc3339Micro, timeError } from '../../api/go/time-text.ts';
import type { Given } from '../strategy/stored.ts';

type Fields = Readonly<Record<string, unknown>>;

export function isRecorded(given: Given): boolean {
  for (const field in given) if (!eventFields.has(field)) return false;
  const event = given as unknown as Fields;
  return (
    isTimeOrNull(event['firstTimestamp'], rfc3339) &&
    isTimeOrNull(event['lastTimestamp'], rfc3339) &&
    isTimeOrNull(event['eventTime'], rfc3339Micro) &&
    isText(event['reason']) &&
    isText(event['message']) &&
    isText(event['type']) &&
    isText(event['reportingComponent']) &&
    isText(event['reportingInstance']) &&
    (event['action'] === undefined || isText(event['action'])) &&
    (event['count'] === undefined || isCount(event['count'])) &&
    isSource(event['source']) &&
    isOfTexts(event['involvedObject'], referenceFields)
  );
}

/** But for `series` and `related`, which no first Event has. */
const eventFields: ReadonlySet<string> = new Set([
  ...['apiVersion', 'kind', 'metadata', 'involvedObject', 'reason', 'message', 'source', 'count', 'type'],
  ...['firstTimestamp', 'lastTimestamp', 'eventTime', 'action', 'reportingComponent', 'reportingInstance'],
]);
const referenceFields: ReadonlySet<string> = new Set([
  ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'],
]);
const sourceFields: ReadonlySet<string> = new Set(['component', 'host']);

const isText = (value: unknown): boolean => typeof value === 'string';

/** A whole number of 32 bits. */
const isCount = (value: unknown): boolean => typeof value === 'number' && (value | 0) === value;

function isOfTexts(value: unknown, known: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Fields;
  for (const field in fields) {
    const text = fields[field];
    if (text !== undefined && !(isText(text) && known.has(field))) return false;
  }
  return true;
}

/** The source that was looked at last: a component has one for all of its Events. */
let knownSource: unknown;

function isSource(source: unknown): boolean {
  if (source === knownSource && source !== undefined) return true;
  if (!isOfTexts(source, sourceFields)) return false;
  knownSource = source;
  return true;
}

/** The time that was looked at last: many Events are of one second. */
let knownTime = '';

function isTimeOrNull(value: unknown, layout: string): boolean {
  if (value === null) return true;
  if (typeof value !== 'string') return false;
  if (layout === rfc3339 && value === knownTime) return value !== '';
  if (timeError(value, layout) !== undefined) return false;
  if (layout === rfc3339) knownTime = value;
  return true;
}
