/** Labels of Nodes that have newer names. (kubernetes v1.34.1 pkg/api/node/util.go) */
import type { NodeSelectorTerm } from '../generated/types.ts';

const since = (version: string, label: string): string =>
  `deprecated since ${version}; use ${JSON.stringify(label)} instead`;

const old = new Map([
  ['beta.kubernetes.io/arch', since('v1.14', 'kubernetes.io/arch')],
  ['beta.kubernetes.io/os', since('v1.14', 'kubernetes.io/os')],
  ['failure-domain.beta.kubernetes.io/region', since('v1.17', 'topology.kubernetes.io/region')],
  ['failure-domain.beta.kubernetes.io/zone', since('v1.17', 'topology.kubernetes.io/zone')],
  ['beta.kubernetes.io/instance-type', since('v1.17', 'node.kubernetes.io/instance-type')],
]);

/** `before` comes before what is said of the label. */
export function nodeLabelWarnings(field: string, key: string, before: string): readonly string[] {
  const why = old.get(key);
  return why === undefined ? [] : [`${field}: ${before}${why}`];
}

export const termWarnings = (field: string, { matchExpressions = [] }: NodeSelectorTerm): readonly string[] =>
  matchExpressions.flatMap(({ key }, i) =>
    nodeLabelWarnings(`${field}.matchExpressions[${i}].key`, key, `${key} is `),
  );
