/**
 * One etcd and some apiservers with nothing between them: a request is answered before the next is made, and a watch
 * hears of a change at once, unless the server is `held`. Every request takes a second of virtual time.
 */
import type { ApiObject } from '../../../core/api/object.ts';
import type { ApiAnswer, ApiRequest, WatchEvent, WatchRequest } from '../../../core/api/request.ts';
import {
  newApiserver,
  reduceApiserver,
  type ApiserverOptions,
  type ApiserverState,
  type ApiserverTag,
} from '../../../core/apiserver/apiserver.ts';
import type { UserInfo } from '../../../core/apiserver/authentication/identities.ts';
import type { ApiserverEvent } from '../../../core/apiserver/message.ts';
import type { EtcdServerEvent } from '../../../core/etcd/message.ts';
import { newEtcd, reduceEtcd, type EtcdServerState } from '../../../core/etcd/server.ts';
import { second, type VirtualTime } from '../../../core/time/time.ts';

type Event = ApiserverEvent<ApiserverTag>;

interface Server {
  readonly id: number;
  state: ApiserverState;
  /** Events of etcd's watches that have not reached it; undefined: they reach it at once. */
  held: Event[] | undefined;
}

export interface Watched {
  readonly events: WatchEvent[];
  readonly id: number;
  closed: boolean;
}

export class Cluster {
  now: VirtualTime = 0;
  readonly servers: Server[];
  private etcd: EtcdServerState<ApiObject> = newEtcd();
  private calls = 0;
  private readonly queue: (() => void)[] = [];
  private running = false;
  private readonly answers = new Map<number, ApiAnswer>();
  private readonly watches = new Map<number, Watched>();
  private readonly etcdCalls = new Map<number, { readonly server: Server; readonly tag: ApiserverTag }>();
  private readonly streams = new Map<number, { readonly server: Server; readonly stream: string }>();
  readonly timers: { readonly at: VirtualTime; readonly server: Server; readonly tag: ApiserverTag }[] = [];

  constructor(count = 1, options: Partial<ApiserverOptions> = {}) {
    this.servers = Array.from({ length: count }, (_, id) => ({
      id,
      state: newApiserver({
        name: `apiserver-${id}`,
        seed: 'test',
        disabledAdmission: ['ServiceAccount'],
        ...options,
      }),
      held: undefined,
    }));
    for (const server of this.servers) this.tell(server, { type: 'start' });
  }

  get revision(): number {
    return this.etcd.store.revision;
  }

  /** What became of a request; a timer it waits for is let run out. */
  call(request: ApiRequest, server = 0): ApiAnswer {
    this.now += second;
    const call = this.begin(request, server);
    if (!this.answers.has(call)) this.advance(3 * second);
    const answer = this.answers.get(call);
    if (answer === undefined) throw new Error(`no answer to ${JSON.stringify(request)}`);
    return answer;
  }

  /** What becomes of a request of a user. */
  callAs(user: UserInfo, request: ApiRequest): ApiAnswer {
    this.now += second;
    const answer = this.answerTo(this.begin(request, 0, user));
    if (answer === undefined) throw new Error(`no answer to ${JSON.stringify(request)}`);
    return answer;
  }

  /** Makes a request, and takes no time; `answerTo` tells what became of it. */
  begin(request: ApiRequest, server = 0, user: UserInfo | undefined = undefined): number {
    const call = ++this.calls;
    this.tell(this.server(server), { type: 'request', call, userAgent: 'test', request, user });
    return call;
  }

  answerTo(call: number): ApiAnswer | undefined {
    return this.answers.get(call);
  }

  /** The object that a request is answered with. */
  object<T extends ApiObject = ApiObject>(request: ApiRequest, server = 0): T {
    const answer = this.call(request, server);
    if (!answer.ok || answer.object === undefined) throw new Error(JSON.stringify(answer));
    return answer.object as T;
  }

  watch(request: Omit<WatchRequest, 'verb'>, server = 0): Watched {
    const id = ++this.calls;
    const watched: Watched = { id, events: [], closed: false };
    this.watches.set(id, watched);
    this.tell(this.server(server), {
      type: 'watch',
      watcher: id,
      userAgent: 'test',
      request: { verb: 'watch', ...request },
    });
    return watched;
  }

  unwatch(watched: Watched, server = 0): void {
    this.tell(this.server(server), { type: 'unwatch', watcher: watched.id });
  }

  /** From now on nothing of etcd's watches reaches the server. */
  hold(server = 0): void {
    this.server(server).held ??= [];
  }

  /** What was held reaches it, and what comes does again. */
  release(server = 0): void {
    const slot = this.server(server);
    const held = slot.held ?? [];
    slot.held = undefined;
    for (const event of held) this.tell(slot, event);
  }

  /** The connection to etcd breaks for a resource. */
  breakStream(resource: string, server = 0): void {
    for (const [id, stream] of this.streams)
      if (stream.server === this.server(server) && stream.stream === resource) this.streams.delete(id);
    this.tell(this.server(server), { type: 'etcdWatchClosed', stream: resource });
  }

  advance(by: number): void {
    const until = this.now + by;
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.timers.splice(this.timers.indexOf(due), 1);
      this.now = due.at;
      this.tell(due.server, { type: 'timer', tag: due.tag });
    }
    this.now = until;
  }

  private server(id: number): Server {
    const server = this.servers[id];
    if (server === undefined) throw new Error(`no apiserver ${id}`);
    return server;
  }

  /** Whatever an event leads to happens after it, in the order it was asked for. */
  private tell(server: Server, event: Event): void {
    this.queue.push(() => this.reduce(server, event));
    if (!this.running) this.run();
  }

  /** What is asked for meanwhile is asked for at the same moment: all of it is under way before anything is answered. */
  atOnce(ask: () => void): void {
    this.running = true;
    ask();
    this.run();
  }

  private run(): void {
    this.running = true;
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) next();
    this.running = false;
  }

  private reduce(server: Server, event: Event): void {
    const step = reduceApiserver(server.state, event, this.now);
    server.state = step.state;
    for (const request of step.requests) {
      switch (request.do) {
        case 'answer':
          this.answers.set(request.call, request.answer);
          break;
        case 'deliver':
          this.watches.get(request.watcher)?.events.push(request.event);
          break;
        case 'closeWatch': {
          const watched = this.watches.get(request.watcher);
          if (watched !== undefined) watched.closed = true;
          break;
        }
        case 'timer':
          this.timers.push({ at: this.now + request.after, server, tag: request.tag });
          break;
        case 'etcd': {
          const call = ++this.calls;
          this.etcdCalls.set(call, { server, tag: request.tag });
          this.queue.push(() => this.tellEtcd({ type: 'kv', call, request: request.request }));
          break;
        }
        case 'etcdWatch': {
          const stream = ++this.calls;
          this.streams.set(stream, { server, stream: request.stream });
          const { key, rangeEnd, startRevision } = request;
          const create = { key, rangeEnd, startRevision, prevKv: true };
          this.queue.push(() => this.tellEtcd({ type: 'watch', stream, create }));
          break;
        }
      }
    }
  }

  private tellEtcd(event: EtcdServerEvent<ApiObject>): void {
    const step = reduceEtcd(this.etcd, event, this.now);
    this.etcd = step.state;
    for (const request of step.requests) {
      if (request.do === 'answer') {
        const call = this.etcdCalls.get(request.call);
        if (call !== undefined)
          this.tell(call.server, { type: 'etcdAnswer', tag: call.tag, response: request.response });
      } else if (request.do === 'deliver') {
        const stream = this.streams.get(request.stream);
        if (stream === undefined) continue;
        const told: Event = { type: 'etcdWatch', stream: stream.stream, response: request.response };
        if (stream.server.held === undefined) this.tell(stream.server, told);
        else stream.server.held.push(told);
      }
    }
  }
}
