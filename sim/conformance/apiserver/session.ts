/**
 * One etcd, one apiserver and a client with nothing between them: a request is answered before the next is made, and a
 * watch hears of a change at once. Time passes only where it is let pass, a second with every request.
 */
import type { ApiObject } from '../../../core/api/object.ts';
import type { ApiAnswer, ApiRequest, Status, WatchEvent, WatchRequest } from '../../../core/api/request.ts';
import {
  newApiserver,
  reduceApiserver,
  type ApiserverOptions,
  type ApiserverState,
  type ApiserverTag,
} from '../../../core/apiserver/apiserver.ts';
import type { ApiserverEvent } from '../../../core/apiserver/message.ts';
import type { EtcdServerEvent, KvRequest } from '../../../core/etcd/message.ts';
import { newEtcd, reduceEtcd, type EtcdServerState } from '../../../core/etcd/server.ts';
import { second, type Duration, type VirtualTime } from '../../../core/time/time.ts';

type Event = ApiserverEvent<ApiserverTag>;

/** What a client of one watch has heard. */
export interface Watched {
  readonly events: WatchEvent[];
  /** The answer, where the watch was refused instead of begun. */
  refused: Status | undefined;
  closed: boolean;
}

interface Due {
  readonly at: VirtualTime;
  readonly tag: ApiserverTag;
}

/** Waiting longer than this for one answer means that none will come. */
const mostPatience = 60 * second;

export class Session {
  now: VirtualTime = 0;
  private readonly options: ApiserverOptions;
  private server: ApiserverState;
  private etcd: EtcdServerState<ApiObject> = newEtcd();
  private calls = 0;
  /** How often the server was started: what an earlier process asked for is not told to a later one. */
  private life = 0;
  private timers: readonly Due[] = [];
  private readonly queue: (() => void)[] = [];
  private running = false;
  private readonly answers = new Map<number, ApiAnswer>();
  private readonly watches = new Map<number, Watched>();
  private readonly etcdCalls = new Map<number, ApiserverTag>();
  private readonly streams = new Map<number, string>();

  constructor(options: Partial<ApiserverOptions> = {}) {
    this.options = { name: 'apiserver', seed: 'conformance', compactionInterval: 0, ...options };
    this.server = newApiserver(this.options);
    this.tell({ type: 'start' });
  }

  get revision(): number {
    return this.etcd.store.revision;
  }

  /** What became of a request; a timer it waits for is let run out. */
  call(request: ApiRequest, userAgent = 'conformance'): ApiAnswer {
    const call = ++this.calls;
    this.now += second;
    this.tell({ type: 'request', call, userAgent, request });
    const until = this.now + mostPatience;
    while (!this.answers.has(call) && this.ring(until));
    const answer = this.answers.get(call);
    if (answer === undefined) throw new Error(`no answer to ${JSON.stringify(request)}`);
    return answer;
  }

  watch(request: WatchRequest, userAgent = 'conformance'): Watched {
    const watcher = ++this.calls;
    const watched: Watched = { events: [], refused: undefined, closed: false };
    this.watches.set(watcher, watched);
    this.tell({ type: 'watch', watcher, userAgent, request });
    return watched;
  }

  /** The server's process ends and begins again: what it knew is lost, and its watches break off without a word. */
  restart(): void {
    this.life++;
    this.timers = [];
    this.etcdCalls.clear();
    this.streams.clear();
    this.watches.clear();
    this.server = newApiserver(this.options);
    this.tell({ type: 'start' });
  }

  /** A write of etcd that no apiserver asked for. */
  writeEtcd(request: KvRequest<ApiObject>): void {
    this.queue.push(() => this.tellEtcd({ type: 'kv', call: ++this.calls, request }));
    this.run();
  }

  /** Time passes. */
  pass(duration: Duration): void {
    const until = this.now + duration;
    while (this.ring(until));
    this.now = until;
  }

  /** Lets the next timer ring, if it is due by then. */
  private ring(until: VirtualTime): boolean {
    const [due, ...others] = this.timers;
    if (due === undefined || due.at > until) return false;
    this.timers = others;
    this.now = due.at;
    this.tell({ type: 'timer', tag: due.tag });
    return true;
  }

  /** Whatever an event leads to happens after it, in the order it was asked for. */
  private tell(event: Event): void {
    const { life } = this;
    this.queue.push(() => {
      if (this.life === life) this.reduce(event);
    });
    this.run();
  }

  private run(): void {
    if (this.running) return;
    this.running = true;
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) next();
    this.running = false;
  }

  private reduce(event: Event): void {
    const step = reduceApiserver(this.server, event, this.now);
    this.server = step.state;
    for (const request of step.requests) {
      switch (request.do) {
        case 'answer':
          this.answers.set(request.call, request.answer);
          break;
        case 'deliver':
          this.hear(request.watcher, request.event);
          break;
        case 'closeWatch': {
          const watched = this.watches.get(request.watcher);
          if (watched !== undefined) watched.closed = true;
          break;
        }
        case 'timer':
          this.timers = [...this.timers, { at: this.now + request.after, tag: request.tag }].sort(
            (a, b) => a.at - b.at,
          );
          break;
        case 'etcd': {
          const call = ++this.calls;
          this.etcdCalls.set(call, request.tag);
          this.queue.push(() => this.tellEtcd({ type: 'kv', call, request: request.request }));
          break;
        }
        case 'etcdWatch': {
          const stream = ++this.calls;
          this.streams.set(stream, request.stream);
          const { key, rangeEnd, startRevision } = request;
          const create = { key, rangeEnd, startRevision, prevKv: true };
          this.queue.push(() => this.tellEtcd({ type: 'watch', stream, create }));
          break;
        }
      }
    }
  }

  private hear(watcher: number, event: WatchEvent): void {
    const watched = this.watches.get(watcher);
    if (watched === undefined) return;
    if (event.refused === true) watched.refused = event.object as Status;
    else watched.events.push(event);
  }

  private tellEtcd(event: EtcdServerEvent<ApiObject>): void {
    const step = reduceEtcd(this.etcd, event, this.now);
    this.etcd = step.state;
    for (const request of step.requests) {
      if (request.do === 'answer') {
        const tag = this.etcdCalls.get(request.call);
        this.etcdCalls.delete(request.call);
        if (tag !== undefined) this.tell({ type: 'etcdAnswer', tag, response: request.response });
      } else if (request.do === 'deliver') {
        const stream = this.streams.get(request.stream);
        if (stream !== undefined) this.tell({ type: 'etcdWatch', stream, response: request.response });
      }
    }
  }
}
