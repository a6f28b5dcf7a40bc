/** Nothing comes into a namespace that is not there or is going. (kubernetes v1.34.1 apiserver/pkg/admission/plugin/namespace/lifecycle) */
import type { Namespace } from '../../api/generated/types.ts';
import { forbiddenStatus, notFound } from '../../api/status.ts';
import type { Status } from '../../api/request.ts';
import { refuse, type AdmissionAttributes, type AdmissionPlugin } from './plugin.ts';

const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  resources: undefined,
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  validate: (attributes, context) => {
    const { operation, resource, name, namespace } = attributes;
    if (resource === 'namespaces')
      return operation === 'DELETE' && immortal.has(name)
        ? forbiddenStatus('namespaces', name, 'this namespace may not be deleted')
        : undefined;
    if (namespace === '' || operation === 'DELETE') return undefined;
    const found = context.view('namespaces').objects.get(namespace);
    return refusalInNamespace(attributes, found as Namespace | undefined);
  },
};

/** Why an object may not be written into a namespace as it was found: in the cache or, where that has none, in etcd. */
export function refusalInNamespace(
  attributes: AdmissionAttributes,
  namespace: Namespace | undefined,
): Status | undefined {
  if (namespace === undefined) return notFound('namespaces', attributes.namespace);
  if (attributes.operation !== 'CREATE' || namespace.metadata.deletionTimestamp === undefined)
    return undefined;
  const { name } = namespace.metadata;
  const status = refuse(
    attributes,
    `unable to create new content in namespace ${name} because it is being terminated`,
  );
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${name} is being terminated`,
    field: 'metadata.namespace',
  };
  return { ...status, details: { ...status.details, causes: [cause] } };
}
