/**
 * VolumeBinding's part of the binding cycle: once a Pod has a node, its claims that waited are given their volumes, or are
 * told the node for which one is to be made; the Pod is bound when they are. Others are decided meanwhile.
 * (kubernetes v1.34.1 plugins/volumebinding/binder.go, BindPodVolumes)
 */
import type { PersistentVolume, PersistentVolumeClaim } from '../api/generated/types.ts';
import type { ObjectKey } from '../api/object.ts';
import type { ApiAnswer, NewObject } from '../api/request.ts';
import { selectedNode } from '../api/volume-match.ts';
import { take } from '../client/flow-control.ts';
import { second, type Duration } from '../time/time.ts';
import { failBinding } from './binding-failure.ts';
import { profileFor } from './framework.ts';
import { listersOf } from './listers.ts';
import type { QueuedPod } from './queue.ts';
import type { VolumesTag, Work } from './scheduler.ts';
import { isCarriedOut, type VolumePlan } from './volume-plan.ts';
import type { PodInCycle } from './waiting-pods.ts';

/** How often it is looked whether the claims are bound. */
const pollPeriod = second;

/** A Pod whose volumes are bound, and its node. */
type BoundVolumes = Pick<PodInCycle, 'queued' | 'node'>;

const boundByController = 'pv.kubernetes.io/bound-by-controller';

/** Nobody else is promised what the plan says. */
export function reserveVolumes(work: Work, queued: QueuedPod, plan: VolumePlan): void {
  work.volumePlans = work.volumePlans.set(queued.info.key, { ...plan, queued, until: 0 });
}

/** Reserves what the plan says, and asks for it. `after`: when the decision is over, from now. */
export function bindVolumes(work: Work, queued: QueuedPod, plan: VolumePlan, after: Duration): void {
  const { key } = queued.info;
  const { claims, volumes } = listersOf(work.informers);
  const { bindTimeoutSeconds } = profileFor(work, queued.pod) ?? work.profile;
  const timeout = bindTimeoutSeconds * second;
  work.volumePlans = work.volumePlans.set(key, { ...plan, queued, until: work.now + timeout });
  for (const { claim, volume } of plan.bind) {
    const chosen = volumes.objects.get(volume);
    const owner = claims.objects.get(claim);
    if (chosen !== undefined && owner !== undefined && chosen.spec.claimRef === undefined)
      send(work, key, 'persistentvolumes', claimed(chosen, owner), after);
  }
  for (const claim of plan.provision) {
    const owner = claims.objects.get(claim);
    if (owner !== undefined) send(work, key, 'persistentvolumeclaims', assigned(owner, plan.node), after);
  }
  work.requests.push({
    do: 'timer',
    tag: { of: 'volumes', key },
    after: after + Math.min(pollPeriod, timeout),
  });
}

const claimed = (volume: PersistentVolume, { metadata }: PersistentVolumeClaim): PersistentVolume => ({
  ...volume,
  metadata: {
    ...volume.metadata,
    annotations: { ...volume.metadata.annotations, [boundByController]: 'yes' },
  },
  spec: {
    ...volume.spec,
    claimRef: {
      kind: 'PersistentVolumeClaim',
      apiVersion: 'v1',
      namespace: metadata.namespace,
      name: metadata.name,
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
    },
  },
});

const assigned = (claim: PersistentVolumeClaim, node: string): PersistentVolumeClaim => ({
  ...claim,
  metadata: { ...claim.metadata, annotations: { ...claim.metadata.annotations, [selectedNode]: node } },
});

function send(
  work: Work,
  key: ObjectKey,
  resource: 'persistentvolumes' | 'persistentvolumeclaims',
  object: PersistentVolume | PersistentVolumeClaim,
  after: Duration,
): void {
  const { namespace, name } = object.metadata;
  const taken = take(work.bucket, work.now + after);
  work.bucket = taken.bucket;
  work.requests.push({
    do: 'call',
    tag: { of: 'volumes', key },
    userAgent: 'scheduler',
    request: { verb: 'update', resource, namespace, name, object: object as NewObject },
    after: after + taken.wait,
  });
}

/** A write that was refused ends the attempt. */
export function onVolumeAnswer(work: Work, { key }: VolumesTag, answer: ApiAnswer): void {
  if (!answer.ok) giveUp(work, key, answer.status.message ?? `no answer (${answer.code})`);
}

/** The Pod whose claims are bound now; undefined: it is looked again later. */
export function pollVolumes(work: Work, { key }: VolumesTag): BoundVolumes | undefined {
  const plan = work.volumePlans.get(key);
  if (plan === undefined) return undefined;
  if (isCarriedOut(plan, listersOf(work.informers))) {
    work.volumePlans = work.volumePlans.delete(key);
    return plan;
  }
  if (work.now >= plan.until) giveUp(work, key, 'context deadline exceeded');
  else work.requests.push({ do: 'timer', tag: { of: 'volumes', key }, after: pollPeriod });
  return undefined;
}

function giveUp(work: Work, key: ObjectKey, why: string): void {
  const plan = work.volumePlans.get(key);
  if (plan === undefined) return;
  const { queued } = plan;
  const message = `running PreBind plugin "VolumeBinding": binding volumes: ${why}`;
  failBinding(work, queued, queued.info.uid, { rejectors: [], reason: 'SchedulerError', message }, 0);
}
