/**
 * The conditions that a kubelet gives a Pod, and their transition times.
 * (kubernetes v1.34.1 pkg/kubelet/status/generate.go, status_manager.go updateLastTransitionTime)
 */
import type { Container, ContainerStatus, Pod, PodCondition } from '../api/generated/types.ts';
import { isRestartableInit } from '../api/pod.ts';
import type { Time } from '../api/generated/types.ts';
import { statusNamed, type Phase } from './phase.ts';

export interface ConditionFacts {
  readonly phase: Phase;
  readonly hasSandbox: boolean;
  readonly initStatuses: readonly ContainerStatus[] | undefined;
  readonly statuses: readonly ContainerStatus[] | undefined;
  /** The Pod's generation, which each condition repeats; undefined: 0. */
  readonly generation: number | undefined;
}

const noConditions: readonly PodCondition[] = [];

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

const isTrue: Verdict = { status: 'True' };
const isFalse: Verdict = { status: 'False' };
const isCompleted: Verdict = { status: 'True', reason: 'PodCompleted' };

/** The types a kubelet owns; whatever other conditions a Pod has are left as they are. */
export function isKubeletCondition(type: string): boolean {
  switch (type) {
    case 'PodReadyToStartContainers':
    case 'Initialized':
    case 'Ready':
    case 'ContainersReady':
    case 'PodScheduled':
      return true;
    default:
      return false;
  }
}

/**
 * All conditions of the Pod: those of others first, then the kubelet's five. A condition keeps the transition time it
 * has in `known` while its status is the same; otherwise it changed at `at`.
 */
export function conditionsOf(
  pod: Pod,
  facts: ConditionFacts,
  known: readonly PodCondition[] | undefined,
  at: Time,
): readonly PodCondition[] {
  const containersReady = containersReadyVerdict(pod, facts);
  const { generation } = facts;
  const own = listOf(
    condition(0, facts.hasSandbox ? isTrue : isFalse, known, generation, at),
    condition(1, initializedVerdict(pod, facts), known, generation, at),
    condition(2, readyVerdict(pod, containersReady), known, generation, at),
    condition(3, containersReady, known, generation, at),
    condition(4, isTrue, known, generation, at),
  );
  for (const { type } of pod.status.conditions ?? noConditions)
    if (!isKubeletCondition(type)) return [...othersOf(pod), ...own];
  return own;
}

const othersOf = ({ status }: Pod): readonly PodCondition[] =>
  (status.conditions ?? noConditions).filter(({ type }) => !isKubeletCondition(type));

const types = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
] as const;

/**
 * The last condition of each type that was true and the last that was not, and the last list with a Ready of each kind. Many
 * Pods become ready in one second: they share these, in every revision of each.
 */
const latest: (PodCondition | undefined)[] = new Array<undefined>(2 * types.length).fill(undefined);
const latestList: (readonly PodCondition[] | undefined)[] = [undefined, undefined];

const kindOf = ({ status }: Verdict): 0 | 1 => (status === 'True' ? 1 : 0);

function condition(
  index: 0 | 1 | 2 | 3 | 4,
  verdict: Verdict,
  known: readonly PodCondition[] | undefined,
  generation: number | undefined,
  at: Time,
): PodCondition {
  const type = types[index];
  const since = known === undefined ? at : (sinceOf(known, index, type, verdict.status) ?? at);
  const place = 2 * index + kindOf(verdict);
  const made = latest[place];
  if (
    made !== undefined &&
    made.lastTransitionTime === since &&
    made.observedGeneration === generation &&
    made.reason === verdict.reason &&
    made.message === verdict.message
  )
    return made;
  const { status, reason, message } = verdict;
  const fresh = { type, observedGeneration: generation, status, lastTransitionTime: since, reason, message };
  latest[place] = fresh;
  return fresh;
}

/** Since when it has been so; undefined: it was otherwise. A list that the kubelet made has the condition in its place. */
function sinceOf(
  known: readonly PodCondition[],
  index: number,
  type: string,
  status: string,
): Time | undefined {
  const own = known.length === types.length ? known[index] : undefined;
  if (own?.type === type) return own.status === status ? own.lastTransitionTime : undefined;
  let since: Time | undefined;
  for (const old of known)
    if (old.type === type && old.status === status) since = old.lastTransitionTime ?? undefined;
  return since;
}

/** A literal, which takes the room of five: these are kept in as many revisions as a Pod has. */
function listOf(
  a: PodCondition,
  b: PodCondition,
  ready: PodCondition,
  d: PodCondition,
  e: PodCondition,
): readonly PodCondition[] {
  const place = ready.status === 'True' ? 1 : 0;
  const made = latestList[place];
  if (made?.[0] === a && made[1] === b && made[2] === ready && made[3] === d && made[4] === e) return made;
  const fresh = [a, b, ready, d, e];
  latestList[place] = fresh;
  return fresh;
}

function containersReadyVerdict(pod: Pod, facts: ConditionFacts): Verdict {
  if (facts.statuses === undefined) return { status: 'False', reason: 'UnknownContainerStatuses' };
  const names = { unknown: noNames, unready: noNames };
  for (const container of pod.spec.initContainers ?? noContainers)
    if (isRestartableInit(container)) sortByReadiness(container, facts.initStatuses, names);
  for (const container of pod.spec.containers) sortByReadiness(container, facts.statuses, names);
  const { unknown, unready } = names;
  if (facts.phase === 'Succeeded' && unknown.length === 0) return { status: 'False', reason: 'PodCompleted' };
  if (facts.phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  if (unknown.length === 0 && unready.length === 0) return isTrue;
  const [only] = unready;
  if (only !== undefined && unready.length === 1 && unknown.length === 0) return unreadyOf(only);
  const message = messageOf([
    ['containers with unknown status', unknown],
    ['containers with unready status', unready],
  ]);
  return { status: 'False', reason: 'ContainersNotReady', message };
}

let latestUnready: { readonly name: string; readonly verdict: Verdict } = { name: '', verdict: isFalse };

/** Most Pods have one container, and those of a template have one verdict before it is ready. */
function unreadyOf(name: string): Verdict {
  if (latestUnready.name !== name) {
    const message = messageOf([['containers with unready status', [name]]]);
    latestUnready = { name, verdict: { status: 'False', reason: 'ContainersNotReady', message } };
  }
  return latestUnready.verdict;
}

const noContainers: readonly Container[] = [];
const noNames: readonly string[] = [];

interface Names {
  unknown: readonly string[];
  unready: readonly string[];
}

function sortByReadiness(
  container: Container,
  statuses: readonly ContainerStatus[] | undefined,
  into: Names,
): void {
  const status = statusNamed(statuses, container.name);
  if (status === undefined) into.unknown = [...into.unknown, container.name];
  else if (!status.ready) into.unready = [...into.unready, container.name];
}

/** Names as Go prints a slice: `containers with unready status: [a b]`. */
function messageOf(lists: readonly (readonly [string, readonly string[]])[]): string {
  let message = '';
  for (const [what, names] of lists)
    if (names.length > 0) message += `${message === '' ? '' : ', '}${what}: [${names.join(' ')}]`;
  return message;
}

function readyVerdict(pod: Pod, containersReady: Verdict): Verdict {
  const gates = pod.spec.readinessGates;
  if (containersReady.status !== 'True' || gates === undefined) return containersReady;
  const messages = gates.flatMap((gate) => {
    const condition = pod.status.conditions?.find((held) => held.type === gate.conditionType);
    if (condition === undefined)
      return [`corresponding condition of pod readiness gate "${gate.conditionType}" does not exist.`];
    return condition.status === 'True'
      ? []
      : [`the status of pod readiness gate "${gate.conditionType}" is not "True", but ${condition.status}`];
  });
  return messages.length === 0
    ? isTrue
    : { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

function initializedVerdict(pod: Pod, facts: ConditionFacts): Verdict {
  const steps = pod.spec.initContainers ?? noContainers;
  if (steps.length === 0) return facts.phase === 'Succeeded' ? isCompleted : isTrue;
  if (facts.initStatuses === undefined) return { status: 'False', reason: 'UnknownContainerStatuses' };
  let unknown = noNames;
  let incomplete = noNames;
  for (const step of steps) {
    const status = statusNamed(facts.initStatuses, step.name);
    if (status === undefined) unknown = [...unknown, step.name];
    else if (!(isRestartableInit(step) ? status.started === true : status.ready))
      incomplete = [...incomplete, step.name];
  }
  if (facts.phase === 'Succeeded' && unknown.length === 0) return isCompleted;
  if (hasStarted(facts.statuses)) return isTrue;
  const message = messageOf([
    ['containers with unknown status', unknown],
    ['containers with incomplete status', incomplete],
  ]);
  return message === '' ? isTrue : { status: 'False', reason: 'ContainersNotInitialized', message };
}

/** Some container that is no init container runs or has run. */
export function hasStarted(statuses: readonly ContainerStatus[] | undefined): boolean {
  if (statuses === undefined) return false;
  for (const { state, lastState } of statuses)
    if (
      state?.running !== undefined ||
      state?.terminated !== undefined ||
      lastState?.terminated !== undefined
    )
      return true;
  return false;
}
