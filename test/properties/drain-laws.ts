/** L10: a drain ends where budgets allow it, and what it has driven out is ready elsewhere. */
import type { Pod } from '../../core/api/generated/types.ts';
import { controllerOf } from '../../core/api/object.ts';
import type { KubectlOutcome } from '../../core/client/kubectl-state.ts';
import type { Action } from '../../sim/cluster/spec.ts';

/** Drains that have not ended well, and Pods that are left where there should be none, in words. */
export function undrained(
  actions: readonly Action[],
  outcomes: readonly KubectlOutcome[],
  pods: readonly Pod[],
): readonly string[] {
  return actions.flatMap((action, index) => {
    if (action.do !== 'drain') return [];
    const outcome = outcomes.find(({ asked }) => asked.action === index);
    const left = pods.filter(
      (pod) => pod.spec.nodeName === action.node && controllerOf(pod)?.kind !== 'DaemonSet',
    );
    return [
      ...(outcome?.done === 'drained'
        ? []
        : [`L10: the drain of ${action.node} has come to ${outcome?.error ?? 'no end'}`]),
      ...left.map(({ metadata }) => `L10: ${metadata.name} is left on ${action.node}`),
    ];
  });
}
