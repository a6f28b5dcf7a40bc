/**
 * Who did the actions of a recording, as a client of the simulated cluster: it makes the scenario's namespace and what
 * its manifests take for granted, does each deed at its time, and keeps what it was answered.
 */
import type { Deployment, Json, Pod, ReplicaSet } from '../../../core/api/generated/types.ts';
import { itemsOf } from '../../../core/api/list-items.ts';
import type { ApiAnswer, ApiRequest, NewObject } from '../../../core/api/request.ts';
import type { ClientEvent, ClientRequest } from '../../../core/client/component.ts';
import {
  newInformers,
  reduceInformers,
  viewOf,
  type Informers,
  type InformerTag,
} from '../../../core/client/informer.ts';
import type { Step } from '../../../core/reducer.ts';
import { second, timeText, type Duration, type VirtualTime } from '../../../core/time/time.ts';
import type { Deed } from './deed.ts';
import { rolloutOf } from './kubectl-rollout.ts';
import { enrolled, nameOf, type PodReference, type Rolls } from './pod-reference.ts';

/** What became of a deed: the answer of the server, or what kubectl printed. */
export interface Outcome {
  readonly deed: number;
  readonly answer: ApiAnswer | undefined;
  readonly out: string | undefined;
}

export interface RunnerState {
  readonly namespace: string;
  /** What is made before the scenario begins. */
  readonly given: readonly NewObject[];
  readonly deeds: readonly Deed[];
  readonly informers: Informers;
  readonly rolls: Rolls;
  readonly outcomes: readonly Outcome[];
}

export type RunnerTag =
  | InformerTag
  | { readonly of: 'deed'; readonly deed: number }
  | { readonly of: 'given' }
  | { readonly of: 'rollout'; readonly deed: number; readonly found: Deployment | undefined }
  | { readonly of: 'eviction'; readonly pod: string };

type RunnerStep = Step<RunnerState, ClientRequest<RunnerTag>>;
type Requests = readonly ClientRequest<RunnerTag>[];

const userAgent = 'golden-runner';

export const newGoldenRunner = (
  namespace: string,
  given: readonly NewObject[],
  deeds: readonly Deed[],
): RunnerState => ({
  namespace,
  given,
  deeds,
  informers: newInformers(userAgent, [{ resource: 'pods' }]),
  rolls: {},
  outcomes: [],
});

export function reduceGoldenRunner(
  state: RunnerState,
  event: ClientEvent<RunnerTag>,
  now: VirtualTime,
): RunnerStep {
  const heard = reduceInformers(state.informers, event);
  if (heard !== undefined) {
    let { rolls } = state;
    for (const { type, object } of heard.deltas) if (type === 'added') rolls = enrolled(rolls, object as Pod);
    const requests: Requests = event.type === 'start' ? beginning(state, now) : [];
    return {
      state: { ...state, informers: heard.informers, rolls },
      requests: [...heard.requests, ...requests],
    };
  }
  switch (event.type) {
    case 'timer':
      return onTimer(state, event.tag);
    case 'answer':
      return onAnswer(state, event.tag, event.answer, now);
    default:
      return { state, requests: [] };
  }
}

const call = (tag: RunnerTag, request: ApiRequest): ClientRequest<RunnerTag> => ({
  do: 'call',
  tag,
  userAgent,
  request,
});

const beginning = (state: RunnerState, now: VirtualTime): Requests => [
  { do: 'timer', tag: { of: 'given' }, after: 1 * second },
  ...state.deeds.map((deed, index): ClientRequest<RunnerTag> => ({
    do: 'timer',
    tag: { of: 'deed', deed: index },
    after: Math.max(0, deed.at - now),
  })),
];

function onTimer(state: RunnerState, tag: RunnerTag): RunnerStep {
  if (tag.of === 'given') {
    const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: state.namespace } };
    const requests = [
      call(tag, { verb: 'create', resource: 'namespaces', object: space }),
      ...state.given.map((object) => call(tag, { verb: 'create', resource: 'priorityclasses', object })),
    ];
    return { state, requests };
  }
  if (tag.of === 'eviction') return { state, requests: [eviction(state, tag, tag.pod)] };
  const deed = tag.of === 'deed' ? state.deeds[tag.deed] : undefined;
  if (deed === undefined) return { state, requests: [] };
  return { state, requests: requestsOf(state, deed, tag) };
}

function requestsOf(state: RunnerState, deed: Deed, tag: RunnerTag): Requests {
  const { namespace } = state;
  switch (deed.do) {
    case 'create': {
      const object = inNamespace(deed.object, deed.info.namespaced ? namespace : undefined);
      return [call(tag, { verb: 'create', ...placeOf(deed, namespace), object })];
    }
    case 'patch': {
      const { patch } = deed;
      const name = deed.pod === undefined ? deed.name : resolved(deed.pod, state);
      return [call(tag, { verb: 'patch', ...placeOf(deed, namespace), name, patchType: 'strategic', patch })];
    }
    case 'scale': {
      const patch = { spec: { replicas: deed.replicas } };
      const { name } = deed;
      return [call(tag, { verb: 'patch', ...placeOf(deed, namespace), name, patchType: 'merge', patch })];
    }
    case 'delete': {
      const name = deed.pod === undefined ? deed.name : resolved(deed.pod, state);
      const { gracePeriodSeconds, propagationPolicy, preconditions, orphanDependents } = deed.options;
      const options = { gracePeriodSeconds, propagationPolicy, preconditions, orphanDependents };
      return [call(tag, { verb: 'delete', ...placeOf(deed, namespace), name, ...options })];
    }
    case 'evict':
      return [eviction(state, tag, resolved(deed.pod, state))];
    case 'drain':
      return drain(state, deed.node, tag);
    case 'rollout':
      return [call(tag, { verb: 'get', resource: 'deployments', namespace, name: deed.name })];
    case 'ready':
    case 'addNode':
    case 'stopNode':
    case 'startNode':
      return [];
  }
}

const placeOf = (
  { info }: Extract<Deed, { do: 'create' | 'patch' | 'scale' | 'delete' }>,
  namespace: string,
): { readonly resource: string; readonly namespace: string | undefined } => ({
  resource: info.resource,
  namespace: info.namespaced ? namespace : undefined,
});

const inNamespace = (object: NewObject, namespace: string | undefined): NewObject =>
  namespace === undefined ? object : { ...object, metadata: { ...object.metadata, namespace } };

const resolved = (pod: PodReference, state: RunnerState): string => nameOf(pod, state.rolls) ?? 'nonexistent';

function eviction({ namespace }: RunnerState, tag: RunnerTag, name: string): ClientRequest<RunnerTag> {
  const object = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  return call(tag, { verb: 'create', resource: 'pods', namespace, name, subresource: 'eviction', object });
}

/** kubectl drain: cordons, then evicts all but what a DaemonSet owns, each again every 5 s while a budget forbids it. */
const evictAgainAfter: Duration = 5 * second;

function drain(state: RunnerState, node: string, tag: RunnerTag): Requests {
  const cordon: ApiRequest = {
    verb: 'patch',
    resource: 'nodes',
    name: node,
    patchType: 'strategic',
    patch: { spec: { unschedulable: true } },
  };
  const pods = [...viewOf(state.informers, 'pods').objects.valuesOf('node', node)];
  const evicted = pods.filter(
    ({ metadata }) => metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') !== true,
  );
  return [
    call(tag, cordon),
    ...evicted.map(({ metadata }) => eviction(state, { of: 'eviction', pod: metadata.name }, metadata.name)),
  ];
}

function onAnswer(state: RunnerState, tag: RunnerTag, answer: ApiAnswer, now: VirtualTime): RunnerStep {
  if (tag.of === 'eviction')
    return {
      state,
      requests: !answer.ok && answer.code === 429 ? [{ do: 'timer', tag, after: evictAgainAfter }] : [],
    };
  if (tag.of === 'rollout') return onRollout(state, tag.deed, tag.found, answer, now);
  if (tag.of !== 'deed') return { state, requests: [] };
  const deed = state.deeds[tag.deed];
  if (deed?.do !== 'rollout') return told(state, { deed: tag.deed, answer, out: undefined });
  const found = answer.ok ? (answer.object as Deployment | undefined) : undefined;
  if (found === undefined) return told(state, { deed: tag.deed, answer, out: undefined });
  const list: ApiRequest = { verb: 'list', resource: 'replicasets', namespace: state.namespace };
  return { state, requests: [call({ of: 'rollout', deed: tag.deed, found }, list)] };
}

const told = (state: RunnerState, outcome: Outcome): RunnerStep => ({
  state: { ...state, outcomes: [...state.outcomes, outcome] },
  requests: [],
});

function onRollout(
  state: RunnerState,
  index: number,
  found: Deployment | undefined,
  answer: ApiAnswer,
  now: VirtualTime,
): RunnerStep {
  const deed = state.deeds[index];
  if (deed?.do !== 'rollout' || found === undefined || !answer.ok || answer.list === undefined)
    return { state, requests: [] };
  const { out, patch } = rolloutOf(deed, found, itemsOf(answer.list) as readonly ReplicaSet[], timeText(now));
  const next = told(state, { deed: index, answer: undefined, out }).state;
  if (patch === undefined) return { state: next, requests: [] };
  const { namespace } = state;
  const request: ApiRequest = {
    verb: 'patch',
    resource: 'deployments',
    namespace,
    name: deed.name,
    patchType: patch.type,
    patch: patch.patch as Json,
  };
  return { state: next, requests: [call({ of: 'given' }, request)] };
}
