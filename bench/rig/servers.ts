/**
 * An etcd and an apiserver that reads it, with nothing between the two: what one asks of the other is done before it
 * returns. So a benchmark has the work of the servers alone; the network is measured by the benchmark `pods`.
 */
import type { ApiObject } from '../../core/api/object.ts';
import type { ApiAnswer, ApiRequest } from '../../core/api/request.ts';
import {
  newApiserver,
  reduceApiserver,
  type ApiserverState,
  type ApiserverTag,
} from '../../core/apiserver/apiserver.ts';
import type { ApiserverEvent, ApiserverRequest } from '../../core/apiserver/message.ts';
import type { EtcdServerEvent, EtcdServerRequest } from '../../core/etcd/message.ts';
import { newEtcd, reduceEtcd, type EtcdServerState } from '../../core/etcd/server.ts';

export type Stage = 'decide' | 'etcd' | 'answer' | 'watch cache';

/** What the apiserver tells a watcher. */
export type Heard = Extract<ApiserverRequest<ApiserverTag>, { do: 'deliver' }>;

export class Servers {
  /** What watchers have been told since somebody emptied it. */
  heard: Heard[] = [];
  /** Milliseconds by stage, where they are counted. */
  spent: Record<Stage, number> | undefined;
  private etcd: EtcdServerState<ApiObject>;
  private apiserver: ApiserverState = newApiserver({
    name: 'apiserver',
    seed: 'bench',
    compactionInterval: 0,
  });
  private readonly streams: string[] = [];
  private last: ApiAnswer | undefined;

  constructor(etcd: EtcdServerState<ApiObject> = newEtcd()) {
    this.etcd = etcd;
    this.tell({ type: 'start' });
  }

  get revision(): number {
    return this.etcd.store.revision;
  }

  ask(request: ApiRequest): ApiAnswer {
    this.last = undefined;
    this.tell({ type: 'request', call: 1, userAgent: 'bench', request });
    const answer = this.last as ApiAnswer | undefined;
    if (answer === undefined) throw new Error(`no answer to ${request.verb} ${request.resource}`);
    return answer;
  }

  tell(event: ApiserverEvent<ApiserverTag>): void {
    const start = this.spent === undefined ? 0 : performance.now();
    const { state, requests } = reduceApiserver(this.apiserver, event, 0);
    this.apiserver = state;
    if (this.spent !== undefined) this.spent[stageOf(event)] += performance.now() - start;
    for (const request of requests) this.carryOut(request);
  }

  /** Something that etcd is asked; its answer goes to the apiserver, if `tag` tells it of which request it is. */
  tellEtcd(event: EtcdServerEvent<ApiObject>, tag?: ApiserverTag): void {
    const start = this.spent === undefined ? 0 : performance.now();
    const { state, requests } = reduceEtcd(this.etcd, event, 0);
    this.etcd = state;
    if (this.spent !== undefined) this.spent.etcd += performance.now() - start;
    for (const request of requests) this.hear(request, tag);
  }

  private carryOut(request: ApiserverRequest<ApiserverTag>): void {
    if (request.do === 'answer') this.last = request.answer;
    else if (request.do === 'deliver') this.heard.push(request);
    else if (request.do === 'etcd')
      this.tellEtcd({ type: 'kv', call: 1, request: request.request }, request.tag);
    else if (request.do === 'etcdWatch') {
      const { key, rangeEnd, startRevision } = request;
      const stream = this.streams.push(request.stream) - 1;
      this.tellEtcd({ type: 'watch', stream, create: { key, rangeEnd, startRevision, prevKv: true } });
    }
  }

  private hear(request: EtcdServerRequest<ApiObject>, tag: ApiserverTag | undefined): void {
    if (request.do === 'deliver' && request.response.events.length > 0)
      this.tell({
        type: 'etcdWatch',
        stream: this.streams[request.stream] ?? '',
        response: request.response,
      });
    else if (request.do === 'answer' && tag !== undefined)
      this.tell({ type: 'etcdAnswer', tag, response: request.response });
  }
}

function stageOf(event: ApiserverEvent<ApiserverTag>): Stage {
  if (event.type === 'etcdAnswer') return 'answer';
  return event.type === 'etcdWatch' ? 'watch cache' : 'decide';
}
