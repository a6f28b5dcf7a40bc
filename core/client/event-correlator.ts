/**
 * What a recorder remembers of the Events it has written, so that it writes fewer: a repeated Event counts up, many
 * similar ones become one, and what goes on for ever is dropped (client-go tools/record/events_cache.go; for the newer
 * API, tools/events/event_broadcaster.go). It remembers some thousands of objects and forgets those it has not written
 * about for longest.
 */
import { OrderedMap } from '../collections/ordered-map.ts';
import { minute, second, type VirtualTime } from '../time/time.ts';

/** One Event as it was last written. */
export interface Written {
  readonly type: string;
  readonly reason: string;
  /** The message; the empty text for an Event that stands for many. The newer API tells by the action instead. */
  readonly what: string;
  /** The part of the object, or its resourceVersion with the newer API. */
  readonly of: string;
  readonly name: string;
  readonly count: number;
  readonly lastAt: VirtualTime;
}

/** Messages of one type and reason that came close upon each other. */
interface Similar {
  readonly type: string;
  readonly reason: string;
  readonly messages: readonly string[];
  readonly lastAt: VirtualTime;
}

/**
 * What most objects have: a handful of Events, each written once. The newest, and a way to the one before it: all that is told
 * of an object of which more was written follows from these.
 */
export interface Few {
  readonly form: 'few';
  readonly type: string;
  readonly reason: string;
  readonly what: string;
  readonly of: string;
  readonly name: string;
  readonly at: VirtualTime;
  readonly earlier: Few | undefined;
  /** With itself. */
  readonly size: number;
}

export interface Many {
  readonly form: 'many';
  readonly written: readonly Written[];
  readonly similar: readonly Similar[];
  /** When the bucket of the spam filter is full again, of normal Events and of warnings. */
  readonly normalFullAt: VirtualTime;
  readonly warningFullAt: VirtualTime;
}

/** Of one object; undefined: nothing was written of it. */
export type Recollection = Few | Many;

/** Recollections by object: the newer half, and the half before it. Forgetting one half at a time costs nothing per Event. */
export interface Memory {
  readonly young: OrderedMap<string, Recollection>;
  readonly old: OrderedMap<string, Recollection>;
}

export const noRecollections: OrderedMap<string, Recollection> = OrderedMap.empty();

/** maxLruCacheEntries is 4096. */
export const halfMemory = 2_048;
/** Of one object so many different Events are remembered. */
const mostWritten = 32;
/** defaultAggregateMaxEvents, defaultAggregateIntervalInSeconds. */
const mostSimilar = 10;
const similarWithin = 10 * minute;
/** defaultSpamBurst, defaultSpamQPS: 25 of a type at once about one object, then one in five minutes. */
const spamBurst = 25;
const spamInterval = 300 * second;
/** Fewer than can be one of many, or spam. */
const mostFew = 8;

const nothing: Many = { form: 'many', written: [], similar: [], normalFullAt: 0, warningFullAt: 0 };

export const recall = (memory: Memory, object: string): Recollection | undefined =>
  memory.young.get(object) ?? memory.old.get(object);

/** Whether an Event can be written without a look at what is similar: it is new, and there are few of its object. */
export function isOneOfFew(
  known: Recollection | undefined,
  type: string,
  reason: string,
  what: string,
  of: string,
): known is Few | undefined {
  if (known === undefined) return true;
  if (known.form === 'many' || known.size >= mostFew) return false;
  for (let few: Few | undefined = known; few !== undefined; few = few.earlier)
    if (few.reason === reason && few.what === what && few.type === type && few.of === of) return false;
  return true;
}

/** The same, with all that follows from it. */
export function inFull(known: Recollection | undefined): Many {
  if (known === undefined) return nothing;
  if (known.form === 'many') return known;
  const before = inFull(known.earlier);
  const { type, reason, what, of, name, at } = known;
  const fullAt = spamToken(before, type, at) ?? at;
  return {
    form: 'many',
    written: noted(before.written, -1, { type, reason, what, of, name, count: 1, lastAt: at }),
    similar: isOneOfMany(before, type, reason, what, at).similar,
    normalFullAt: type === 'Normal' ? fullAt : before.normalFullAt,
    warningFullAt: type === 'Normal' ? before.warningFullAt : fullAt,
  };
}

/** Notes that a message was recorded. True when so many different ones came that they are to be written as one. */
export function isOneOfMany(
  known: Many,
  type: string,
  reason: string,
  message: string,
  now: VirtualTime,
): { readonly many: boolean; readonly similar: readonly Similar[] } {
  let at = 0;
  while (at < known.similar.length && !isGroup(known.similar[at], type, reason)) at++;
  const group = known.similar[at];
  const before = group === undefined || now - group.lastAt > similarWithin ? noMessages : group.messages;
  // Of messages that are many only so many are kept that any new one is one too many.
  const isNew = !before.includes(message);
  const many = isNew && before.length >= mostSimilar - 1;
  const messages = isNew && !many ? withLast(before, message) : before;
  const next: Similar = { type, reason, messages, lastAt: now };
  if (group === undefined) return { many, similar: withLast(known.similar, next) };
  const similar = known.similar.slice();
  similar[at] = next;
  return { many, similar };
}

const noMessages: readonly string[] = [];

const isGroup = (group: Similar | undefined, type: string, reason: string): boolean =>
  group !== undefined && group.reason === reason && group.type === type;

/** By index, into an array of that length: one that grows by `push` would keep the room of seventeen for as long as it lives. */
function withLast<T>(list: readonly T[], last: T): readonly T[] {
  const longer = new Array<T>(list.length + 1);
  for (let i = 0; i < list.length; i++) longer[i] = list[i] as T;
  longer[list.length] = last;
  return longer;
}

/** Where the Event stands among those that were written; -1: it was not. */
export function findWritten(known: Many, type: string, reason: string, what: string, of: string): number {
  for (let at = 0; at < known.written.length; at++) {
    const event = known.written[at];
    if (event?.reason === reason && event.what === what && event.type === type && event.of === of) return at;
  }
  return -1;
}

/** The list with an Event in its place, or at the end. */
export function noted(written: readonly Written[], at: number, event: Written): readonly Written[] {
  if (at < 0) return withLast(written.length < mostWritten ? written : written.slice(1), event);
  const list = written.slice();
  list[at] = event;
  return list;
}

/**
 * Takes a token of the object's bucket for Events of that type; undefined when there is none and the Event is to be
 * dropped. (getSpamKey has the type since 1.31)
 */
export function spamToken(known: Many, type: string, now: VirtualTime): VirtualTime | undefined {
  const before = type === 'Normal' ? known.normalFullAt : known.warningFullAt;
  const fullAt = Math.max(before, now) + spamInterval;
  return fullAt - now > spamInterval * spamBurst ? undefined : fullAt;
}
