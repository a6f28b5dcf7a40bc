/** The end of `wavetank run`: what was made and applied, what became of it, and what the run cost. */
import type { ChalkInstance } from 'chalk';
import { clockText } from './terminal.ts';

interface KindCount {
  readonly kind: string;
  readonly count: number;
}

export interface WorkloadSummary {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly wanted: number;
  readonly available: number;
  /** Since when it has had all it wants; absent where it has not. */
  readonly availableAt?: number | undefined;
  /** Why a Job was given up. */
  readonly failed?: string | undefined;
}

/** An object that is not as its author wished, and why. */
export interface WaitingSummary {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  /** How many of its owner's are in the same state, this one among them. */
  readonly count: number;
  readonly reason: string;
  readonly message: string;
}

/** What the apiserver warned of while it did as it was told. */
export interface WarnedSummary {
  readonly object: string;
  readonly at: number;
  readonly source?: string | undefined;
  readonly message: string;
}

export interface RefusedSummary {
  /** `configmaps/default/a`. */
  readonly object: string;
  readonly at: number;
  /** Where the object was written, or the entry of the timeline that deletes or scales: `web.yaml:3:1`. */
  readonly source?: string | undefined;
  /** As kubectl prints it. */
  readonly message: string;
  /** Of the Status: 422 and Invalid, 404 and NotFound, … */
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
}

/** A drain of the timeline and what kubectl printed of it. */
export interface DrainSummary {
  readonly node: string;
  readonly source?: string | undefined;
  /** It has come to an end, or was never begun. */
  readonly over: boolean;
  readonly said: readonly { readonly at: number; readonly text: string }[];
}

interface ExpectationSummary {
  readonly mood: 'eventually' | 'always';
  readonly that: string;
  readonly source: string;
  readonly met: boolean;
  readonly because: string;
  /** When it first held (eventually), or first did not (always). */
  readonly at?: number | undefined;
}

/** What became of a workload trace. Waiting times are microseconds, allocations shares of what the nodes have. */
export interface TraceReplaySummary {
  readonly created: number;
  readonly scheduled: number;
  readonly pending: number;
  readonly leftUnscheduled: number;
  readonly refused: number;
  readonly waiting:
    { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number } | undefined;
  /** Over all the time, not only at the samples. */
  readonly allocation: Readonly<
    Record<'cpu' | 'memory' | 'gpu', { readonly mean: number; readonly peak: number } | undefined>
  >;
  readonly samples: readonly {
    readonly at: number;
    readonly cpu: number | undefined;
    readonly memory: number | undefined;
    readonly gpu: number | undefined;
    readonly bound: number;
    readonly pending: number;
  }[];
}

/** All times of a run are microseconds of virtual time; this is also what `--format json` prints. */
export interface RunSummary {
  readonly scenario: string;
  readonly seed: string;
  readonly nodes: number;
  /** Why the cluster has the shape it has. */
  readonly cluster: string;
  readonly applied: readonly KindCount[];
  readonly workloads: readonly WorkloadSummary[];
  readonly pods: {
    readonly total: number;
    readonly byPhase: Readonly<Record<string, number>>;
    readonly ready: number;
    /** Containers that wait, by their reason: ImagePullBackOff, CrashLoopBackOff. */
    readonly waiting: Readonly<Record<string, number>>;
  };
  readonly waiting: readonly WaitingSummary[];
  readonly trace?: TraceReplaySummary | undefined;
  readonly storedOnly: readonly KindCount[];
  readonly drains: readonly DrainSummary[];
  readonly refused: readonly RefusedSummary[];
  readonly warned: readonly WarnedSummary[];
  readonly expectations: readonly ExpectationSummary[];
  readonly ended: 'settled' | 'duration' | 'limit' | 'interrupted';
  readonly virtualTime: number;
  readonly events: number;
  readonly wallSeconds: number;
  readonly hash: string;
  readonly traceFile?: string | undefined;
}

/** The summary for a person: a heading a line, what belongs to it indented. */
export function runSummaryText(summary: RunSummary, colours: ChalkInstance): string {
  const sections = [
    heading(summary, colours),
    workloadLines(summary, colours),
    podLines(summary, colours),
    waitingLines(summary, colours),
    replayLines(summary, colours),
    listed('stored, not acted upon', summary.storedOnly.map(countText), colours.yellow),
    drainLines(summary, colours),
    warnedLines(summary, colours),
    refusedLines(summary, colours),
    expectationLines(summary, colours),
    ending(summary, colours),
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const grouped = (n: number): string => n.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',');
const plural = (n: number, word: string): string => `${grouped(n)} ${word}${n === 1 ? '' : 's'}`;
const countText = ({ kind, count }: KindCount): string =>
  `${grouped(count)} ${count === 1 ? kind : pluralOf(kind)}`;
const pluralOf = (kind: string): string =>
  kind.endsWith('y')
    ? `${kind.slice(0, -1)}ies`
    : kind.endsWith('s')
      ? kind === 'Endpoints'
        ? kind
        : `${kind}es`
      : `${kind}s`;
const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;

function heading(
  { scenario, nodes, cluster, applied, trace }: RunSummary,
  colours: ChalkInstance,
): readonly string[] {
  const objects = applied.length === 0 ? [] : [`  applied   ${applied.map(countText).join(', ')}`];
  const workload =
    trace === undefined ? [] : [`  workload  ${plural(trace.created, 'Pod')} created by the trace`];
  return [
    colours.bold(scenario),
    `  cluster   ${plural(nodes, 'node')}, ${cluster}`,
    ...objects,
    ...workload,
  ];
}

function workloadLines({ workloads }: RunSummary, colours: ChalkInstance): readonly string[] {
  if (workloads.length === 0) return [];
  const names = workloads.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
  const width = Math.max(...names.map((name) => name.length));
  return workloads.map((workload, index) => {
    const { wanted, available, availableAt } = workload;
    const colour = availableAt === undefined ? colours.red : colours.green;
    const sign = availableAt === undefined ? '✗' : '✓';
    return `  ${colour(sign)} ${(names[index] ?? '').padEnd(width)}  ${colour(`${available}/${wanted}`)} ${workloadText(workload)}`;
  });
}

function workloadText({ kind, wanted, availableAt, failed }: WorkloadSummary): string {
  if (failed !== undefined) return `failed: ${failed}`;
  if (kind === 'DaemonSet' && wanted === 0) return 'wanted on no node';
  const done = kind === 'Job' ? 'complete' : 'available';
  return availableAt === undefined ? `not ${done}` : `${done} at ${clockText(availableAt)}`;
}

const phaseOrder = ['Running', 'Pending', 'Succeeded', 'Failed', 'Unknown'];

function podLines({ pods }: RunSummary, colours: ChalkInstance): readonly string[] {
  const phases = phaseOrder.flatMap((phase) => {
    const count = pods.byPhase[phase] ?? 0;
    return count === 0 ? [] : [`${grouped(count)} ${phase}`];
  });
  const waiting = Object.entries(pods.waiting).map(([reason, count]) =>
    colours.yellow(`${grouped(count)} ${reason}`),
  );
  if (pods.total === 0) return ['  Pods      none'];
  return [`  Pods      ${[...phases, `${grouped(pods.ready)} ready`, ...waiting].join(', ')}`];
}

/** So many reasons are told, each on so many characters. */
const mostWaiting = 10;
const longestReason = 400;

function waitingLines({ waiting }: RunSummary, colours: ChalkInstance): readonly string[] {
  const lines = waiting.slice(0, mostWaiting).flatMap(({ kind, namespace, name, count, reason, message }) => {
    const others = count === 1 ? '' : ` and ${grouped(count - 1)} more`;
    const place = namespace === undefined ? name : `${namespace}/${name}`;
    const why = message.length > longestReason ? `${message.slice(0, longestReason)}…` : message;
    return [
      `  ${colours.yellow('waiting')} ${kind} ${place}${others}: ${reason}`,
      ...(why === '' ? [] : [`    ${why}`]),
    ];
  });
  const rest = waiting.length - mostWaiting;
  return rest > 0 ? [...lines, `  and ${grouped(rest)} more that wait`] : lines;
}

function replayLines({ trace }: RunSummary, colours: ChalkInstance): readonly string[] {
  if (trace === undefined) return [];
  const { scheduled, pending, leftUnscheduled, refused, waiting, samples } = trace;
  const left = leftUnscheduled === 0 ? '' : `, ${grouped(leftUnscheduled)} left before they were scheduled`;
  const never = refused === 0 ? '' : `, ${grouped(refused)} refused`;
  const waited =
    waiting === undefined
      ? []
      : [
          `  waiting   p50 ${clockText(waiting.p50)}, p90 ${clockText(waiting.p90)}, p99 ${clockText(waiting.p99)}, longest ${clockText(waiting.max)}`,
        ];
  const rows = (['cpu', 'memory', 'gpu'] as const).flatMap((resource) => {
    const total = trace.allocation[resource];
    if (total === undefined) return [];
    const shares = samples.map((sample) => sample[resource] ?? 0);
    const figures = `mean ${percent(total.mean)}, peak ${percent(total.peak)}`;
    return [`  ${resource.padEnd(8)}  ${colours.cyan(bars(shares))}  ${figures}`];
  });
  const end = samples.at(-1)?.at ?? 0;
  return [
    `  scheduled ${grouped(scheduled)}, pending at the end ${grouped(pending)}${left}${never}`,
    ...waited,
    colours.dim(
      `  allocated, from 0s to ${clockText(end)} in ${samples.length} samples, each row as high as its highest`,
    ),
    ...rows,
  ];
}

const blocks = '▁▂▃▄▅▆▇█';

/** A bar a sample, in eighths of the highest; nothing where there is nothing. */
function bars(shares: readonly number[]): string {
  const highest = Math.max(...shares);
  return shares
    .map((share) =>
      share <= 0 ? ' ' : (blocks[Math.max(0, Math.ceil((share / highest) * blocks.length) - 1)] ?? ' '),
    )
    .join('');
}

function listed(
  title: string,
  items: readonly string[],
  colour: (text: string) => string,
): readonly string[] {
  return items.length === 0 ? [] : [`  ${colour(title)}: ${items.join(', ')}`];
}

/** Of a drain that had to wait long, the beginning and the end are shown. */
const firstSaid = 20;
const lastSaid = 8;

function drainLines({ drains }: RunSummary, colours: ChalkInstance): readonly string[] {
  return drains.flatMap(({ node, source, over, said }) => {
    const lines = said.map(({ at, text }) => `    ${clockText(at).padStart(10)}  ${text}`);
    const hidden = lines.length - firstSaid - lastSaid;
    const shown =
      hidden <= 0
        ? lines
        : [...lines.slice(0, firstSaid), `    ... ${plural(hidden, 'more line')}`, ...lines.slice(-lastSaid)];
    return [
      `  ${colours.bold(`kubectl drain ${node}`)}${source === undefined ? '' : ` (${source})`}`,
      ...shown,
      ...(over ? [] : [`    ${colours.yellow('still under way at the end of the run')}`]),
    ];
  });
}

function warnedLines({ warned }: RunSummary, colours: ChalkInstance): readonly string[] {
  return warned.map(
    ({ source, message }) =>
      `  ${colours.yellow('Warning:')} ${message}${source === undefined ? '' : ` (${source})`}`,
  );
}

function refusedLines({ refused }: RunSummary, colours: ChalkInstance): readonly string[] {
  return refused.flatMap(({ at, source, message }) => [
    `  ${colours.red('refused')} at ${clockText(at)}${source === undefined ? '' : ` (${source})`}`,
    ...message.split('\n').map((line) => `    ${line}`),
  ]);
}

function expectationLines({ expectations }: RunSummary, colours: ChalkInstance): readonly string[] {
  return expectations.flatMap(({ mood, that, source, met, because }) => {
    const sign = met ? colours.green('✓') : colours.red('✗');
    const where = met ? '' : ` (${source})`;
    return [
      `  ${sign} ${mood} ${colours.bold(that.trim().replace(/\s+/g, ' '))}${where}`,
      `      ${because}`,
    ];
  });
}

const endings: Readonly<Record<RunSummary['ended'], string>> = {
  settled: 'settled: only background timers are left',
  duration: 'ended at the time that was given',
  limit: 'not settled: ended an hour after the last thing that was planned',
  interrupted: 'interrupted: this is what was reached',
};

function ending(summary: RunSummary, colours: ChalkInstance): readonly string[] {
  const { ended, virtualTime, events, wallSeconds, seed, hash, traceFile } = summary;
  const rate = wallSeconds > 0 ? ` (${grouped(events / wallSeconds)} events/s)` : '';
  const colour =
    ended === 'interrupted' || ended === 'limit' ? colours.yellow : (text: string): string => text;
  return [
    `  ${colour(endings[ended])}`,
    `  virtual   ${clockText(virtualTime)} in ${wallSeconds.toFixed(2)} s of wall time, ${plural(events, 'event')}${rate}`,
    `  seed      ${seed}`,
    `  hash      ${hash}`,
    ...(traceFile === undefined ? [] : [`  trace     ${traceFile}`]),
  ];
}
