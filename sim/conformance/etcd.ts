/**
 * The etcd suite: seeded operations that were sent to a real etcd 3.6.4, against core/etcd. Each sequence starts with an
 * empty store; every answer is compared, and every event of every watch together with the step after which it had come.
 */
import { etcdReducer, newEtcd, type EtcdServerState } from '../../core/etcd/server.ts';
import { compareBytes } from '../../core/etcd/order.ts';
import type {
  EtcdServerEvent,
  EtcdServerRequest,
  EtcdTimer,
  KvRequest,
  LeaseRequest,
  WatchResponse,
} from '../../core/etcd/message.ts';
import { second, type VirtualTime } from '../../core/time/time.ts';
import { firstDifference } from './difference.ts';
import {
  deleteRangeRequest,
  etcdFile,
  eventAnswer,
  header,
  kvResponseAnswer,
  leaseAnswer,
  pruned,
  putRequest,
  rangeRequest,
  txnRequest,
  type Answer,
  type RecordedOperation,
  type RecordedSequence,
} from './etcd-case.ts';
import { ConformanceInputError, parseCases } from './input.ts';
import type { CaseResult, Suite } from './run.ts';

export const etcdSuite: Suite = {
  name: 'etcd',
  *run(fileText, fileName) {
    const { sequences } = parseCases(fileText, fileName, etcdFile);
    for (const sequence of sequences) yield runSequence(sequence, fileName);
  },
};

function runSequence(sequence: RecordedSequence, fileName: string): CaseResult {
  const name = sequence.seed ?? sequence.name;
  const difference = differenceIn(sequence, new Session(`${fileName}: ${name}`));
  return difference === undefined ? { name, passed: true } : { name, passed: false, difference };
}

/** The operation as JSON, its type first. */
function operationText({ type, ...rest }: RecordedSequence['steps'][number]['op']): string {
  return JSON.stringify({ type, ...rest });
}

function differenceIn(sequence: RecordedSequence, session: Session): string | undefined {
  for (const [index, { op, want }] of sequence.steps.entries()) {
    const difference = firstDifference(want, session.perform(index, op));
    if (difference !== undefined)
      return `step ${index}: ${difference}\nop ${operationText(op)}\nwant ${JSON.stringify(want)}`;
  }
  for (const watch of sequence.watches ?? []) {
    const { events, final } = session.heard(watch.id);
    const difference =
      firstDifference(watch.want_events, events, 'events') ??
      firstDifference(watch.want_final, final, 'final');
    if (difference !== undefined) return `watch ${watch.id}: ${difference}`;
  }
  return undefined;
}

/** Real servers were told to notify this often; every other duration of the recordings is much longer. */
const progressNotifyInterval = 1 * second;

const reduce = etcdReducer<string>({ empty: '', compareValues: compareBytes, progressNotifyInterval });

/** What a client of one watch has heard. */
interface HeardWatch {
  readonly stream: number;
  /** The server's id for it. */
  watchId: number;
  readonly shared: boolean;
  readonly events: Answer[];
  final: Answer | undefined;
  /** The revision of the last periodic progress notification since the last look. */
  progress: number | null;
}

interface DueTimer {
  readonly at: VirtualTime;
  readonly timer: EtcdTimer;
}

/** One server and the driver of the recording in front of it. */
class Session {
  private readonly place: string;
  private state: EtcdServerState<string> = newEtcd();
  private now: VirtualTime = 0;
  private step = 0;
  private timers: readonly DueTimer[] = [];
  private readonly streams = new Map<string, number>();
  private readonly watches = new Map<string, HeardWatch>();

  constructor(place: string) {
    this.place = place;
  }

  heard(id: string): { readonly events: readonly Answer[]; readonly final: Answer | undefined } {
    const watch = this.watches.get(id);
    return watch ?? { events: [], final: undefined };
  }

  /** Carries out one operation and answers what the driver would have recorded. */
  perform(step: number, op: RecordedOperation): Answer {
    this.step = step;
    switch (op.type) {
      case 'range':
        return this.kv(rangeRequest(op));
      case 'put':
        return this.kv(putRequest(op));
      case 'delete_range':
        return this.kv(deleteRangeRequest(op));
      case 'txn':
        return this.kv(txnRequest(op));
      case 'compact':
        return this.kv({ type: 'compact', revision: op.revision ?? 0 });
      case 'lease_grant':
        return this.lease({ type: 'leaseGrant', id: op.ID, ttlSeconds: op.TTL ?? 0 });
      case 'lease_revoke':
        return this.lease({ type: 'leaseRevoke', id: op.ID });
      case 'lease_keepalive':
        return this.lease({ type: 'leaseKeepAlive', id: op.ID });
      case 'lease_ttl':
        return this.lease({ type: 'leaseTimeToLive', id: op.ID, keys: op.keys });
      case 'lease_list':
        return this.lease({ type: 'leaseLeases' });
      case 'lease_expired':
        return this.leaseExpired(op.ID);
      case 'watch_create':
        return this.createWatch(op);
      case 'watch_cancel':
        return this.cancelWatch(op.id);
      case 'watch_progress':
        return this.progress(op.stream);
      case 'progress_idle':
        return this.idle();
    }
  }

  private kv(request: KvRequest<string>): Answer {
    for (const done of this.send({ type: 'kv', call: this.step, request }))
      if (done.do === 'answer') return kvResponseAnswer(done.response);
    return {};
  }

  private lease(request: LeaseRequest): Answer {
    for (const done of this.send({ type: 'lease', call: this.step, request }))
      if (done.do === 'answerLease') return leaseAnswer(done.response);
    return {};
  }

  /** Time passes until the lease is gone. */
  private leaseExpired(id: number): Answer {
    while (this.state.store.leases.get(id) !== undefined && this.fireNext(Infinity));
    return { header: header(this.state.store.revision) };
  }

  private createWatch(op: Extract<RecordedOperation, { type: 'watch_create' }>): Answer {
    const stream = this.streamNamed(op.stream ?? op.id);
    const watch: HeardWatch = {
      stream,
      watchId: -1,
      shared: op.stream !== undefined,
      events: [],
      final: undefined,
      progress: null,
    };
    this.watches.set(op.id, watch);
    const create = {
      key: op.key,
      rangeEnd: op.range_end,
      startRevision: op.start_revision,
      prevKv: op.prev_kv,
      progressNotify: op.progress_notify,
      noPut: op.filters?.includes('NOPUT'),
      noDelete: op.filters?.includes('NODELETE'),
      watchId: op.watch_id,
    };
    const created = { answer: {} as Answer };
    this.send({ type: 'watch', stream, create }, (response) => {
      if (response.created !== true) return false;
      watch.watchId = response.watchId;
      if (response.canceled === true) watch.final = this.finalOf(response);
      created.answer = pruned({
        header: header(response.revision),
        watch_id: response.watchId,
        created: true,
        canceled: response.canceled,
        cancel_reason: response.cancelReason,
      });
      return true;
    });
    return created.answer;
  }

  private cancelWatch(id: string): Answer {
    const watch = this.watches.get(id);
    if (watch === undefined)
      throw new ConformanceInputError(`${this.place}: step ${this.step}: no watch ${id} was created`);
    for (const done of this.send({ type: 'cancelWatch', stream: watch.stream, watchId: watch.watchId }))
      if (done.do === 'deliver' && done.response.canceled === true)
        return { header: header(done.response.revision), canceled: true };
    return {};
  }

  private progress(name: string): Answer {
    const stream = this.streamNamed(name);
    for (const done of this.send({ type: 'progress', stream }))
      if (done.do === 'deliver')
        return { watch_id: done.response.watchId, header: header(done.response.revision) };
    return { no_response: true };
  }

  /** Time passes until every stream has had a whole interval without an event. */
  private idle(): Answer {
    for (const watch of this.watches.values()) watch.progress = null;
    const end = this.now + 3 * progressNotifyInterval;
    while (this.fireNext(end));
    this.now = end;
    return { progress: Object.fromEntries([...this.watches].map(([id, watch]) => [id, watch.progress])) };
  }

  private streamNamed(name: string): number {
    const stream = this.streams.get(name) ?? this.streams.size + 1;
    this.streams.set(name, stream);
    return stream;
  }

  /** Lets the next timer ring, if that is due by `latest`. */
  private fireNext(latest: VirtualTime): boolean {
    const [next, ...others] = this.timers;
    if (next === undefined || next.at > latest) return false;
    this.timers = others;
    this.now = next.at;
    this.send({ type: 'timer', timer: next.timer });
    return true;
  }

  /** One step of the server. What it delivers goes to the watches, unless `claim` takes it. */
  private send(
    event: EtcdServerEvent<string>,
    claim: (response: WatchResponse<string>) => boolean = () => false,
  ): readonly EtcdServerRequest<string>[] {
    const { state, requests } = reduce(this.state, event, this.now);
    this.state = state;
    for (const request of requests) {
      if (request.do === 'timer')
        this.timers = [...this.timers, { at: this.now + request.after, timer: request.timer }].sort(
          (a, b) => a.at - b.at,
        );
      else if (request.do === 'deliver' && !claim(request.response))
        this.receive(request.stream, request.response);
    }
    return requests;
  }

  private receive(stream: number, response: WatchResponse<string>): void {
    for (const watch of this.watches.values()) {
      if (watch.stream !== stream || watch.watchId !== response.watchId || watch.final !== undefined)
        continue;
      for (const event of response.events)
        watch.events.push({ after_step: this.step, ...eventAnswer(event) });
      if (response.canceled === true) watch.final = this.finalOf(response);
      else if (response.events.length === 0) watch.progress = response.revision;
      // As clientv3 does: a watch that the server canceled is canceled once more, or its stream never answers progress again.
      if (response.compactRevision !== undefined && watch.shared)
        this.send({ type: 'cancelWatch', stream, watchId: watch.watchId });
    }
  }

  private finalOf(response: WatchResponse<string>): Answer {
    return {
      at_step: this.step,
      ...pruned({
        canceled: true,
        compact_revision: response.compactRevision,
        cancel_reason: response.cancelReason,
      }),
    };
  }
}
