/** What a run came to, read from the registry, from kubectl's answers, and from what was observed on the way. */
import type { DaemonSet, Job, Pod } from '../../core/api/generated/types.ts';
import { controllerOf, keyOf, type ApiObject } from '../../core/api/object.ts';
import { isPodReady } from '../../core/api/pod.ts';
import { resourceNamed } from '../../core/api/kinds.ts';
import type { Status } from '../../core/api/request.ts';
import { parseTimeText } from '../../core/time/time.ts';
import type { KubectlOutcome, KubectlState } from '../../core/client/kubectl-state.ts';
import type { WorkloadState } from '../../core/client/workload.ts';
import type {
  DrainSummary,
  RefusedSummary,
  RunSummary,
  TraceReplaySummary,
  WarnedSummary,
  WorkloadSummary,
} from '../../reports/run-summary.ts';
import type { Readiness } from '../workload/readiness.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Registry } from '../engine/registry.ts';
import type { LoadedScenario } from '../scenario/assemble.ts';
import type { Ending } from './run-to-end.ts';
import type { PodLedger } from '../workload/pod-ledger.ts';
import type { Result } from '../checks/judge.ts';
import { waitingOf } from './waiting.ts';

export interface RunFacts {
  readonly scenario: LoadedScenario;
  readonly simulation: Simulation;
  readonly ending: Ending;
  readonly readiness: Readiness;
  readonly ledger: PodLedger | undefined;
  readonly results: readonly Result[];
  readonly wallSeconds: number;
  readonly hash: string;
  readonly traceFile: string | undefined;
}

export function summaryOf(facts: RunFacts): RunSummary {
  const { scenario, simulation } = facts;
  const registry = simulation.registry();
  return {
    scenario: scenario.name,
    seed: scenario.spec.seed,
    nodes: scenario.spec.nodes.length,
    cluster: clusterText(scenario),
    applied: scenario.applied,
    workloads: workloadsOf(registry, facts.readiness),
    pods: podsOf(registry),
    waiting: waitingOf(registry),
    trace: replayOf(facts),
    storedOnly: scenario.storedOnly,
    drains: drainsOf(facts),
    refused: refusedOf(facts),
    warned: warnedOf(facts),
    expectations: facts.results.map(({ expectation, met, because, time }) => ({
      mood: expectation.mood,
      that: expectation.that,
      source: placeText(expectation.at),
      met,
      because,
      at: time,
    })),
    ended: facts.ending,
    virtualTime: simulation.now,
    events: simulation.events,
    wallSeconds: facts.wallSeconds,
    hash: facts.hash,
    traceFile: facts.traceFile,
  };
}

/** Programs end by themselves where no Scenario says anything of them. */
function clusterText({ clusterFrom, spec }: LoadedScenario): string {
  const more =
    spec.images.finishAfter === undefined ? '' : '; a default StorageClass; the work of Jobs takes 10s';
  return clusterTexts[clusterFrom] + more;
}

const clusterTexts: Readonly<Record<LoadedScenario['clusterFrom'], string>> = {
  scenario: 'as the scenario says',
  default: 'the default cluster: 4 CPUs, 16Gi, 110 Pods each, in zones a, b, c',
  option: 'by --nodes: 4 CPUs, 16Gi, 110 Pods each, in zones a, b, c',
  'node trace': 'by the node trace',
};

const placeText = ({
  file,
  line,
  column,
}: {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}): string => `${file}:${line}:${column}`;

type Scaled = ApiObject & {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly availableReplicas?: number };
};

/** What keeps Pods running, and what runs them to their end, as far as nothing else made it. */
function workloadsOf(registry: Registry, readiness: Readiness): readonly WorkloadSummary[] {
  return [...replicatedOf(registry, readiness), ...daemonsOf(registry, readiness), ...jobsOf(registry)];
}

function replicatedOf(registry: Registry, readiness: Readiness): readonly WorkloadSummary[] {
  return ['deployments', 'statefulsets', 'replicationcontrollers', 'replicasets'].flatMap((resource) => {
    const info = resourceNamed(resource);
    const objects = registry
      .list(resource)
      .filter((object) => controllerOf(object) === undefined) as readonly Scaled[];
    return objects.map((object): WorkloadSummary => ({
      kind: info?.kind ?? resource,
      namespace: object.metadata.namespace ?? '',
      name: object.metadata.name,
      wanted: object.spec?.replicas ?? 1,
      available: object.status?.availableReplicas ?? 0,
      availableAt: readiness.since(`${info?.registryPrefix ?? ''}${keyOf(object)}`),
    }));
  });
}

function daemonsOf(registry: Registry, readiness: Readiness): readonly WorkloadSummary[] {
  const prefix = resourceNamed('daemonsets')?.registryPrefix ?? '';
  return (registry.list('daemonsets') as readonly DaemonSet[]).map((daemon): WorkloadSummary => {
    const { metadata, status } = daemon;
    return {
      kind: 'DaemonSet',
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      wanted: status?.desiredNumberScheduled ?? 0,
      available: status?.numberAvailable ?? 0,
      availableAt: readiness.since(`${prefix}${keyOf(daemon as unknown as ApiObject)}`),
    };
  });
}

/** A Job that a CronJob has made is that one's. */
function jobsOf(registry: Registry): readonly WorkloadSummary[] {
  const jobs = (registry.list('jobs') as readonly Job[]).filter(
    (job) => controllerOf(job as unknown as ApiObject) === undefined,
  );
  return jobs.map(({ metadata, spec, status }): WorkloadSummary => {
    const ended = status?.conditions?.find(
      ({ type, status: holds }) => holds === 'True' && (type === 'Complete' || type === 'Failed'),
    );
    return {
      kind: 'Job',
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      wanted: spec?.completions ?? spec?.parallelism ?? 1,
      available: status?.succeeded ?? 0,
      availableAt: ended?.type === 'Complete' ? parseTimeText(ended.lastTransitionTime ?? '') : undefined,
      failed: ended?.type === 'Failed' ? `${ended.reason ?? ''}: ${ended.message ?? ''}` : undefined,
    };
  });
}

function podsOf(registry: Registry): RunSummary['pods'] {
  const byPhase: Record<string, number> = {};
  const waiting: Record<string, number> = {};
  const pods = registry.list('pods') as readonly Pod[];
  let ready = 0;
  for (const pod of pods) {
    const phase = pod.status?.phase ?? 'Pending';
    byPhase[phase] = (byPhase[phase] ?? 0) + 1;
    if (isPodReady(pod)) ready++;
    for (const { state } of pod.status?.containerStatuses ?? []) {
      const reason = state?.waiting?.reason;
      if (reason !== undefined) waiting[reason] = (waiting[reason] ?? 0) + 1;
    }
  }
  return { total: pods.length, byPhase, ready, waiting };
}

/** What each drain has printed, in the order of the timeline. */
function drainsOf({ simulation, scenario }: RunFacts): readonly DrainSummary[] {
  const { said, script, drains } = simulation.stateOf('kubectl') as KubectlState;
  const lines = [...said.from(0)];
  return script.flatMap((action, place): readonly DrainSummary[] => {
    if (action.do !== 'drain') return [];
    const source = scenario.sources[place]?.[0];
    return [
      {
        node: action.node,
        source: source === undefined ? undefined : placeText(source),
        over: drains.get(place) === undefined,
        said: lines.flatMap((line) => (line.action === place ? [{ at: line.at, text: line.text }] : [])),
      },
    ];
  });
}

function replayOf({ ledger, simulation }: RunFacts): TraceReplaySummary | undefined {
  if (ledger === undefined) return undefined;
  const { refused } = simulation.stateOf('workload') as WorkloadState;
  return { ...ledger.report(simulation.now), refused };
}

function refusedOf({ simulation, scenario }: RunFacts): readonly RefusedSummary[] {
  const { outcomes } = simulation.stateOf('kubectl') as KubectlState;
  return outcomes.flatMap((outcome): readonly RefusedSummary[] => {
    if (outcome.done !== 'refused') return [];
    const { action, object } = outcome.asked;
    const source = scenario.sources[action]?.[object];
    return [
      {
        object: outcome.object,
        at: outcome.at,
        source: source === undefined ? undefined : placeText(source),
        message: kubectlText(outcome),
        code: outcome.status?.code,
        reason: outcome.status?.reason,
      },
    ];
  });
}

function warnedOf({ simulation, scenario }: RunFacts): readonly WarnedSummary[] {
  const { outcomes } = simulation.stateOf('kubectl') as KubectlState;
  return outcomes.flatMap(({ object, at, asked, warnings = [] }) => {
    const source = scenario.sources[asked.action]?.[asked.object];
    return warnings.map((message) => ({
      object,
      at,
      source: source === undefined ? undefined : placeText(source),
      message,
    }));
  });
}

/** As kubectl prints a Status that is a failure (kubectl v1.34.1 pkg/cmd/util/helpers.go, StandardErrorMessage). */
function kubectlText({ status, error = 'no answer' }: KubectlOutcome): string {
  if (status === undefined) return `error: ${error}`;
  return status.reason === 'Invalid'
    ? invalidText(status)
    : `Error from server (${status.reason ?? 'Unknown'}): ${status.message ?? ''}`;
}

/** An invalid object is told cause by cause: `The Pod "a" is invalid:` and a `* field: message` for each. */
function invalidText({ details, message = '' }: Status): string {
  const causes = details?.causes ?? [];
  const head = `The ${details?.kind ?? 'object'} "${details?.name ?? ''}" is invalid`;
  const [only, ...others] = causes.map(({ field = '', message: why = '' }) => `${field}: ${why}`);
  if (only === undefined) return `Error from server (Invalid): ${message}`;
  if (others.length === 0) return `${head}: ${only}`;
  return [`${head}: `, ...[only, ...others].map((cause) => `* ${cause}`)].join('\n');
}
