/** Jobs and CronJobs. (kubernetes v1.34.1 pkg/apis/batch/validation/validation.go) */
import { isCronError, loadZone, parseSchedule } from '../../time/cron/parse.ts';
import { invalidValue, required, tooLong, unsupported } from '../field-error.ts';
import { internal, internalMap } from '../go/internal.ts';
import type {
  Json,
  CronJob,
  CronJobSpec,
  Job,
  JobSpec,
  ObjectMeta,
  PodTemplateSpec,
} from '../generated/types.ts';
import { dns1123LabelErrors } from '../../text/label-format.ts';
import { same } from '../merge-patch.ts';
import { isSelectorError, labelSelectorRequirements, matchesLabels, matchesNothing } from '../selector.ts';
import {
  checkDomainPrefixedPath,
  checkImmutableField,
  checkLabelSelector,
  checkNotNegative,
  checkOneOf,
  checkRequiredOneOf,
  json,
  type Errors,
} from './fields.ts';
import { checkPodTemplate } from './pod.ts';
import { checkFailurePolicy, checkSuccessPolicy } from './job-policies.ts';

export function checkJob(errors: Errors, job: Job): void {
  checkGeneratedSelector(errors, job);
  checkJobSpec(errors, 'spec', job.spec);
  checkIndexedName(errors, job);
}

const ownLabels = ['controller-uid', 'job-name'] as const;
const prefix = 'batch.kubernetes.io/';

/** A selector that the server made selects by labels that only this Job's Pods have. */
function checkGeneratedSelector(errors: Errors, { metadata, spec }: Job): void {
  if (spec.manualSelector === true || spec.selector === undefined) return;
  if ((metadata.uid as string | undefined) === undefined) errors.push(required('metadata.uid'));
  const expected: Record<string, string> = {};
  for (const key of [...ownLabels, ...ownLabels.map((name) => prefix + name)]) {
    const value = key.endsWith('uid') ? metadata.uid : ((metadata.name as string | undefined) ?? '');
    expected[key] = value;
    checkHasLabel(errors, spec.template.metadata, key, value);
  }
  const requirements = labelSelectorRequirements(spec.selector);
  if (!isSelectorError(requirements) && !matchesLabels(requirements, expected))
    errors.push(
      invalidValue(
        'spec.selector',
        internal('LabelSelector', spec.selector),
        '`selector` not auto-generated',
      ),
    );
}

function checkHasLabel(
  errors: Errors,
  metadata: Partial<ObjectMeta> | undefined,
  key: string,
  value: string,
): void {
  const field = 'spec.template.metadata.labels';
  const found = metadata?.labels?.[key];
  if (found === undefined) errors.push(required(field, `must be '${value}'`));
  else if (found !== value)
    errors.push(invalidValue(field, internalMap(metadata?.labels), `must be '${value}'`));
}

/** The Pods of an indexed Job have its name and their index for a host name. */
function checkIndexedName(errors: Errors, { metadata, spec }: Job): void {
  if (spec.completionMode !== 'Indexed' || spec.completions === undefined || spec.completions <= 0) return;
  const longest = `${metadata.name}-${spec.completions - 1}`;
  if (dns1123LabelErrors(longest).length > 0)
    errors.push(
      invalidValue(
        'metadata.name',
        metadata.name,
        `will not able to create pod with invalid DNS label: ${longest}`,
      ),
    );
}

function checkJobSpec(errors: Errors, field: string, spec: JobSpec): void {
  checkJobContent(errors, field, spec);
  if (spec.selector === undefined) errors.push(required(`${field}.selector`));
  else checkLabelSelector(errors, `${field}.selector`, spec.selector);
  const requirements =
    spec.selector === undefined ? matchesNothing : labelSelectorRequirements(spec.selector);
  const labels = spec.template.metadata?.labels;
  if (!isSelectorError(requirements) && !matchesLabels(requirements, labels))
    errors.push(
      invalidValue(
        `${field}.template.metadata.labels`,
        internalMap(labels),
        '`selector` does not match template `labels`',
      ),
    );
}

/** Past these an indexed Job's status would not fit. */
const mostParallel = 100_000;
const mostFailedIndexes = 100_000;
const manyCompletions = 100_000;
const mostAtManyCompletions = 10_000;
const atMany = `must be less than or equal to ${mostAtManyCompletions} when completions are above ${manyCompletions} and used with backoff limit per index`;

function checkJobContent(errors: Errors, field: string, spec: JobSpec): void {
  for (const part of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const)
    checkNotNegative(errors, `${field}.${part}`, spec[part]);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    errors.push(required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  if (spec.managedBy !== undefined) checkManagedBy(errors, `${field}.managedBy`, spec.managedBy);
  if (spec.completionMode !== undefined)
    checkOneOf(errors, `${field}.completionMode`, spec.completionMode, ['NonIndexed', 'Indexed']);
  if (spec.completionMode === 'Indexed') checkIndexed(errors, field, spec);
  else if (spec.completionMode === undefined || spec.completionMode === 'NonIndexed')
    checkNotIndexed(errors, field, spec);
  checkFailurePolicy(errors, `${field}.podFailurePolicy`, spec);
  checkReplacement(errors, `${field}.podReplacementPolicy`, spec);
  checkPodTemplate(errors, `${field}.template`, spec.template);
  checkRestarts(errors, `${field}.template.spec.restartPolicy`, spec);
}

function checkManagedBy(errors: Errors, field: string, value: string): void {
  const before = errors.length;
  checkDomainPrefixedPath(errors, field, value);
  if (errors.length === before && value.length > 63) errors.push(tooLong(field, 63));
}

function checkIndexed(errors: Errors, field: string, spec: JobSpec): void {
  const { completions, parallelism, maxFailedIndexes: failed } = spec;
  const [parallel, indexes] = [`${field}.parallelism`, `${field}.maxFailedIndexes`];
  if (completions === undefined)
    errors.push(required(`${field}.completions`, 'when completion mode is Indexed'));
  if (parallelism !== undefined && parallelism > mostParallel)
    errors.push(
      invalidValue(
        parallel,
        parallelism,
        `must be less than or equal to ${mostParallel} when completion mode is Indexed`,
      ),
    );
  if (completions !== undefined && failed !== undefined && failed > completions)
    errors.push(invalidValue(indexes, failed, 'must be less than or equal to completions'));
  if (failed !== undefined && failed > mostFailedIndexes)
    errors.push(invalidValue(indexes, failed, `must be less than or equal to ${mostFailedIndexes}`));
  if (completions !== undefined && completions > manyCompletions && spec.backoffLimitPerIndex !== undefined) {
    if (failed === undefined)
      errors.push(required(indexes, `must be specified when completions is above ${manyCompletions}`));
    if (parallelism !== undefined && parallelism > mostAtManyCompletions)
      errors.push(invalidValue(parallel, parallelism, atMany));
    if (failed !== undefined && failed > mostAtManyCompletions)
      errors.push(invalidValue(indexes, failed, atMany));
  }
  checkSuccessPolicy(errors, `${field}.successPolicy`, spec);
}

function checkNotIndexed(errors: Errors, field: string, spec: JobSpec): void {
  const why = 'requires indexed completion mode';
  for (const part of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
    if (spec[part] !== undefined) errors.push(invalidValue(`${field}.${part}`, spec[part], why));
  if (spec.successPolicy !== undefined)
    errors.push(invalidValue(`${field}.successPolicy`, internal('SuccessPolicy', spec.successPolicy), why));
}

function checkReplacement(errors: Errors, field: string, spec: JobSpec): void {
  if (spec.podReplacementPolicy === undefined) return;
  const allowed = spec.podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed'];
  checkOneOf(errors, field, spec.podReplacementPolicy, allowed);
}

function checkRestarts(errors: Errors, field: string, spec: JobSpec): void {
  const policy = spec.template.spec?.restartPolicy ?? '';
  if (policy === 'Always' || policy === '')
    errors.push(required(field, 'valid values: "OnFailure", "Never"'));
  else if (policy !== 'OnFailure' && policy !== 'Never')
    errors.push(unsupported(field, policy, ['OnFailure', 'Never']));
  else if (spec.podFailurePolicy !== undefined && policy !== 'Never')
    errors.push(invalidValue(field, policy, 'only "Never" is supported when podFailurePolicy is specified'));
}

/** An update of a Job: what may not change. */
export function checkJobUpdate(errors: Errors, next: Job, before: Job): void {
  checkJobSpec(errors, 'spec', next.spec);
  const [spec, was] = [next.spec, before.spec];
  if (spec.completionMode !== 'Indexed')
    checkImmutableField(errors, 'spec.completions', json(spec.completions), json(was.completions));
  else if (
    spec.completions !== undefined &&
    spec.completions !== was.completions &&
    spec.completions !== spec.parallelism
  )
    errors.push(
      invalidValue(
        'spec.completions',
        spec.completions,
        'can only be modified in tandem with spec.parallelism',
      ),
    );
  checkImmutableField(
    errors,
    'spec.selector',
    internal('LabelSelector', spec.selector),
    internal('LabelSelector', was.selector),
  );
  if (!same(spec.template, comparableTemplate(before, spec.template)))
    errors.push(
      invalidValue('spec.template', internal('PodTemplateSpec', spec.template), 'field is immutable'),
    );
  checkImmutableField(errors, 'spec.completionMode', json(spec.completionMode), json(was.completionMode));
  for (const part of ['podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const) {
    if (same(spec[part], was[part])) continue;
    errors.push(invalidValue(`spec.${part}`, shownPolicy(part, spec[part]), 'field is immutable'));
  }
}

const policyStructs: Readonly<Record<string, string>> = {
  podFailurePolicy: 'PodFailurePolicy',
  successPolicy: 'SuccessPolicy',
};

/** A policy as a message shows it; a plain value as it is. */
function shownPolicy(part: string, value: unknown): Json {
  const struct = policyStructs[part];
  return struct === undefined || value === undefined ? json(value) : internal(struct, value as object);
}

/** The old template; where the Job is suspended and never began, with the new one's say on where Pods may run. */
function comparableTemplate({ spec, status }: Job, next: PodTemplateSpec): PodTemplateSpec {
  const was = spec.template;
  if (spec.suspend !== true || (status as Job['status'] | undefined)?.startTime !== undefined) return was;
  if (was.spec === undefined || next.spec === undefined) return was;
  const { nodeSelector, tolerations, schedulingGates, affinity } = next.spec;
  const nodeAffinity = affinity?.nodeAffinity;
  const kept = { ...was.spec.affinity, nodeAffinity };
  const isBare = Object.values(kept).every((part) => part === undefined);
  return {
    ...was,
    metadata: {
      ...was.metadata,
      annotations: next.metadata?.annotations,
      labels: next.metadata?.labels,
    },
    spec: {
      ...was.spec,
      affinity: isBare && affinity === undefined ? undefined : kept,
      nodeSelector,
      tolerations,
      schedulingGates,
    },
  };
}

export function checkCronJob(errors: Errors, job: CronJob, before: CronJob | undefined): void {
  checkCronJobSpec(errors, job.spec, before?.spec);
  // The Jobs it makes have eleven characters more, and 63 at most. Those that are there may be updated.
  const { name = '' } = job.metadata as Partial<ObjectMeta>;
  if (before === undefined && name.length > 52)
    errors.push(invalidValue('metadata.name', name, 'must be no more than 52 characters'));
}

function checkCronJobSpec(errors: Errors, spec: CronJobSpec, before: CronJobSpec | undefined): void {
  if (spec.schedule === '') errors.push(required('spec.schedule'));
  else checkSchedule(errors, spec, before?.schedule.includes('TZ') === true);
  checkNotNegative(errors, 'spec.startingDeadlineSeconds', spec.startingDeadlineSeconds);
  if (spec.timeZone !== undefined && (before === undefined || before.timeZone !== spec.timeZone))
    checkTimeZone(errors, 'spec.timeZone', spec.timeZone);
  checkRequiredOneOf(errors, 'spec.concurrencyPolicy', spec.concurrencyPolicy, [
    'Allow',
    'Forbid',
    'Replace',
  ]);
  const inner = (spec.jobTemplate as CronJobSpec['jobTemplate'] | undefined)?.spec ?? { template: {} };
  const field = 'spec.jobTemplate.spec';
  checkJobContent(errors, field, inner);
  if (inner.selector !== undefined)
    errors.push(
      invalidValue(
        `${field}.selector`,
        internal('LabelSelector', inner.selector),
        '`selector` will be auto-generated',
      ),
    );
  if (inner.manualSelector === true)
    errors.push(unsupported(`${field}.manualSelector`, true, ['nil', 'false']));
  checkNotNegative(errors, 'spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit);
  checkNotNegative(errors, 'spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit);
}

function checkSchedule(errors: Errors, { schedule, timeZone }: CronJobSpec, mayHaveZone: boolean): void {
  const read = parseSchedule(schedule);
  const wrong = (detail: string): number => errors.push(invalidValue('spec.schedule', schedule, detail));
  if (isCronError(read)) wrong(read.error);
  if (!schedule.includes('TZ')) return;
  if (!mayHaveZone) wrong('cannot use TZ or CRON_TZ in schedule, use timeZone field instead');
  else if (timeZone !== undefined) wrong('cannot use both timeZone field and TZ or CRON_TZ in schedule');
}

const zonePart = /^[A-Za-z.\-_0-9+]{1,14}$/;

function checkTimeZone(errors: Errors, field: string, zone: string): void {
  const wrong = (detail: string): number => errors.push(invalidValue(field, zone, detail));
  if (zone === '') {
    wrong('timeZone must be nil or non-empty string');
    return;
  }
  const isStrange = zone
    .split('/')
    .some((part) => part === '.' || part === '..' || part.startsWith('-') || !zonePart.test(part));
  if (isStrange) {
    wrong(`unknown time zone ${zone}`);
    return;
  }
  if (zone.toLowerCase() === 'local')
    wrong('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones');
  const found = loadZone(zone);
  if (found !== undefined && 'error' in found) wrong(`unknown time zone ${zone}`);
}
