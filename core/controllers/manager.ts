/**
 * kube-controller-manager: one process, its controllers, and the informers they share. A controller of one's own is run
 * by the same, in a process of its own.
 *
 * Every event goes to the informers first. What changed in a cache is told to each controller that follows it, in the
 * order of the registry below; a controller only marks keys. Then the workers that are free take keys and sync them.
 */
import type { ClientEvent, ClientRequest } from '../client/component.ts';
import { isTrue } from '../api/custom/definition-status.ts';
import { customKindsOf } from '../api/custom/kinds.ts';
import type { CustomResourceDefinition } from '../api/generated/types.ts';
import {
  allSynced,
  newInformers,
  reduceInformers,
  withInformer,
  withoutInformer,
  type Delta,
  type Informers,
} from '../client/informer.ts';
import type { Load } from '../metrics/load.ts';
import type { Seed } from '../random/draw.ts';
import type { Reducer, Step } from '../reducer.ts';
import type { VirtualTime } from '../time/time.ts';
import type { AnyController } from './controller.ts';
import { controllers as registry } from './registry.ts';
import { begin, hear, receive, work } from './worker.ts';
import { posted } from './worker/outbox.ts';
import { newWorker, type ControllerTag, type Surroundings, type Worker } from './worker/state.ts';
import { wake } from './worker/timers.ts';

export type { ControllerTag } from './worker/state.ts';

export interface ControllerManagerSpec {
  readonly seed: Seed;
  /** Of each controller's own client (client-go's QPS and Burst); 0 QPS: no limit. */
  readonly limits: { readonly qps: number; readonly burst: number };
  /** What the metrics APIs are answered from. Absent: there are none. */
  readonly loads?: readonly Load[] | undefined;
}

export interface ControllerManagerState {
  readonly spec: ControllerManagerSpec;
  readonly informers: Informers;
  /** No controller works before every cache has its first list. */
  readonly synced: boolean;
  /** In the order of the controllers. */
  readonly workers: readonly Worker[];
}

type Event = ClientEvent<ControllerTag>;
type Request = ClientRequest<ControllerTag>;

/** A process that runs controllers. */
interface Managed {
  /** Before its start: nothing in its memory. */
  readonly first: (spec: ControllerManagerSpec) => ControllerManagerState;
  readonly reduce: Reducer<ControllerManagerState, Event, Request>;
}

const definitions = 'customresourcedefinitions';
const noLoads: readonly never[] = [];
const noFollowers: readonly never[] = [];

/** These controllers in one process, whose informers ask as `userAgent`. */
export function managing(userAgent: string, controllers: readonly AnyController[]): Managed {
  const followed = [...new Set(controllers.flatMap((controller) => controller.follows))];
  const positionsWhere = (test: (controller: AnyController) => boolean): readonly number[] =>
    controllers.flatMap((controller, at) => (test(controller) ? [at] : []));
  /** Positions of the controllers, by the resource they follow and by name. */
  const followers: Readonly<Record<string, readonly number[]>> = Object.fromEntries(
    followed.map((resource) => [resource, positionsWhere(({ follows }) => follows.includes(resource))]),
  );
  const customFollowers = positionsWhere(({ followsCustom }) => followsCustom === true);
  const positions: Readonly<Record<string, number>> = Object.fromEntries(
    controllers.map((controller, at) => [controller.name, at]),
  );

  const first = (spec: ControllerManagerSpec): ControllerManagerState => ({
    spec,
    informers: newInformers(
      userAgent,
      followed.map((resource) => ({ resource })),
    ),
    synced: false,
    workers: controllers.map((controller) => newWorker(controller, spec.limits)),
  });

  /** One event of the process. `start` begins it anew, whatever it knew. */
  const reduce: Managed['reduce'] = (state, event, now) => {
    const from = event.type === 'start' ? first(state.spec) : state;
    const heard = reduceInformers(from.informers, event);
    if (heard === undefined) return onOwn(from, event, now);
    const out: Request[] = heard.requests.length === 0 ? [] : [...heard.requests];
    const synced = from.synced || allSynced(heard.informers);
    if (heard.deltas.length === 0 && synced === from.synced)
      return { state: { ...from, informers: heard.informers }, requests: out };
    const workers = from.workers.slice();
    const informers = customFollowers.length === 0 ? heard.informers : followingCustom(heard, out);
    const around: Surroundings = { seed: from.spec.seed, caches: informers, now, loads: loadsOf(from) };
    for (const delta of heard.deltas) tell(workers, delta, around, out);
    if (synced && !from.synced)
      for (let at = 0; at < workers.length; at++)
        workers[at] = begin(controllerAt(at), workerAt(workers, at), around, out);
    if (synced)
      for (let at = 0; at < workers.length; at++)
        if (!from.synced || workers[at] !== from.workers[at]) setToWork(workers, at, around, out);
    return { state: { spec: from.spec, informers, synced, workers }, requests: out };
  };

  /** Custom resources are followed while they are served. */
  function followingCustom(
    heard: { readonly informers: Informers; readonly deltas: readonly Delta[] },
    out: Request[],
  ): Informers {
    let { informers } = heard;
    for (const { stream, type, object } of heard.deltas) {
      if (stream !== definitions) continue;
      const served = type !== 'deleted' && isTrue(object as CustomResourceDefinition, 'Established');
      for (const { resource } of customKindsOf([object])) {
        const step = served
          ? withInformer(informers, userAgent, { resource })
          : withoutInformer(informers, resource);
        informers = step.informers;
        out.push(...step.requests);
      }
    }
    return informers;
  }

  function tell(workers: Worker[], delta: Delta, around: Surroundings, out: Request[]): void {
    const concerned = followers[delta.stream] ?? (delta.stream.includes('.') ? customFollowers : noFollowers);
    for (const at of concerned)
      workers[at] = hear(controllerAt(at), workerAt(workers, at), delta, around, out);
  }

  function setToWork(workers: Worker[], at: number, around: Surroundings, out: Request[]): void {
    workers[at] = work(controllerAt(at), workerAt(workers, at), around, out);
  }

  /** An answer to a controller, or its timer. */
  function onOwn(
    state: ControllerManagerState,
    event: Event,
    now: VirtualTime,
  ): Step<ControllerManagerState, Request> {
    if (event.type !== 'answer' && event.type !== 'timer') return { state, requests: [] };
    const { tag } = event;
    if (tag.of === 'informer') return { state, requests: [] };
    const at = positions[tag.controller];
    if (at === undefined) return { state, requests: [] };
    const out: Request[] = [];
    const around: Surroundings = {
      seed: state.spec.seed,
      caches: state.informers,
      now,
      loads: loadsOf(state),
    };
    const controller = controllerAt(at);
    const worker = workerAt(state.workers, at);
    const workers = state.workers.slice();
    if (event.type === 'timer')
      workers[at] = wake(worker, tag.of === 'queue' && tag.background === true, now);
    else if (tag.of === 'event') workers[at] = posted(controller, worker, now, out);
    else if (tag.of === 'sync')
      workers[at] = receive(controller, worker, tag, event.request, event.answer, around, out);
    if (state.synced) setToWork(workers, at, around, out);
    const { spec, informers, synced } = state;
    return { state: { spec, informers, synced, workers }, requests: out };
  }

  function controllerAt(at: number): AnyController {
    const controller = controllers[at];
    if (controller === undefined) throw new Error(`no controller ${at}`);
    return controller;
  }

  return { first, reduce };
}

const loadsOf = ({ spec }: ControllerManagerState): readonly Load[] => spec.loads ?? noLoads;

function workerAt(workers: readonly Worker[], at: number): Worker {
  const worker = workers[at];
  if (worker === undefined) throw new Error(`no worker ${at}`);
  return worker;
}

const kubeControllerManager = managing('kube-controller-manager', registry);

/** kube-controller-manager before its start. */
export const newControllerManager = kubeControllerManager.first;

/** One event of kube-controller-manager. */
export const reduceControllerManager = kubeControllerManager.reduce;
