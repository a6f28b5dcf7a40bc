/** What may never have happened, whatever anybody knew: every revision of a run's store is held against the one before it. */
import type { Job, Pod, PodDisruptionBudget } from '../../core/api/generated/types.ts';
import type { ApiObject } from '../../core/api/object.ts';
import { isPodActive } from '../../core/api/pod.ts';
import type { EtcdEvent } from '../../core/etcd/message.ts';
import { eventsAt, type Store } from '../../core/etcd/store.ts';

/** How many Pods an owner has, and the most it has ever asked for. */
interface Owner {
  readonly name: string;
  most: number;
  readonly pods: Set<string>;
}

/** The laws that some revision broke, with what it wrote. */
export function brokenInHistory(store: Store<ApiObject>): readonly string[] {
  const owners = new Map<string, Owner>();
  const broken: string[] = [];
  for (let revision = 2; revision <= store.revision; revision++)
    for (const event of eventsAt(store, revision)) {
      const wrong = wrongWith(event) ?? tooMany(owners, event);
      if (wrong !== undefined) broken.push(`revision ${revision} of ${event.key}: ${wrong}`);
    }
  return broken;
}

function wrongWith({ kv, prevKv }: EtcdEvent<ApiObject>): string | undefined {
  const after = kv?.value;
  const before = prevKv?.value;
  // The update that takes the last finalizer off a deleted object removes it at once: what went had one still.
  if (after === undefined) return undefined;
  if ((after.metadata.ownerReferences ?? []).filter(({ controller }) => controller === true).length > 1)
    return 'P14: it has more than one controller';
  if (before === undefined || before.metadata.uid !== after.metadata.uid) return undefined;
  if (before.metadata.deletionTimestamp !== undefined && after.metadata.deletionTimestamp === undefined)
    return 'P5: its deletion was taken back';
  switch (after.kind) {
    case 'Pod':
      return wrongWithPod(before as Pod, after as Pod);
    case 'Job':
      return wrongWithJob(before as Job, after as Job);
    case 'PodDisruptionBudget':
      return ((after as PodDisruptionBudget).status?.disruptionsAllowed ?? 0) < 0
        ? 'P21: it allows fewer than no disruptions'
        : undefined;
    default:
      return undefined;
  }
}

function wrongWithPod(before: Pod, after: Pod): string | undefined {
  const [was, is] = [before.spec.nodeName ?? '', after.spec.nodeName ?? ''];
  if (was !== '' && was !== is) return `P6: it moved from ${was} to ${is}`;
  const { phase } = before.status;
  if ((phase === 'Succeeded' || phase === 'Failed') && after.status.phase !== phase)
    return `P7: it was ${phase} and is ${after.status.phase ?? 'nothing'}`;
  return undefined;
}

function wrongWithJob(before: Job, after: Job): string | undefined {
  const [was, is] = [before.status ?? {}, after.status ?? {}];
  const fewer = !lostIndexes(before, after) && (is.succeeded ?? 0) < (was.succeeded ?? 0);
  if (fewer || (is.failed ?? 0) < (was.failed ?? 0)) return 'P19: it counts fewer than it did';
  const types = (is.conditions ?? []).filter(({ status }) => status === 'True').map(({ type }) => type);
  return types.includes('Complete') && types.includes('Failed')
    ? 'P19: it is Complete and Failed'
    : undefined;
}

/** An Indexed Job that was made smaller forgets the indexes that it no longer has. */
function lostIndexes({ status = {} }: Job, { spec }: Job): boolean {
  const highest = Number(status.completedIndexes?.split(/[,-]/).at(-1) ?? -1);
  return spec.completionMode === 'Indexed' && highest >= (spec.completions ?? 1);
}

/** P15 and what follows from it: nobody has more active Pods than it has ever asked for. */
function tooMany(owners: Map<string, Owner>, { kv, prevKv, key }: EtcdEvent<ApiObject>): string | undefined {
  const object = kv?.value ?? prevKv?.value;
  if (object === undefined) return undefined;
  const wanted = kv === undefined ? undefined : wantedBy(kv.value);
  if (wanted !== undefined) {
    const { uid, name } = object.metadata;
    const owner = owners.get(uid) ?? { name, most: 0, pods: new Set<string>() };
    owner.most = Math.max(owner.most, wanted);
    owners.set(uid, owner);
  }
  if (object.kind !== 'Pod') return undefined;
  const uid = (object.metadata.ownerReferences ?? []).find(({ controller }) => controller === true)?.uid;
  const owner = uid === undefined ? undefined : owners.get(uid);
  if (owner === undefined) return undefined;
  if (kv !== undefined && isPodActive(kv.value as Pod)) owner.pods.add(key);
  else owner.pods.delete(key);
  return owner.pods.size > owner.most
    ? `P15: ${owner.name} has ${owner.pods.size} Pods, and never asked for more than ${owner.most}`
    : undefined;
}

function wantedBy(object: ApiObject): number | undefined {
  const { spec = {} } = object as ApiObject & {
    readonly spec?: Readonly<Record<string, number | undefined>>;
  };
  switch (object.kind) {
    case 'ReplicaSet':
    case 'ReplicationController':
    case 'StatefulSet':
      return spec['replicas'] ?? 1;
    case 'Job':
      return spec['parallelism'] ?? 1;
    default:
      return undefined;
  }
}
