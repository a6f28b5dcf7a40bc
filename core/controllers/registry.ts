/** The controllers of this kube-controller-manager, in the order in which they hear of a change. */
import { anyController, type AnyController } from './controller.ts';
import { deploymentController } from './deployment.ts';
import { replicaSets, replicationControllers } from './replica-kind.ts';
import { replicaController } from './replicaset.ts';

export const controllers: readonly AnyController[] = [
  anyController(deploymentController),
  anyController(replicaController(replicaSets)),
  anyController(replicaController(replicationControllers)),
];
