/**
 * The filters of Docker Swarm that Kubernetes has not: constraint, affinity, dependency and health (its port filter is
 * NodePorts). A Pod stands for a container: its name, its labels and its images are the container's.
 * (docker-archive/classicswarm scheduler/filter/constraint.go, affinity.go, dependency.go, health.go)
 *
 * Simplified: a soft expression is left aside where no node meets it; the original leaves all of them aside when the
 * filters together leave no node.
 */
import type { Node } from '../../../api/generated/types.ts';
import {
  eachNode,
  unresolvable,
  type PreFilterResult,
  type Rejection,
  type Snapshot,
} from '../../framework.ts';
import type { NodeInfo } from '../../node-info.ts';
import type { SchedulerPlugin } from '../../own-plugin.ts';
import type { PodInfo } from '../../pod-info.ts';
import { meets, swarmExpressions, textList, type SwarmExpression } from '../../swarm-expression.ts';

const constraintsAnnotation = 'com.docker.swarm.constraints';
const affinitiesAnnotation = 'com.docker.swarm.affinities';
const dependenciesAnnotation = 'com.docker.swarm.dependencies';

/** Constraints are about the node: `node` is its name, any other key a label of it. */
export const swarmConstraint = expressionFilter('SwarmConstraint', constraintsAnnotation, 'constraint', {
  valuesOf: ({ name, node }, key) => {
    if (key === 'node') return [name];
    const value = node === undefined ? undefined : labelOf(node, key);
    return value === undefined ? [] : [value];
  },
});

/** Tags that `docker info` gives, from what a node says of itself. */
function labelOf({ metadata, status }: Node, key: string): string | undefined {
  const info = status.nodeInfo as Readonly<Record<string, string>> | undefined;
  if (key === 'kernelversion') return info?.['kernelVersion'];
  if (key === 'operatingsystem') return info?.['osImage'];
  return metadata.labels?.[key];
}

/** Affinities are about what is on the node: containers by name, images, or labels of containers. */
export const swarmAffinity = expressionFilter('SwarmAffinity', affinitiesAnnotation, 'affinity', {
  valuesOf: ({ pods, images }, key) => {
    if (key === 'container') return pods.map(nameOf);
    if (key === 'image') return Object.keys(images).flatMap((image) => [image, withoutTag(image)]);
    return pods.flatMap(({ labels }) => (labels?.[key] === undefined ? [] : [labels[key]]));
  },
});

const withoutTag = (image: string): string => {
  const colon = image.lastIndexOf(':');
  return colon > image.lastIndexOf('/') ? image.slice(0, colon) : image;
};

const nameOf = ({ key }: PodInfo): string => key.slice(key.indexOf('/') + 1);

interface Subject {
  /** What an expression's key stands for on a node. */
  valuesOf(info: NodeInfo, key: string): readonly string[];
}

interface Required {
  readonly expressions: readonly SwarmExpression[];
}

function expressionFilter(
  name: string,
  annotation: string,
  what: string,
  { valuesOf }: Subject,
): SchedulerPlugin {
  return {
    name,
    preFilter(pod, snapshot): PreFilterResult<Required> {
      const all = swarmExpressions(pod, annotation);
      if (typeof all === 'string') return rejected(name, `${annotation}: ${all}`);
      if (all.length === 0) return { outcome: 'skip' };
      const expressions = all.filter(
        (each) => !each.soft || anyNode(snapshot, (info) => meets(each, valuesOf(info, each.key))),
      );
      return { outcome: 'filter', state: { expressions } };
    },
    filter(_pod, info, state): string | undefined {
      for (const expression of (state as Required).expressions)
        if (!meets(expression, valuesOf(info, expression.key)))
          return `node(s) didn't satisfy the ${what} ${expression.text}`;
      return undefined;
    },
  };
}

const rejected = (
  name: string,
  reason: string,
): { readonly outcome: 'reject'; readonly rejection: Rejection } => ({
  outcome: 'reject',
  rejection: unresolvable(name, reason),
});

function anyNode(snapshot: Snapshot, holds: (info: NodeInfo) => boolean): boolean {
  let found = false;
  eachNode(snapshot, (info) => {
    found ||= holds(info);
  });
  return found;
}

/** `volumes-from=A`, `link=A:alias`, `net=container:A`: the Pod goes where A is. */
export const swarmDependency: SchedulerPlugin = {
  name: 'SwarmDependency',
  preFilter({ annotations }): PreFilterResult<readonly string[]> {
    const text = annotations?.[dependenciesAnnotation];
    if (text === undefined) return { outcome: 'skip' };
    const names = textList(text)?.map(dependencyOf);
    const isWhole = (list: readonly (string | undefined)[]): list is readonly string[] =>
      !list.includes(undefined);
    if (names === undefined || !isWhole(names))
      return rejected(
        this.name,
        `${dependenciesAnnotation}: ${text} is not a JSON list of volumes-from=NAME, link=NAME:ALIAS, net=container:NAME`,
      );
    return names.length === 0 ? { outcome: 'skip' } : { outcome: 'filter', state: names };
  },
  filter(_pod, { pods }, state): string | undefined {
    const here = pods.map(nameOf);
    return (state as readonly string[]).every((name) => here.includes(name))
      ? undefined
      : "node(s) didn't fulfil all dependencies";
  },
};

const dependencyOf = (text: string): string | undefined =>
  /^(?:volumes-from=([^:]+)|link=([^:]+)(?::.*)?|net=container:(.+))$/.exec(text)?.slice(1).find(Boolean);

/** A node that is down, or of which nothing has been heard. */
export const swarmHealth: SchedulerPlugin = {
  name: 'SwarmHealth',
  filter(_pod, { node }): string | undefined {
    const ready = node?.status.conditions?.find(({ type }) => type === 'Ready');
    return ready?.status === 'True' ? undefined : 'node(s) were not healthy';
  },
};
