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
import { podAudience } from './pod-interest.ts';
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
  const askedAboutPod = podAudience(controllers);
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
    const informers = customFollowers.length === 0 ? heard.informers : followingCustom(heard, out);
    const around: Surroundings = { seed: from.spec.seed, caches: informers, now, loads: loadsOf(from) };
    let changed: Worker[] | undefined;
    for (const delta of heard.deltas) changed = told(from.workers, changed, delta, around, out);
    if (synced && !from.synced) changed = allBegun(changed ?? from.workers, around, out);
    else if (synced && changed !== undefined) setToWork(changed, from.workers, around, out);
    const workers = changed ?? from.workers;
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

  /** The list of workers that is being changed, with what those make of a change who are concerned; it begins with the first. */
  function told(
    workers: readonly Worker[],
    changed: Worker[] | undefined,
    delta: Delta,
    around: Surroundings,
    out: Request[],
  ): Worker[] | undefined {
    let list = changed;
    for (const at of concernedBy(delta)) {
      const worker = workerAt(list ?? workers, at);
      const next = hear(controllerAt(at), worker, delta, around, out);
      if (next !== worker) (list ??= workers.slice())[at] = next;
    }
    return list;
  }

  function concernedBy(delta: Delta): readonly number[] {
    if (delta.stream === 'pods') return askedAboutPod(delta);
    return followers[delta.stream] ?? (delta.stream.includes('.') ? customFollowers : noFollowers);
  }

  /** The caches are there: the loops begin, and everybody works. */
  function allBegun(workers: readonly Worker[], around: Surroundings, out: Request[]): Worker[] {
    return workers
      .map((worker, at) => begin(controllerAt(at), worker, around, out))
      .map((worker, at) => work(controllerAt(at), worker, around, out));
  }

  /** Those that have heard of something new work. */
  function setToWork(
    workers: Worker[],
    before: readonly Worker[],
    around: Surroundings,
    out: Request[],
  ): void {
    for (let at = 0; at < workers.length; at++)
      if (workers[at] !== before[at])
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
    let worker = workerAt(state.workers, at);
    if (event.type === 'timer') worker = wake(worker, tag.of === 'queue' && tag.background === true, now);
    else if (tag.of === 'event') worker = posted(controller, worker, now, out);
    else if (tag.of === 'sync')
      worker = receive(controller, worker, tag, event.request, event.answer, around, out);
    if (state.synced) worker = work(controller, worker, around, out);
    const workers = state.workers.slice();
    workers[at] = worker;
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
