/** Everything that can reach a process: what the network carries, timers, and the world's own doings. */
import type { CallId, WatcherId } from '../../core/apiserver/message.ts';
import type {
  ApiAnswer,
  ApiRequest,
  Impersonation,
  WatchEvent,
  WatchRequest,
} from '../../core/api/request.ts';
import type { Credential } from '../../core/apiserver/authentication/authenticate.ts';
import type { ApiObject } from '../../core/api/object.ts';
import type {
  EtcdCallId,
  EtcdStreamId,
  KvRequest,
  KvResponse,
  WatchCreate,
  WatchResponse,
} from '../../core/etcd/message.ts';
import type { Fault } from '../network/fault.ts';

export type Message =
  | { readonly type: 'start' }
  | { readonly type: 'timer'; readonly tag: unknown }
  // client -> apiserver
  | {
      readonly type: 'request';
      readonly call: CallId;
      readonly from: number;
      readonly userAgent: string;
      readonly credential: Credential | undefined;
      readonly impersonation: Impersonation | undefined;
      readonly request: ApiRequest;
    }
  | {
      readonly type: 'openWatch';
      readonly watcher: WatcherId;
      readonly from: number;
      readonly stream: string;
      readonly userAgent: string;
      readonly credential: Credential | undefined;
      readonly request: WatchRequest;
    }
  | { readonly type: 'unwatch'; readonly watcher: WatcherId }
  // apiserver -> client
  | {
      readonly type: 'answer';
      readonly tag: unknown;
      readonly request: ApiRequest;
      readonly answer: ApiAnswer;
      /** What it answers, where the server itself has. */
      readonly call?: Call | undefined;
    }
  | {
      readonly type: 'watch';
      readonly watcher: WatcherId;
      readonly stream: string;
      readonly event: WatchEvent;
    }
  | { readonly type: 'watchClosed'; readonly watcher: WatcherId; readonly stream: string }
  // apiserver -> etcd
  | {
      readonly type: 'kv';
      readonly call: EtcdCallId;
      readonly from: number;
      readonly request: KvRequest<ApiObject>;
    }
  | { readonly type: 'openEtcdWatch'; readonly stream: EtcdStreamId; readonly create: WatchCreate }
  | { readonly type: 'closeEtcdStream'; readonly stream: EtcdStreamId }
  // etcd -> apiserver
  | {
      readonly type: 'etcdAnswer';
      readonly tag: unknown;
      readonly request: KvRequest<ApiObject>;
      readonly response: KvResponse<ApiObject>;
    }
  | {
      readonly type: 'etcdWatch';
      readonly etcdStream: EtcdStreamId;
      readonly stream: string;
      readonly response: WatchResponse<ApiObject>;
    }
  | { readonly type: 'etcdWatchClosed'; readonly stream: string }
  | { readonly type: 'fault'; readonly fault: Fault };

/** A request of a client that is under way. */
export interface Call {
  readonly client: number;
  readonly incarnation: number;
  readonly server: number;
  readonly tag: unknown;
  readonly request: ApiRequest;
  readonly userAgent: string;
  readonly impersonation: Impersonation | undefined;
  /** How often it has been sent again. */
  readonly retries: number;
}

/** A request of an apiserver to etcd that is under way. */
export interface EtcdCall {
  readonly client: number;
  readonly incarnation: number;
  readonly tag: unknown;
  readonly request: KvRequest<ApiObject>;
}

/** A stream that is open, of either kind: what it sends arrives in the order it was sent. */
export interface OpenStream {
  readonly client: number;
  readonly incarnation: number;
  readonly server: number;
  readonly stream: string;
  /** When the latest of what was sent arrives: nothing later may arrive before. */
  lastArrival: number;
}
