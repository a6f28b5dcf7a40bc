/** Defaults of the workloads. (kubernetes v1.34.1 pkg/apis/apps/v1/defaults.go, core/v1/defaults.go, batch/v1/defaults.go) */
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  PersistentVolumeClaim,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '../generated/types.ts';
import { withTemplateDefaults } from './pod.ts';
import { fill, fillZero, mapField, mapList, setField } from './fill.ts';
import { withClaimDefaults } from './storage.ts';

const none: Readonly<Record<string, string>> = {};

export function withReplicationControllerDefaults(controller: ReplicationController): ReplicationController {
  let spec = mapField(controller.spec, 'template', withTemplateDefaults);
  const labels = spec.template?.metadata?.labels ?? none;
  if (labels !== none && Object.keys(spec.selector ?? none).length === 0)
    spec = { ...spec, selector: labels };
  spec = fill(spec, { replicas: 1 });
  let result = setField(controller, 'spec', spec);
  if (labels !== none && Object.keys(result.metadata.labels ?? none).length === 0)
    result = { ...result, metadata: { ...result.metadata, labels } };
  return mapField(fill(result, { status: { replicas: 0 } }), 'status', (status) =>
    fill(status, { replicas: 0 }),
  );
}

export function withReplicaSetDefaults(set: ReplicaSet): ReplicaSet {
  let spec = setField(set.spec, 'template', withTemplateDefaults(set.spec.template));
  spec = fill(spec, { replicas: 1 });
  const result = fill(setField(set, 'spec', spec), { status: { replicas: 0 } });
  return mapField(result, 'status', (status) => fill(status, { replicas: 0 }));
}

const quarter = '25%';

export function withDeploymentDefaults(deployment: Deployment): Deployment {
  let spec = setField(deployment.spec, 'template', withTemplateDefaults(deployment.spec.template));
  spec = fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: {} });
  spec = mapField(spec, 'strategy', (strategy) => {
    const typed = fillZero(strategy, { type: 'RollingUpdate' });
    // A Recreate strategy is refused with these; what is missing is written as 0.
    if (typed.type !== 'RollingUpdate')
      return mapField(typed, 'rollingUpdate', (rolling) => fill(rolling, { maxUnavailable: 0, maxSurge: 0 }));
    return mapField(fill(typed, { rollingUpdate: {} }), 'rollingUpdate', (rolling) =>
      fill(rolling, { maxUnavailable: quarter, maxSurge: quarter }),
    );
  });
  return fill(setField(deployment, 'spec', spec), { status: {} });
}

export function withStatefulSetDefaults(set: StatefulSet): StatefulSet {
  let spec = setField(set.spec, 'template', withTemplateDefaults(set.spec.template));
  spec = fill(fillZero(spec, { podManagementPolicy: 'OrderedReady' }), { serviceName: '' });
  spec = fill(spec, {
    replicas: 1,
    revisionHistoryLimit: 10,
    updateStrategy: {},
    persistentVolumeClaimRetentionPolicy: {},
  });
  spec = mapField(spec, 'updateStrategy', (strategy) => {
    const typed = fillZero(strategy, { type: 'RollingUpdate' });
    if (typed.type !== 'RollingUpdate') return typed;
    return mapField(fill(typed, { rollingUpdate: {} }), 'rollingUpdate', (rolling) =>
      fill(rolling, { partition: 0 }),
    );
  });
  spec = mapField(spec, 'persistentVolumeClaimRetentionPolicy', (policy) =>
    fillZero(policy, { whenDeleted: 'Retain', whenScaled: 'Retain' }),
  );
  spec = mapField(spec, 'volumeClaimTemplates', (claims) => mapList(claims, withClaimTemplateDefaults));
  const result = fill(setField(set, 'spec', spec), { status: { replicas: 0 } });
  return mapField(result, 'status', (status) => fill(status, { replicas: 0, availableReplicas: 0 }));
}

const noMetadata = {} as PersistentVolumeClaim['metadata'];

const withClaimTemplateDefaults = (claim: PersistentVolumeClaim): PersistentVolumeClaim =>
  withClaimDefaults(fill(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: noMetadata }));

export function withDaemonSetDefaults(set: DaemonSet): DaemonSet {
  let spec = setField(set.spec, 'template', withTemplateDefaults(set.spec.template));
  spec = fill(spec, { revisionHistoryLimit: 10, updateStrategy: {} });
  spec = mapField(spec, 'updateStrategy', (strategy) => {
    const typed = fillZero(strategy, { type: 'RollingUpdate' });
    if (typed.type !== 'RollingUpdate') return typed;
    return mapField(fill(typed, { rollingUpdate: {} }), 'rollingUpdate', (rolling) =>
      fill(rolling, { maxUnavailable: 1, maxSurge: 0 }),
    );
  });
  const counts = {
    currentNumberScheduled: 0,
    desiredNumberScheduled: 0,
    numberMisscheduled: 0,
    numberReady: 0,
  };
  const whole = fill(setField(set, 'spec', spec), { status: counts });
  return withTemplateGeneration(mapField(whole, 'status', (status) => fill(status, counts)));
}

/** An old field of the spec, which apps/v1 has as an annotation (pkg/apis/apps/v1/conversion.go). */
const templateGeneration = 'deprecated.daemonset.template.generation';

function withTemplateGeneration(set: DaemonSet): DaemonSet {
  const { annotations } = set.metadata;
  if (annotations?.[templateGeneration] !== undefined) return set;
  return {
    ...set,
    metadata: { ...set.metadata, annotations: { ...annotations, [templateGeneration]: '0' } },
  };
}

export function withJobDefaults(job: Job): Job {
  const spec = withJobSpecDefaults(job.spec);
  const labels = spec.template.metadata?.labels;
  let result = fill(setField(job, 'spec', spec), { status: {} });
  if (labels !== undefined && Object.keys(result.metadata.labels ?? none).length === 0)
    result = { ...result, metadata: { ...result.metadata, labels } };
  return result;
}

function withJobSpecDefaults(given: Job['spec']): Job['spec'] {
  let spec = setField(given, 'template', withTemplateDefaults(given.template));
  // A Job that says neither runs one Pod; with one of them given, the other is a matter of its own.
  if (spec.completions === undefined && spec.parallelism === undefined)
    spec = { ...spec, completions: 1, parallelism: 1 };
  spec = fill(spec, {
    parallelism: 1,
    backoffLimit: spec.backoffLimitPerIndex === undefined ? 6 : 2_147_483_647,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
  });
  return withConditionDefaults(spec);
}

/** A condition that a failure policy names without a status is one that is true. */
const withConditionDefaults = (spec: Job['spec']): Job['spec'] =>
  mapField(spec, 'podFailurePolicy', (policy) =>
    mapField(policy, 'rules', (rules) =>
      mapList(rules, (rule) =>
        mapField(rule, 'onPodConditions', (conditions) =>
          mapList(conditions, (condition) => fillZero(condition, { status: 'True' })),
        ),
      ),
    ),
  );

const noTemplate = { template: {} };

export function withCronJobDefaults(job: CronJob): CronJob {
  let spec = fillZero(job.spec, { concurrencyPolicy: 'Allow' });
  spec = fill(spec, { suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
  spec = mapField(fill(spec, { jobTemplate: {} }), 'jobTemplate', (template) =>
    mapField(fill(template, { metadata: {}, spec: noTemplate }), 'spec', (inner) =>
      withConditionDefaults(setField(inner, 'template', withTemplateDefaults(inner.template))),
    ),
  );
  return fill(setField(job, 'spec', spec), { status: {} });
}
