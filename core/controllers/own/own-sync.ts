/**
 * A controller of one's own as one of this house: its keys are those of the kind it reconciles, its sync is its
 * reconcile, watched: what it throws is told with its name and the object.
 */
import type { ResourceInfo } from '../../api/kinds.ts';
import { controllerOf, keyFor, splitKey, type ApiObject, type ObjectKey } from '../../api/object.ts';
import type { ApiAnswer, ApiRequest, NewObject } from '../../api/request.ts';
import { objectsIn, type View } from '../../api/view.ts';
import { informerNamed, type Delta, type Informers } from '../../client/informer.ts';
import { second } from '../../time/time.ts';
import {
  done,
  failed,
  news,
  type Ask,
  type Context,
  type Controller,
  type Effects,
  type News,
  type Outcome,
  type Reply,
  type Sync,
} from '../controller.ts';
import { ownerReferenceTo } from '../replica-kind.ts';
import { Refusal, type Cluster, type Kind, type OwnController } from './own-controller.ts';

/** A run cannot go on with a controller that fails. */
export class ControllerFailure extends Error {
  override readonly name = 'ControllerFailure';
}

/** A user's controller with what its kinds are. */
export interface LoadedController {
  readonly file: string;
  readonly controller: OwnController;
  /** Of each kind that it names, by `kindText`. */
  readonly kinds: Readonly<Record<string, ResourceInfo>>;
}

export const kindText = ({ apiVersion, kind }: Kind): string => `${apiVersion} ${kind}`;

/** Every kind that a controller names, the one it reconciles first. */
export const kindsOf = ({ for: own, owns = [], watches = [] }: OwnController): readonly Kind[] => [
  own,
  ...owns,
  ...watches.map(({ kind }) => kind),
];

type Step<T> = Generator<Ask<undefined>, T, Reply>;

export function ownController(loaded: LoadedController): Controller<undefined> {
  const { controller } = loaded;
  const own = infoOf(loaded, controller.for).resource;
  const owned = new Set((controller.owns ?? []).map((kind) => infoOf(loaded, kind).resource));
  return {
    name: controller.name,
    component: controller.name,
    workers: controller.workers ?? 1,
    follows: [...new Set(kindsOf(controller).map((kind) => infoOf(loaded, kind).resource))],
    initial: undefined,
    handle: (_, delta) => marked(loaded, delta, own, owned),
    sync: (context, key) => sync(loaded, context, key),
  };
}

function infoOf(loaded: LoadedController, kind: Kind): ResourceInfo {
  const info = loaded.kinds[kindText(kind)];
  if (info !== undefined) return info;
  const named = kindsOf(loaded.controller).map(kindText).join(', ');
  throw new ControllerFailure(`${who(loaded)}: it does not follow ${kindText(kind)}, only ${named}`);
}

const who = ({ controller, file }: LoadedController): string => `controller ${controller.name} (${file})`;

function marked(
  loaded: LoadedController,
  { stream, key, object }: Delta,
  own: string,
  owned: ReadonlySet<string>,
): Effects<undefined> | undefined {
  const mark: ObjectKey[] = stream === own ? [key] : [];
  const owner = owned.has(stream) ? controllerOf(object) : undefined;
  const { apiVersion, kind } = loaded.controller.for;
  if (owner?.kind === kind && owner.apiVersion === apiVersion) {
    const { namespaced } = infoOf(loaded, loaded.controller.for);
    mark.push(keyFor(namespaced ? object.metadata.namespace : undefined, owner.name));
  }
  for (const { kind: watched, marks } of loaded.controller.watches ?? [])
    if (infoOf(loaded, watched).resource === stream)
      mark.push(...watching(loaded, `marks of ${kindText(watched)} ${key}`, () => marks(object)));
  return mark.length === 0 ? undefined : { mark };
}

function watching<T>(loaded: LoadedController, what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw failure(loaded, what, error);
  }
}

function failure(loaded: LoadedController, what: string, error: unknown): ControllerFailure {
  if (error instanceof ControllerFailure) return error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new ControllerFailure(`${who(loaded)}: ${what}: ${text}`);
}

function* sync(loaded: LoadedController, context: Context<undefined>, key: ObjectKey): Sync<undefined> {
  const what = `reconcile of ${loaded.controller.for.kind} ${key}`;
  const told: News[] = [];
  try {
    const result = yield* checked(
      loaded,
      what,
      loaded.controller.reconcile(clusterOf(loaded, context, key, told)),
    );
    return { ...result, news: told };
  } catch (error) {
    if (error instanceof Refusal) return { ...failed, news: told };
    throw failure(loaded, what, error);
  }
}

/** Passes on what a reconcile yields, as long as the cluster's methods have made it. */
function* checked(loaded: LoadedController, what: string, reconcile: unknown): Step<Outcome<undefined>> {
  const isGenerator =
    typeof reconcile === 'object' &&
    reconcile !== null &&
    'next' in reconcile &&
    Symbol.iterator in reconcile;
  if (!isGenerator)
    throw new ControllerFailure(
      `${who(loaded)}: ${what}: it is no generator; write *reconcile(cluster) { … }`,
    );
  const steps = reconcile as Generator<Ask<undefined>, unknown, Reply>;
  let step = steps.next();
  while (step.done !== true) {
    if (!made.has(step.value))
      throw new ControllerFailure(
        `${who(loaded)}: ${what}: it yielded what is no request; write yield* cluster.create(…)`,
      );
    step = steps.next(yield step.value);
  }
  return outcomeOf(loaded, what, step.value);
}

/** The asks that the methods of a Cluster have made. */
const made = new WeakSet<object>();

function outcomeOf(loaded: LoadedController, what: string, result: unknown): Outcome<undefined> {
  if (result === undefined) return done;
  const { requeueAfterSeconds: seconds } = (result ?? {}) as { readonly requeueAfterSeconds?: unknown };
  if (seconds === undefined) return done;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds <= 0)
    throw new ControllerFailure(
      `${who(loaded)}: ${what}: requeueAfterSeconds is ${String(seconds)}; expected a number above 0`,
    );
  return { again: Math.round(seconds * second) };
}

function clusterOf(
  loaded: LoadedController,
  context: Context<undefined>,
  key: ObjectKey,
  told: News[],
): Cluster {
  const { namespace, name } = splitKey(key);
  let { now } = context;
  const resourceFor = (object: NewObject): ResourceInfo => infoOf(loaded, object);
  function* asked(request: ApiRequest): Step<ApiObject | undefined> {
    const ask: Ask<undefined> = { requests: [request], news: told.splice(0) };
    made.add(ask);
    const reply: Reply = yield ask;
    now = reply.now;
    return accepted(reply.answers[0]);
  }
  function* object(request: ApiRequest): Step<ApiObject> {
    const answer = yield* asked(request);
    if (answer === undefined) throw new Error('an answer without an object');
    return answer;
  }
  const place = (of: ApiObject) => ({
    resource: resourceFor(of).resource,
    namespace: of.metadata.namespace,
    name: of.metadata.name,
  });
  const get = <T extends ApiObject>(kind: Kind, called: string, of = namespace): T | undefined => {
    const { resource, namespaced } = infoOf(loaded, kind);
    return viewNamed(context.caches, resource).objects.get(keyFor(namespaced ? of : undefined, called)) as
      T | undefined;
  };
  return {
    namespace,
    name,
    now: () => now,
    object: <T extends ApiObject>() => get<T>(loaded.controller.for, name),
    get,
    list: <T extends ApiObject>(kind: Kind, of?: string) =>
      [...objectsIn(viewNamed(context.caches, infoOf(loaded, kind).resource), of)] as unknown as readonly T[],
    create: (given, { owner } = {}) => {
      const { resource, namespaced } = resourceFor(given);
      const written = owned(given, namespaced ? (given.metadata.namespace ?? namespace) : undefined, owner);
      return object({ verb: 'create', resource, namespace: written.metadata.namespace, object: written });
    },
    update: (changed) => object({ verb: 'update', ...place(changed), object: changed }),
    updateStatus: (changed) =>
      object({ verb: 'update', subresource: 'status', ...place(changed), object: changed }),
    *delete(gone) {
      const { uid } = gone.metadata;
      const preconditions = { uid };
      yield* asked({ verb: 'delete', ...place(gone), preconditions, propagationPolicy: 'Background' });
    },
    event: (about, type, reason, message) => void told.push(news(about, type, reason, message)),
  };
}

const viewNamed = (caches: Informers, resource: string): View => {
  const informer = informerNamed(caches, resource);
  if (informer === undefined) throw new Error(`no informer ${resource}`);
  return informer.view;
};

function accepted(answer: ApiAnswer | undefined): ApiObject | undefined {
  if (answer === undefined) throw new Error('no answer');
  if (!answer.ok) throw new Refusal(answer.status);
  return answer.object;
}

function owned(object: NewObject, namespace: string | undefined, owner: ApiObject | undefined): NewObject {
  const { ownerReferences = [] } = object.metadata;
  const owners = owner === undefined ? ownerReferences : [...ownerReferences, ownerReferenceTo(owner)];
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(namespace === undefined ? {} : { namespace }),
      ...(owners.length === 0 ? {} : { ownerReferences: owners }),
    },
  };
}
