/**
 * From files to a run: scenario files and plain manifests in, what the simulator needs out. Everything that can be wrong
 * with a file is found here, before anything runs, and told with its place (BadInput); what only an apiserver would
 * refuse is found by the apiserver, as in life.
 */
import { basename, extname } from 'node:path';
import type { ResourceInfo } from '../../core/api/kinds.ts';
import type { ClusterSpec } from '../cluster/spec.ts';
import type { Expectation } from '../checks/expectation.ts';
import { assembled, type LoadedScenario } from './assemble.ts';
import { nodesOf } from './cluster.ts';
import { customKindsIn } from './custom-kinds.ts';
import { defaultCluster, defaultNodes } from './defaults.ts';
import { readDocuments, type SourceDocument } from './documents.ts';
import { beside, filesNamedBy, givenBy, noOwn, ownFrom, type Given, type LoadOptions } from './given.ts';
import { loadsOf } from './metric-loads.ts';
import { manifestsOf, type Manifest } from './manifest.ts';
import { placeText, Problems, type Position } from '../input/problem.ts';
import type { ScenarioSpec } from './schema.ts';
import { readSource } from '../input/source.ts';
import { timelineOf, type Timeline } from './timeline.ts';

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
  spec.nodes === undefined ? defaultNodes() : nodesOf(document, spec.nodes);

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
