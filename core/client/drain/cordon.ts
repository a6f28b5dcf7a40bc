/** Whether a node may have new Pods (kubernetes v1.34.1 staging/src/k8s.io/kubectl/pkg/drain/cordon.go). */
import type { Node } from '../../api/generated/types.ts';
import type { ApiRequest, PatchRequest } from '../../api/request.ts';

export const lookAt = (name: string): ApiRequest => ({ verb: 'get', resource: 'nodes', name });

/** The patch that makes it so; undefined where it is so. */
export function cordoning(node: Node, unschedulable: boolean): PatchRequest | undefined {
  if ((node.spec.unschedulable ?? false) === unschedulable) return undefined;
  return {
    verb: 'patch',
    resource: 'nodes',
    name: node.metadata.name,
    patchType: 'strategic',
    // False is the same as nothing, and nothing is what Go writes.
    patch: { spec: { unschedulable: unschedulable ? true : null } },
  };
}
