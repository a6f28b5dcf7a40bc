/** What an apiserver hears and asks for: from its clients on one side, from etcd on the other. */
import type { ApiObject } from '../api/object.ts';
import type { ApiAnswer, ApiRequest, Impersonation, WatchEvent, WatchRequest } from '../api/request.ts';
import type { KvRequest, KvResponse, WatchResponse } from '../etcd/message.ts';
import type { Credential } from './authentication/authenticate.ts';
import type { UserInfo } from './authentication/identities.ts';
import type { Duration } from '../time/time.ts';

/** A request under way, as the network knows it; the apiserver only gives it back with the answer. */
export type CallId = number;

/** A watch of a client. `id` is unique for the whole run. */
export type WatcherId = number;

/** Who asks. */
interface Asking {
  /** What the client shows. */
  readonly credential?: Credential | undefined;
  /** For whom it asks to act. */
  readonly impersonation?: Impersonation | undefined;
  /** Who asks, where that is known: nothing that is shown is looked at then. */
  readonly user?: UserInfo | undefined;
}

/** What the apiserver remembers with a request to etcd, and gets back with the answer. Plain values. */
export type ApiserverEvent<Tag> =
  | { readonly type: 'start' }
  | ({
      readonly type: 'request';
      readonly call: CallId;
      readonly userAgent: string;
      readonly request: ApiRequest;
    } & Asking)
  | ({
      readonly type: 'watch';
      readonly watcher: WatcherId;
      readonly userAgent: string;
      readonly request: WatchRequest;
    } & Asking)
  /** The client has closed its watch, or is gone. */
  | { readonly type: 'unwatch'; readonly watcher: WatcherId }
  | { readonly type: 'etcdAnswer'; readonly tag: Tag; readonly response: KvResponse<ApiObject> }
  | { readonly type: 'etcdWatch'; readonly stream: string; readonly response: WatchResponse<ApiObject> }
  | { readonly type: 'etcdWatchClosed'; readonly stream: string }
  | { readonly type: 'timer'; readonly tag: Tag };

export type ApiserverRequest<Tag> =
  | { readonly do: 'answer'; readonly call: CallId; readonly answer: ApiAnswer }
  | { readonly do: 'deliver'; readonly watcher: WatcherId; readonly event: WatchEvent }
  | { readonly do: 'closeWatch'; readonly watcher: WatcherId }
  | { readonly do: 'etcd'; readonly tag: Tag; readonly request: KvRequest<ApiObject> }
  /** Watches a prefix of the registry from a revision on. `stream` is the resource. */
  | {
      readonly do: 'etcdWatch';
      readonly stream: string;
      readonly key: string;
      readonly rangeEnd: string;
      readonly startRevision: number;
    }
  | {
      readonly do: 'timer';
      readonly tag: Tag;
      readonly after: Duration;
      readonly background?: boolean | undefined;
    };
