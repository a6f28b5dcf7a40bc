/** What an apiserver is made of, and what it remembers with a request to etcd. All of it plain values. */
import { resources } from '../api/kinds.ts';
import type { ApiObject, ObjectKey, Resource } from '../api/object.ts';
import type {
  ApiAnswer,
  CreateRequest,
  DeleteCollectionRequest,
  DeleteRequest,
  GetRequest,
  ListAnswer,
  ListRequest,
  PatchRequest,
  Status,
  UpdateRequest,
  WatchRequest,
} from '../api/request.ts';
import type { ResourceQuota } from '../api/generated/types.ts';
import type { View } from '../api/view.ts';
import type { OrderedMap } from '../collections/ordered-map.ts';
import type { Seed } from '../random/draw.ts';
import type { Step } from '../reducer.ts';
import type { Duration } from '../time/time.ts';
import type { UserInfo } from './authentication/identities.ts';
import type { Flow } from './flow.ts';
import type { ApiserverEvent, ApiserverRequest, CallId, WatcherId } from './message.ts';
import type { QuotaRequest } from './admission/quota-evaluator.ts';
import type { Luck } from './names.ts';
import type { SimulatedWebhook } from './admission/webhooks.ts';
import type { WatchCache } from './watch-cache.ts';

/** Who decides what somebody may: nobody, or the Node authorizer and then RBAC. (--authorization-mode) */
export type AuthorizationMode = 'AlwaysAllow' | 'Node,RBAC';

export interface ApiserverConfig {
  readonly name: string;
  readonly seed: Seed;
  /** Where cluster IPs are taken from: `10.96.0.0/12`. */
  readonly serviceCidr: string;
  /** Ports of type NodePort, both ends included. */
  readonly nodePorts: { readonly from: number; readonly to: number };
  /** Plugins of admission that are off. */
  readonly disabledAdmission: readonly string[];
  readonly authorizationMode: AuthorizationMode;
  /** How the webhooks of configurations behave, by their names; of others their Service decides. */
  readonly webhooks: Readonly<Record<string, SimulatedWebhook>>;
  /** 0: etcd is never compacted. */
  readonly compactionInterval: Duration;
  /** How often watches that ask for bookmarks get one; 0: never. */
  readonly bookmarkInterval: Duration;
}

/** What the compactor knows of compact_rev_key. (apiserver/pkg/storage/etcd3/compact.go) */
interface Compaction {
  readonly version: number;
  /** The store's revision when it last looked. */
  readonly revision: number;
}

export interface ApiserverState {
  readonly config: ApiserverConfig;
  readonly luck: Luck;
  /** One of each resource, in the order of `resources` (core/api/kinds.ts); then those of custom resources, as they came. */
  readonly caches: readonly WatchCache[];
  /** The places of the caches of custom resources. */
  readonly custom: OrderedMap<Resource, number>;
  /** The cache each watcher follows. */
  readonly watching: OrderedMap<WatcherId, number>;
  /** How many names were made of each base, by `namespace/base`. */
  readonly generated: OrderedMap<string, number>;
  readonly compaction: Compaction;
  /** Undefined: the server takes on whatever comes, and is done with it at once. */
  readonly flow: Flow | undefined;
  readonly quotas: QuotaWork;
}

/** What is under way with ResourceQuotas. */
export interface QuotaWork {
  /** The namespaces in which a batch of requests is being charged, and what came since. */
  readonly waiting: OrderedMap<string, readonly ChargedRequest[]>;
  /** Each quota as this server wrote it last. */
  readonly written: OrderedMap<ObjectKey, ApiObject>;
}

/** A write that quotas have a say in: what is asked of them, what follows, and why it will not, once that is known. */
export type ChargedRequest = {
  readonly asked: QuotaRequest;
  readonly refusal: Status | undefined;
} & (
  | { readonly of: 'create'; readonly creation: Creation }
  /** `write` has what it was decided on, and what was decided. */
  | { readonly of: 'write'; readonly write: Write }
);

/** A batch of requests being charged. */
export interface Charge {
  readonly namespace: string;
  readonly batch: readonly ChargedRequest[];
  /** Statuses still to be written, each if the quota is still at the revision `before`. The first is under way. */
  readonly writes: readonly { readonly quota: ResourceQuota; readonly before: number }[];
  /** The names of those that others wrote meanwhile. */
  readonly failed: readonly string[];
  /** What the last of those came to. */
  readonly failure: Status | undefined;
  readonly retries: number;
}

/** The creation of what an apply did not find: the configuration with its owner. */
export interface AppliedRequest extends CreateRequest {
  /** The apply as it came: if somebody was faster, it is of that object. */
  readonly applied: RequestEvent;
}

export type WriteRequest =
  CreateRequest | UpdateRequest | PatchRequest | DeleteRequest | CollectionItemRequest;

/** A deletion of a collection under way. */
export interface Collection {
  readonly request: DeleteCollectionRequest;
  /** What is answered in the end. */
  readonly shown: ListAnswer;
  /** What is still to be deleted. */
  readonly rest: readonly ObjectKey[];
}

/** The deletion of one object of a collection. */
export interface CollectionItemRequest extends DeleteRequest {
  readonly collection: Collection;
}

/**
 * A change of an object that exists, under way. `change`: what the request asks for. `delete`: begins a deletion.
 * `remove`: the object has been marked and goes now. `evict`: the Pod's budget has allowed it.
 */
export interface Write {
  readonly call: CallId;
  /** How the request came: who asks, with which program. */
  readonly event: RequestEvent;
  readonly request: WriteRequest;
  /** The place of its cache. */
  readonly cache: number;
  readonly key: ObjectKey;
  readonly phase: 'change' | 'delete' | 'remove' | 'evict';
  /** What it was decided on; undefined while that is being read from etcd. */
  readonly current: ApiObject | undefined;
  /** Whether that came from etcd just now: only then is a refusal final. */
  readonly fresh: boolean;
  /** What the transaction under way does. */
  readonly txn: 'put' | 'delete';
  /** What was written, or what is answered once the object is gone. */
  readonly next: ApiObject | undefined;
  /** What follows when it is written. */
  readonly then: 'answer' | 'delete' | 'remove';
  readonly attempt: number;
  /** What the client is told beside the answer. */
  readonly warnings: readonly string[];
}

/** An object being created. */
export interface Creation {
  readonly call: CallId;
  readonly cache: number;
  readonly object: ApiObject;
  /** How many names have been tried; undefined: it came with its own. */
  readonly attempt: number | undefined;
  /** The version it is answered in; undefined: the stored one. */
  readonly version: string | undefined;
  /** Everything is done but the writing. */
  readonly dryRun: boolean;
  /** The apply that began it, where one did. */
  readonly applied: RequestEvent | undefined;
  readonly warnings: readonly string[];
}

/** A request that has been let in: whose it is, is known. */
export type RequestEvent = Extract<ApiserverEvent<never>, { readonly type: 'request' }> & {
  readonly user: UserInfo;
};

export type ApiserverTag =
  /** The list a cache begins with; as a timer, the next try. */
  | { readonly of: 'list'; readonly resource: Resource }
  | { readonly of: 'read'; readonly call: CallId; readonly request: GetRequest | ListRequest }
  /** A namespace the cache does not have was looked up for a creation in it. */
  | { readonly of: 'namespace'; readonly event: RequestEvent }
  /** A Pod's account the cache does not have was looked up; as a timer, it is looked up again. */
  | {
      readonly of: 'account';
      readonly event: RequestEvent;
      readonly account: string;
      readonly attempt: number;
    }
  | { readonly of: 'create'; readonly creation: Creation }
  | { readonly of: 'write'; readonly write: Write }
  /** The status of a quota is being written. */
  | { readonly of: 'quota'; readonly charge: Charge }
  /** A budget that an eviction needs is being written. */
  | { readonly of: 'budget'; readonly write: Write }
  | { readonly of: 'collection'; readonly event: RequestEvent; readonly request: DeleteCollectionRequest }
  | { readonly of: 'bootstrap' }
  /** The status of a CustomResourceDefinition is being written; what became of it its watch will tell. */
  | { readonly of: 'definition' }
  /** A creation of a custom resource waits for the other servers to know of its definition. */
  | { readonly of: 'settling'; readonly event: RequestEvent }
  /** A core is free. */
  | { readonly of: 'core' }
  /** Webhooks are being called; `status` is why the request goes no further then. */
  | { readonly of: 'webhooks'; readonly event: RequestEvent; readonly status: Status | undefined }
  | { readonly of: 'compact'; readonly stage: 'timer' | 'txn' | 'compact' }
  /** A revision of the future was asked for: what is answered when it has not come. */
  | { readonly of: 'tooLarge'; readonly call: CallId; readonly status: Status }
  | { readonly of: 'watchTimeout'; readonly watcher: WatcherId }
  /** A watch is to be told how far the server is. `left`: until its own end, where it has one. */
  | { readonly of: 'bookmark'; readonly watcher: WatcherId; readonly left: Duration | undefined }
  /** What a watch is told first was asked of etcd. */
  | { readonly of: 'initialEvents'; readonly watcher: WatcherId; readonly request: WatchRequest }
  | {
      readonly of: 'watchTooLarge';
      readonly watcher: WatcherId;
      readonly status: Status;
      readonly resource: Resource;
    };

/** `took`: the answers and requests leave the server so much later. */
export type ApiserverStep = Step<ApiserverState, ApiserverRequest<ApiserverTag>> & {
  readonly took?: Duration;
};
export type Ask = ApiserverRequest<ApiserverTag>;

const places = new Map(resources.map((info, place) => [info.resource, place]));

/** The place of a resource's cache; undefined for a resource this server does not know. */
export const placeOf = (state: Pick<ApiserverState, 'custom'>, resource: Resource): number | undefined =>
  places.get(resource) ?? state.custom.get(resource);

export function cacheAt(state: ApiserverState, place: number): WatchCache {
  const cache = state.caches[place];
  if (cache === undefined) throw new Error(`no cache ${place}`);
  return cache;
}

/** The objects of a resource as this server knows them. */
export function viewIn(state: ApiserverState, resource: Resource): View {
  return cacheAt(state, placeOf(state, resource) ?? -1).view;
}

export function withCache(state: ApiserverState, place: number, cache: WatchCache): ApiserverState {
  const caches = state.caches.slice();
  caches[place] = cache;
  return {
    config: state.config,
    luck: state.luck,
    caches,
    custom: state.custom,
    watching: state.watching,
    generated: state.generated,
    compaction: state.compaction,
    quotas: state.quotas,
    flow: state.flow,
  };
}

export const answer = (state: ApiserverState, call: CallId, given: ApiAnswer): ApiserverStep => ({
  state,
  requests: [{ do: 'answer', call, answer: given }],
});

/** Answers a failure. */
export const refuse = (state: ApiserverState, call: CallId, status: Status): ApiserverStep => ({
  state,
  requests: [{ do: 'answer', call, answer: { ok: false, code: status.code, status } }],
});

export const ask = (state: ApiserverState, request: Ask): ApiserverStep => ({ state, requests: [request] });

export const nothing = (state: ApiserverState): ApiserverStep => ({ state, requests: [] });
