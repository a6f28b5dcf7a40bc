/** Pods: the status of a Pod is that of the container that has most to say. (kubernetes v1.34.1 pkg/printers/internalversion/printers.go printPod) */
import type { ContainerState, ContainerStatus, Pod, PodTemplate } from '../generated/types.ts';
import { conditionOf, isRestartableInit, isTerminal } from '../pod.ts';
import { parseTimeText, type VirtualTime } from '../../time/time.ts';
import { humanDuration } from './age.ts';
import { age, name, printer, text, wide, type Printer, type RowCondition } from './column.ts';
import { containerImages, containerNames, labelsText, none, orNone } from './format.ts';

export const podPrinter: Printer = printer<Pod>(
  [
    name,
    text('Ready', (pod) => {
      const { ready, total } = summaryOf(pod);
      return `${ready}/${total}`;
    }),
    text('Status', (pod) => summaryOf(pod).reason),
    text('Restarts', (pod, now) => restartsText(summaryOf(pod), now)),
    age,
    wide('IP', ({ status }) => orNone(nonEmpty(status.podIP) ?? status.podIPs?.[0]?.ip)),
    wide('Node', ({ spec }) => orNone(spec.nodeName)),
    wide('Nominated Node', ({ status }) => orNone(status.nominatedNodeName)),
    wide('Readiness Gates', readinessGates),
  ],
  ({ status }) => endConditions[status.phase ?? ''],
);

const ended = (reason: string, message: string): readonly RowCondition[] => [
  { type: 'Completed', status: 'True', reason, message },
];

const endConditions: Readonly<Record<string, readonly RowCondition[]>> = {
  Succeeded: ended('Succeeded', 'The pod has completed successfully.'),
  Failed: ended('Failed', 'The pod failed.'),
};

interface Summary {
  readonly reason: string;
  readonly ready: number;
  readonly total: number;
  readonly restarts: number;
  /** When a container last ended to be started again. */
  readonly lastRestart: VirtualTime | undefined;
}

const summaries = new WeakMap<Pod, Summary>();

/** Three columns are about one walk over the containers. */
function summaryOf(pod: Pod): Summary {
  let summary = summaries.get(pod);
  if (summary === undefined) {
    summary = summarised(pod);
    summaries.set(pod, summary);
  }
  return summary;
}

function summarised(pod: Pod): Summary {
  const { spec, status } = pod;
  const restartable = new Set((spec.initContainers ?? []).filter(isRestartableInit).map(({ name }) => name));
  const total = spec.containers.length + restartable.size;
  const init = walkInitContainers(pod, restartable);
  const initialized = conditionOf(status, 'Initialized')?.status === 'True';
  if (init.reason !== undefined && !initialized)
    return { reason: ending(pod, init.reason), ready: init.ready, total, ...restartsOf(init.walked) };
  const main = walkContainers(pod, init.reason ?? reasonOf(pod));
  const counted = init.walked.filter((container) => restartable.has(container.name));
  return {
    reason: ending(pod, main.reason),
    ready: init.ready + main.ready,
    total,
    ...restartsOf([...counted, ...(status.containerStatuses ?? [])]),
  };
}

function reasonOf({ status }: Pod): string {
  const gated = status.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  if (gated === true) return 'SchedulingGated';
  return nonEmpty(status.reason) ?? status.phase ?? '';
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

interface InitWalk {
  /** Why initialisation goes on; undefined when all are done. */
  readonly reason: string | undefined;
  readonly ready: number;
  /** Those that were looked at, up to the one that is not done. */
  readonly walked: readonly ContainerStatus[];
}

function walkInitContainers({ spec, status }: Pod, restartable: ReadonlySet<string>): InitWalk {
  const statuses = status.initContainerStatuses ?? [];
  let ready = 0;
  for (const [i, { name, state, started, ready: isReady }] of statuses.entries()) {
    if (state?.terminated?.exitCode === 0) continue;
    if (restartable.has(name) && started === true) {
      if (isReady) ready++;
      continue;
    }
    const reason = `Init:${initReason(state) ?? `${i}/${spec.initContainers?.length ?? 0}`}`;
    return { reason, ready, walked: statuses.slice(0, i + 1) };
  }
  return { reason: undefined, ready, walked: statuses };
}

function initReason(state: ContainerState | undefined): string | undefined {
  if (state?.terminated !== undefined) return terminatedReason(state.terminated);
  const waiting = nonEmpty(state?.waiting?.reason);
  return waiting === 'PodInitializing' ? undefined : waiting;
}

const terminatedReason = ({
  reason,
  signal = 0,
  exitCode,
}: NonNullable<ContainerState['terminated']>): string =>
  nonEmpty(reason) ?? (signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`);

/** The first container has the last word. */
function walkContainers(
  { status }: Pod,
  before: string,
): { readonly reason: string; readonly ready: number } {
  let reason = before;
  let ready = 0;
  for (const { state, ready: isReady } of [...(status.containerStatuses ?? [])].reverse()) {
    const waiting = nonEmpty(state?.waiting?.reason);
    if (waiting !== undefined) reason = waiting;
    else if (state?.terminated !== undefined) reason = terminatedReason(state.terminated);
    else if (isReady && state?.running !== undefined) ready++;
  }
  // One container is done, another still runs.
  if (reason === 'Completed' && ready > 0) reason = isReadyNow(status.conditions) ? 'Running' : 'NotReady';
  return { reason, ready };
}

const isReadyNow = (conditions: Pod['status']['conditions']): boolean =>
  conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;

/** What a Pod that is being deleted says instead. */
function ending(pod: Pod, reason: string): string {
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  if (pod.status.reason === 'NodeLost') return 'Unknown';
  return isTerminal(pod) ? reason : 'Terminating';
}

function restartsOf(statuses: readonly ContainerStatus[] = []): Pick<Summary, 'restarts' | 'lastRestart'> {
  let restarts = 0;
  let lastRestart: VirtualTime | undefined;
  for (const { restartCount, lastState } of statuses) {
    restarts += restartCount;
    const finishedAt = lastState?.terminated?.finishedAt ?? undefined;
    const at = finishedAt === undefined ? undefined : parseTimeText(finishedAt);
    if (at !== undefined && (lastRestart === undefined || at > lastRestart)) lastRestart = at;
  }
  return { restarts, lastRestart };
}

const restartsText = ({ restarts, lastRestart }: Summary, now: VirtualTime): string =>
  restarts === 0 || lastRestart === undefined
    ? `${restarts}`
    : `${restarts} (${humanDuration(now - lastRestart)} ago)`;

function readinessGates({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return none;
  const open = gates.filter(({ conditionType }) => conditionOf(status, conditionType)?.status === 'True');
  return `${open.length}/${gates.length}`;
}

export const podTemplatePrinter: Printer = printer<PodTemplate>([
  name,
  text('Containers', ({ template }) => containerNames(template?.spec?.containers ?? [])),
  text('Images', ({ template }) => containerImages(template?.spec?.containers ?? [])),
  text('Pod Labels', ({ template }) => labelsText(template?.metadata?.labels)),
]);
