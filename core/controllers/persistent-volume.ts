/**
 * Binds PersistentVolumeClaims to PersistentVolumes (kubernetes v1.34.1 pkg/controller/volume/persistentvolume). A claim
 * of a class that waits for its first consumer is left to the scheduler, which chooses a volume or names a node for a
 * new one. What is deleted is kept while it is in use by others: pvc-protection.ts, pv-protection.ts.
 */
import { produce, type Draft } from 'immer';
import { keyFor, type ObjectKey } from '../api/object.ts';
import type { ObjectMeta, PersistentVolume, PersistentVolumeClaim } from '../api/generated/types.ts';
import { viewOf, type Delta, type Informers } from '../client/informer.ts';
import {
  done,
  failed,
  news,
  refused,
  type Ask,
  type Context,
  type Controller,
  type Effects,
  type Outcome,
  type Reply,
  type Sync,
} from './controller.ts';
import { get, remove, update, updateStatus } from './requests.ts';
import {
  classOf,
  defaultClass,
  isFor,
  matching,
  selectedNode,
  waitsForConsumer,
} from '../api/volume-match.ts';

type Step<T> = Generator<Ask<undefined>, T, Reply>;

export const provisionerAnnotation = 'volume.kubernetes.io/storage-provisioner';
const betaProvisioner = 'volume.beta.kubernetes.io/storage-provisioner';
const bindCompleted = 'pv.kubernetes.io/bind-completed';
const boundByController = 'pv.kubernetes.io/bound-by-controller';

/** Keys of volumes begin with this; no claim's does, for its namespace has no `*`. */
const ofVolume = '*';

export const persistentVolumeBinder: Controller<undefined> = {
  name: 'persistent-volume-binder',
  component: 'persistentvolume-controller',
  workers: 1,
  follows: ['persistentvolumeclaims', 'persistentvolumes', 'storageclasses'],
  initial: undefined,
  handle,
  sync: (context, key) =>
    key.startsWith(ofVolume) ? syncVolume(context, key.slice(ofVolume.length)) : syncClaim(context, key),
};

function handle({ caches }: Context<undefined>, delta: Delta): Effects<undefined> | undefined {
  const claims = viewOf(caches, 'persistentvolumeclaims');
  switch (delta.stream) {
    case 'persistentvolumeclaims': {
      const { volumeName } = (delta.object as PersistentVolumeClaim).spec ?? {};
      if (delta.type !== 'deleted') return { mark: [delta.key] };
      return volumeName === undefined ? undefined : { mark: [ofVolume + volumeName] };
    }
    case 'persistentvolumes': {
      const claim = (delta.object as PersistentVolume).spec?.claimRef;
      const mark = delta.type === 'deleted' ? [] : [ofVolume + delta.key];
      if (claim?.name !== undefined) mark.push(keyFor(claim.namespace, claim.name));
      else mark.push(...unbound(claims.objects.objects.values()));
      return { mark };
    }
    default:
      return { mark: unbound(claims.objects.objects.values()) };
  }
}

function unbound(claims: Iterable<PersistentVolumeClaim>): string[] {
  const keys: string[] = [];
  for (const { metadata, status } of claims)
    if (status?.phase !== 'Bound') keys.push(keyFor(metadata.namespace, metadata.name));
  return keys;
}

function* syncClaim({ caches }: Context<undefined>, key: ObjectKey): Sync<undefined> {
  const claim = viewOf(caches, 'persistentvolumeclaims').objects.get(key);
  if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return done;
  const volumes = viewOf(caches, 'persistentvolumes');
  const { volumeName } = claim.spec ?? {};
  const unchosen = volumeName === undefined || volumeName === '';
  const waits = unchosen && isWaiting(caches, claim);
  const volume = unchosen
    ? matching(volumes.objects.objects.values(), claim, waits ? isPreBound : undefined)
    : volumes.objects.get(volumeName);
  if (volume !== undefined)
    return isFor(volume, claim) || volume.spec?.claimRef === undefined ? yield* bind(volume, claim) : done;
  if (volumeName !== undefined && volumeName !== '')
    return claim.metadata.annotations?.[bindCompleted] === undefined ? done : yield* lose(claim);
  if (waits && claim.metadata.annotations?.[selectedNode] === undefined)
    return { news: [news(claim, 'Normal', 'WaitForFirstConsumer', firstConsumer)] };
  return yield* provision(caches, claim);
}

const firstConsumer = 'waiting for first consumer to be created before binding';

const isWaiting = (caches: Informers, claim: PersistentVolumeClaim): boolean =>
  waitsForConsumer(viewOf(caches, 'storageclasses').objects.get(classOf(claim) ?? ''));

const isPreBound = ({ spec }: PersistentVolume): boolean => spec?.claimRef !== undefined;

function annotate(metadata: Draft<ObjectMeta>, more: Readonly<Record<string, string>>): void {
  metadata.annotations = { ...metadata.annotations, ...more };
}

/** Volume first, then claim; each step leaves a state from which the next sync can go on. */
function* bind(volume: PersistentVolume, claim: PersistentVolumeClaim): Step<Outcome<undefined>> {
  const { metadata } = claim;
  let held = volume;
  if (volume.spec?.claimRef?.uid !== metadata.uid) {
    const claimed = produce(volume, (draft) => {
      if (volume.spec?.claimRef === undefined) annotate(draft.metadata, { [boundByController]: 'yes' });
      draft.spec.claimRef = {
        kind: 'PersistentVolumeClaim',
        apiVersion: 'v1',
        namespace: metadata.namespace,
        name: metadata.name,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
      };
    });
    const [answer] = (yield { requests: [update('persistentvolumes', claimed)] }).answers;
    if (answer?.ok !== true) return failed;
    held = (answer.object as PersistentVolume | undefined) ?? volume;
  }
  if (held.status?.phase !== 'Bound') {
    const [answer] = (yield {
      requests: [updateStatus('persistentvolumes', { ...held, status: { ...held.status, phase: 'Bound' } })],
    }).answers;
    if (answer?.ok !== true) return failed;
  }
  let bound = claim;
  if (
    claim.spec?.volumeName !== volume.metadata.name ||
    metadata.annotations?.[bindCompleted] === undefined
  ) {
    const unchosen = claim.spec?.volumeName === undefined || claim.spec.volumeName === '';
    const completed = produce(claim, (draft) => {
      if (unchosen) annotate(draft.metadata, { [boundByController]: 'yes' });
      annotate(draft.metadata, { [bindCompleted]: 'yes' });
      draft.spec.volumeName = volume.metadata.name;
    });
    const [answer] = (yield { requests: [update('persistentvolumeclaims', completed)] }).answers;
    if (answer?.ok !== true) return failed;
    bound = (answer.object as PersistentVolumeClaim | undefined) ?? claim;
  }
  if (bound.status?.phase === 'Bound') return done;
  const status = {
    ...bound.status,
    phase: 'Bound',
    accessModes: volume.spec?.accessModes,
    capacity: volume.spec?.capacity,
  };
  const [answer] = (yield { requests: [updateStatus('persistentvolumeclaims', { ...bound, status })] })
    .answers;
  return answer?.ok === true ? done : failed;
}

function* lose(claim: PersistentVolumeClaim): Step<Outcome<undefined>> {
  if (claim.status?.phase === 'Lost') return done;
  const [answer] = (yield {
    requests: [
      updateStatus('persistentvolumeclaims', { ...claim, status: { ...claim.status, phase: 'Lost' } }),
    ],
  }).answers;
  const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
  return answer?.ok === true ? { news: [news(claim, 'Warning', 'ClaimLost', message)] } : failed;
}

/** No volume will do: the class's provisioner is told to make one, by an annotation. */
function* provision(caches: Informers, claim: PersistentVolumeClaim): Step<Outcome<undefined>> {
  const classes = viewOf(caches, 'storageclasses').objects;
  const name = classOf(claim);
  if (name === undefined) {
    const chosen = defaultClass(classes.objects.values());
    if (chosen !== undefined) {
      const [answer] = (yield {
        requests: [
          update('persistentvolumeclaims', {
            ...claim,
            spec: { ...claim.spec, storageClassName: chosen.metadata.name },
          }),
        ],
      }).answers;
      return answer?.ok === true ? done : failed;
    }
  }
  if (name === undefined || name === '')
    return {
      news: [
        news(
          claim,
          'Normal',
          'FailedBinding',
          'no persistent volumes available for this claim and no storage class is set',
        ),
      ],
    };
  const storageClass = classes.get(name);
  if (storageClass === undefined)
    return {
      news: [news(claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${name}" not found`)],
    };
  const { provisioner } = storageClass;
  if (provisioner === 'kubernetes.io/no-provisioner') return done;
  if (claim.metadata.annotations?.[provisionerAnnotation] !== provisioner) {
    const told = produce(claim, (draft) => {
      annotate(draft.metadata, { [provisionerAnnotation]: provisioner, [betaProvisioner]: provisioner });
    });
    const [answer] = (yield { requests: [update('persistentvolumeclaims', told)] }).answers;
    if (answer?.ok !== true) return failed;
  }
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  return { news: [news(claim, 'Normal', 'ExternalProvisioning', message)] };
}

function* syncVolume({ caches }: Context<undefined>, key: ObjectKey): Sync<undefined> {
  const volume = viewOf(caches, 'persistentvolumes').objects.get(key);
  if (volume === undefined) return done;
  const reference = volume.spec?.claimRef;
  if (reference?.uid === undefined || reference.name === undefined)
    return yield* becomes(volume, 'Available');
  const cached = viewOf(caches, 'persistentvolumeclaims').objects.get(
    keyFor(reference.namespace, reference.name),
  );
  if (cached?.metadata.uid === reference.uid) return done;
  // The cache may not know the claim yet: only the apiserver can say that it is gone.
  const [fresh] = (yield { requests: [get('persistentvolumeclaims', reference.namespace, reference.name)] })
    .answers;
  if (fresh?.ok === true && fresh.object?.metadata.uid === reference.uid) return done;
  if (fresh?.ok !== true && !refused(fresh, 'NotFound')) return failed;
  const released = yield* becomes(volume, 'Released');
  if (released.failed === true || volume.spec?.persistentVolumeReclaimPolicy !== 'Delete') return released;
  if (volume.metadata.deletionTimestamp !== undefined) return done;
  const [answer] = (yield { requests: [remove('persistentvolumes', volume)] }).answers;
  return answer?.ok === true || refused(answer, 'NotFound') ? done : failed;
}

function* becomes(volume: PersistentVolume, phase: string): Step<Outcome<undefined>> {
  if (volume.status?.phase === phase) return done;
  const [answer] = (yield {
    requests: [updateStatus('persistentvolumes', { ...volume, status: { ...volume.status, phase } })],
  }).answers;
  return answer?.ok === true ? done : failed;
}
