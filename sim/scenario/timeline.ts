/** The timeline of a Scenario: what people do with kubectl, and what the world does to processes. */
import { nearest } from '../../core/api/nearest.ts';
import { resourceCalled, resources, type ResourceInfo } from '../../core/api/kinds.ts';
import { ownProcess, replicaNames } from '../cluster/names.ts';
import type { Action, ClusterSpec, FaultAction } from '../cluster/spec.ts';
import type { Path, SourceDocument } from './documents.ts';
import type { Manifest } from './manifest.ts';
import { BadInput, dotted, refuse, shown, suggestion, type Position } from '../input/problem.ts';
import type { ScenarioSpec } from './schema.ts';

type Entry = NonNullable<ScenarioSpec['timeline']>[number];

export interface Timeline {
  readonly actions: readonly Action[];
  /** Where each object of each action was written; what applies none is written at its entry. */
  readonly sources: readonly (readonly Position[])[];
  readonly faults: readonly FaultAction[];
}

/** Where the objects of an `apply` come from: a file named at a place, or the document itself. */
export interface ObjectSource {
  file(path: string, named: Position): readonly Manifest[];
  inline(document: SourceDocument, path: Path): readonly Manifest[];
}

export function timelineOf(
  document: SourceDocument,
  entries: readonly Entry[],
  cluster: Cluster,
  objects: ObjectSource,
  kinds: readonly ResourceInfo[],
): Timeline {
  const actions: Action[] = [];
  const sources: (readonly Position[])[] = [];
  const faults: FaultAction[] = [];
  const problems = entries.flatMap((entry, index) => {
    const path: Path = ['spec', 'timeline', index];
    try {
      const fault = faultOf(document, path, entry, cluster);
      if (fault !== undefined) {
        faults.push(fault);
        return [];
      }
      const asked = asking(document, path, entry, cluster, objects, kinds);
      actions.push({ ...asked.action, ...asOther(entry) });
      sources.push(asked.written);
      return [];
    } catch (error) {
      if (error instanceof BadInput) return error.problems;
      throw error;
    }
  });
  if (problems.length > 0) throw new BadInput(problems);
  return { actions, sources, faults };
}

/** `kubectl --as`. */
const asOther = ({ as, asGroups }: Entry): Pick<Action, 'impersonation'> =>
  as === undefined ? {} : { impersonation: { user: as, groups: asGroups } };

/** What a person does at an entry, and where it was written, object by object. */
interface Asked {
  readonly action: Action;
  readonly written: readonly Position[];
}

function asking(
  document: SourceDocument,
  path: Path,
  entry: Entry,
  cluster: Cluster,
  objects: ObjectSource,
  kinds: readonly ResourceInfo[],
): Asked {
  const { at } = entry;
  const written = [document.at(path)];
  const ofNode = nodeAction(document, path, entry, cluster);
  if (ofNode !== undefined) return { action: ofNode, written };
  if (entry.evict !== undefined) {
    const { namespace = 'default', name, gracePeriodSeconds } = entry.evict;
    return { action: { at, do: 'evict', namespace, name, gracePeriodSeconds }, written };
  }
  if (entry.delete !== undefined) {
    const { kind, name, namespace, gracePeriodSeconds, cascade } = entry.delete;
    const info = resourceAt(document, [...path, 'delete', 'kind'], kind, kinds);
    const target = { resource: info.resource, namespace: namespaceOf(info, namespace), name };
    return { action: { at, do: 'delete', ...target, gracePeriodSeconds, cascade }, written };
  }
  if (entry.scale !== undefined) {
    const { kind, name, namespace, replicas } = entry.scale;
    const info = resourceAt(document, [...path, 'scale', 'kind'], kind, kinds);
    if (!isScalable(info))
      refuse(
        document.at([...path, 'scale', 'kind']),
        `${dotted([...path, 'scale', 'kind'])}a ${info.kind} has no replicas to scale`,
      );
    const target = { resource: info.resource, namespace: namespaceOf(info, namespace), name };
    return { action: { at, do: 'scale', ...target, replicas }, written };
  }
  const applied = appliedObjects(document, [...path, 'apply'], entry.apply ?? [], objects);
  return {
    action: {
      at,
      do: 'apply',
      objects: applied.map(({ object }) => object),
      ...(entry.serverSide === true ? { serverSide: entry.forceConflicts === true ? 'force' : 'yes' } : {}),
    },
    written: applied.map((each) => each.at),
  };
}

/** What a person does to a node; undefined where it is something else. */
function nodeAction(
  document: SourceDocument,
  path: Path,
  { at, cordon, uncordon, drain, taint }: Entry,
  cluster: Cluster,
): Action | undefined {
  const node = (word: string, given: { readonly node: string }): string =>
    knownNode(document, [...path, word, 'node'], given.node, cluster);
  if (cordon !== undefined) return { at, do: 'cordon', node: node('cordon', cordon) };
  if (uncordon !== undefined) return { at, do: 'uncordon', node: node('uncordon', uncordon) };
  if (taint !== undefined) return { ...taint, at, do: 'taint', node: node('taint', taint) };
  if (drain === undefined) return undefined;
  const { gracePeriodSeconds, ...flags } = drain;
  return { at, do: 'drain', node: node('drain', drain), options: { ...flags, gracePeriodSeconds } };
}

const isScalable = ({ resource, custom }: ResourceInfo): boolean =>
  custom === undefined
    ? scalable.has(resource)
    : custom.spec.versions.some(({ subresources }) => subresources?.scale !== undefined);

const scalable = new Set(['deployments', 'replicasets', 'statefulsets', 'replicationcontrollers']);

const namespaceOf = (info: ResourceInfo, given: string | undefined): string | undefined =>
  info.namespaced ? (given ?? 'default') : undefined;

function resourceAt(
  document: SourceDocument,
  path: Path,
  kind: string,
  kinds: readonly ResourceInfo[],
): ResourceInfo {
  const info = resourceCalled(kind, kinds);
  if (info !== undefined) return info;
  const near = nearest(
    kind,
    [...kinds, ...resources].map((known) => known.kind),
  );
  return refuse(document.at(path), `${dotted(path)}unknown kind ${shown(kind)}${suggestion(near, [])}`);
}

function appliedObjects(
  document: SourceDocument,
  path: Path,
  given: NonNullable<Entry['apply']>,
  objects: ObjectSource,
): readonly Manifest[] {
  const one = (item: unknown, at: Path): readonly Manifest[] =>
    typeof item === 'string' ? objects.file(item, document.at(at)) : objects.inline(document, at);
  return Array.isArray(given)
    ? given.flatMap((item, index) => one(item, [...path, index]))
    : one(given, path);
}

type Cluster = Pick<
  ClusterSpec,
  'apiservers' | 'nodes' | 'schedulers' | 'controllerManagers' | 'ownControllers'
>;

/** What the world does at an entry; undefined where a person does something. */
function faultOf(
  document: SourceDocument,
  path: Path,
  { at, for: lasting, crash, expireCertificate, clock }: Entry,
  cluster: Cluster,
): FaultAction | undefined {
  if (crash !== undefined) {
    const process = processAt(document, [...path, 'crash'], crash, cluster, processesOf(cluster));
    return { at, do: 'crash', process, for: lasting };
  }
  if (clock !== undefined) {
    const process = processAt(document, [...path, 'clock'], clock, cluster, clientsOf(cluster));
    const { ahead, behind, rate } = clock;
    // A clock that runs at another speed does so from here on: it does not jump.
    const offset = ahead - behind - Math.round(at * (rate - 1));
    return { at, do: 'clock', process, offset, rate, for: lasting };
  }
  if (expireCertificate === undefined) return undefined;
  const where: Path = [...path, 'expireCertificate'];
  const process = processAt(document, where, expireCertificate, cluster, clientsOf(cluster));
  return { at, do: 'expireCertificate', process, for: lasting };
}

/** The name of the process that an entry means by `node` or by `process`. */
function processAt(
  document: SourceDocument,
  path: Path,
  { node, process }: NonNullable<Entry['crash']>,
  cluster: Cluster,
  processes: readonly string[],
): string {
  if (node !== undefined) return `kubelet/${knownNode(document, [...path, 'node'], node, cluster)}`;
  const wanted = process ?? '';
  const found = processes.find((each) => each === wanted || each === `kube-${wanted}`);
  return found ?? unknown(document, [...path, 'process'], wanted, processes);
}

function knownNode(document: SourceDocument, path: Path, wanted: string, { nodes }: Cluster): string {
  const names = nodes.map((each) => each.name);
  return names.includes(wanted) ? wanted : unknown(document, path, wanted, names);
}

/** The last part of the path says what it is that is not there. */
function unknown(document: SourceDocument, path: Path, wanted: string, known: readonly string[]): never {
  const allowed = known.length <= 12 ? known : [...known.slice(0, 12), '...'];
  const what = `there is no ${String(path.at(-1))} ${shown(wanted)}`;
  return refuse(document.at(path), `${dotted(path)}${what}${suggestion(nearest(wanted, known), allowed)}`);
}

/** The processes that can crash, as `programsOf` (sim/cluster/programs.ts) names them. `kube-` may be left out. */
export function processesOf(cluster: Cluster): readonly string[] {
  return ['etcd', ...replicaNames('kube-apiserver', cluster.apiservers), ...clientsOf(cluster)];
}

/** Those of them that show the apiservers a certificate. */
const clientsOf = ({
  nodes,
  schedulers = 1,
  controllerManagers = 1,
  ownControllers = [],
}: Cluster): readonly string[] => [
  ...replicaNames('kube-scheduler', schedulers),
  ...replicaNames('kube-controller-manager', controllerManagers),
  ...ownControllers.map(({ controller }) => `${ownProcess}${controller.name}`),
  ...nodes.map((node) => `kubelet/${node.name}`),
];
