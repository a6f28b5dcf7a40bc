/** Some apiservers and one etcd, with every message between them lying in a heap until somebody says which goes next. */
import type { ApiObject } from '../../../../core/api/object.ts';
import type { ApiAnswer, ApiRequest } from '../../../../core/api/request.ts';
import {
  newApiserver,
  reduceApiserver,
  type ApiserverState,
  type ApiserverTag,
} from '../../../../core/apiserver/apiserver.ts';
import type { ApiserverEvent } from '../../../../core/apiserver/message.ts';
import type { EtcdServerEvent } from '../../../../core/etcd/message.ts';
import { newEtcd, reduceEtcd, type EtcdServerState } from '../../../../core/etcd/server.ts';
import { getKey } from '../../../../core/etcd/store.ts';

/** Messages of one channel keep their order: a stream's. Others may overtake one another. */
interface Message {
  readonly channel: string;
  readonly deliver: () => void;
}

export class Network {
  readonly answers = new Map<number, ApiAnswer>();
  private servers: ApiserverState[];
  private etcd: EtcdServerState<ApiObject> = newEtcd();
  private heap: Message[] = [];
  private count = 0;
  private readonly asked = new Map<number, { readonly server: number; readonly tag: ApiserverTag }>();
  private streams = new Map<number, { readonly server: number; readonly stream: string }>();

  constructor(servers: number) {
    this.servers = Array.from({ length: servers }, (_, id) =>
      newApiserver({
        name: `apiserver-${id}`,
        seed: 'test',
        disabledAdmission: ['ServiceAccount'],
        compactionInterval: 0,
      }),
    );
    this.servers.forEach((_, id) => this.tell(id, { type: 'start' }));
  }

  /** Another just like it, when nothing is under way. */
  copy(): Network {
    const other = new Network(0);
    other.servers = [...this.servers];
    other.etcd = this.etcd;
    other.count = this.count;
    other.streams = new Map(this.streams);
    return other;
  }

  /** A request is on its way; its answer is in `answers` under this number some day. */
  begin(server: number, request: ApiRequest): number {
    const call = ++this.count;
    this.send(`call ${call}`, () => this.tell(server, { type: 'request', call, userAgent: 'test', request }));
    return call;
  }

  /** What etcd holds under a key. */
  get(key: string): ApiObject | undefined {
    return getKey(this.etcd.store, key)?.value;
  }

  /** Something that is in etcd, whoever put it there. */
  seed(key: string, value: ApiObject): void {
    this.tellEtcd({ type: 'kv', call: ++this.count, request: { type: 'put', key, value } });
  }

  /** Delivers everything, the next always the one the numbers choose; without numbers the oldest. */
  drain(choice?: Iterator<number>): void {
    while (this.heap.length > 0) {
      const first = this.heap.filter(
        ({ channel }, place) => this.heap.findIndex((other) => other.channel === channel) === place,
      );
      const number: unknown = choice?.next().value;
      const message = first[(typeof number === 'number' ? number : 0) % first.length];
      this.heap = this.heap.filter((other) => other !== message);
      message?.deliver();
    }
  }

  private send(channel: string, deliver: () => void): void {
    this.heap.push({ channel, deliver });
  }

  private tell(id: number, event: ApiserverEvent<ApiserverTag>): void {
    const state = this.servers[id];
    if (state === undefined) throw new Error(`no server ${id}`);
    const step = reduceApiserver(state, event, 0);
    this.servers[id] = step.state;
    for (const request of step.requests)
      if (request.do === 'answer') this.answers.set(request.call, request.answer);
      else if (request.do === 'etcd') {
        const call = ++this.count;
        this.asked.set(call, { server: id, tag: request.tag });
        this.send(`etcd ${call}`, () => this.tellEtcd({ type: 'kv', call, request: request.request }));
      } else if (request.do === 'etcdWatch') {
        const stream = ++this.count;
        this.streams.set(stream, { server: id, stream: request.stream });
        const { key, rangeEnd, startRevision } = request;
        const create = { key, rangeEnd, startRevision, prevKv: true };
        this.send(`watch ${stream}`, () => this.tellEtcd({ type: 'watch', stream, create }));
      }
  }

  private tellEtcd(event: EtcdServerEvent<ApiObject>): void {
    const step = reduceEtcd(this.etcd, event, 0);
    this.etcd = step.state;
    for (const request of step.requests)
      if (request.do === 'answer') {
        const asked = this.asked.get(request.call);
        if (asked === undefined) continue;
        const { server, tag } = asked;
        this.send(`answer ${request.call}`, () =>
          this.tell(server, { type: 'etcdAnswer', tag, response: request.response }),
        );
      } else if (request.do === 'deliver') {
        const stream = this.streams.get(request.stream);
        if (stream === undefined) continue;
        this.send(`stream ${request.stream}`, () =>
          this.tell(stream.server, { type: 'etcdWatch', stream: stream.stream, response: request.response }),
        );
      }
  }
}
