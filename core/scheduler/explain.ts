/** A decision in figures, for `wavetank explain`: which nodes were refused for what, which was chosen, and its rivals. */
import type { Json } from '../api/generated/types.ts';
import type { ClientRequest } from '../client/component.ts';
import type { QueuedPod } from './queue.ts';
import type { Decision } from './schedule-one.ts';

export function explainAttempt(queued: QueuedPod, nodes: number, decision: Decision): ClientRequest<never> {
  const detail: Record<string, Json> = {
    attempt: queued.attempts,
    nodes,
    evaluated: decision.evaluated,
    feasible: decision.feasible,
    rejected: decision.diagnosis.reasons(),
    chosen: decision.node ?? null,
    scores: decision.scores as readonly unknown[] as readonly Json[],
  };
  if (decision.node === undefined) detail['plugins'] = decision.diagnosis.plugins();
  return { do: 'explain', resource: 'pods', key: queued.info.key, what: 'schedule', detail };
}
