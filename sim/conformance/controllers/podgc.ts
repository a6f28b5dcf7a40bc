/**
 * podgc: which Pods each pass of the garbage collector of Pods deletes, and which of them it marks as failed before. Every
 * field is compared; the Pods of a pass are a set, in the recording in the order of their names.
 */
import type { Node, Pod } from '../../../core/api/generated/types.ts';
import {
  isTerminated,
  isUnscheduledTerminating,
  mustFailFirst,
  terminatingOutOfService,
  tooManyTerminated,
} from '../../../core/controllers/podgc/doomed.ts';
import { minute, timeText, virtualTimeOf } from '../../../core/time/time.ts';
import { firstDifference } from '../difference.ts';
import type { Family } from '../family.ts';

interface Case {
  readonly name: string;
  readonly terminatedPodThreshold: number;
  readonly nodes: readonly {
    readonly name: string;
    readonly ready: boolean;
    readonly outOfServiceTaint?: boolean;
  }[];
  readonly pods: readonly RecordedPod[];
  readonly result: unknown;
}

interface RecordedPod {
  readonly name: string;
  readonly node: string;
  readonly phase: string;
  readonly reason?: string;
  readonly ageMinutes: number;
  readonly terminating?: boolean;
}

export const podGcFamily: Family = {
  name: 'podgc',
  *answer(cases) {
    for (const recorded of cases) {
      const asked = recorded as unknown as Case;
      yield { name: asked.name, difference: firstDifference(asked.result, answerOf(asked), 'result') };
    }
  },
};

function answerOf({ pods: recorded, nodes, terminatedPodThreshold: threshold }: Case): object {
  const pods = recorded.map(podOf);
  const terminating = nodes.flatMap((node) =>
    terminatingOutOfService(
      pods.filter(({ spec }) => spec.nodeName === node.name),
      nodeOf(node),
    ),
  );
  return {
    gcTerminated: resultOf(tooManyTerminated(pods.filter(isTerminated), threshold)),
    gcTerminating: resultOf(terminating),
    gcUnscheduledTerminating: resultOf(pods.filter(isUnscheduledTerminating)),
  };
}

const resultOf = (doomed: readonly Pod[]): object => ({
  deleted: doomed.map(({ metadata }) => metadata.name).sort(),
  markedFailed: doomed
    .filter(mustFailFirst)
    .map(({ metadata }) => metadata.name)
    .sort(),
});

const now = virtualTimeOf(1_760_000_000);

const podOf = ({ name, node, phase, reason, ageMinutes, terminating }: RecordedPod): Pod =>
  ({
    metadata: {
      name,
      creationTimestamp: timeText(now - ageMinutes * minute),
      ...(terminating === true ? { deletionTimestamp: timeText(now) } : {}),
    },
    spec: { nodeName: node },
    status: { phase, reason },
  }) as unknown as Pod;

const nodeOf = ({ ready, outOfServiceTaint }: Case['nodes'][number]): Node =>
  ({
    spec:
      outOfServiceTaint === true
        ? { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] }
        : {},
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }) as unknown as Node;
