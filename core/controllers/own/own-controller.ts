/**
 * A controller of one's own: a reconcile loop for Kubernetes' own kinds or for custom ones, run in the simulator by
 * `wavetank run --controller ./my.ts scenario.yaml`. The file has
 *
 *     export const controller: OwnController = {
 *       name: 'website-operator',
 *       for: { apiVersion: 'example.com/v1', kind: 'Website' },
 *       owns: [{ apiVersion: 'apps/v1', kind: 'Deployment' }],
 *       *reconcile(cluster) {
 *         const site = cluster.object<Website>();
 *         if (site === undefined) return;
 *         const found = cluster.get<Deployment>({ apiVersion: 'apps/v1', kind: 'Deployment' }, site.metadata.name);
 *         if (found === undefined) yield* cluster.create(deploymentOf(site), { owner: site });
 *       },
 *     };
 *
 * It is a process of its own, with a workqueue, caches that may be behind, and answers that take their time; like the
 * others it can be crashed (`crash: { process: controller/website-operator }`). What it reads is its cache, what it
 * writes are requests: `yield*` waits for the answer. One that is refused ends the reconcile, which is tried again with
 * a growing delay, unless the Refusal is caught.
 *
 * A reconcile must be a function of what it reads and is answered: a run that is resumed from a checkpoint runs it again
 * from its beginning. It keeps nothing outside, and reads no clock but `cluster.now`.
 */
import type { NewObject, Status } from '../../api/request.ts';
import type { ApiObject } from '../../api/object.ts';
import type { VirtualTime } from '../../time/time.ts';
import type { Ask, Reply } from '../controller.ts';

/** A kind, as a manifest names it. */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface OwnController {
  /** Names its process, its user agent, and the source of its Events. */
  readonly name: string;
  /** The kind whose objects it reconciles: any change of one marks it. */
  readonly for: Kind;
  /** Kinds whose objects it makes: a change of one marks the object that is its controller. */
  readonly owns?: readonly Kind[];
  /** Other kinds, and which objects (`namespace/name`) a change of one marks. */
  readonly watches?: readonly Watched[];
  /** How many objects it reconciles at once. @default 1 */
  readonly workers?: number;
  readonly reconcile: (cluster: Cluster) => Reconcile;
}

interface Watched {
  readonly kind: Kind;
  readonly marks: (object: ApiObject) => readonly string[];
}

/** What a reconcile yields is made by the methods of Cluster alone. */
export type Reconcile = Generator<Ask<undefined>, Result | undefined, Reply>;
type Written<T> = Generator<Ask<undefined>, T, Reply>;

interface Result {
  /** Reconcile this object again after so many seconds, whatever happens. */
  readonly requeueAfterSeconds?: number;
}

/** What a reconcile sees and asks for. */
export interface Cluster {
  readonly namespace: string | undefined;
  readonly name: string;
  /** The time by the process's clock: microseconds since the run began. */
  readonly now: () => VirtualTime;
  /** The object that is reconciled, as the cache has it; undefined where it is gone. */
  readonly object: <T extends ApiObject>() => T | undefined;
  /** Any object of a kind that it follows, in the same namespace where nothing else is said. */
  readonly get: <T extends ApiObject>(kind: Kind, name: string, namespace?: string) => T | undefined;
  /** All objects of a kind that it follows, of a namespace (of all where none is said), in order of their keys. */
  readonly list: <T extends ApiObject>(kind: Kind, namespace?: string) => readonly T[];
  /** `owner` becomes the object's controller: it goes when the owner goes. */
  readonly create: <T extends NewObject>(
    object: T,
    options?: { readonly owner?: ApiObject },
  ) => Written<ApiObject>;
  readonly update: <T extends ApiObject>(object: T) => Written<ApiObject>;
  readonly updateStatus: <T extends ApiObject>(object: T) => Written<ApiObject>;
  readonly delete: (object: ApiObject) => Written<void>;
  /** Records an Event about an object. */
  readonly event: (about: ApiObject, type: 'Normal' | 'Warning', reason: string, message: string) => void;
}

/** The apiserver has refused a request of a reconcile. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: Status;

  constructor(status: Status) {
    super(status.message ?? status.reason ?? 'refused');
    this.status = status;
  }
}
