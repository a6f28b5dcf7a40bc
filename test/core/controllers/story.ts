/**
 * A World whose controller's writes are told as a story: what a ReplicaSet's size was and is, which Pod came and went, and
 * what the status says. Pods come alive by the hand of the test.
 */
import type {
  ControllerRevision,
  Deployment,
  PersistentVolumeClaim,
  Pod,
  PodTemplateSpec,
  ReplicaSet,
  StatefulSet,
} from '../../../core/api/generated/types.ts';
import { keyOf } from '../../../core/api/object.ts';
import type { ApiRequest, Status } from '../../../core/api/request.ts';
import { millisecond, second, type Duration, type VirtualTime } from '../../../core/time/time.ts';
import { World, type Plain } from './world.ts';

export const podTemplate = (image: string): Plain => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image }] },
});

const imageOf = (template: PodTemplateSpec | undefined): string =>
  template?.spec?.containers[0]?.image ?? '?';

type Conditions = NonNullable<Deployment['status']['conditions']>;

/** A World, and the story of one of its controllers. */
export class Story {
  readonly world: World;
  readonly told: string[] = [];
  /** Pods of these images never become ready. */
  readonly broken = new Set<string>();
  /** Refuses a request, where it answers with a Status. */
  refuse: (request: ApiRequest) => Status | undefined = () => undefined;
  private readonly readyAfter: Duration;

  constructor(controller: string, readyAfter: Duration = 800 * millisecond) {
    this.readyAfter = readyAfter;
    this.world = new World({
      refuse: (request, userAgent) => {
        const refusal = this.refuse(request);
        const line = userAgent === controller ? this.lineOf(request) : undefined;
        if (line !== undefined) this.tell(refusal === undefined ? line : `${line}: ${refusal.code}`);
        return refusal;
      },
    }).start();
    this.world.create('nodes', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node-1' },
      spec: {},
      status: {},
    });
    this.until(second);
    this.told.length = 0;
  }

  /** A sentence of the test's own. */
  say(what: string): void {
    this.told.push('', `# ${what}`);
  }

  text = (): string => `${this.told.join('\n').trim()}\n`;

  /** Lets time pass. Pods that are not broken become ready in their time. */
  until(end: VirtualTime): void {
    const step = 100 * millisecond;
    while (this.world.now < end) {
      this.world.run(Math.min(end, this.world.now + step));
      for (const pod of this.world.list<Pod>('pods')) this.wake(pod);
    }
  }

  private readonly seen = new Map<string, VirtualTime>();

  private wake(pod: Pod): void {
    const { uid } = pod.metadata;
    const since = this.seen.get(uid) ?? this.world.now;
    this.seen.set(uid, since);
    if (pod.status.phase !== 'Pending' || this.world.now - since < this.readyAfter) return;
    if (!this.broken.has(imageOf({ spec: pod.spec }))) this.world.ready(keyOf(pod));
  }

  private tell(line: string): void {
    this.told.push(`${(this.world.now / second).toFixed(3).padStart(8)}  ${line}`);
  }

  private lineOf(request: ApiRequest): string | undefined {
    if (request.resource === 'events') return eventLine(request);
    if (request.verb === 'create') return `+ ${this.named(request.object as unknown as Named)}`;
    if (request.verb === 'delete') return `- ${this.named(this.stored(request.resource, request))}`;
    if (request.verb !== 'update') return undefined;
    const after = request.object as unknown as Named;
    const before = this.stored(request.resource, request);
    const line =
      request.subresource === 'status'
        ? statusLine(after as unknown as Deployment | StatefulSet)
        : this.changeLine(before, after);
    // What was written since the cache had it: the World refuses it as an apiserver does.
    const conflict = before.metadata.resourceVersion !== after.metadata.resourceVersion;
    return conflict ? `${line}: 409` : line;
  }

  private stored(resource: string, request: { namespace?: string | undefined; name: string }): Named {
    const key = `${request.namespace ?? ''}/${request.name}`;
    return (
      this.world.get<Named>(resource as 'pods', key) ?? { kind: resource, metadata: { name: request.name } }
    );
  }

  private named(object: Named): string {
    const { kind, metadata } = object;
    switch (kind) {
      case 'ReplicaSet': {
        const { spec } = object as unknown as ReplicaSet;
        const revision = metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 'none';
        return `ReplicaSet of ${imageOf(spec.template)}, ${spec.replicas ?? 0} Pods, revision ${revision}`;
      }
      case 'ControllerRevision': {
        const { revision, data } = object as unknown as ControllerRevision;
        const { template } = (data as unknown as { spec: { template: PodTemplateSpec } }).spec;
        return `revision ${revision}, ${imageOf(template)}`;
      }
      case 'Pod': {
        const name = metadata.name ?? `${metadata.generateName ?? ''}?`;
        return `Pod ${name} of ${imageOf({ spec: (object as unknown as Pod).spec })}`;
      }
      default:
        return `${kind} ${metadata.name ?? ''}`;
    }
  }

  private changeLine(before: Named, after: Named): string {
    switch (after.kind) {
      case 'ReplicaSet': {
        const [old, now] = [before, after] as unknown as [ReplicaSet, ReplicaSet];
        const sizes = `${old.spec.replicas ?? 0} -> ${now.spec.replicas ?? 0}`;
        return `ReplicaSet of ${imageOf(now.spec.template)} ${sizes}${revisionChange(old, now)}`;
      }
      case 'ControllerRevision': {
        const [old, now] = [before, after] as unknown as [ControllerRevision, ControllerRevision];
        return `revision ${old.revision} becomes ${now.revision}`;
      }
      case 'PersistentVolumeClaim': {
        const { metadata } = after as unknown as PersistentVolumeClaim;
        const owners = (metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind} ${name}`);
        return `claim ${metadata.name} belongs to ${owners.length === 0 ? 'nobody' : owners.join(', ')}`;
      }
      case 'Deployment':
        return `Deployment of ${imageOf((after as unknown as Deployment).spec.template)}`;
      default:
        return `${after.kind} ${after.metadata.name ?? ''}`;
    }
  }
}

interface Named {
  readonly kind: string;
  readonly metadata: {
    readonly name?: string;
    readonly generateName?: string;
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

function revisionChange(before: ReplicaSet, after: ReplicaSet): string {
  const of = ({ metadata }: ReplicaSet): string =>
    metadata.annotations?.['deployment.kubernetes.io/revision'] ?? '';
  return of(before) === of(after) ? '' : `, revision ${of(before)} -> ${of(after)}`;
}

function eventLine(request: ApiRequest): string | undefined {
  if (request.verb !== 'create') return undefined;
  const { reason, message } = request.object as unknown as { reason: string; message: string };
  return `  ${reason}: ${message}`;
}

/** Counts in the order total, updated, ready, available, and what the conditions are. */
function statusLine({ kind, status }: Deployment | StatefulSet): string {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const counts = `${replicas} Pods, ${updatedReplicas} new, ${readyReplicas} ready, ${availableReplicas} available`;
  if (kind === 'StatefulSet') return `  ${counts}`;
  const conditions = ((status.conditions ?? []) as Conditions).map(
    ({ type, status: is, reason = '' }) => `${type}=${is}(${reason})`,
  );
  const collisions = status.collisionCount === undefined ? '' : `, ${status.collisionCount} collisions`;
  return `  ${counts}${collisions}; ${conditions.join(' ')}`;
}
