/** The drains of a person with kubectl: each goes on by itself, while the person does other things. */
import type { ApiAnswer } from '../api/request.ts';
import type { Step } from '../reducer.ts';
import type { VirtualTime } from '../time/time.ts';
import type { ClientRequest } from './component.ts';
import { newDrain, onDrainAnswer, onDrainTimer, type DrainTurn } from './drain/drain.ts';
import type { DrainOptions } from './drain/filter.ts';
import type { KubectlOutcome, KubectlState, KubectlTag } from './kubectl-state.ts';

type KubectlStep = Step<KubectlState, ClientRequest<KubectlTag>>;

/** The drain that stands at `action` of the script begins. */
export const startDrain = (
  state: KubectlState,
  action: number,
  { node, options }: { readonly node: string; readonly options: DrainOptions },
  now: VirtualTime,
): KubectlStep => advanced(state, action, newDrain(node, options), now);

/** A drain goes on: an answer has come, or the time it waited for. */
export function onDrain(
  state: KubectlState,
  { action, step }: Extract<KubectlTag, { stage: 'drain' }>,
  answer: ApiAnswer | undefined,
  now: VirtualTime,
): KubectlStep {
  const drain = state.drains.get(action);
  if (drain === undefined) return { state, requests: [] };
  const turn =
    answer === undefined ? onDrainTimer(drain, step, now) : onDrainAnswer(drain, step, answer, now);
  return advanced(state, action, turn, now);
}

function advanced(state: KubectlState, action: number, turn: DrainTurn, now: VirtualTime): KubectlStep {
  const { drain, wishes, ended } = turn;
  let { said } = state;
  for (const text of turn.said) said = said.append({ at: now, action, text });
  const impersonation = state.script[action]?.impersonation;
  const requests = wishes.map(({ step, request, after = 0 }): ClientRequest<KubectlTag> => {
    const tag: KubectlTag = { of: 'kubectl', stage: 'drain', action, step };
    return request === undefined
      ? { do: 'timer', tag, after }
      : { do: 'call', tag, userAgent: 'kubectl', impersonation, request };
  });
  if (ended === undefined)
    return { state: { ...state, said, drains: state.drains.set(action, drain) }, requests };
  const failed = ended.status !== undefined || ended.error !== undefined;
  const outcome: KubectlOutcome = {
    at: now,
    asked: { action, object: 0 },
    object: `nodes/${drain.node}`,
    done: failed ? 'refused' : 'drained',
    status: ended.status,
    error: ended.error,
  };
  const outcomes = [...state.outcomes, outcome];
  return { state: { ...state, said, outcomes, drains: state.drains.delete(action) }, requests };
}
