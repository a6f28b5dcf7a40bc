/**
 * What a client asks of an apiserver and what it is told: the HTTP of the real thing, without its bytes.
 * `core/client` sends these, `core/apiserver` answers them; neither imports the other.
 */
import type { Json } from './generated/types.ts';
import type { ApiObject, Resource } from './object.ts';
import type { View } from './view.ts';

/** Selectors are the text of the query parameter: `app=web,tier!=db`, `spec.nodeName=node-1`. */
export interface Selection {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

interface Target {
  readonly resource: Resource;
  /** The version that is spoken, such as `v1`, where the kind has several. @default that of the object that is sent, or the stored one */
  readonly version?: string | undefined;
  readonly namespace?: string | undefined;
}

interface Named extends Target {
  readonly name: string;
}

/** For whom a request is made, where not for oneself: `--as`, `--as-group`, `--as-uid`. */
export interface Impersonation {
  readonly user: string;
  readonly groups?: readonly string[] | undefined;
  readonly uid?: string | undefined;
}

export type Subresource =
  'status' | 'scale' | 'binding' | 'eviction' | 'finalize' | 'ephemeralcontainers' | 'resize';

/** What every write may be told. */
interface WriteOptions {
  /** `All`: everything is done but the writing. */
  readonly dryRun?: string | undefined;
  /** Who the fields that are set belong to. @default the user agent up to its first slash */
  readonly fieldManager?: string | undefined;
  /** What becomes of unknown and duplicate fields. @default "Warn" */
  readonly fieldValidation?: string | undefined;
}

/** An object to be created or a manifest as a user wrote it: metadata is whatever was given. */
export interface NewObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Partial<ApiObject['metadata']>;
}

/** What an apiserver passes on to a Pod's kubelet. */
export type PodConnection = 'log' | 'exec' | 'attach' | 'portforward' | 'proxy';

export interface GetRequest extends Named {
  readonly verb: 'get';
  readonly subresource?: Subresource | PodConnection | undefined;
  /** For `pods/log`, `pods/exec` and `pods/attach`. @default the only container */
  readonly container?: string | undefined;
  /** Unset: what etcd holds now. "0": whatever the server's cache has. */
  readonly resourceVersion?: string | undefined;
}

export interface ListRequest extends Target, Selection {
  readonly verb: 'list';
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  /** A watch's alone: a list that has it is refused. */
  readonly sendInitialEvents?: boolean | undefined;
}

export interface CreateRequest extends Target, WriteOptions {
  readonly verb: 'create';
  readonly object: NewObject;
  /** For `pods/binding` and `pods/eviction` the Pod it concerns, for `serviceaccounts/token` the account. */
  readonly name?: string | undefined;
  readonly subresource?: 'binding' | 'eviction' | 'token' | undefined;
}

export interface UpdateRequest extends Named, WriteOptions {
  readonly verb: 'update';
  /** `finalize` is the Namespace's: the only way to change its spec.finalizers. */
  readonly subresource?: 'status' | 'scale' | 'finalize' | 'ephemeralcontainers' | 'resize' | undefined;
  readonly object: NewObject;
}

export interface PatchRequest extends Named, WriteOptions {
  readonly verb: 'patch';
  readonly subresource?: 'status' | 'scale' | 'ephemeralcontainers' | 'resize' | undefined;
  readonly patchType: 'merge' | 'strategic' | 'json' | 'apply';
  readonly patch: Json;
  /** Of an apply: fields that others own are taken. */
  readonly force?: boolean | undefined;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number | undefined;
  readonly preconditions?:
    { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined } | undefined;
  /** `Background`, `Foreground` or `Orphan`. */
  readonly propagationPolicy?: string | undefined;
  /** What propagationPolicy was before it was. */
  readonly orphanDependents?: boolean | undefined;
  readonly dryRun?: string | undefined;
}

export interface DeleteRequest extends Named, DeleteOptions {
  readonly verb: 'delete';
}

/** Deletes whatever a list with the same parameters would be answered with, one after the other. */
export interface DeleteCollectionRequest extends Omit<ListRequest, 'verb'>, DeleteOptions {
  readonly verb: 'deletecollection';
}

export interface WatchRequest extends Target, Selection {
  readonly verb: 'watch';
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
  readonly allowWatchBookmarks?: boolean | undefined;
  readonly sendInitialEvents?: boolean | undefined;
  /** When the server ends it. @default never: a real one draws 30 to 60 minutes */
  readonly timeoutSeconds?: number | undefined;
}

/** A request with one answer. */
export type ApiRequest =
  | GetRequest
  | ListRequest
  | CreateRequest
  | UpdateRequest
  | PatchRequest
  | DeleteRequest
  | DeleteCollectionRequest;

export interface StatusCause {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly field?: string | undefined;
}

/** metav1.Status of a failure. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, Json>>;
  readonly status: 'Failure' | 'Success';
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly details?:
    | {
        readonly name?: string | undefined;
        readonly group?: string | undefined;
        readonly kind?: string | undefined;
        readonly uid?: string | undefined;
        readonly causes?: readonly StatusCause[] | undefined;
        readonly retryAfterSeconds?: number | undefined;
      }
    | undefined;
  readonly code: number;
}

/**
 * A list is a picture of the watch cache and a selection from it: `itemsOf` (core/api/list-items.ts) reads it. Nobody pays
 * for items nobody looks at.
 */
export interface ListAnswer {
  readonly view: View;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly resourceVersion: string;
  /** Set where a limit cut the list: the page itself, and the token for the next. */
  readonly page?: {
    readonly items: readonly ApiObject[];
    readonly continue?: string | undefined;
    readonly remaining?: number | undefined;
  };
  /** True where these objects have just been deleted by deletecollection. */
  readonly isDeleted?: boolean;
}

/** `code` is the HTTP status; 0 means that no answer came: refused, reset, or the reply was lost on its way. */
export type ApiAnswer =
  | {
      readonly ok: true;
      readonly code: number;
      readonly object?: ApiObject;
      readonly list?: ListAnswer;
      /** What a success without an object is answered with. */
      readonly status?: Status;
      readonly warnings?: readonly string[];
    }
  | { readonly ok: false; readonly code: number; readonly status: Status };

/** One event of a watch. `view` is the server's cache as it was when it sent the event: the informer's cache from then on. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  /** The object; on DELETED its last state with the deletion's resourceVersion; on ERROR a Status. */
  readonly object: ApiObject | Status;
  readonly view: View;
  /** What the view held under the key before this change, where the server knows: saves a client the look. */
  readonly before?: ApiObject | undefined;
  /** True on the BOOKMARK that ends the initial events. */
  readonly initialEventsEnd?: boolean;
  /** True on an ERROR that stands for the answer of a watch that was refused before it began. */
  readonly refused?: boolean;
}
