/**
 * The families api-*: sequences of requests that were sent to a real kube-apiserver 1.34.1, against core/apiserver over
 * core/etcd. Each answer is compared, the store's revision after each write, and every event of every watch. Objects are
 * reduced to what the recording kept of them (README of the cases). Left out: the lines of a Go diff that follow the first
 * line of a message.
 */
import type { ApiObject } from '../../../core/api/object.ts';
import { itemsOf } from '../../../core/api/list-items.ts';
import { apiVersionOf, resourceNamed } from '../../../core/api/kinds.ts';
import type { Json } from '../../../core/api/generated/types.ts';
import type {
  ApiAnswer,
  ApiRequest,
  CreateRequest,
  DeleteOptions,
  NewObject,
  PatchRequest,
  Status,
  UpdateRequest,
  WatchEvent,
  WatchRequest,
} from '../../../core/api/request.ts';
import { millisecond } from '../../../core/time/time.ts';
import { firstDifference } from '../difference.ts';
import { ConformanceInputError } from '../input.ts';
import type { CaseResult } from '../run.ts';
import type {
  RecordedOperation,
  RecordedOptions,
  RecordedParams,
  RecordedSequence,
} from './sequence-file.ts';
import { Session, type Watched } from './session.ts';
import { Symbols } from './symbols.ts';

type Answer = Readonly<Record<string, unknown>>;

export function runSequence(sequence: RecordedSequence): CaseResult {
  const name = sequence.seed ?? sequence.name;
  const difference = new Replay().differenceIn(sequence);
  return difference === undefined ? { name, passed: true } : { name, passed: false, difference };
}

const namespaces = ['s-a', 's-b'] as const;

/** A session in which the namespaces of the recording are. Its caches began before the revision `@0`, as the real ones. */
function prepared(): Session {
  // What the README says was off.
  const session = new Session({
    disabledAdmission: ['ServiceAccount', 'Priority', 'DefaultTolerationSeconds'],
  });
  for (const name of namespaces) {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    session.call({ verb: 'create', resource: 'namespaces', object });
  }
  session.restart();
  const last = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'before' } };
  session.call({ verb: 'create', resource: 'configmaps', namespace: 'default', object: last });
  return session;
}

class Replay {
  private readonly session = prepared();
  private readonly symbols = new Symbols(this.session.revision);
  private readonly watches: Watched[] = [];
  private readonly heard: Answer[][] = [];

  differenceIn(sequence: RecordedSequence): string | undefined {
    for (const [index, { op, want }] of sequence.steps.entries()) {
      const difference = firstDifference(withFirstLines(want), this.perform(op));
      // What a watch hears is told in words when it is heard: uids are counted in that order.
      this.listen();
      if (difference !== undefined)
        return `step ${index}: ${difference}\nop ${JSON.stringify(op)}\nwant ${JSON.stringify(want)}`;
    }
    for (const [index, watch] of (sequence.watches ?? []).entries()) {
      const difference =
        firstDifference(watch.want_events, this.heard[index] ?? [], 'events') ??
        firstDifference(watch.closed_by_server ?? false, this.watches[index]?.closed, 'closed');
      if (difference !== undefined) return `watch ${watch.id}: ${difference}`;
    }
    return undefined;
  }

  private listen(): void {
    for (const [index, watch] of this.watches.entries()) {
      const heard = (this.heard[index] ??= []);
      for (const event of watch.events.slice(heard.length)) heard.push(this.eventWords(event));
    }
  }

  private perform(op: RecordedOperation): Answer {
    switch (op.verb) {
      case 'restart':
        return this.restart();
      case 'compact':
        return this.compact(op);
      case 'watch':
        return this.watch(op);
      default: {
        const request = this.requestOf(op);
        const before = this.session.revision;
        const answer = this.session.call(request);
        this.symbols.written(this.session.revision);
        const words = this.answerWords(answer, before);
        const writes = op.verb !== 'get' && op.verb !== 'list';
        return writes ? { ...words, rv_after: this.symbols.revisionWord(this.session.revision) } : words;
      }
    }
  }

  /** A server that begins again writes its own lease first. */
  private restart(): Answer {
    this.session.writeEtcd({
      type: 'put',
      key: '/registry/masterleases/10.0.0.1',
      value: ownRecord('10.0.0.1'),
    });
    this.symbols.passed(this.session.revision);
    this.session.restart();
    return {};
  }

  /** As the apiserver's own compactor does it: the revision is told under a key, which costs one revision. */
  private compact(op: Extract<RecordedOperation, { verb: 'compact' }>): Answer {
    const revision = Number(this.symbols.revisionText(op.revision, this.session.revision));
    this.session.writeEtcd({ type: 'put', key: 'compact_rev_key', value: ownRecord(`${revision}`) });
    this.symbols.written(this.session.revision);
    this.session.writeEtcd({ type: 'compact', revision });
    this.session.pass((op.wait ?? 0) * millisecond);
    return { rv_after: this.symbols.revisionWord(this.session.revision) };
  }

  private watch(op: Extract<RecordedOperation, { verb: 'list' | 'watch' }>): Answer {
    const request: WatchRequest = { ...this.targetOf(op), ...this.listParams(op.params), verb: 'watch' };
    const watched = this.session.watch(request);
    this.watches.push(watched);
    // A revision of the future is waited for before the watch is answered.
    this.session.pass(3_001 * millisecond);
    const name = { watch: `w${this.watches.length}` };
    return watched.refused === undefined
      ? { code: 200, ...name }
      : { ...this.statusWords(watched.refused, this.session.revision), ...name };
  }

  private targetOf({ resource, namespace }: { resource: string; namespace?: string | undefined }): {
    readonly resource: string;
    readonly namespace?: string;
  } {
    return namespace === undefined ? { resource } : { resource, namespace: `s-${namespace}` };
  }

  private listParams(params: RecordedParams = {}): Omit<WatchRequest, 'verb' | 'resource'> & {
    readonly limit?: number | undefined;
    readonly continue?: string | undefined;
  } {
    const { resourceVersion, resourceVersionMatch, labelSelector, fieldSelector, limit } = params;
    return {
      resourceVersion:
        resourceVersion === undefined
          ? undefined
          : this.symbols.revisionText(resourceVersion, this.session.revision),
      resourceVersionMatch,
      labelSelector,
      fieldSelector,
      limit,
      continue: params.continue === undefined ? undefined : this.symbols.tokenText(params.continue),
      sendInitialEvents: flag(params.sendInitialEvents),
      allowWatchBookmarks: flag(params.allowWatchBookmarks),
    };
  }

  private requestOf(
    op:
      | Exclude<RecordedOperation, { verb: 'restart' | 'compact' | 'watch' }>
      | { verb: 'list' | 'watch'; resource: string },
  ): ApiRequest {
    const recorded = op as Exclude<RecordedOperation, { verb: 'restart' | 'compact' }>;
    const target = this.targetOf(recorded);
    switch (recorded.verb) {
      case 'list':
      case 'watch':
        return { ...target, ...this.listParams(recorded.params), verb: 'list' };
      case 'get': {
        const { resourceVersion } = this.listParams(recorded.params);
        const { name, subresource } = recorded;
        return {
          ...target,
          verb: 'get',
          name,
          subresource: subresource as 'status' | undefined,
          resourceVersion,
        };
      }
      case 'create':
        return {
          ...target,
          ...writeParams(recorded.params),
          verb: 'create',
          name: recorded.name,
          subresource: recorded.subresource as CreateRequest['subresource'],
          object: this.objectOf(recorded.resource, recorded.object),
        };
      case 'update':
        return {
          ...target,
          ...writeParams(recorded.params),
          verb: 'update',
          name: recorded.name,
          subresource: recorded.subresource as UpdateRequest['subresource'],
          object: this.objectOf(recorded.resource, recorded.object),
        };
      case 'patch':
        return {
          ...target,
          ...writeParams(recorded.params),
          verb: 'patch',
          name: recorded.name,
          subresource: recorded.subresource as PatchRequest['subresource'],
          patchType: patchTypes[recorded.patchType ?? 'application/merge-patch+json'] ?? 'merge',
          patch: this.inOwnWords(recorded.object as Json),
          force: flag(recorded.params?.force),
        };
      case 'delete':
        return { ...target, ...this.deleteOptions(recorded.options), verb: 'delete', name: recorded.name };
      case 'deletecollection':
        return {
          ...target,
          ...this.deleteOptions(recorded.options),
          ...this.listParams(recorded.params),
          verb: 'deletecollection',
        };
    }
  }

  private deleteOptions(options: RecordedOptions = {}): DeleteOptions {
    const { gracePeriodSeconds, preconditions, propagationPolicy, orphanDependents, dryRun } = options;
    return {
      gracePeriodSeconds,
      preconditions:
        preconditions === undefined
          ? undefined
          : (this.inOwnWords(preconditions as Json) as DeleteOptions['preconditions']),
      propagationPolicy,
      orphanDependents,
      dryRun: dryRun?.join(','),
    };
  }

  /** The recording left out apiVersion and kind where the resource says them. */
  private objectOf(resource: string, object: Readonly<Record<string, unknown>>): NewObject {
    const info = resourceNamed(resource);
    if (info === undefined) throw new ConformanceInputError(`no resource ${resource}`);
    const own = this.inOwnWords(object as Json) as unknown as NewObject;
    return { ...{ apiVersion: apiVersionOf(info), kind: info.kind }, ...own };
  }

  /** Revisions and uids of the recording become this session's. */
  private inOwnWords(value: Json): Json {
    if (Array.isArray(value)) return value.map((item) => this.inOwnWords(item as Json));
    if (typeof value !== 'object' || value === null) return value;
    const own: Record<string, Json> = {};
    for (const [field, part] of Object.entries(value) as [string, Json][]) {
      if (field === 'resourceVersion' && typeof part === 'string')
        own[field] = this.symbols.revisionText(part, this.session.revision);
      else if (field === 'uid' && typeof part === 'string') own[field] = this.symbols.uidText(part);
      else own[field] = this.inOwnWords(part);
    }
    return own;
  }

  private answerWords(answer: ApiAnswer, asked: number): Answer {
    if (!answer.ok) return this.statusWords(answer.status, asked);
    const { code, object, list, status } = answer;
    if (list !== undefined) {
      const items = itemsOf(list).map((item) => this.objectWords(item));
      const resourceVersion = this.symbols.revisionWord(Number(list.resourceVersion));
      const { page } = list;
      return pruned({
        code,
        resourceVersion: list.isDeleted === true ? undefined : resourceVersion,
        items,
        continue: page?.continue === undefined ? undefined : this.symbols.tokenWord(page.continue),
        remainingItemCount: page?.remaining,
      });
    }
    if (object !== undefined) return { code, object: this.objectWords(object) };
    const { name, uid } = status?.details ?? {};
    const details = name === undefined ? undefined : { name, uid: this.symbols.uidWord(uid ?? '') };
    return pruned({ code, status: status?.status, details });
  }

  private statusWords({ code, reason, message, details, metadata }: Status, asked: number): Answer {
    const token = metadata['continue'];
    return pruned({
      code,
      reason,
      message: message === undefined ? undefined : this.symbols.inMessage(firstLine(message), asked),
      causes: details?.causes?.map((cause) =>
        pruned({
          ...cause,
          message:
            cause.message === undefined ? undefined : this.symbols.inMessage(firstLine(cause.message), asked),
        }),
      ),
      retryAfterSeconds: details?.retryAfterSeconds,
      continue: typeof token === 'string' ? this.symbols.tokenWord(token) : undefined,
    });
  }

  private eventWords({ type, object, initialEventsEnd }: WatchEvent): Answer {
    if (object.kind === 'Status' && type === 'ERROR')
      return { type, ...this.statusWords(object as Status, this.session.revision) };
    const { metadata } = object as ApiObject;
    if (type === 'BOOKMARK')
      return pruned({
        type,
        initialEventsEnd,
        resourceVersion: this.symbols.revisionWord(Number(metadata.resourceVersion)),
      });
    return { type, object: this.objectWords(object as ApiObject) };
  }

  private objectWords(object: ApiObject): Answer {
    const { metadata, data, spec, status } = object as Reduced;
    return pruned({
      metadata: pruned({
        name: metadata.name,
        namespace: metadata.namespace,
        labels: metadata.labels,
        annotations: metadata.annotations,
        finalizers: metadata.finalizers,
        generation: metadata.generation,
        deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds,
        deletionTimestamp: metadata.deletionTimestamp === undefined ? undefined : 'set',
        uid: this.symbols.uidWord(metadata.uid),
        resourceVersion: this.symbols.revisionWord(Number(metadata.resourceVersion)),
      }),
      data,
      spec: spec === undefined ? undefined : partOf(spec, specFields),
      status:
        status === undefined
          ? undefined
          : pruned({
              ...partOf(status, statusFields),
              conditions: status.conditions?.map(({ type, status: value }) => `${type}=${value}`),
            }),
    });
  }
}

/** What an apiserver writes for itself: nobody reads it here. */
const ownRecord = (name: string): ApiObject => ({
  apiVersion: 'v1',
  kind: 'Record',
  metadata: { name, uid: '', resourceVersion: '', creationTimestamp: '' },
});

interface Reduced extends ApiObject {
  readonly data?: unknown;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>> & {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const specFields = ['nodeName', 'schedulerName', 'terminationGracePeriodSeconds', 'restartPolicy'];
const statusFields = ['phase', 'qosClass', 'podIP'];

function partOf(whole: Readonly<Record<string, unknown>>, fields: readonly string[]): Answer {
  return pruned(Object.fromEntries(fields.map((field) => [field, whole[field]])));
}

const flag = (text: 'true' | 'false' | undefined): boolean | undefined =>
  text === undefined ? undefined : text === 'true';

function writeParams(
  params: RecordedParams = {},
): Pick<CreateRequest, 'dryRun' | 'fieldManager' | 'fieldValidation'> {
  const { dryRun, fieldManager, fieldValidation } = params;
  return { dryRun, fieldManager, fieldValidation };
}

const patchTypes: Readonly<Record<string, PatchRequest['patchType']>> = {
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/json-patch+json': 'json',
  'application/apply-patch+yaml': 'apply',
};

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

/** The recording with the messages of refusals cut to their first lines. */
function withFirstLines(want: Answer): Answer {
  const { message, causes } = want as {
    readonly message?: string;
    readonly causes?: readonly { message?: string }[];
  };
  return pruned({
    ...want,
    message: message === undefined ? undefined : firstLine(message),
    causes: causes?.map((cause) => pruned({ ...cause, message: firstLine(cause.message ?? '') })),
  });
}

/** Without the fields that have no value. */
function pruned(fields: Answer): Answer {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
