/**
 * From files to a run: scenario files and plain manifests in, what the simulator needs out. Everything that can be wrong
 * with a file is found here, before anything runs, and told with its place (BadInput); what only an apiserver would
 * refuse is found by the apiserver, as in life.
 */
import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import type { NewObject } from '../../core/api/request.ts';
import { resourceOfKind, type ResourceInfo } from '../../core/api/kinds.ts';
import { keyFor } from '../../core/api/object.ts';
import type { Duration } from '../../core/time/time.ts';
import type { Action, ClusterSpec } from '../cluster/spec.ts';
import type { Expectation } from '../checks/expectation.ts';
import { clusterOf, nodesOf } from './cluster.ts';
import { customKindsIn } from './custom-kinds.ts';
import { defaultCluster, defaultNodes } from './defaults.ts';
import { readDocuments, type SourceDocument } from './documents.ts';
import { loadsOf } from './loads.ts';
import { manifestsOf, type Manifest } from './manifest.ts';
import { BadInput, startOf, type Position, type Problem } from './problem.ts';
import type { UserFile } from './user-module.ts';
import type { ScenarioSpec } from './schema.ts';
import { readSource } from './source.ts';
import { timelineOf, type Timeline } from './timeline.ts';

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

export interface LoadedScenario {
  readonly name: string;
  readonly spec: ClusterSpec;
  /** Where the cluster's shape comes from. */
  readonly clusterFrom: 'scenario' | 'default' | 'option' | 'node trace';
  /** Absent: the run ends when it has settled. */
  readonly duration: Duration | undefined;
  readonly expectations: readonly Expectation[];
  /** How many objects of each kind are applied, at time 0 and later, in the order they come. */
  readonly applied: readonly KindCount[];
  /** Kinds that are stored and on which nothing acts. */
  readonly storedOnly: readonly KindCount[];
  /** Where each object of each action of `spec` was written, or the entry of the timeline that applies none. */
  readonly sources: readonly (readonly Position[])[];
}

interface KindCount {
  readonly kind: string;
  readonly count: number;
}

/** What the command line says of the cluster and of its load, read once. */
interface Given {
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

/** Reads the files, in order. Throws BadInput with all that is wrong with them. */
export async function loadScenario(
  files: readonly string[],
  options: LoadOptions = {},
): Promise<LoadedScenario> {
  const problems = new Problems();
  const read = (file: string): readonly SourceDocument[] => readDocuments(file, readSource(file));
  const documents = files.flatMap((file) => problems.gather(() => read(file)) ?? []);
  const given = await givenBy(options);
  const [document, second] = documents.filter(isScenario);
  if (second !== undefined)
    problems.add(second.at([]), `a second Scenario; there is one at ${placeText(document?.at([]))} already`);
  const plain = documents.filter((each) => !isScenario(each));
  const fromFile = fileReader(document?.file ?? '');
  const kinds = customKindsIn(documents, fromFile);
  const manifests = plain.flatMap((each) => problems.gather(() => manifestsOf(each, kinds)) ?? []);
  if (document !== undefined)
    return withScenario(document, manifests, nameOf(files, options), given, { kinds, fromFile, problems });
  problems.stop();
  const own = await ownFrom(given, kinds);
  return assembled(nameOf(files, options), undefined, manifests, [], noTimeline, { ...given, ...own });
}

async function givenBy(options: LoadOptions): Promise<Given> {
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

/** What reads them is loaded only where there is a file. */
async function schedulerFrom({ config, plugins }: SchedulerFiles): Promise<ClusterSpec['scheduler']> {
  if (config === undefined && plugins.length === 0) return undefined;
  const { readSchedulerConfig, withPlugins } = await import('./scheduler-config/read.ts');
  const { loadPlugins } = await import('./scheduler-plugins.ts');
  const loaded = await loadPlugins(plugins);
  if (config === undefined) return withPlugins(loaded);
  return readSchedulerConfig(readDocuments(config.file, readSource(config.file, config.named)), loaded);
}

/** What runs a user's own code. */
interface Own {
  readonly scheduler: ClusterSpec['scheduler'];
  readonly ownControllers: ClusterSpec['ownControllers'];
}

const noOwn: Own = { scheduler: undefined, ownControllers: undefined };

async function ownFrom(
  { scheduler, controllers }: Pick<Given, 'scheduler' | 'controllers'>,
  kinds: readonly ResourceInfo[],
): Promise<Own> {
  const configured = await schedulerFrom(scheduler);
  if (controllers.length === 0) return { ...noOwn, scheduler: configured };
  const { loadControllers } = await import('./own-controllers.ts');
  return { scheduler: configured, ownControllers: await loadControllers(controllers, kinds) };
}

/** The command line's configuration comes before the scenario's; plugins and controllers come together. */
function filesNamedBy(
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

const beside = (scenarioFile: string, path: string): string =>
  isAbsolute(path) ? path : join(dirname(scenarioFile), path);

type FileReader = (path: string, named?: Position) => readonly SourceDocument[];

/** What reading a scenario goes by. */
interface Reading {
  readonly kinds: readonly ResourceInfo[];
  readonly fromFile: FileReader;
  readonly problems: Problems;
}

async function withScenario(
  document: SourceDocument,
  manifests: readonly Manifest[],
  fallbackName: string,
  given: Given,
  { kinds, fromFile, problems }: Reading,
): Promise<LoadedScenario> {
  const { readScenario } = await import('./schema-problems.ts');
  const scenario = problems.gather(() => readScenario(document));
  problems.stop();
  const spec = scenario?.spec ?? {};
  const objects = objectReader(fromFile, kinds);
  const named = (spec.manifests ?? []).flatMap(
    (path, index) =>
      problems.gather(() => objects.manifests(path, document.at(['spec', 'manifests', index]))) ?? [],
  );
  const nodes = problems.gather(() => given.nodes ?? specNodes(document, spec)) ?? [];
  const { apiservers = defaultCluster.apiservers, schedulers, controllerManagers } = spec.components ?? {};
  const own = await problems.wait(ownFrom(filesNamedBy(document, spec, given), kinds));
  const ownControllers = own?.ownControllers;
  const cluster = { apiservers, schedulers, controllerManagers, ownControllers, nodes };
  const timeline = problems.gather(() => timelineOf(document, spec.timeline ?? [], cluster, objects, kinds));
  const loads = problems.gather(() => loadsOf(document, spec.load ?? []));
  const expectations = problems.gather(await expectationReader(document, spec));
  problems.stop();
  const name = scenario?.metadata?.name ?? fallbackName;
  const all = [...manifests, ...named];
  return assembled(name, { spec, nodes, loads }, all, expectations ?? [], timeline ?? noTimeline, {
    ...given,
    ...(own ?? noOwn),
  });
}

const noTimeline: Timeline = { actions: [], sources: [], faults: [] };

const isScenario = ({ value }: SourceDocument): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && value['kind'] === 'Scenario';

/** `web` for web.yaml; the first of several. */
function nameOf(files: readonly string[], { podTrace, nodeTrace }: LoadOptions): string {
  const first = files[0] ?? podTrace ?? nodeTrace ?? 'run';
  return first === '-' ? 'stdin' : basename(first, extname(first));
}

const specNodes = (document: SourceDocument, spec: ScenarioSpec): ClusterSpec['nodes'] =>
  spec.nodes === undefined ? defaultNodes(defaultNodeCount) : nodesOf(document, spec.nodes);

const defaultNodeCount = 3;

/** Reads the files that a scenario names, relative to where it stands, each once. */
function fileReader(scenarioFile: string): FileReader {
  const known = new Map<string, readonly SourceDocument[]>();
  return (path, named) => {
    const file = beside(scenarioFile, path);
    const found = known.get(file) ?? readDocuments(file, readSource(file, named));
    known.set(file, found);
    return found;
  };
}

/** The objects of the files that a scenario names, and of the scenario itself. */
function objectReader(
  fromFile: FileReader,
  kinds: readonly ResourceInfo[],
): {
  manifests(path: string, named: Position): readonly Manifest[];
  file(path: string, named: Position): readonly Manifest[];
  inline(document: SourceDocument, path: readonly (string | number)[]): readonly Manifest[];
} {
  const manifests = (path: string, named: Position): readonly Manifest[] =>
    fromFile(path, named).flatMap((each) => manifestsOf(each, kinds));
  return {
    manifests,
    file: manifests,
    inline: (document, path) => manifestsOf(document, kinds, path),
  };
}

/** CEL is loaded only where something is expected. */
async function expectationReader(
  document: SourceDocument,
  spec: ScenarioSpec,
): Promise<() => readonly Expectation[]> {
  if (spec.expect === undefined || spec.expect.length === 0) return () => [];
  const { expectationsOf } = await import('./expectations.ts');
  return () => expectationsOf(document, spec);
}

function assembled(
  name: string,
  scenario: (Pick<ClusterSpec, 'nodes' | 'loads'> & { readonly spec: ScenarioSpec }) | undefined,
  manifests: readonly Manifest[],
  expectations: readonly Expectation[],
  timeline: Timeline,
  given: Omit<Given, keyof Own | 'controllers'> & Own,
): LoadedScenario {
  const cluster = clusterOf(scenario?.spec ?? {});
  refuseTwice(manifests);
  const first: Action = { at: 0, do: 'apply', objects: manifests.map((manifest) => manifest.object) };
  const spec: ClusterSpec = {
    ...cluster,
    seed: given.seed ?? cluster.seed,
    nodes: scenario?.nodes ?? given.nodes ?? defaultNodes(defaultNodeCount),
    actions: manifests.length === 0 ? timeline.actions : [first, ...timeline.actions],
    faults: timeline.faults,
    workload: given.workload,
    ...(scenario?.loads === undefined || scenario.loads.length === 0 ? {} : { loads: scenario.loads }),
    ...(given.scheduler === undefined ? {} : { scheduler: given.scheduler }),
    ...(given.ownControllers === undefined ? {} : { ownControllers: given.ownControllers }),
  };
  const objects = spec.actions.flatMap((action) => (action.do === 'apply' ? action.objects : []));
  return {
    name,
    spec,
    clusterFrom: given.clusterFrom ?? (scenario?.spec.nodes === undefined ? 'default' : 'scenario'),
    duration: scenario?.spec.duration,
    expectations,
    applied: countKinds(objects),
    storedOnly: countKinds(
      objects.filter((object) => !isModelled(object, cluster) && !isReconciled(object, given.ownControllers)),
    ),
    sources: manifests.length === 0 ? timeline.sources : [manifests.map(({ at }) => at), ...timeline.sources],
  };
}

const isReconciled = ({ apiVersion, kind }: NewObject, own: ClusterSpec['ownControllers'] = []): boolean =>
  own.some(({ controller: { for: its } }) => its.apiVersion === apiVersion && its.kind === kind);

/** Roles are acted upon where RBAC decides. */
function isModelled(
  { apiVersion, kind }: NewObject,
  { authorizationMode }: Pick<ClusterSpec, 'authorizationMode'>,
): boolean {
  const info = resourceOfKind(apiVersion, kind);
  return (
    info?.modelled === true ||
    (info?.group === 'rbac.authorization.k8s.io' && authorizationMode === 'Node,RBAC')
  );
}

function countKinds(objects: readonly NewObject[]): readonly KindCount[] {
  const counts = new Map<string, number>();
  for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, count }));
}

/** Two of one kind, namespace and name are one too many. */
function refuseTwice(manifests: readonly Manifest[]): void {
  const sources = new Map<string, Position>();
  const problems: Problem[] = [];
  for (const { object, info, at } of manifests) {
    const key = keyFor(object.metadata.namespace, object.metadata.name ?? '');
    const before = sources.get(`${info.resource}/${key}`);
    if (before !== undefined)
      problems.push({
        at,
        message: `${info.kind} ${key} is there twice; the first is at ${placeText(before)}`,
      });
    else sources.set(`${info.resource}/${key}`, at);
  }
  if (problems.length > 0) throw new BadInput(problems);
}

const placeText = (at: Position = startOf('')): string => `${at.file}:${at.line}:${at.column}`;

/** Problems found so far: one bad part does not hide the others. */
class Problems {
  private readonly found: Problem[] = [];

  gather<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      this.found.push(...error.problems);
      return undefined;
    }
  }

  async wait<T>(reading: Promise<T>): Promise<T | undefined> {
    try {
      return await reading;
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      this.found.push(...error.problems);
      return undefined;
    }
  }

  add(at: Position, message: string): void {
    this.found.push({ at, message });
  }

  /** Throws what was found, if anything was. */
  stop(): void {
    if (this.found.length > 0) throw new BadInput(this.found);
  }
}
