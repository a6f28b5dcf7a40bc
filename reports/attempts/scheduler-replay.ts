/**
 * The scheduler run again from a trace: what it heard (answers, watch events, timers) is given to the same reducer once
 * more, and so it decides as it did; an attempt that somebody asks about can then be evaluated in full. A trace keeps
 * nothing for this that other reports would not need, whatever the number of nodes.
 */
import { resourceNamed } from '../../core/api/kinds.ts';
import { stampRevision, type ApiObject, type ObjectKey, type Resource } from '../../core/api/object.ts';
import type { ApiAnswer, ApiRequest } from '../../core/api/request.ts';
import { emptyView, withObject, withoutObject, type View } from '../../core/api/view.ts';
import type { ClientEvent, ClientRequest } from '../../core/client/component.ts';
import type { Json } from '../../core/api/generated/types.ts';
import { Diagnosis } from '../../core/scheduler/diagnosis.ts';
import type { Attempted } from '../../core/scheduler/evaluation.ts';
import { followed } from '../../core/scheduler/listers.ts';
import type { Attempt, Decision } from '../../core/scheduler/schedule-one.ts';
import type { SchedulerState, SchedulerTag } from '../../core/scheduler/scheduler.ts';
import { schedulerOf, type RunningScheduler } from '../../sim/cluster/scheduler.ts';
import type { LoadedPlugin } from '../../sim/cluster/spec.ts';
import { requestKey, tagText } from '../../sim/trace/line.ts';
import { parseEvent, parseRecord, type AnswerEvent, type TraceEvent } from '../trace/event.ts';
import { linesOf, lineText, type Line } from '../trace/lines.ts';
import { expectParsed, isCutOff, isEventLine } from '../trace/reader.ts';
import { isWrite } from '../trace/registry.ts';
import { eventAt, kindAt, type TraceIndex } from '../trace/trace-index.ts';
import { field, listOf, textOf } from '../story/change.ts';
import { Versions } from './versions.ts';

/**
 * Runs a scheduler's process of a trace up to an event, and tells of every attempt. False: the trace does not have all
 * that the process was told (it was cut together by hand, say), and the attempts up to there are all there are.
 */
export function replayScheduler(
  index: TraceIndex,
  process: number,
  lastEvent: number,
  asked: Asked,
): boolean {
  const { seed, scheduler: settings } = index.header;
  let event = 0;
  let recorded: Json | undefined;
  const running = schedulerOf({
    seed,
    limits: { qps: 0, burst: 0 },
    settings,
    plugins: asked.plugins,
    onlooker: {
      recall: (queued, attempt, lowest) =>
        asked.wants(event, queued.info.key) ? undefined : recalled(recorded, attempt, lowest),
      observe(attempted) {
        if (asked.wants(event, attempted.queued.info.key)) asked.observe(event, attempted);
      },
    },
  });
  const replay = new SchedulerReplay(running, listRevisions(index, process));
  let heard: TraceEvent | undefined;
  for (const line of linesOf(index.source)) {
    if (line.number === 1 || isCutOff(line)) continue;
    if (!isEventLine(line)) {
      if (isFollowed(line))
        replay.write(expectParsed(index.source, line.number, parseRecord(lineText(line))));
      else if (heard !== undefined && isExplanation(line)) recorded = detailOf(lineText(line));
      continue;
    }
    // What an event decided stands below it: it is given to the scheduler when that has been read.
    if (heard !== undefined && !replay.hear(heard)) return false;
    event++;
    heard = undefined;
    recorded = undefined;
    if (event > lastEvent) return true;
    if (index.process[event] === process)
      heard = expectParsed(index.source, line.number, parseEvent(event, lineText(line)));
  }
  return heard === undefined || replay.hear(heard);
}

/** Which attempts are to be made again and told of. */
interface Asked {
  /** The user's plugins of the run, loaded again. */
  readonly plugins: readonly LoadedPlugin[];
  wants(event: number, key: ObjectKey): boolean;
  observe(event: number, attempted: Attempted): void;
}

const explanation = Buffer.from('{"explain":');

const isExplanation = ({ block, start, end }: Line): boolean =>
  end - start > explanation.length &&
  block.compare(explanation, 0, explanation.length, start, start + explanation.length) === 0;

function detailOf(text: string): Json | undefined {
  const record = parseRecord(text);
  return typeof record === 'object' && 'explain' in record ? record.detail : undefined;
}

/** What a trace says of an attempt, as far as the scheduler's state depends on it. */
function recalled(detail: Json | undefined, attempt: Attempt, lowest: boolean): Decision | undefined {
  const chosen = field(detail, 'chosen');
  const evaluated = field(detail, 'evaluated');
  const feasible = field(detail, 'feasible');
  const plugins = field(detail, 'plugins');
  const { snapshot, startIndex, nominatedNodeName } = attempt;
  if (typeof evaluated !== 'number' || typeof feasible !== 'number') return undefined;
  // Who is nominated, or may push others off, is looked at again.
  if (nominatedNodeName !== '' || snapshot.nominated.size > 0) return undefined;
  const node = typeof chosen === 'string' ? chosen : undefined;
  if (node === undefined && (!lowest || !Array.isArray(plugins) || attempt.profile.postFilters !== undefined))
    return undefined;
  const diagnosis = new Diagnosis(snapshot.nodeCount);
  for (const plugin of listOf(plugins)) diagnosis.blame(textOf(plugin));
  const nextStartIndex = (startIndex + evaluated) % snapshot.nodeCount;
  return { node, evaluated, feasible, nextStartIndex, scores: [], diagnosis, search: undefined };
}

/** The answer to a list names no revision, but the watch that goes on from it does. */
function listRevisions(index: TraceIndex, process: number): ReadonlyMap<number, number> {
  const revisions = new Map<number, number>();
  for (let id = 1; id <= index.events; id++) {
    const cause = index.cause[id] ?? 0;
    if (kindAt(index, id) !== 'openWatch' || index.process[cause] !== process) continue;
    const opened = eventAt(index, id);
    if (opened.kind === 'openWatch') revisions.set(cause, Number(opened.resourceVersion));
  }
  return revisions;
}

const prefixes = followed.map(({ resource }) => prefixOf(resource));

function prefixOf(resource: string): string {
  return resourceNamed(resource)?.registryPrefix ?? '';
}

const longestHead = 80;

/** Whether a record is a write of something that the scheduler follows, without reading the object in it. */
function isFollowed(line: Line): boolean {
  const head = line.block.toString('latin1', line.start, Math.min(line.end, line.start + longestHead));
  if (!head.startsWith('{"rev":')) return false;
  const key = head.indexOf('"key":"') + '"key":"'.length;
  return prefixes.some((prefix) => head.startsWith(prefix, key));
}

type Wish = Extract<ClientRequest<SchedulerTag>, { readonly do: 'call' }>;

interface Timer {
  readonly due: number;
  readonly tag: SchedulerTag;
}

class SchedulerReplay {
  private readonly running: RunningScheduler;
  private readonly revisions: ReadonlyMap<number, number>;
  private readonly versions = new Versions();
  private state: SchedulerState;
  private views = new Map<string, View>();
  /** Requests and timers under way, by what a trace calls them. */
  private calls = new Map<string, Wish[]>();
  private timers = new Map<string, Timer[]>();

  constructor(running: RunningScheduler, revisions: ReadonlyMap<number, number>) {
    this.running = running;
    this.revisions = revisions;
    this.state = running.first;
  }

  write(record: Parameters<typeof isWrite>[0]): void {
    if (isWrite(record)) this.versions.write(record);
  }

  /** False: what was heard cannot be put together again. */
  hear(event: TraceEvent): boolean {
    const told = this.toldBy(event);
    if (told === undefined) return false;
    const step = this.running.reduce(this.state, told, event.at);
    this.state = step.state;
    for (const request of step.requests) this.note(request, event.at);
    return true;
  }

  private toldBy(event: TraceEvent): ClientEvent<SchedulerTag> | undefined {
    switch (event.kind) {
      case 'start':
        this.state = this.running.first;
        this.views = new Map();
        this.calls = new Map();
        this.timers = new Map();
        return { type: 'start' };
      case 'answer':
        return this.answer(event);
      case 'watch':
        return this.watch(event);
      case 'watchClosed':
        return { type: 'watchClosed', stream: event.stream };
      case 'timer':
        return this.timer(event.what, event.at);
      default:
        return undefined;
    }
  }

  private note(request: ClientRequest<SchedulerTag>, at: number): void {
    if (request.do === 'call') gather(this.calls, nameOfCall(request.request), request);
    else if (request.do === 'timer')
      gather(this.timers, tagText(request.tag), { due: at + request.after, tag: request.tag });
  }

  private timer(what: string, at: number): ClientEvent<SchedulerTag> | undefined {
    const waiting = this.timers.get(what) ?? [];
    const i = waiting.findIndex(({ due }) => due <= at);
    const [timer] = i < 0 ? [] : waiting.splice(i, 1);
    return timer === undefined ? undefined : { type: 'timer', tag: timer.tag };
  }

  private answer(event: AnswerEvent): ClientEvent<SchedulerTag> | undefined {
    const wish = this.calls.get(nameOfAnswer(event))?.shift();
    const ok = event.code >= 200 && event.code < 300;
    // Other answers (to an Event, to a status) only let the scheduler go on.
    if (wish === undefined)
      return event.verb === 'list'
        ? undefined
        : { type: 'answer', tag: { of: 'status' }, request: unnamed(event), answer: refused(event) };
    const list = ok && event.verb === 'list' ? this.listed(event) : undefined;
    const answer: ApiAnswer = ok
      ? { ok, code: event.code, ...(list === undefined ? {} : { list }) }
      : refused(event);
    return { type: 'answer', tag: wish.tag, request: wish.request, answer };
  }

  private listed({
    id,
    resource,
  }: AnswerEvent): NonNullable<Extract<ApiAnswer, { ok: true }>['list']> | undefined {
    const revision = this.revisions.get(id);
    if (revision === undefined) return undefined;
    const prefix = prefixOf(resource);
    let view = emptyView(resource as Resource);
    for (const [key, object] of this.versions.under(prefix, revision))
      view = withObject(view, key.slice(prefix.length), object, revision);
    this.views.set(resource, view);
    return { view, resourceVersion: `${revision}` };
  }

  private watch(event: Extract<TraceEvent, { kind: 'watch' }>): ClientEvent<SchedulerTag> | undefined {
    const { stream, type, key, resourceVersion } = event;
    const before = this.views.get(stream) ?? emptyView(stream as Resource);
    const revision = Number(resourceVersion);
    if (type === 'ERROR' || type === 'BOOKMARK') return { type: 'watch', stream, event: bare(type, before) };
    const registryKey = prefixOf(stream) + key;
    const object = this.versions.at(registryKey, revision);
    if (object === undefined) return undefined;
    this.versions.forgetBefore(registryKey, revision);
    const known = before.objects.get(key);
    const deleted = type === 'DELETED';
    const shown = deleted ? stampRevision(object, revision) : object;
    const view = deleted ? withoutObject(before, key, revision) : withObject(before, key, object, revision);
    this.views.set(stream, view);
    return {
      type: 'watch',
      stream,
      event: { type: type as 'ADDED', object: shown, before: known, view },
    };
  }
}

function gather<T>(lists: Map<string, T[]>, name: string, value: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}

const nameOfCall = (request: ApiRequest): string =>
  `${request.verb} ${request.resource} ${requestKey(request)} ${'subresource' in request ? (request.subresource ?? '') : ''}`;

const nameOfAnswer = ({ verb, resource, key, subresource }: AnswerEvent): string =>
  `${verb} ${resource} ${key} ${subresource}`;

const unnamed = ({ resource, key }: AnswerEvent): ApiRequest => ({
  verb: 'get',
  resource: resource as Resource,
  name: key as ObjectKey,
});

const refused = ({ code, reason }: AnswerEvent): ApiAnswer => ({
  ok: false,
  code,
  status: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: reason,
    reason,
    code,
  },
});

/** An event that has no object of its own. */
const bare = (type: 'ERROR' | 'BOOKMARK', view: View) => ({
  type,
  object: { kind: 'Status' } as unknown as ApiObject,
  view,
});
