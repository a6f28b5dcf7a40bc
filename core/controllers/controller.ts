/**
 * What a controller is. `handle` only marks keys; `sync` reads the caches and asks for the difference.
 *
 * A sync is a generator that reads downward as the real one does: it yields what it asks for at once and is given the
 * answers. It must be a pure function of its context and those answers, for between two steps nothing of it is kept but
 * the two: it is run again from its beginning, given the answers it has had, and so comes to where it was.
 */
import type { ApiAnswer, ApiRequest } from '../api/request.ts';
import type { ApiObject, Resource } from '../api/object.ts';
import type { Delta, Informers } from '../client/informer.ts';
import type { Occurrence, Regarding } from '../client/recorder.ts';
import type { Backoff } from '../client/workqueue.ts';
import type { Load } from '../metrics/load.ts';
import type { Seed } from '../random/draw.ts';
import type { Duration, VirtualTime } from '../time/time.ts';
import type { PodInterest } from './pod-interest.ts';

/** What a controller sees. In a sync: the caches, its memory and the time as they were when the sync began. */
export interface Context<Memory> {
  readonly seed: Seed;
  readonly caches: Informers;
  readonly memory: Memory;
  readonly now: VirtualTime;
  /** What the world asks of workloads: the metrics APIs are answered from it. Absent: there are none. */
  readonly loads?: readonly Load[];
}

/** An Event to be recorded. */
export interface News {
  readonly regarding: Regarding;
  readonly occurrence: Occurrence;
}

/** What a delta or an answer means to a controller. */
export interface Effects<Memory> {
  readonly memory?: Memory;
  /** Keys to be synced. */
  readonly mark?: readonly string[];
  /** Keys to be synced after a delay, whenever else they are synced until then. */
  readonly markAfter?: { readonly keys: readonly string[]; readonly delay: Duration };
  readonly news?: readonly News[];
}

/** What a sync asks for: requests that are all sent at once. */
export interface Ask<Memory> {
  readonly requests: readonly ApiRequest[];
  /** What the controller keeps in mind from the moment it asks. */
  readonly remember?: (memory: Memory) => Memory;
  /** Other keys to be synced after a delay. */
  readonly markAfter?: readonly { readonly key: string; readonly delay: Duration }[];
  readonly news?: readonly News[];
}

/** The answers, one for each request, and the time the last of them came. */
export interface Reply {
  readonly answers: readonly ApiAnswer[];
  readonly now: VirtualTime;
}

/** How a sync ends: done (perhaps to look again after a while), or failed and to be tried again with a growing delay. */
export interface Outcome<Memory> {
  readonly failed?: boolean;
  readonly again?: Duration;
  /** Other keys to be synced after a delay. */
  readonly markAfter?: readonly { readonly key: string; readonly delay: Duration }[];
  /** Keys that were to be synced after a delay, and are not any more. */
  readonly unmark?: readonly string[];
  readonly remember?: (memory: Memory) => Memory;
  readonly news?: readonly News[];
}

export type Sync<Memory> = Generator<Ask<Memory>, Outcome<Memory>, Reply>;

export interface Controller<Memory> {
  /** The name of its workqueue; no other has it. */
  readonly name: string;
  /** As whom it asks, where several controllers are one client to the apiserver. Absent: under its name. */
  readonly userAgent?: string;
  /** The source of its Events. */
  readonly component: string;
  /** Its client may ask so many times as often, and so many times as much at once, as those of others. @default 1 */
  readonly pace?: { readonly qps: number; readonly burst: number };
  /** How many keys it works on at once (the `--concurrent-*-syncs` flags' defaults). */
  readonly workers: number;
  /** The resources whose deltas it wants to hear of. */
  readonly follows: readonly Resource[];
  /** Of Pods, where it follows them, it wants to hear only so much. Absent: everything. */
  readonly pods?: PodInterest;
  /** It wants to hear of every custom resource too, while it is served. */
  readonly followsCustom?: boolean;
  /** What it has in mind when the process starts. */
  readonly initial: Memory;
  /** A key that failed more often than this in a row is dropped until it is marked again. */
  readonly maxRetries?: number;
  /** How long a key that failed waits, doubling with each failure in a row. Absent: 5 ms to 1,000 s. */
  readonly backoff?: Backoff;
  /** Keys that fall due again and again while nothing happens: waiting for them does not keep a run from being over. */
  readonly isBackground?: (key: string) => boolean;
  /** All caches have their first list: loops begin. */
  readonly started?: (context: Context<Memory>) => Effects<Memory> | undefined;
  readonly handle: (context: Context<Memory>, delta: Delta) => Effects<Memory> | undefined;
  /** Each answer as it comes, before the sync hears of all of them. */
  readonly answered?: (
    context: Context<Memory>,
    key: string,
    request: ApiRequest,
    answer: ApiAnswer,
  ) => Effects<Memory> | undefined;
  readonly sync: (context: Context<Memory>, key: string) => Sync<Memory>;
}

/** A controller whose memory only it can read. */
export type AnyController = Controller<unknown>;

export const anyController = <Memory>(controller: Controller<Memory>): AnyController =>
  controller as unknown as AnyController;

/** The end of a sync that has nothing more to say. */
export const done = {};
/** The end of a sync that failed. */
export const failed = { failed: true };

/** The object as an Event or a targetRef names it. */
const regarding = (object: ApiObject): Regarding => ({
  kind: object.kind,
  apiVersion: object.apiVersion,
  namespace: object.metadata.namespace,
  name: object.metadata.name,
  uid: object.metadata.uid,
  resourceVersion: object.metadata.resourceVersion,
});

export const news = (object: ApiObject, type: Occurrence['type'], reason: string, message: string): News => ({
  regarding: regarding(object),
  occurrence: { type, reason, message },
});

/** True when the answer is the Status of that reason: `Conflict`, `NotFound`, `AlreadyExists`. */
export const refused = (answer: ApiAnswer | undefined, reason: string): boolean =>
  answer !== undefined && !answer.ok && answer.status.reason === reason;

/** True when it was refused because its namespace is being deleted: trying again would not help. */
export const namespaceTerminating = (answer: ApiAnswer | undefined): boolean =>
  answer !== undefined &&
  !answer.ok &&
  (answer.status.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating');

/** The message of a refusal, as an error is printed. */
export const messageOf = (answer: ApiAnswer | undefined): string =>
  answer === undefined || answer.ok ? '' : (answer.status.message ?? answer.status.reason ?? 'unknown');
