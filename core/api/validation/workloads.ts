/** Workloads. (kubernetes v1.34.1 pkg/apis/apps/validation/validation.go, pkg/apis/core/validation/validation.go) */
import { forbidden, invalidValue, required, unsupported } from '../field-error.ts';
import { internal } from '../go/internal.ts';
import type {
  Deployment,
  LabelSelector,
  PodTemplateSpec,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
  StatefulSetSpec,
} from '../generated/types.ts';
import { same } from '../merge-patch.ts';
import {
  isSelectorError,
  labelSelectorRequirements,
  matchesNothing,
  requirementsOfMap,
  type Requirement,
} from '../selector.ts';
import {
  checkIntOrPercent,
  checkLabelSelector,
  checkNotNegative,
  checkNotOverHundred,
  checkOneOf,
  isEmptySelector,
  isZero,
  type Errors,
} from './fields.ts';
import { checkTemplate } from './pod.ts';
import { checkClaimSpec } from './storage.ts';

export function checkReplicationController(errors: Errors, controller: ReplicationController): void {
  const { spec } = controller;
  checkNotNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds);
  if (Object.keys(spec.selector ?? {}).length === 0) errors.push(required('spec.selector'));
  checkNotNegative(errors, 'spec.replicas', spec.replicas);
  if (spec.template === undefined) errors.push(required('spec.template'));
  else
    checkTemplate(
      errors,
      'spec.template',
      spec.template,
      requirementsOfMap(spec.selector),
      'ReplicationController',
    );
}

export function checkReplicaSet(errors: Errors, set: ReplicaSet): void {
  checkNotNegative(errors, 'spec.replicas', set.spec.replicas);
  checkNotNegative(errors, 'spec.minReadySeconds', set.spec.minReadySeconds);
  checkSelected(
    errors,
    set.spec.selector,
    set.spec.template,
    'ReplicaSet',
    'deployment',
    'invalid label selector',
  );
}

/** The selector, that it selects something, and that the template's Pods are among it. */
function checkSelected(
  errors: Errors,
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
  controller: string,
  emptyFor: string,
  unreadable: string,
): void {
  let requirements: readonly Requirement[] = matchesNothing;
  if (selector === undefined) errors.push(required('spec.selector'));
  else {
    checkLabelSelector(errors, 'spec.selector', selector);
    if (isEmptySelector(selector))
      errors.push(
        invalidValue(
          'spec.selector',
          internal('LabelSelector', selector),
          `empty selector is invalid for ${emptyFor}`,
        ),
      );
    const found = labelSelectorRequirements(selector);
    if (isSelectorError(found)) {
      errors.push(invalidValue('spec.selector', internal('LabelSelector', selector), unreadable));
      return;
    }
    requirements = found;
  }
  checkTemplate(errors, 'spec.template', template ?? {}, requirements, controller);
}

export function checkDeployment(errors: Errors, { spec }: Deployment): void {
  checkNotNegative(errors, 'spec.replicas', spec.replicas);
  checkSelected(errors, spec.selector, spec.template, 'ReplicaSet', 'deployment', 'invalid label selector');
  checkStrategy(errors, spec.strategy);
  checkNotNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds);
  checkNotNegative(errors, 'spec.revisionHistoryLimit', spec.revisionHistoryLimit);
  const deadline = spec.progressDeadlineSeconds;
  checkNotNegative(errors, 'spec.progressDeadlineSeconds', deadline);
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0))
    errors.push(
      invalidValue('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'),
    );
}

function checkStrategy(errors: Errors, strategy: Deployment['spec']['strategy']): void {
  const field = 'spec.strategy';
  if (strategy?.type === 'Recreate') {
    if (strategy.rollingUpdate !== undefined)
      errors.push(
        forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'"),
      );
    return;
  }
  if (strategy?.type !== 'RollingUpdate') {
    errors.push({
      ...unsupported(field, null, ['Recreate', 'RollingUpdate']),
      badValue: internal('DeploymentStrategy', strategy ?? {}),
    });
    return;
  }
  const { maxUnavailable = 0, maxSurge = 0 } = strategy.rollingUpdate ?? {};
  const at = `${field}.rollingUpdate`;
  checkIntOrPercent(errors, `${at}.maxUnavailable`, maxUnavailable);
  checkIntOrPercent(errors, `${at}.maxSurge`, maxSurge);
  if (isZero(maxUnavailable) && isZero(maxSurge))
    errors.push(invalidValue(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  checkNotOverHundred(errors, `${at}.maxUnavailable`, maxUnavailable);
}

export function checkStatefulSet(errors: Errors, { spec }: StatefulSet): void {
  const policy = spec.podManagementPolicy ?? '';
  if (policy === '') errors.push(required('spec.podManagementPolicy'));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel')
    errors.push(invalidValue('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  checkUpdateStrategy(errors, spec);
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  for (const part of ['whenDeleted', 'whenScaled'] as const)
    if (retention !== undefined)
      checkOneOf(errors, `spec.persistentVolumeClaimRetentionPolicy.${part}`, retention[part] ?? '', [
        'Retain',
        'Delete',
      ]);
  checkNotNegative(errors, 'spec.replicas', spec.replicas);
  checkNotNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds);
  checkNotNegative(errors, 'spec.ordinals.start', spec.ordinals?.start);
  (spec.volumeClaimTemplates ?? []).forEach((claim, i) => {
    checkClaimSpec(errors, `spec.volumeClaimTemplates[${i}].spec`, claim.spec);
  });
  checkSelected(errors, spec.selector, withClaimVolumes(spec), 'StatefulSet', 'statefulset', '');
}

/** The template as its Pods will have it: with a volume for each claim that it does not name itself. */
function withClaimVolumes({ template, volumeClaimTemplates }: StatefulSetSpec): PodTemplateSpec | undefined {
  const spec = (template as PodTemplateSpec | undefined)?.spec;
  if (spec === undefined || volumeClaimTemplates === undefined) return template;
  const named = new Set((spec.volumes ?? []).map((volume) => volume.name));
  const volumes = volumeClaimTemplates
    .map((claim) => (claim.metadata.name as string | undefined) ?? '')
    .filter((name) => !named.has(name))
    .map((name) => ({ name, persistentVolumeClaim: { claimName: `${name}-0` } }));
  return { ...template, spec: { ...spec, volumes: [...(spec.volumes ?? []), ...volumes] } };
}

function checkUpdateStrategy(errors: Errors, spec: StatefulSetSpec): void {
  const { type = '', rollingUpdate } = spec.updateStrategy ?? {};
  const field = 'spec.updateStrategy';
  if (type === '') errors.push(required(field));
  else if (type === 'OnDelete') {
    if (rollingUpdate !== undefined)
      errors.push(
        invalidValue(
          `${field}.rollingUpdate`,
          internal('RollingUpdateStatefulSetStrategy', rollingUpdate),
          "only allowed for updateStrategy 'RollingUpdate'",
        ),
      );
  } else if (type === 'RollingUpdate')
    checkNotNegative(errors, `${field}.rollingUpdate.partition`, rollingUpdate?.partition);
  else
    errors.push(
      invalidValue(
        field,
        internal('StatefulSetUpdateStrategy', spec.updateStrategy),
        "must be 'RollingUpdate' or 'OnDelete'",
      ),
    );
}

/** The selector of a workload stays what it was. */
export function checkSelectorUpdate(
  errors: Errors,
  next: LabelSelector | undefined,
  before: LabelSelector | undefined,
): void {
  if (!same(next, before))
    errors.push(invalidValue('spec.selector', internal('LabelSelector', next), 'field is immutable'));
}

const mutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

export function checkStatefulSetUpdate(errors: Errors, next: StatefulSet, before: StatefulSet): void {
  const put: Record<string, unknown> = { ...next.spec };
  for (const part of mutable) put[part] = before.spec[part];
  if (!same(put, before.spec))
    errors.push(
      forbidden(
        'spec',
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ),
    );
}
