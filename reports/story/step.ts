/** A step of an object's story: something a component did or decided, and what moved it. */
import type { Json } from '../../core/api/generated/types.ts';

export interface Step {
  /** Counted from 1, in the order of time. */
  readonly number: number;
  /** The event of the trace: at etcd for what was written, at the client for the rest. */
  readonly event: number;
  /** The client's event at which it asked for this, or decided; 0 where no client did. */
  readonly sent: number;
  /** The request's arrival at an apiserver; 0 where there was none. */
  readonly request: number;
  /** Virtual time in microseconds. */
  readonly at: number;
  /** `origin`: how the object came to be; `life`: about the object; `effect`: what became of it elsewhere. */
  readonly relation: 'origin' | 'life' | 'effect';
  readonly kind: 'write' | 'refused' | 'decision' | 'Event';
  /** The client as it names itself: `replicaset-controller`. */
  readonly component: string;
  /** The process it runs in: `kubelet/node-1`. */
  readonly process: string;
  /** `create`, `update status`, `bind`, `delete`; of a decision, its name. */
  readonly verb: string;
  /** `Pod/web-abc`. */
  readonly object: string;
  /** The key in the registry. */
  readonly key: string;
  /** 0 where nothing was written. */
  readonly revision: number;
  /** What changed, what was refused and why, or the Event's text. */
  readonly what: string;
  readonly because: Because | undefined;
  /** Steps between this one and where the story's thread begins. */
  readonly depth: number;
  readonly detail?: Json;
  /** More of the same kind, with the same cause, that this step stands for. */
  readonly alike: readonly string[];
}

export interface Because {
  readonly kind: 'watch' | 'answer' | 'timer' | 'start' | 'fault' | 'action';
  /** The step of this story that moved it; undefined where that is none of this story. */
  readonly step: number | undefined;
  /** The event of the trace that the component heard. */
  readonly event: number;
  readonly at: number;
  readonly text: string;
  /** The component's timer that came in between; empty where none did. */
  readonly timer: string;
}
