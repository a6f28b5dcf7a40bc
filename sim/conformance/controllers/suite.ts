/** The controllers suite: what the arithmetic of kube-controller-manager 1.34.1 answered, family by family, against core/controllers. */
import { familySuite } from '../family.ts';
import { daemonsetNodeFamily } from './daemonset-node.ts';
import { daemonsetRollingFamily } from './daemonset-rolling.ts';
import { deploymentCleanupFamily } from './deployment-cleanup.ts';
import { deploymentMathFamily } from './deployment-math.ts';
import { deploymentProgressFamily } from './deployment-progress.ts';
import { deploymentReconcileOldFamily } from './deployment-reconcile-old.ts';
import { deploymentRollbackFamily } from './deployment-rollback.ts';
import { deploymentRolloutFamily } from './deployment-rollout.ts';
import { deploymentScaleFamily } from './deployment-scale.ts';
import { endpointSliceFamily } from './endpointslice.ts';
import { hpaBehaviorFamily } from './hpa-behavior.ts';
import { hpaCalcFamily } from './hpa-calc.ts';
import { jobBackoffFamily } from './job-backoff.ts';
import { jobFailurePolicyFamily } from './job-failure-policy.ts';
import { jobIndexesFamily } from './job-indexes.ts';
import { jobSyncFamily } from './job-sync.ts';
import { nodeLifecycleFamily } from './node-lifecycle.ts';
import { nodeZoneStateFamily } from './node-zone-state.ts';
import { pdbFamily } from './pdb.ts';
import { podGcFamily } from './podgc.ts';
import { replicaSetRankFamily } from './replicaset-rank.ts';
import { slowStartFamily } from './slow-start.ts';
import { statefulSetFamily } from './statefulset.ts';
import { taintEvictionFamily } from './taint-eviction.ts';
import { withRecordings } from '../recorded/scenario.ts';

const families = familySuite('controllers', [
  daemonsetNodeFamily,
  daemonsetRollingFamily,
  deploymentCleanupFamily,
  deploymentMathFamily,
  deploymentProgressFamily,
  deploymentReconcileOldFamily,
  deploymentRollbackFamily,
  deploymentRolloutFamily,
  deploymentScaleFamily,
  endpointSliceFamily,
  hpaBehaviorFamily,
  hpaCalcFamily,
  jobBackoffFamily,
  jobFailurePolicyFamily,
  jobIndexesFamily,
  jobSyncFamily,
  nodeLifecycleFamily,
  nodeZoneStateFamily,
  pdbFamily,
  podGcFamily,
  replicaSetRankFamily,
  slowStartFamily,
  statefulSetFamily,
  taintEvictionFamily,
]);

/** A file holds the cases of a family, or a recorded scenario. */
export const controllersSuite = withRecordings(families);
