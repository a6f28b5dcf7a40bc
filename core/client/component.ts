/**
 * What every client of the apiserver hears and asks for: the scheduler, the controller-manager, a kubelet, a person's
 * kubectl. `Tag` is the component's own note of what an answer or a timer is for; it comes back as it was given, so a
 * component needs no table of what it has under way. Tags are plain values.
 */
import type { Json } from '../api/generated/types.ts';
import type { ApiAnswer, ApiRequest, Impersonation, WatchEvent, WatchRequest } from '../api/request.ts';
import type { Duration } from '../time/time.ts';

export type ClientEvent<Tag> =
  /** The process has started, or started again with nothing in its memory. */
  | { readonly type: 'start' }
  | { readonly type: 'answer'; readonly tag: Tag; readonly request: ApiRequest; readonly answer: ApiAnswer }
  | { readonly type: 'watch'; readonly stream: string; readonly event: WatchEvent }
  /** The stream has ended: the server went away, or said so with an ERROR event before. */
  | { readonly type: 'watchClosed'; readonly stream: string }
  | { readonly type: 'timer'; readonly tag: Tag };

export type ClientRequest<Tag> =
  | {
      readonly do: 'call';
      readonly tag: Tag;
      readonly request: ApiRequest;
      /** The client within the process, as the real user agent names it: `replicaset-controller`, `scheduler`. */
      readonly userAgent: string;
      /** Made for another: `kubectl --as`. */
      readonly impersonation?: Impersonation | undefined;
      /** Time the request waits in the client before it leaves (rate limit, work before it). */
      readonly after?: Duration | undefined;
    }
  | {
      readonly do: 'watch';
      readonly stream: string;
      readonly request: WatchRequest;
      readonly userAgent: string;
    }
  | { readonly do: 'unwatch'; readonly stream: string }
  | {
      readonly do: 'timer';
      readonly tag: Tag;
      readonly after: Duration;
      /** A periodic timer that alone must not keep a run from being over. */
      readonly background?: boolean | undefined;
    }
  /** The process ends; whoever keeps it running starts it again, with nothing in its memory. */
  | { readonly do: 'exit' }
  /** A reason worth keeping: goes into the trace beside the event that gave it, for `wavetank explain`. */
  | {
      readonly do: 'explain';
      readonly resource: string;
      readonly key: string;
      readonly what: string;
      readonly detail: Json;
    };
