/** The scheduling attempts of a Pod's story, each evaluated in full by running the scheduler again from the trace. */
import {
  evaluate,
  verdictOn,
  type Attempted,
  type Evaluation,
  type NodeVerdict,
} from '../../core/scheduler/evaluation.ts';
import { field } from '../story/change.ts';
import type { Step } from '../story/step.ts';
import { namedBy } from '../trace/names.ts';
import type { TraceIndex } from '../trace/trace-index.ts';
import type { LoadedPlugin } from '../../sim/cluster/spec.ts';
import { replayScheduler } from './scheduler-replay.ts';

/** One attempt, as `wavetank explain --format json` has it. */
export interface AttemptTold extends Omit<Evaluation, 'preFilter'> {
  readonly attempt: number;
  /** Undefined: no node would do. */
  readonly chosen: string | undefined;
  /** Of the FailedScheduling Event. */
  readonly message: string | undefined;
  /** The PreFilter that rejected the Pod before any node was looked at. */
  readonly preFilter: string | undefined;
  /** One node's verdict, where it was asked for. */
  readonly node?: NodeVerdict | undefined;
}

/** With the chosen node so many are told; the others that were scored are many. */
const mostScored = 3;

/**
 * A Pod that waits is tried again and again, thousands of times where nodes come one by one. Of so many attempts those
 * at the beginning and at the end are evaluated; the others keep what the trace says of them.
 */
const mostAtBeginning = 5;
const mostAtEnd = 20;

/**
 * The attempts among the steps, by the event of the step. One that is missing is one of very many, or cannot be worked
 * out again: the trace does not have all that the scheduler heard, or its plugins are no longer the same.
 */
export function attemptsOf(
  index: TraceIndex,
  key: string,
  steps: readonly Step[],
  {
    node,
    plugins = [],
  }: { readonly node?: string | undefined; readonly plugins?: readonly LoadedPlugin[] | undefined },
): ReadonlyMap<number, AttemptTold> {
  const told = new Map<number, AttemptTold>();
  const all = steps.filter(({ kind, verb }) => kind === 'decision' && verb === 'schedule');
  const decisions = all.filter((_, i) => i < mostAtBeginning || i >= all.length - mostAtEnd);
  const last = decisions.at(-1);
  if (last === undefined) return told;
  const objectKey = namedBy(key)?.objectKey;
  const details = new Map(decisions.map(({ event, detail }) => [event, detail]));
  replayScheduler(index, index.process[last.event] ?? 0, last.event, {
    plugins,
    wants: (event, podKey) => podKey === objectKey && details.has(event),
    observe(event, attempted) {
      if (agrees(attempted, details.get(event))) told.set(event, toldOf(attempted, node));
    },
  });
  return told;
}

/** Whether the scheduler has decided again as it did then. */
function agrees({ decision }: Attempted, detail: Step['detail']): boolean {
  const recorded = (name: string): unknown => field(detail, name);
  return (
    recorded('chosen') === (decision.node ?? null) &&
    recorded('evaluated') === decision.evaluated &&
    recorded('feasible') === decision.feasible
  );
}

function toldOf(attempted: Attempted, node: string | undefined): AttemptTold {
  const { queued, decision, message, attempt } = attempted;
  const evaluation = evaluate(attempt);
  const { scored, preFilter, ...figures } = evaluation;
  const chosen = scored.filter((one) => one.node === decision.node);
  const others = scored.filter((one) => one.node !== decision.node);
  return {
    attempt: queued.attempts,
    chosen: decision.node,
    message,
    preFilter: preFilter?.plugin,
    ...figures,
    scored: [...chosen, ...others].slice(0, mostScored),
    ...(node === undefined ? {} : { node: verdictOn(attempted, evaluation, node) }),
  };
}
