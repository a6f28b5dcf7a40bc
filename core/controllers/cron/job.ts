/** The Job of a CronJob's start. (kubernetes v1.34.1 pkg/controller/cronjob/utils.go getJobFromTemplate2) */
import type { CronJob, Job } from '../../api/generated/types.ts';
import type { NewObject } from '../../api/request.ts';
import { loadZone } from '../../time/cron/parse.ts';
import { timeText, unixSeconds, type VirtualTime } from '../../time/time.ts';
import { localTimeText, utc } from '../../time/zone.ts';

/** The start that a Job stands for, in the CronJob's time zone. */
const scheduledTimestampAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** The name of the Job of a start: the same whoever makes it, so that no start has two. The number is in minutes since 1970. */
export const jobName = (cronJob: CronJob, start: VirtualTime): string =>
  `${cronJob.metadata.name}-${Math.floor(unixSeconds(start) / 60)}`;

export interface NewJob extends NewObject {
  readonly spec: Job['spec'];
}

/** A Job as it is sent to the apiserver, or why there can be none. */
export function jobFromTemplate(cronJob: CronJob, start: VirtualTime): NewJob | { readonly error: string } {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const zone = loadZone(cronJob.spec.timeZone ?? '') ?? utc;
  if ('error' in zone) return zone;
  const { namespace, name, uid } = cronJob.metadata;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, start),
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...metadata?.labels },
      annotations: {
        ...metadata?.annotations,
        [scheduledTimestampAnnotation]: localTimeText(zone, unixSeconds(start)),
      },
      creationTimestamp: timeText(start),
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: spec ?? emptySpec,
  };
}

/** A template without a spec is refused by validation, so no CronJob that is stored has one. */
const emptySpec: Job['spec'] = { template: { spec: { containers: [] } } };
