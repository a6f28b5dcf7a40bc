/**
 * The story of one object, from a trace: how it came to be (backwards by cause), its life (whatever was written,
 * refused or decided about it), and what became of it elsewhere (forwards by cause). Nothing here guesses: each step is
 * an event of the trace, each reason is its cause. Only one thing is read off the objects: an endpoint names its Pod,
 * since one write of an EndpointSlice often answers for several Pods and has one of them as its cause.
 */
import type { Json } from '../../core/api/generated/types.ts';
import { namedBy, shortName, type Named } from '../trace/names.ts';
import { applyWrite, emptyRegistry, isWrite, type WriteRecord } from '../trace/registry.ts';
import {
  effectsOf,
  eventAt,
  kindAt,
  processName,
  recordsAt,
  type Effects,
  type TraceIndex,
} from '../trace/trace-index.ts';
import type { AnswerEvent } from '../trace/event.ts';
import { decisionOf } from './decision.ts';
import { becauseOf, requestVerb } from './reason.ts';
import { at, changeText, field, listOf, textOf } from './change.ts';
import type { Step } from './step.ts';
import { commitBehindWatch, commitsCausedBy, requestOf, triggerOf, writesAt, type Trigger } from './walk.ts';

/** A step before the story is in order: it has no number yet, and knows the commit behind it by its event. */
type Draft = Omit<Step, 'number' | 'depth' | 'because'> & { readonly trigger: Trigger | undefined };

/** Texts that a line about the object has in it: for `indexTrace`. */
export const needlesFor = ({ name }: Pick<Named, 'name'>): readonly string[] => [`/${name}"`, `"${name}"`];

/** The story of the object under a key of the registry. `index` was made with its `needlesFor`. */
export function storyOf(index: TraceIndex, key: string): readonly Step[] {
  const named = namedBy(key);
  if (named === undefined) return [];
  const teller: Teller = { index, effects: effectsOf(index), key, named };
  const life = lifeOf(teller);
  const origin = originOf(teller, life);
  const known = new Set([...life, ...origin].map((draft) => draft.event));
  const effects = effectsOfLife(teller, life, known);
  return numbered(index, [...origin, ...life, ...effects]);
}

const eventPrefix = '/registry/events/';

interface Teller {
  readonly index: TraceIndex;
  readonly effects: Effects;
  readonly key: string;
  readonly named: Named;
}

/** Everything about the object itself, and the endpoints that name it. */
function lifeOf(teller: Teller): Draft[] {
  const { index, key } = teller;
  const drafts: Draft[] = [];
  const endpoints = new Map<string, string>();
  let registry = emptyRegistry;
  for (const id of index.hits) {
    for (const record of recordsAt(index, id)) {
      if (isWrite(record)) {
        const before = registry.entries.get(record.key)?.object;
        if (record.key === key) drafts.push(writeDraft(teller, id, record, 'life', before));
        else if (isEventAbout(teller.named, record))
          drafts.push(writeDraft(teller, id, record, 'life', before, key));
        else if (endpointChanged(teller.named, record, endpoints))
          drafts.push(writeDraft(teller, id, record, 'effect', before));
        registry = applyWrite(registry, record);
      } else if ('explain' in record && isAbout(teller, record.resource, record.key))
        drafts.push(decisionDraft(teller, id, record));
    }
    if (id !== 0 && kindAt(index, id) === 'answer') drafts.push(...refusalDrafts(teller, id));
  }
  return drafts;
}

const isAbout = ({ named, key }: Teller, resource: string, objectKey: string): boolean =>
  named.info.resource === resource && named.info.registryPrefix + objectKey === key;

function isEventAbout({ info, namespace, name }: Named, record: WriteRecord): boolean {
  if (!('put' in record) || !record.key.startsWith(eventPrefix)) return false;
  const regarding = field(record.put, 'involvedObject');
  const sameNamespace = namespace === undefined || field(regarding, 'namespace') === namespace;
  return field(regarding, 'kind') === info.kind && field(regarding, 'name') === name && sameNamespace;
}

/** True when the object's endpoint came, went, or changed its conditions; remembers how it is now. */
function endpointChanged({ info, name }: Named, record: WriteRecord, seen: Map<string, string>): boolean {
  if (info.kind !== 'Pod' || 'delete' in record) return false;
  const object = 'put' in record ? record.put : record.patch;
  const mine = [
    ...listOf(field(object, 'endpoints')),
    ...listOf(field(object, 'subsets')).flatMap(addressesOf),
  ].filter((endpoint) => at(endpoint, 'targetRef', 'name') === name);
  const now = JSON.stringify(mine);
  if (mine.length === 0 || seen.get(record.key) === now) return false;
  seen.set(record.key, now);
  return true;
}

const addressesOf = (subset: Json): readonly Json[] => [
  ...listOf(field(subset, 'addresses')),
  ...listOf(field(subset, 'notReadyAddresses')).map((address) => ({
    address,
    targetRef: field(address, 'targetRef') ?? null,
  })),
];

/** A write as a step; an Event of the API is a step of its own kind. */
function writeDraft(
  teller: Teller,
  id: number,
  write: WriteRecord,
  relation: Draft['relation'],
  before: Json | undefined,
  about = write.key,
): Draft {
  const { index } = teller;
  const request = requestOf(index, id);
  const isEvent = write.key.startsWith(eventPrefix);
  const sent = request?.cause ?? 0;
  const object = 'put' in write ? write.put : before;
  return {
    event: id,
    sent,
    request: request?.id ?? 0,
    at: index.at[isEvent && sent !== 0 ? sent : id] ?? 0,
    relation,
    kind: isEvent ? 'Event' : 'write',
    component: isEvent
      ? eventSource(object, request?.userAgent)
      : (request?.userAgent ?? processName(index, index.process[index.cause[id] ?? 0] ?? 0)),
    process: processName(index, request?.from ?? index.process[id] ?? 0),
    verb: isEvent
      ? textOf(field(object, 'type'))
      : request === undefined
        ? 'delete' in write
          ? 'delete'
          : 'write'
        : requestVerb(request, write),
    object: shortName(write.key),
    key: write.key,
    revision: write.rev,
    what: changeText(write, before),
    trigger: request === undefined ? undefined : moverOf(teller, request.cause, about),
    alike: [],
  };
}

/**
 * What moved a client. A scheduler takes Pods from its queue in an order of its own, so that the event before a decision
 * is seldom about the Pod: what it had last heard of the Pod is.
 */
function moverOf({ index, key }: Teller, clientEvent: number, about: string): Trigger | undefined {
  const trigger = triggerOf(index, clientEvent, about);
  const process = index.process[clientEvent] ?? 0;
  if (
    about !== key ||
    index.processes.get(process)?.kind !== 'scheduler' ||
    isOf(index, trigger?.commit, key)
  )
    return trigger;
  const heard = index.hits.findLast(
    (id) =>
      id <= clientEvent &&
      index.process[id] === process &&
      kindAt(index, id) === 'watch' &&
      isOf(index, commitBehindWatch(index, id), key),
  );
  return heard === undefined
    ? trigger
    : {
        kind: 'watch',
        event: heard,
        at: index.at[heard] ?? 0,
        timers: [],
        commit: commitBehindWatch(index, heard),
      };
}

const isOf = (index: TraceIndex, commit: number | undefined, key: string): boolean =>
  commit !== undefined && writesAt(index, commit).some((write) => write.key === key);

function eventSource(event: Json | undefined, userAgent = ''): string {
  const source = textOf(at(event, 'source', 'component'));
  return source === '' ? textOf(field(event, 'reportingComponent')) || userAgent : source;
}

function decisionDraft(
  teller: Teller,
  id: number,
  record: { readonly explain: string; readonly detail: Json },
): Draft {
  const { index, key } = teller;
  const process = processName(index, index.process[id] ?? 0);
  return {
    event: id,
    sent: id,
    request: 0,
    at: index.at[id] ?? 0,
    relation: 'life',
    kind: 'decision',
    component: process,
    process,
    verb: record.explain,
    object: shortName(key),
    key,
    revision: 0,
    what: decisionOf(record.detail).node || 'no node will do',
    trigger: moverOf(teller, id, key),
    detail: record.detail,
    alike: [],
  };
}

/** A write that the apiserver refused, or whose answer never came. */
function refusalDrafts(teller: Teller, id: number): Draft[] {
  const { index, key } = teller;
  const event = eventAt(index, id);
  if (event.kind !== 'answer' || !isAbout(teller, event.resource, event.key) || !isRefusal(event)) return [];
  const request = requestBehind(index, id);
  const process = processName(index, event.process);
  return [
    {
      event: id,
      sent: request?.cause ?? 0,
      request: request?.id ?? 0,
      at: event.at,
      relation: 'life',
      kind: 'refused',
      component: request?.userAgent ?? process,
      process,
      verb: requestVerb(event),
      object: shortName(key),
      key,
      revision: 0,
      what: event.code === 0 ? 'no answer came' : `refused: ${event.code} ${event.reason}`,
      trigger: request === undefined ? undefined : moverOf(teller, request.cause, key),
      alike: [],
    },
  ];
}

const isRefusal = ({ verb, code }: AnswerEvent): boolean =>
  verb !== 'get' && verb !== 'list' && (code === 0 || code >= 400);

function requestBehind(index: TraceIndex, answer: number): ReturnType<typeof requestOf> {
  const cause = index.cause[answer] ?? 0;
  return cause === 0 ? undefined : requestOf(index, cause);
}

/** No thread of a story is longer: owners are nested two or three deep. */
const longestOrigin = 20;

/** From the object's creation backwards, one commit after another. */
function originOf(teller: Teller, life: readonly Draft[]): Draft[] {
  const { index } = teller;
  const drafts: Draft[] = [];
  let commit = life.find((draft) => draft.kind === 'write' && draft.relation === 'life')?.trigger?.commit;
  while (commit !== undefined && drafts.length < longestOrigin) {
    const write = writesAt(index, commit)[0];
    if (write === undefined) break;
    const draft = writeDraft(teller, commit, write, 'origin', undefined);
    drafts.unshift(draft);
    commit = draft.trigger?.commit;
  }
  return drafts;
}

/** Nodes renew their Leases all the time, and Events of other objects are told in their own stories. */
const isAside = (key: string): boolean => key.startsWith('/registry/leases/') || key.startsWith(eventPrefix);

/** What other objects were written because of the object: one commit ahead, alike ones in one step. */
function effectsOfLife(teller: Teller, life: readonly Draft[], known: ReadonlySet<number>): Draft[] {
  const { index, effects, key } = teller;
  const drafts = new Map<string, Draft>();
  const seen = new Set(known);
  for (const { event, kind, key: written } of life) {
    if (kind !== 'write' || written !== key) continue;
    for (const id of commitsCausedBy(index, effects, event)) {
      const write = writesAt(index, id).find((candidate) => candidate.key !== key && !isAside(candidate.key));
      if (write === undefined || seen.has(id)) continue;
      const draft = writeDraft(teller, id, write, 'effect', undefined);
      if (draft.trigger?.commit !== event) continue;
      seen.add(id);
      const group = `${event} ${draft.component} ${draft.verb} ${namedBy(draft.key)?.info.kind ?? id}`;
      const first = drafts.get(group);
      drafts.set(group, first === undefined ? draft : { ...first, alike: [...first.alike, draft.object] });
    }
  }
  return [...drafts.values()];
}

/** What was heard from a watch that had just been opened has no commit as its cause; its revision names one all the same. */
function moverIn(
  index: TraceIndex,
  steps: ReadonlyMap<number, Step>,
  { kind, event, commit }: Trigger,
): Step | undefined {
  if (commit !== undefined) return steps.get(commit);
  const heard = kind === 'watch' ? eventAt(index, event) : undefined;
  if (heard?.kind !== 'watch') return undefined;
  return [...steps.values()].find((step) => step.revision === Number(heard.resourceVersion));
}

/** An Event tells of the moment it was sent; its name, which ends with that time and a count, orders those of one moment. */
const placeOf = ({ kind, event, sent }: Draft): number => (kind === 'Event' && sent !== 0 ? sent : event);

/** In the order of time, each with its number, its depth, and the number of the step that moved it. */
function numbered(index: TraceIndex, drafts: readonly Draft[]): readonly Step[] {
  const ordered = drafts.slice().sort((a, b) => placeOf(a) - placeOf(b) || (a.key < b.key ? -1 : 1));
  const steps: Step[] = [];
  const byCommit = new Map<number, Step>();
  for (const { trigger, ...draft } of ordered) {
    const mover = trigger === undefined ? undefined : moverIn(index, byCommit, trigger);
    const step: Step = {
      ...draft,
      number: steps.length + 1,
      depth: mover === undefined ? 0 : mover.depth + 1,
      because: trigger === undefined ? undefined : becauseOf(index, trigger, mover),
    };
    steps.push(step);
    if (draft.revision !== 0) byCommit.set(draft.event, step);
  }
  return steps;
}
