/**
 * The trace of a run: text, one JSON value a line, written and hashed as the run goes on.
 *
 * Line 1 is the header, an object. Every following array is one event, in the order the loop processed them; its
 * number, counted from 1, is its id. Every following object is a record that belongs to the event above it: what that
 * event committed, or why it decided as it did. A trace that was cut off is a trace up to there.
 */
import type { Json } from '../../core/api/generated/types.ts';
import type { SchedulerSettings } from '../cluster/scheduler.ts';
import type { ProcessKind } from '../process/program.ts';

export const traceVersion = 1;

export interface TraceHeader {
  readonly wavetank: typeof traceVersion;
  readonly scenario: string;
  readonly seed: string;
  /** Virtual time 0 in the outer world's words. */
  readonly epoch: string;
  /** What the scheduler was told, where that is not the default. */
  readonly scheduler?: SchedulerSettings | undefined;
}

/** Times are integer microseconds; `cause` is the id of the event that caused this one, 0 where nothing did. */
type Head<Kind extends string> = readonly [at: number, cause: number, process: number, kind: Kind];

export type EventLine =
  /** The process began (again). */
  | readonly [...Head<'start'>]
  /** A client's request reached an apiserver. */
  | readonly [
      ...Head<'request'>,
      from: number,
      userAgent: string,
      verb: string,
      resource: string,
      key: string,
      subresource: string,
    ]
  /** An apiserver's answer reached the client. */
  | readonly [
      ...Head<'answer'>,
      verb: string,
      resource: string,
      key: string,
      subresource: string,
      code: number,
      reason: string,
    ]
  /** An apiserver's request reached etcd: `txn put /registry/…`, `range /registry/…`. */
  | readonly [...Head<'etcd'>, from: number, operation: string, key: string]
  /** etcd's answer reached the apiserver. */
  | readonly [...Head<'etcdAnswer'>, operation: string, key: string, revision: number, succeeded: boolean]
  /** An event of etcd's watch reached an apiserver's watch cache. */
  | readonly [...Head<'etcdWatch'>, type: string, key: string, revision: number]
  /** An event of an apiserver's watch reached a client. */
  | readonly [...Head<'watch'>, stream: string, type: string, key: string, resourceVersion: string]
  /** A client opened a watch at an apiserver. */
  | readonly [...Head<'openWatch'>, from: number, stream: string, resourceVersion: string]
  | readonly [...Head<'watchClosed'>, stream: string]
  /** An apiserver learnt that a client's watch has ended. */
  | readonly [...Head<'unwatch'>]
  /** An apiserver opened a watch at etcd; `key` is the prefix it follows. */
  | readonly [...Head<'openEtcdWatch'>, key: string, startRevision: number]
  /** etcd learnt that a stream has ended. */
  | readonly [...Head<'closeEtcdStream'>]
  /** An apiserver learnt that its watch at etcd has ended. */
  | readonly [...Head<'etcdWatchClosed'>, stream: string]
  /** A component's own timer. */
  | readonly [...Head<'timer'>, what: string]
  /** The world's doing: a crash, a fault, the end of one. */
  | readonly [...Head<'fault'>, what: string];

export type RecordLine =
  /** A process of the run; its `id` is what event lines call it. */
  | { readonly process: number; readonly name: string; readonly kind: ProcessKind }
  /** One key written at `rev`: the whole object where it is new, else a JSON merge patch from what was there before. */
  | { readonly rev: number; readonly key: string; readonly put: Json }
  | { readonly rev: number; readonly key: string; readonly patch: Json }
  | { readonly rev: number; readonly key: string; readonly delete: true }
  /** Why a component decided as it did, about the object `resource` `key`. */
  | { readonly explain: string; readonly resource: string; readonly key: string; readonly detail: Json };
