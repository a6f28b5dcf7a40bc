/**
 * NamespaceLifecycle: nothing comes into a namespace that is not there or is going, and three namespaces stay. The first
 * half is asked where a creation begins, for only etcd can say that a namespace is not there.
 * (kubernetes v1.34.1 apiserver/pkg/admission/plugin/namespace/lifecycle)
 */
import type { ApiObject } from '../../api/object.ts';
import { forbiddenStatus } from '../../api/status.ts';
import type { Status } from '../../api/request.ts';
import { refuse, type AdmissionAttributes, type AdmissionPlugin } from './plugin.ts';

const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  resources: ['namespaces'],
  operations: ['DELETE'],
  validate: ({ name }) =>
    immortal.has(name) ? forbiddenStatus('namespaces', name, 'this namespace may not be deleted') : undefined,
};

/** Why nothing may be created in a namespace that was found. */
export function refusalOfContent(
  attributes: Pick<AdmissionAttributes, 'resource' | 'name' | 'object'>,
  namespace: ApiObject,
): Status | undefined {
  if (namespace.metadata.deletionTimestamp === undefined) return undefined;
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
