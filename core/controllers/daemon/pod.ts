/** A Pod of a DaemonSet. (kubernetes v1.34.1 pkg/controller/daemon, syncNodes and util/daemonset_util.go) */
import type { Affinity, DaemonSet, NodeSelectorTerm, Pod } from '../../api/generated/types.ts';
import type { CreateRequest } from '../../api/request.ts';
import { ownerReferenceTo } from '../replica-kind.ts';
import { create } from '../requests.ts';
import { tolerationsOf } from './placement.ts';

/** The label that tells of which revision a Pod is. */
export const hashLabel = 'controller-revision-hash';
const templateGeneration = {
  annotation: 'deprecated.daemonset.template.generation',
  label: 'pod-template-generation',
};

/** The request for a Pod on a node. The scheduler binds it there, for its affinity leaves no other. */
export function podRequest(set: DaemonSet, nodeName: string, hash: string): CreateRequest {
  const { name, namespace, annotations = {} } = set.metadata;
  const { metadata, spec } = set.spec.template;
  const generation = annotations[templateGeneration.annotation];
  return create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: {
        ...metadata?.labels,
        ...(generation === undefined ? {} : { [templateGeneration.label]: generation }),
        [hashLabel]: hash,
      },
      annotations: metadata?.annotations,
      finalizers: metadata?.finalizers,
      ownerReferences: [ownerReferenceTo(set)],
    },
    spec:
      spec === undefined
        ? undefined
        : {
            ...spec,
            affinity: withNode(spec.affinity, nodeName),
            tolerations: tolerationsOf(set.spec.template),
          },
  });
}

/** Whatever nodes were required before: the controller has looked at that already. */
function withNode(affinity: Affinity | undefined, nodeName: string): Affinity {
  const term: NodeSelectorTerm = {
    matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }],
  };
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
    },
  };
}

/** The node a Pod is on, or is for. */
export function targetNodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName !== undefined && spec.nodeName !== '') return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? [])
    for (const { key, operator, values = [] } of matchFields)
      if (key === 'metadata.name' && operator === 'In' && values.length === 1) return values[0];
  return undefined;
}
