/**
 * Deletes Jobs some time after they have ended, where they say so.
 * (kubernetes v1.34.1 pkg/controller/ttlafterfinished/ttlafterfinished_controller.go)
 */
import type { ObjectKey } from '../api/object.ts';
import type { Job } from '../api/generated/types.ts';
import type { DeleteRequest } from '../api/request.ts';
import { viewOf } from '../client/informer.ts';
import { parseTimeText, second, type Duration, type VirtualTime } from '../time/time.ts';
import { done, failed, refused, type Context, type Controller, type Sync } from './controller.ts';
import { finishedCondition } from './job/condition.ts';
import { get } from './requests.ts';

export const ttlAfterFinishedController: Controller<undefined> = {
  name: 'ttl-after-finished-controller',
  component: 'ttl-after-finished-controller',
  workers: 5,
  follows: ['jobs'],
  initial: undefined,
  handle: (_, { type, key, object }) =>
    type === 'deleted' || timeLeft(object as Job, 0) === undefined ? undefined : { mark: [key] },
  sync,
};

function* sync({ caches, now }: Context<undefined>, key: ObjectKey): Sync<undefined> {
  const job = viewOf(caches, 'jobs').objects.get(key);
  const left = job === undefined ? undefined : timeLeft(job, now);
  if (job === undefined || left === undefined) return done;
  if (left > 0) return { again: left };
  // The cache may be behind, and the Job may since have been given more time.
  const { namespace, name } = job.metadata;
  const looked = yield { requests: [get('jobs', namespace, name)] };
  const [fresh] = looked.answers;
  if (fresh?.ok !== true) return refused(fresh, 'NotFound') ? done : failed;
  const latest = fresh.object as Job;
  const stillLeft = timeLeft(latest, looked.now);
  if (stillLeft === undefined) return done;
  if (stillLeft > 0) return { again: stillLeft };
  const request: DeleteRequest = {
    verb: 'delete',
    resource: 'jobs',
    namespace,
    name,
    propagationPolicy: 'Foreground',
    preconditions: { uid: latest.metadata.uid },
  };
  const { answers } = yield { requests: [request] };
  return answers[0]?.ok === true ? done : failed;
}

/** How long the Job may stay; undefined where it has not ended, is being deleted already, or may stay for ever. */
function timeLeft(job: Job, now: VirtualTime): Duration | undefined {
  const { ttlSecondsAfterFinished } = job.spec;
  if (ttlSecondsAfterFinished === undefined || job.metadata.deletionTimestamp !== undefined) return undefined;
  const finishedAt = finishedCondition(job)?.lastTransitionTime;
  const at = finishedAt === undefined ? undefined : parseTimeText(finishedAt);
  return at === undefined ? undefined : at + ttlSecondsAfterFinished * second - now;
}
