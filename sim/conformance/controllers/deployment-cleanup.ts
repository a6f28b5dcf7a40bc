/**
 * deployment-cleanup: which old ReplicaSets are deleted because there are more than revisionHistoryLimit. Every field is
 * compared, the deletions in their order.
 */
import type { ReplicaSet } from '../../../core/api/generated/types.ts';
import { cleanup } from '../../../core/controllers/deployment/cleanup.ts';
import { annotation } from '../../../core/controllers/deployment/math.ts';
import { timeText } from '../../../core/time/time.ts';
import { wholeCaseFamily } from '../family.ts';
import { deploymentOf, granted, replicaSetOf, rolloutOf } from './deployment-case.ts';
import { play } from './play.ts';

interface OldSet {
  readonly name: string;
  readonly revision: string;
  readonly specReplicas?: number;
  readonly statusReplicas?: number;
  readonly observedGenerationBehind?: boolean;
  readonly deleting?: boolean;
}

interface Case {
  readonly oldReplicaSets: readonly OldSet[] | null;
  readonly revisionHistoryLimit: number;
}

export const deploymentCleanupFamily = wholeCaseFamily('deployment-cleanup', (asked: Case) => ({
  deleted: deleted(asked),
}));

function deleted({ oldReplicaSets, revisionHistoryLimit }: Case): readonly string[] {
  const old = (oldReplicaSets ?? []).map(oldSetOf);
  const names: string[] = [];
  play(cleanup(rolloutOf(deploymentOf({ revisionHistoryLimit }), old), old), 0, (request) => {
    if (request.verb === 'delete') names.push(request.name);
    return granted(request);
  });
  return names;
}

function oldSetOf(described: OldSet, index: number): ReplicaSet {
  const { name, revision, specReplicas = 0, statusReplicas = 0 } = described;
  const made = replicaSetOf({
    name,
    spec: specReplicas,
    available: 0,
    createdMinute: index,
    annotations: { [annotation.revision]: revision },
  });
  return {
    ...made,
    metadata: {
      ...made.metadata,
      generation: 2,
      ...(described.deleting === true ? { deletionTimestamp: timeText(0) } : {}),
    },
    status: {
      replicas: statusReplicas,
      observedGeneration: described.observedGenerationBehind === true ? 1 : 2,
    },
  };
}
