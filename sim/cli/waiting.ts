/**
 * What is not as its author wished when a run ends, and why: Pods that do not run or are not ready, owners that cannot make
 * their Pods, claims without a volume, autoscalers that do not scale. The reasons are those a person would find with
 * `kubectl describe`: a condition, the state of a container, or the newest Event.
 */
import type {
  Event,
  HorizontalPodAutoscaler,
  ObjectMeta,
  PersistentVolumeClaim,
  Pod,
} from '../../core/api/generated/types.ts';
import { controllerOf, type ApiObject } from '../../core/api/object.ts';
import { isPodReady } from '../../core/api/pod.ts';
import { resourceNamed } from '../../core/api/kinds.ts';
import type { WaitingSummary } from '../../reports/run-summary.ts';
import type { Registry } from '../engine/registry.ts';

/** Everything that waits, Pods of one owner that wait for the same told once. */
export function waitingOf(registry: Registry): readonly WaitingSummary[] {
  const eventOf = newestEvents(registry);
  const waiting = [
    ...podsWaiting(registry, eventOf),
    ...ownersWaiting(registry, eventOf),
    ...claimsWaiting(registry, eventOf),
    ...autoscalersWaiting(registry),
  ];
  return together(waiting);
}

interface Waiting {
  readonly kind: string;
  readonly metadata: ObjectMeta;
  /** Of several objects with one owner the first stands for all. */
  readonly owner: string;
  readonly reason: string;
  readonly message: string;
}

type EventOf = (uid: string, wanted?: (event: Event) => boolean) => Event | undefined;

function together(waiting: readonly Waiting[]): readonly WaitingSummary[] {
  const groups = new Map<string, WaitingSummary>();
  for (const { kind, metadata, owner, reason, message } of waiting) {
    const key = `${kind}|${owner}|${reason}|${withoutNames(message, metadata)}`;
    const known = groups.get(key);
    groups.set(
      key,
      known === undefined
        ? { kind, namespace: metadata.namespace, name: metadata.name, count: 1, reason, message }
        : { ...known, count: known.count + 1 },
    );
  }
  return [...groups.values()];
}

/** What differs between two Pods of one owner in what is said of them. */
const withoutNames = (message: string, { name, uid }: ObjectMeta): string =>
  message.replaceAll(name, '').replaceAll(uid, '');

/** The newest Event of an object. Events are read once somebody asks. */
function newestEvents(registry: Registry): EventOf {
  let byObject: Map<string, Event[]> | undefined;
  return (uid, wanted = isWarning) => {
    if (byObject === undefined) {
      byObject = new Map();
      for (const event of registry.list('events') as readonly Event[]) {
        const about = event.involvedObject.uid ?? '';
        const known = byObject.get(about);
        if (known === undefined) byObject.set(about, [event]);
        else known.push(event);
      }
    }
    const found = (byObject.get(uid) ?? []).filter(wanted);
    return found.reduce<Event | undefined>(
      (newest, event) => (newest === undefined || writtenAt(event) >= writtenAt(newest) ? event : newest),
      undefined,
    );
  };
}

const isWarning = ({ type }: Event): boolean => type === 'Warning';

const writtenAt = ({ lastTimestamp, eventTime, metadata }: Event): string =>
  lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';

const ownerOf = (object: ApiObject): string => controllerOf(object)?.uid ?? object.metadata.uid;

function podsWaiting(registry: Registry, eventOf: EventOf): readonly Waiting[] {
  return (registry.list('pods') as readonly Pod[]).flatMap((pod): readonly Waiting[] => {
    const why = whyNotReady(pod, eventOf);
    return why === undefined
      ? []
      : [{ kind: 'Pod', metadata: pod.metadata, owner: ownerOf(pod as unknown as ApiObject), ...why }];
  });
}

type Why = Pick<Waiting, 'reason' | 'message'>;

/** Undefined: it is ready, has ended well, is on its way out, or its owner will tell. */
function whyNotReady(pod: Pod, eventOf: EventOf): Why | undefined {
  const { metadata, spec, status } = pod;
  if (metadata.deletionTimestamp !== undefined || status.phase === 'Succeeded' || isPodReady(pod))
    return undefined;
  if (status.phase === 'Failed') return metadata.ownerReferences === undefined ? whyFailed(pod) : undefined;
  if (spec.nodeName === undefined || spec.nodeName === '') return whyUnbound(pod);
  const event = eventOf(metadata.uid);
  const told: Why | undefined =
    event === undefined ? undefined : { reason: event.reason ?? '', message: event.message ?? '' };
  const waiting = waitingContainer(pod);
  if (waiting !== undefined && !isOnItsWay(waiting.reason)) return waiting;
  if (told !== undefined) return told;
  if (waiting !== undefined) return waiting;
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return { reason: ready?.reason ?? 'NotReady', message: ready?.message ?? '' };
}

function whyUnbound({ spec, status }: Pod): Why {
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False')
    return { reason: scheduled.reason ?? 'Unschedulable', message: scheduled.message ?? '' };
  const scheduler = spec.schedulerName ?? 'default-scheduler';
  return { reason: 'NotScheduled', message: `scheduler "${scheduler}" has not looked at it` };
}

function whyFailed({ status }: Pod): Why {
  if (status.reason !== undefined) return { reason: status.reason, message: status.message ?? '' };
  const ended = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].find(
    ({ state }) => (state?.terminated?.exitCode ?? 0) !== 0,
  );
  const code = ended?.state?.terminated?.exitCode ?? 0;
  return { reason: 'Failed', message: `container ${ended?.name ?? ''} ended with exit code ${code}` };
}

/** The first container that waits, in the order in which they start. */
function waitingContainer({ status }: Pod): Why | undefined {
  for (const { name, state } of [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
  ]) {
    const waiting = state?.waiting;
    if (waiting === undefined) continue;
    return {
      reason: waiting.reason ?? 'Waiting',
      message: waiting.message ?? `container ${name} has not started`,
    };
  }
  return undefined;
}

const isOnItsWay = (reason: string): boolean =>
  reason === 'ContainerCreating' || reason === 'PodInitializing';

const owners = ['replicasets', 'replicationcontrollers', 'statefulsets', 'daemonsets', 'jobs'];

interface Replicated {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
}

/** Owners that were refused a Pod, and still have fewer than they want. */
function ownersWaiting(registry: Registry, eventOf: EventOf): readonly Waiting[] {
  return owners.flatMap((resource) =>
    registry.list(resource).flatMap((object): readonly Waiting[] => {
      if (hasAll(object as Replicated)) return [];
      const event = eventOf(object.metadata.uid, isFailedCreate);
      if (event === undefined) return [];
      const kind = resourceNamed(resource)?.kind ?? resource;
      return [
        {
          kind,
          metadata: object.metadata,
          owner: ownerOf(object),
          reason: 'FailedCreate',
          message: event.message ?? '',
        },
      ];
    }),
  );
}

const hasAll = ({ spec, status }: Replicated): boolean =>
  spec?.replicas !== undefined && (status?.replicas ?? 0) >= spec.replicas;

const isFailedCreate = ({ type, reason }: Event): boolean => type === 'Warning' && reason === 'FailedCreate';

function claimsWaiting(registry: Registry, eventOf: EventOf): readonly Waiting[] {
  const claims = registry.list('persistentvolumeclaims') as readonly PersistentVolumeClaim[];
  return claims.flatMap((claim): readonly Waiting[] => {
    const { metadata, status } = claim;
    if (status?.phase === 'Bound' || metadata.deletionTimestamp !== undefined) return [];
    const event = eventOf(metadata.uid, () => true);
    const reason = event?.reason ?? status?.phase ?? 'Pending';
    return [
      { kind: 'PersistentVolumeClaim', metadata, owner: metadata.uid, reason, message: event?.message ?? '' },
    ];
  });
}

function autoscalersWaiting(registry: Registry): readonly Waiting[] {
  const autoscalers = registry.list('horizontalpodautoscalers') as readonly HorizontalPodAutoscaler[];
  return autoscalers.flatMap(({ metadata, status }): readonly Waiting[] => {
    const failing = status?.conditions?.find(
      ({ type, status: holds }) => holds === 'False' && (type === 'AbleToScale' || type === 'ScalingActive'),
    );
    if (failing === undefined) return [];
    const { reason = '', message = '' } = failing;
    return [{ kind: 'HorizontalPodAutoscaler', metadata, owner: metadata.uid, reason, message }];
  });
}
