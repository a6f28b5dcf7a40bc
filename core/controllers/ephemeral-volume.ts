/**
 * Makes the claims that Pods carry in their volumes as templates: `POD-VOLUME`, which belongs to the Pod and goes with it. A
 * claim of that name that is not the Pod's own is left alone, and the Pod waits.
 * (kubernetes v1.34.1 pkg/controller/volume/ephemeral/controller.go, component-helpers/storage/ephemeral/ephemeral.go)
 */
import type { Pod, Volume } from '../api/generated/types.ts';
import { keyFor, keyOf, type ObjectKey } from '../api/object.ts';
import { claimIsFor, notOwnerOf } from '../api/pod-claims.ts';
import { viewOf, type Delta } from '../client/informer.ts';
import {
  done,
  messageOf,
  news,
  type Context,
  type Controller,
  type Effects,
  type Outcome,
  type Sync,
} from './controller.ts';
import { podChange } from './pod-interest.ts';
import { create } from './requests.ts';

export const ephemeralVolumeController: Controller<undefined> = {
  name: 'ephemeral-volume-controller',
  component: 'ephemeral_volume',
  // --concurrent-ephemeralvolume-syncs
  workers: 5,
  follows: ['pods', 'persistentvolumeclaims'],
  pods: { when: podChange.volumes },
  initial: undefined,
  handle,
  sync,
};

/** A Pod's volumes never change. A claim that somebody has deleted is made again. */
function handle({ caches }: Context<undefined>, delta: Delta): Effects<undefined> | undefined {
  const { stream, type, object, key } = delta;
  if (stream === 'pods') return type === 'added' && wantsClaims(object as Pod) ? { mark: [key] } : undefined;
  if (type !== 'deleted') return undefined;
  const mark: ObjectKey[] = [];
  for (const pod of viewOf(caches, 'pods').objects.valuesOf('claim', key))
    if (wantsClaims(pod)) mark.push(keyOf(pod));
  return mark.length === 0 ? undefined : { mark };
}

const wantsClaims = ({ metadata, spec }: Pod): boolean =>
  spec.volumes !== undefined &&
  metadata.deletionTimestamp === undefined &&
  spec.volumes.some(({ ephemeral }) => ephemeral !== undefined);

function* sync({ caches }: Context<undefined>, key: ObjectKey): Sync<undefined> {
  const pod = viewOf(caches, 'pods').objects.get(key);
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return done;
  const { name, namespace = '', uid } = pod.metadata;
  for (const volume of pod.spec.volumes ?? []) {
    if (volume.ephemeral === undefined) continue;
    const claimName = `${name}-${volume.name}`;
    const claim = viewOf(caches, 'persistentvolumeclaims').objects.get(keyFor(namespace, claimName));
    if (claim !== undefined) {
      if (!claimIsFor(claim, uid)) return unable(pod, volume, notOwnerOf(claimName, namespace, name));
      continue;
    }
    const [answer] = (yield { requests: [create('persistentvolumeclaims', claimOf(pod, volume, claimName))] })
      .answers;
    if (answer?.ok !== true) return unable(pod, volume, `create PVC ${claimName}: ${messageOf(answer)}`);
  }
  return done;
}

const unable = (pod: Pod, { name }: Volume, why: string): Outcome<undefined> => ({
  failed: true,
  news: [news(pod, 'Warning', 'FailedBinding', `ephemeral volume ${name}: ${why}`)],
});

function claimOf({ metadata: pod }: Pod, { ephemeral }: Volume, name: string) {
  const { metadata = {}, spec = {} } = ephemeral?.volumeClaimTemplate ?? {};
  const { annotations, labels } = metadata;
  const { uid } = pod;
  const owner = {
    apiVersion: 'v1',
    kind: 'Pod',
    name: pod.name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: pod.namespace,
      ownerReferences: [owner],
      ...(annotations === undefined ? {} : { annotations }),
      ...(labels === undefined ? {} : { labels }),
    },
    spec,
  };
}
