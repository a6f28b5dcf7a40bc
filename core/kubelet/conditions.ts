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
  // A literal, which takes the room of five: these are kept in as many revisions as a Pod has.
  const own = [
    condition('PodReadyToStartContainers', facts.hasSandbox ? isTrue : isFalse, known, generation, at),
    condition('Initialized', initializedVerdict(pod, facts), known, generation, at),
    condition('Ready', readyVerdict(pod, containersReady), known, generation, at),
    condition('ContainersReady', containersReady, known, generation, at),
    condition('PodScheduled', isTrue, known, generation, at),
  ];
  const others = (pod.status.conditions ?? noConditions).filter(({ type }) => !isKubeletCondition(type));
  return others.length === 0 ? own : [...others, ...own];
}

function condition(
  type: string,
  verdict: Verdict,
  known: readonly PodCondition[] | undefined,
  observedGeneration: number | undefined,
  at: Time,
): PodCondition {
  let since = at;
  if (known !== undefined)
    for (const old of known)
      if (old.type === type && old.status === verdict.status) since = old.lastTransitionTime ?? at;
  return {
    type,
    observedGeneration,
    status: verdict.status,
    lastTransitionTime: since,
    reason: verdict.reason,
    message: verdict.message,
  };
}

function containersReadyVerdict(pod: Pod, facts: ConditionFacts): Verdict {
  if (facts.statuses === undefined) return { status: 'False', reason: 'UnknownContainerStatuses' };
  const names = { unknown: noNames, unready: noNames };
  for (const container of pod.spec.initContainers ?? [])
    if (isRestartableInit(container)) sortByReadiness(container, facts.initStatuses, names);
  for (const container of pod.spec.containers) sortByReadiness(container, facts.statuses, names);
  if (facts.phase === 'Succeeded' && names.unknown.length === 0)
    return { status: 'False', reason: 'PodCompleted' };
  if (facts.phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const message = messageOf([
    ['containers with unknown status', names.unknown],
    ['containers with unready status', names.unready],
  ]);
  return message === '' ? isTrue : { status: 'False', reason: 'ContainersNotReady', message };
}

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
  const steps = pod.spec.initContainers ?? [];
  if (facts.initStatuses === undefined && steps.length > 0)
    return { status: 'False', reason: 'UnknownContainerStatuses' };
  let unknown = noNames;
  let incomplete = noNames;
  for (const step of steps) {
    const status = statusNamed(facts.initStatuses, step.name);
    if (status === undefined) unknown = [...unknown, step.name];
    else if (!(isRestartableInit(step) ? status.started === true : status.ready))
      incomplete = [...incomplete, step.name];
  }
  if (facts.phase === 'Succeeded' && unknown.length === 0) return { status: 'True', reason: 'PodCompleted' };
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
