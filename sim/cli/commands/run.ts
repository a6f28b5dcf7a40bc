/** `wavetank run`: loads, runs, and says what became of it. */
import type { Duration } from '../../../core/time/time.ts';
import { runSummaryText, type RunSummary } from '../../../reports/run-summary.ts';
import { coloursFor } from '../../../reports/terminal.ts';
import type { Judge } from '../../checks/judge.ts';
import { Readiness, workloadPrefixes } from '../../workload/readiness.ts';
import { Simulation } from '../../engine/simulation.ts';
import type { LoadedScenario } from '../../scenario/assemble.ts';
import { loadScenario } from '../../scenario/load.ts';
import { runToEnd } from '../run-to-end.ts';
import type { TraceSink } from '../../trace/sink.ts';
import type { PodLedger } from '../../workload/pod-ledger.ts';
import { observeWrites } from '../../workload/write-observer.ts';
import { exitStatus } from '../failure.ts';
import { progressOn } from '../progress.ts';
import { summaryOf } from '../summary.ts';
import { traceFile } from '../trace-file.ts';
import { UsageError, type Format } from '../usage.ts';

export interface RunFlags {
  readonly seed?: string;
  readonly until?: Duration;
  readonly nodes?: number;
  readonly nodeTrace?: string;
  readonly podTrace?: string;
  readonly schedulerConfig?: string;
  readonly schedulerPlugin?: readonly string[];
  readonly controller?: readonly string[];
  readonly trace?: string;
  readonly show?: 'flow';
  readonly format: Format;
}

/** Runs, prints the summary, and answers with the exit status. */
export async function run(files: readonly string[], flags: RunFlags): Promise<number> {
  const { seed, nodes, nodeTrace, podTrace, schedulerConfig, schedulerPlugin, controller } = flags;
  if (files.length === 0 && podTrace === undefined)
    throw new UsageError('nothing to run: name scenario files or manifests, or a --pod-trace');
  if (nodes !== undefined && nodeTrace !== undefined)
    throw new UsageError('--nodes and --node-trace: the nodes come from one of them');
  const scenario = await loadScenario(files, {
    seed,
    nodes,
    nodeTrace,
    podTrace,
    schedulerConfig,
    schedulerPlugin,
    controller,
  });
  const signal = listenForSignals();
  const { summary, kept } = await simulated(scenario, files, flags, signal);
  const status = signal.status ?? statusOf(summary);
  // Set before anything is printed: the reader of a pipe may go away in the middle.
  process.exitCode = status;
  const picture = flags.show === undefined ? undefined : await flowOf(scenario.name, kept, flags.format);
  process.stdout.write(printed(summary, picture, flags.format));
  return status;
}

function statusOf({ refused, expectations }: RunSummary): number {
  const failed = refused.length > 0 || expectations.some((expectation) => !expectation.met);
  return failed ? exitStatus.failed : exitStatus.held;
}

interface Signal {
  /** The exit status of the first signal that came. */
  status: number | undefined;
}

/** The first SIGINT or SIGTERM ends the run in order; a second one ends the process. */
function listenForSignals(): Signal {
  const signal: Signal = { status: undefined };
  const heard = (status: number) => (): void => {
    if (signal.status !== undefined) process.exit(status);
    signal.status = status;
  };
  process.on('SIGINT', heard(exitStatus.interrupted));
  process.on('SIGTERM', heard(exitStatus.terminated));
  return signal;
}

interface Simulated {
  readonly summary: RunSummary;
  /** The trace, where it is shown. */
  readonly kept: readonly Uint8Array[];
}

async function simulated(
  scenario: LoadedScenario,
  files: readonly string[],
  flags: RunFlags,
  signal: Signal,
): Promise<Simulated> {
  const { spec } = scenario;
  const kept: Uint8Array[] = [];
  const file = flags.trace === undefined ? undefined : traceFile(flags.trace, [...files, ...inputsOf(flags)]);
  const readiness = new Readiness();
  const ledger = await ledgerFor(scenario);
  let sink = flags.show === undefined ? file : keeping(kept, file);
  sink = observeWrites(workloadPrefixes, readiness.note, sink);
  if (ledger !== undefined) sink = observeWrites([ledger.prefix], ledger.note, sink);
  const judge = await judgeFor(scenario);
  const progress = progressOn(process.stderr);
  const began = performance.now();
  const simulation = Simulation.create(spec, { scenario: scenario.name, trace: sink });
  try {
    const ending = await runToEnd(simulation, spec, {
      until: flags.until ?? scenario.duration,
      judge,
      interrupted: () => signal.status !== undefined,
      progress: (now) => {
        progress.show(now);
      },
    });
    const wallSeconds = Math.round(performance.now() - began) / 1_000;
    const results = judge?.results(simulation.registry(), simulation.now) ?? [];
    const hash = simulation.hash();
    simulation.close();
    const facts = {
      scenario,
      simulation,
      ending,
      readiness,
      ledger,
      results,
      wallSeconds,
      hash,
      traceFile: flags.trace,
    };
    return { summary: summaryOf(facts), kept };
  } catch (error) {
    simulation.close();
    throw error;
  } finally {
    progress.end();
  }
}

const inputsOf = ({
  nodeTrace,
  podTrace,
  schedulerConfig,
  schedulerPlugin = [],
  controller = [],
}: RunFlags): readonly string[] =>
  [nodeTrace, podTrace, schedulerConfig, ...schedulerPlugin, ...controller].filter(
    (path) => path !== undefined,
  );

/** Keeps what is written, and hands it on. */
function keeping(blocks: Uint8Array[], next: TraceSink | undefined): TraceSink {
  return {
    write(block) {
      blocks.push(block);
      next?.write(block);
    },
    close() {
      next?.close();
    },
  };
}

async function ledgerFor({ spec }: LoadedScenario): Promise<PodLedger | undefined> {
  if (spec.workload.length === 0) return undefined;
  const { PodLedger } = await import('../../workload/pod-ledger.ts');
  return new PodLedger(spec.nodes, spec.workload);
}

async function judgeFor({ expectations }: LoadedScenario): Promise<Judge | undefined> {
  if (expectations.length === 0) return undefined;
  const { Judge } = await import('../../checks/judge.ts');
  return new Judge(expectations);
}

/** How the first Pod came to be: a picture, or what is in it as JSON. */
async function flowOf(name: string, blocks: readonly Uint8Array[], format: Format): Promise<string> {
  const [{ flow }, { memorySource }] = await Promise.all([
    import('../../../reports/flow.ts'),
    import('../../../reports/trace/source.ts'),
  ]);
  return flow(memorySource(name, blocks), { format, colours: coloursFor(process.stdout) });
}

/** JSON is one object, with the picture's as its `flow`. */
function printed(summary: RunSummary, picture: string | undefined, format: Format): string {
  if (format === 'json') {
    const flow = picture === undefined ? {} : { flow: JSON.parse(picture) as unknown };
    return `${JSON.stringify({ ...summary, ...flow })}\n`;
  }
  const above = picture === undefined ? '' : `${picture}\n`;
  return above + runSummaryText(summary, coloursFor(process.stdout));
}
