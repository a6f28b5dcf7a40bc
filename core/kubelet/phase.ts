/**
 * The phase of a Pod from the statuses of its containers.
 * (kubernetes v1.34.1 pkg/kubelet/kubelet_pods.go getPhase)
 */
import type { Container, ContainerStatus, PodSpec } from '../api/generated/types.ts';
import { isRestartableInit } from '../api/pod.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface PhaseFacts {
  /** The Pod is to run no more: it is being deleted, or was evicted. */
  readonly isTerminal: boolean;
  /** Some container that is no init container has been started before. */
  readonly hasInitialized: boolean;
}

type Statuses = readonly ContainerStatus[] | undefined;

export function phaseOf(
  spec: Pick<PodSpec, 'containers' | 'initContainers' | 'restartPolicy'>,
  initStatuses: Statuses,
  statuses: Statuses,
  facts: PhaseFacts,
): Phase {
  const init = spec.initContainers === undefined ? noInit : countInit(spec.initContainers, initStatuses);
  const main = countMain(spec.containers, statuses);
  if (init.failed > 0 && spec.restartPolicy === 'Never') return 'Failed';
  // Sidecars that restart must not set a Pod back to Pending once its containers have run.
  if (init.pending > 0 || (init.pendingSidecars > 0 && !facts.hasInitialized)) return 'Pending';
  if (main.waiting + init.waiting > 0) return 'Pending';
  if (main.unknown + init.unknown > 0) return 'Pending';
  if (main.running + init.running > 0) return 'Running';
  if (main.stopped === 0) return 'Pending';
  const succeeded = main.stopped === main.succeeded;
  if (facts.isTerminal) return succeeded ? 'Succeeded' : 'Failed';
  if ((spec.restartPolicy ?? 'Always') === 'Always') return 'Running'; // all of them are about to be restarted
  if (succeeded) return 'Succeeded';
  return spec.restartPolicy === 'Never' ? 'Failed' : 'Running';
}

export function statusNamed(statuses: Statuses, name: string): ContainerStatus | undefined {
  if (statuses === undefined) return undefined;
  for (const status of statuses) if (status.name === name) return status;
  return undefined;
}

interface InitCounts {
  pending: number;
  failed: number;
  pendingSidecars: number;
  running: number;
  waiting: number;
  unknown: number;
}

const noInit: Readonly<InitCounts> = {
  pending: 0,
  failed: 0,
  pendingSidecars: 0,
  running: 0,
  waiting: 0,
  unknown: 0,
};

function countInit(containers: readonly Container[], statuses: Statuses): InitCounts {
  const counts = { ...noInit };
  for (const container of containers) {
    const status = statusNamed(statuses, container.name);
    if (isRestartableInit(container)) countSidecar(counts, status);
    else countStep(counts, status);
  }
  return counts;
}

function countStep(counts: InitCounts, status: ContainerStatus | undefined): void {
  const state = status?.state;
  const ended =
    state?.terminated ?? (state?.waiting === undefined ? undefined : status?.lastState?.terminated);
  if (ended === undefined) counts.pending++;
  else if (ended.exitCode !== 0) counts.failed++;
}

/** A sidecar that has ended says nothing about the phase. */
function countSidecar(counts: InitCounts, status: ContainerStatus | undefined): void {
  const state = status?.state;
  if (status === undefined) counts.unknown++;
  else if (state?.running !== undefined) {
    if (status.started !== true) counts.pendingSidecars++;
    counts.running++;
  } else if (state?.terminated !== undefined) return;
  else if (state?.waiting !== undefined) {
    if (status.lastState?.terminated !== undefined) return;
    counts.pendingSidecars++;
    counts.waiting++;
  } else {
    counts.pendingSidecars++;
    counts.unknown++;
  }
}

interface MainCounts {
  running: number;
  waiting: number;
  stopped: number;
  succeeded: number;
  unknown: number;
}

function countMain(containers: readonly Container[], statuses: Statuses): MainCounts {
  const counts: MainCounts = { running: 0, waiting: 0, stopped: 0, succeeded: 0, unknown: 0 };
  for (const container of containers) {
    const status = statusNamed(statuses, container.name);
    const state = status?.state;
    if (state?.running !== undefined) counts.running++;
    else if (state?.terminated !== undefined) {
      counts.stopped++;
      if (state.terminated.exitCode === 0) counts.succeeded++;
    } else if (state?.waiting === undefined) counts.unknown++;
    else if (status?.lastState?.terminated !== undefined) counts.stopped++;
    else counts.waiting++;
  }
  return counts;
}
