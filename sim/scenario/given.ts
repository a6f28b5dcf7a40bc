/**
 * What the command line says of a run, and the files of a user's own that it or the scenario names: configurations and
 * plugins of the scheduler, controllers. What reads such a file is loaded only where there is one.
 */
import { dirname, isAbsolute, join } from 'node:path';
import type { ResourceInfo } from '../../core/api/kinds.ts';
import type { ClusterSpec } from '../cluster/spec.ts';
import { defaultNodes } from './defaults.ts';
import { readDocuments, type SourceDocument } from './documents.ts';
import type { ScenarioSpec } from './schema.ts';
import { readSource } from '../input/source.ts';
import type { UserFile } from './user-module.ts';

export interface LoadOptions {
  readonly seed?: string | undefined;
  /** Instead of the scenario's nodes: so many of the default shape. */
  readonly nodes?: number | undefined;
  /** Instead of the scenario's nodes: those of a node list (sim/workload/openb.ts). */
  readonly nodeTrace?: string | undefined;
  /** Pods that come and go by a Pod list. */
  readonly podTrace?: string | undefined;
  /** A file with a KubeSchedulerConfiguration. */
  readonly schedulerConfig?: string | undefined;
  /** Files of controllers of one's own. */
  readonly controller?: readonly string[] | undefined;
  /** Files of scheduler plugins. */
  readonly schedulerPlugin?: readonly string[] | undefined;
}

/** What the command line says of the cluster and of its load, read once. */
export interface Given {
  readonly seed: string | undefined;
  readonly nodes: ClusterSpec['nodes'] | undefined;
  readonly clusterFrom: 'option' | 'node trace' | undefined;
  readonly workload: ClusterSpec['workload'];
  readonly scheduler: SchedulerFiles;
  readonly controllers: readonly UserFile[];
}

/** What the scheduler is told by files. */
interface SchedulerFiles {
  readonly config?: UserFile | undefined;
  readonly plugins: readonly UserFile[];
}

export async function givenBy(options: LoadOptions): Promise<Given> {
  const {
    seed,
    nodes,
    nodeTrace,
    podTrace,
    schedulerConfig,
    schedulerPlugin = [],
    controller = [],
  } = options;
  const trace =
    nodeTrace === undefined && podTrace === undefined ? undefined : await import('../workload/openb.ts');
  const traced = nodeTrace === undefined ? undefined : trace?.readNodeTrace(nodeTrace);
  const counted = nodes === undefined ? undefined : defaultNodes(nodes);
  return {
    seed,
    nodes: counted ?? traced,
    clusterFrom: counted !== undefined ? 'option' : traced !== undefined ? 'node trace' : undefined,
    workload: podTrace === undefined ? [] : (trace?.readPodTrace(podTrace) ?? []),
    scheduler: {
      config: schedulerConfig === undefined ? undefined : { file: schedulerConfig },
      plugins: schedulerPlugin.map((file) => ({ file })),
    },
    controllers: controller.map((file) => ({ file })),
  };
}

/** The command line's configuration comes before the scenario's; plugins and controllers come together. */
export function filesNamedBy(
  document: SourceDocument,
  spec: ScenarioSpec,
  given: Given,
): Pick<Given, 'scheduler' | 'controllers'> {
  const { scheduler, controllers = [] } = spec.components ?? {};
  const { config, plugins = [] } = scheduler ?? {};
  const from = (file: string, ...at: readonly (string | number)[]): UserFile => ({
    file: beside(document.file, file),
    named: document.at(['spec', 'components', ...at]),
  });
  return {
    scheduler: {
      config:
        given.scheduler.config ?? (config === undefined ? undefined : from(config, 'scheduler', 'config')),
      plugins: [
        ...plugins.map((file, i) => from(file, 'scheduler', 'plugins', i)),
        ...given.scheduler.plugins,
      ],
    },
    controllers: [...controllers.map((file, i) => from(file, 'controllers', i)), ...given.controllers],
  };
}

/** A file that a scenario names stands relative to it. */
export const beside = (scenarioFile: string, path: string): string =>
  isAbsolute(path) ? path : join(dirname(scenarioFile), path);

/** What runs a user's own code. */
export interface Own {
  readonly scheduler: ClusterSpec['scheduler'];
  readonly ownControllers: ClusterSpec['ownControllers'];
}

export const noOwn: Own = { scheduler: undefined, ownControllers: undefined };

export async function ownFrom(
  { scheduler, controllers }: Pick<Given, 'scheduler' | 'controllers'>,
  kinds: readonly ResourceInfo[],
): Promise<Own> {
  const configured = await schedulerFrom(scheduler);
  if (controllers.length === 0) return { ...noOwn, scheduler: configured };
  const { loadControllers } = await import('./own-controllers.ts');
  return { scheduler: configured, ownControllers: await loadControllers(controllers, kinds) };
}

async function schedulerFrom({ config, plugins }: SchedulerFiles): Promise<ClusterSpec['scheduler']> {
  if (config === undefined && plugins.length === 0) return undefined;
  const { readSchedulerConfig, withPlugins } = await import('./scheduler-config/read.ts');
  const { loadPlugins } = await import('./scheduler-plugins.ts');
  const loaded = await loadPlugins(plugins);
  if (config === undefined) return withPlugins(loaded);
  return readSchedulerConfig(readDocuments(config.file, readSource(config.file, config.named)), loaded);
}
