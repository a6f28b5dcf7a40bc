/** The controllers of this kube-controller-manager, in the order in which they hear of a change. */
import { clusterRoleAggregationController } from './clusterrole-aggregation.ts';
import { anyController, type AnyController } from './controller.ts';
import { cronJobController } from './cronjob.ts';
import { daemonSetController } from './daemonset.ts';
import { deploymentController } from './deployment.ts';
import { disruptionController } from './disruption/disruption.ts';
import { endpointController } from './endpoint.ts';
import { endpointSliceController } from './endpointslice.ts';
import { endpointSliceMirroringController } from './endpointslice-mirroring.ts';
import { ephemeralVolumeController } from './ephemeral-volume.ts';
import { garbageCollector } from './garbage-collector.ts';
import { jobController } from './job.ts';
import { horizontalPodAutoscaler } from './horizontal/autoscaler.ts';
import { namespaceController } from './namespace.ts';
import { nodeIpamController } from './node-ipam.ts';
import { noScheduleTaints } from './nodelifecycle/no-schedule.ts';
import { nodeLifecycleController } from './nodelifecycle/nodelifecycle.ts';
import { persistentVolumeBinder } from './persistent-volume.ts';
import { provisioner } from './provisioner.ts';
import { claimProtectionController } from './pvc-protection.ts';
import { volumeProtectionController } from './pv-protection.ts';
import { podGarbageCollector } from './podgc/podgc.ts';
import { replicaSets, replicationControllers } from './replica-kind.ts';
import { replicaController } from './replicaset.ts';
import { resourceQuotaController } from './quota.ts';
import { rootCaPublisher } from './root-ca.ts';
import { serviceAccountController } from './serviceaccount.ts';
import { tokensController } from './serviceaccount-tokens.ts';
import { statefulSetController } from './statefulset.ts';
import { ttlAfterFinishedController } from './ttl-after-finished.ts';
import { taintEvictionController } from './tainteviction/tainteviction.ts';

export const controllers: readonly AnyController[] = [
  anyController(deploymentController),
  anyController(replicaController(replicaSets)),
  anyController(replicaController(replicationControllers)),
  anyController(statefulSetController),
  anyController(daemonSetController),
  anyController(jobController),
  anyController(cronJobController),
  anyController(ttlAfterFinishedController),
  anyController(horizontalPodAutoscaler),
  anyController(endpointController),
  anyController(endpointSliceController),
  anyController(endpointSliceMirroringController),
  anyController(persistentVolumeBinder),
  anyController(provisioner),
  anyController(claimProtectionController),
  anyController(volumeProtectionController),
  anyController(serviceAccountController),
  anyController(rootCaPublisher),
  anyController(namespaceController),
  anyController(noScheduleTaints),
  anyController(resourceQuotaController),
  anyController(clusterRoleAggregationController),
  anyController(garbageCollector),
  anyController(disruptionController),
  anyController(nodeIpamController),
  anyController(nodeLifecycleController),
  anyController(taintEvictionController),
  anyController(podGarbageCollector),
  anyController(tokensController),
  anyController(ephemeralVolumeController),
];
