/** The Pods of a node that is not Ready are not Ready either (kubernetes v1.34.1 pkg/controller/util/node/controller_utils.go). */
import { conditionOf } from '../../api/pod.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { UpdateRequest } from '../../api/request.ts';
import type { VirtualTime } from '../../time/time.ts';
import { news, refused, type Ask, type News, type Reply } from '../controller.ts';
import { withPodCondition } from '../pod-condition.ts';
import { updateStatus } from '../requests.ts';

/** The write that says so; undefined where nothing is to be said. The reason of the condition stays. */
export function markedNotReady(pod: Pod, now: VirtualTime): UpdateRequest | undefined {
  const ready = conditionOf(pod.status, 'Ready');
  if (ready === undefined) return undefined;
  const conditions = withPodCondition(pod.status.conditions, { ...ready, status: 'False' }, now);
  return conditions === undefined
    ? undefined
    : updateStatus('pods', { ...pod, status: { ...pod.status, conditions } });
}

/**
 * Marks the Pods of some nodes: of each node one after another, the nodes side by side. Answers the nodes where a write
 * failed.
 */
export function* markPods<Memory>(
  podsOf: readonly (readonly [node: string, pods: readonly Pod[]])[],
  now: VirtualTime,
): Generator<Ask<Memory>, ReadonlySet<string>, Reply> {
  const failed = new Set<string>();
  const queues = podsOf.map(([node, pods]) => ({
    node,
    left: pods.filter((pod) => markedNotReady(pod, now) !== undefined),
  }));
  let said: readonly News[] = [];
  for (let round = 0; ; round++) {
    const turn = queues.flatMap(({ node, left }) => {
      const pod = left[round];
      const request = pod === undefined ? undefined : markedNotReady(pod, now);
      return pod === undefined || request === undefined ? [] : [{ node, pod, request }];
    });
    if (turn.length === 0 && said.length === 0) return failed;
    const { answers } = yield { requests: turn.map(({ request }) => request), news: said };
    said = turn.flatMap(({ node, pod }, i) => {
      if (refused(answers[i], 'NotFound')) return [];
      if (answers[i]?.ok !== true) failed.add(node);
      return [news(pod, 'Warning', 'NodeNotReady', 'Node is not ready')];
    });
  }
}
