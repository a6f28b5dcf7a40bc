/** TaintNodesByCondition: a new node takes no Pods before the node controller has seen it ready. (kubernetes v1.34.1 plugin/pkg/admission/nodetaint) */
import type { Node, Taint } from '../../api/generated/types.ts';
import type { AdmissionPlugin } from './plugin.ts';

const notReady: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  resources: ['nodes'],
  operations: ['CREATE'],
  admit: ({ subresource }, object) => (subresource === '' ? withNotReadyTaint(object as Node) : object),
};

export function withNotReadyTaint(node: Node): Node {
  const taints = node.spec?.taints ?? [];
  if (taints.some(({ key, effect }) => key === notReady.key && effect === notReady.effect)) return node;
  return { ...node, spec: { ...node.spec, taints: [...taints, notReady] } };
}
