/** The loads that a Scenario describes, in the words of core/metrics. */
import { milliValue } from '../../core/text/quantity.ts';
import { nearest } from '../../core/api/nearest.ts';
import { resourceCalled } from '../../core/api/kinds.ts';
import type { Load, PodsOf } from '../../core/metrics/load.ts';
import type { Path, SourceDocument } from './documents.ts';
import { BadInput, dotted, refuse, shown, suggestion } from '../input/problem.ts';
import type { ScenarioSpec } from './schema.ts';

type Given = NonNullable<ScenarioSpec['load']>[number];

/** All of them. Throws BadInput with each that is of a kind without replicas. */
export function loadsOf(document: SourceDocument, given: readonly Given[]): readonly Load[] {
  const loads: Load[] = [];
  const problems = given.flatMap((each, index) => {
    try {
      loads.push(loadOf(document, ['spec', 'load', index], each));
      return [];
    } catch (error) {
      if (error instanceof BadInput) return error.problems;
      throw error;
    }
  });
  if (problems.length > 0) throw new BadInput(problems);
  return loads;
}

function loadOf(document: SourceDocument, path: Path, given: Given): Load {
  const { of: whose = {}, resource, pods, object, external } = given;
  const demand = given.demand.map(({ at, value, over }) => ({ at, over, value: milliValue(value) }));
  const namespace = whose.namespace ?? given.namespace ?? 'default';
  if (external !== undefined)
    return { of: 'external', metric: external, namespace, labels: given.labels ?? {}, demand };
  if (object !== undefined) {
    const { kind = '', name = '' } = whose;
    return { of: 'object', metric: object, namespace, kind, name, demand };
  }
  return {
    of: resource === undefined ? 'pods' : 'resource',
    metric: resource ?? pods ?? '',
    pods: podsOf(document, [...path, 'of'], namespace, whose),
    container: given.container,
    perPod: given.perPod === undefined ? 0 : milliValue(given.perPod),
    most: given.most === undefined ? undefined : milliValue(given.most),
    demand,
  };
}

const scaled = ['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'];

function podsOf(
  document: SourceDocument,
  path: Path,
  namespace: string,
  { kind, name, labels }: NonNullable<Given['of']>,
): PodsOf {
  if (kind === undefined || name === undefined) return { namespace, labels: labels ?? {} };
  const info = resourceCalled(kind);
  if (info !== undefined && scaled.includes(info.kind)) return { namespace, resource: info.resource, name };
  const where = [...path, 'kind'];
  return refuse(
    document.at(where),
    `${dotted(where)}${shown(kind)} has no Pods to share a load${suggestion(nearest(kind, scaled), [...scaled, 'or labels instead'])}`,
  );
}
