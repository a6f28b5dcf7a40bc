/** What a person with kubectl has in mind: a script, what is under way, and what became of the rest. */
import type { ResourceInfo } from '../api/kinds.ts';
import type { Status } from '../api/request.ts';
import type { Log } from '../collections/log.ts';
import type { OrderedMap } from '../collections/ordered-map.ts';
import type { VirtualTime } from '../time/time.ts';
import type { Drain, DrainStep } from './drain/drain.ts';
import type { Asked, Job, KubectlAction } from './kubectl-job.ts';

/** One thing asked for, and what became of it. */
export interface KubectlOutcome {
  readonly at: VirtualTime;
  readonly asked: Asked;
  /** `deployments/default/web`. */
  readonly object: string;
  /** As kubectl says it; or refused. */
  readonly done: Done;
  readonly status?: Status | undefined;
  /** What kubectl itself had against it, where that was not the server. */
  readonly error?: string | undefined;
  /** What the server warned of while it did as it was told. */
  readonly warnings?: readonly string[] | undefined;
}

export type Done =
  | 'created'
  | 'configured'
  | 'unchanged'
  | 'serverside-applied'
  | 'deleted'
  | 'scaled'
  | 'cordoned'
  | 'already cordoned'
  | 'uncordoned'
  | 'already uncordoned'
  | 'drained'
  | 'evicted'
  | 'tainted'
  | 'untainted'
  | 'modified'
  | 'refused';

/** A line that a drain has printed. */
export interface Said {
  readonly at: VirtualTime;
  readonly action: number;
  readonly text: string;
}

export interface KubectlState {
  readonly script: readonly KubectlAction[];
  /** The kinds that are defined in the script: what discovery tells once a server serves them. */
  readonly kinds: readonly ResourceInfo[];
  /** How often in a row a job has found that its kind is not served. */
  readonly tries: number;
  /** Jobs whose time has come; the first is under way. */
  readonly waiting: readonly Job[];
  readonly outcomes: readonly KubectlOutcome[];
  /** The drains that are under way, by their places in the script: each in a window of its own. */
  readonly drains: OrderedMap<number, Drain>;
  /** What the drains have printed. */
  readonly said: Log<Said>;
}

export type KubectlTag =
  | { readonly of: 'kubectl'; readonly stage: 'begin'; readonly action: number }
  /** `attempt`: how often a patch has met a conflict. */
  | { readonly of: 'kubectl'; readonly stage: 'get' | 'again'; readonly attempt?: number | undefined }
  /** `found`: the resourceVersion of what is being patched. */
  | {
      readonly of: 'kubectl';
      readonly stage: 'write';
      readonly attempt?: number | undefined;
      readonly found?: string | undefined;
    }
  | { readonly of: 'kubectl'; readonly stage: 'drain'; readonly action: number; readonly step: DrainStep };
