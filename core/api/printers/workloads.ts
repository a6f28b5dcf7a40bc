/** Workloads: what keeps Pods, and what is kept about them. (kubernetes v1.34.1 pkg/printers/internalversion/printers.go) */
import type {
  ControllerRevision,
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '../generated/types.ts';
import { controllerOf } from '../object.ts';
import { conditionOf } from '../pod.ts';
import { isSelectorError, labelSelectorRequirements, selectorText } from '../selector.ts';
import { parseTimeText, type VirtualTime } from '../../time/time.ts';
import { ageOf, humanDuration } from './age.ts';
import { age, boolean, integer, name, printer, text, wide, type Printer } from './column.ts';
import {
  containerImages,
  containerNames,
  containers,
  images,
  labelSelectorText,
  labelsText,
  none,
  unset,
} from './format.ts';

export const replicationControllerPrinter: Printer = printer<ReplicationController>([
  name,
  integer('Desired', ({ spec }) => spec.replicas ?? 0),
  integer('Current', ({ status }) => status.replicas),
  integer('Ready', ({ status }) => status.readyReplicas ?? 0),
  age,
  containers,
  images,
  wide('Selector', ({ spec }) => labelsText(spec.selector)),
]);

export const replicaSetPrinter: Printer = printer<ReplicaSet>([
  name,
  integer('Desired', ({ spec }) => spec.replicas ?? 0),
  integer('Current', ({ status }) => status.replicas),
  integer('Ready', ({ status }) => status.readyReplicas ?? 0),
  age,
  containers,
  images,
  wide('Selector', ({ spec }) => labelSelectorText(spec.selector)),
]);

export const deploymentPrinter: Printer = printer<Deployment>([
  name,
  text('Ready', ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
  text('Up-to-date', ({ status }) => status.updatedReplicas ?? 0),
  text('Available', ({ status }) => status.availableReplicas ?? 0),
  age,
  containers,
  images,
  wide('Selector', ({ spec }) => {
    const requirements = labelSelectorRequirements(spec.selector);
    return isSelectorError(requirements) ? '<invalid>' : selectorText(requirements);
  }),
]);

export const statefulSetPrinter: Printer = printer<StatefulSet>([
  name,
  text('Ready', ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
  age,
  containers,
  images,
]);

export const daemonSetPrinter: Printer = printer<DaemonSet>([
  name,
  integer('Desired', ({ status }) => status.desiredNumberScheduled),
  integer('Current', ({ status }) => status.currentNumberScheduled),
  integer('Ready', ({ status }) => status.numberReady),
  integer('Up-to-date', ({ status }) => status.updatedNumberScheduled ?? 0),
  integer('Available', ({ status }) => status.numberAvailable ?? 0),
  text('Node Selector', ({ spec }) => labelsText(spec.template.spec?.nodeSelector)),
  age,
  containers,
  images,
  wide('Selector', ({ spec }) => labelSelectorText(spec.selector)),
]);

export const jobPrinter: Printer = printer<Job>([
  name,
  text('Status', jobStatus),
  text('Completions', completions),
  text('Duration', jobDuration),
  age,
  containers,
  images,
  wide('Selector', ({ spec }) => labelSelectorText(spec.selector)),
]);

function jobStatus({ metadata, status }: Job): string {
  const has = (type: string): boolean => conditionOf(status, type)?.status === 'True';
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  return has('FailureTarget') ? 'FailureTarget' : 'Running';
}

/** Without `completions` one success is enough, of however many that run side by side. */
function completions({ spec, status }: Job): string {
  const succeeded = status.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: Job, now: VirtualTime): string {
  const start = status.startTime === undefined ? undefined : parseTimeText(status.startTime);
  if (start === undefined) return '';
  const end = status.completionTime === undefined ? now : (parseTimeText(status.completionTime) ?? now);
  return humanDuration(end - start);
}

const templateOf = ({ spec }: CronJob): Job['spec'] | undefined => spec.jobTemplate.spec;

export const cronJobPrinter: Printer = printer<CronJob>([
  name,
  text('Schedule', ({ spec }) => spec.schedule),
  text('Timezone', ({ spec }) => spec.timeZone ?? none),
  boolean('Suspend', ({ spec }) => (spec.suspend === undefined ? unset : spec.suspend ? 'True' : 'False')),
  integer('Active', ({ status }) => status.active?.length ?? 0),
  text('Last Schedule', ({ status }, now) =>
    status.lastScheduleTime === undefined ? none : ageOf(status.lastScheduleTime, now),
  ),
  age,
  wide('Containers', (cronJob) => containerNames(templateOf(cronJob)?.template.spec?.containers ?? [])),
  wide('Images', (cronJob) => containerImages(templateOf(cronJob)?.template.spec?.containers ?? [])),
  wide('Selector', (cronJob) => labelSelectorText(templateOf(cronJob)?.selector)),
]);

export const controllerRevisionPrinter: Printer = printer<ControllerRevision>([
  name,
  text('Controller', (revision) => {
    const owner = controllerOf(revision);
    if (owner === undefined) return none;
    const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0] ?? ''}` : '';
    return `${`${owner.kind}${group}`.toLowerCase()}/${owner.name}`;
  }),
  text('Revision', ({ revision }) => revision),
  age,
]);
