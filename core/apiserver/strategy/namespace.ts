/** What the server makes of a Namespace. (kubernetes v1.34.1 pkg/registry/core/namespace/strategy.go) */
import type { Stored } from './stored.ts';

/** Goes last: the namespace controller takes it off when the namespace is empty. */
const kubernetesFinalizer = 'kubernetes';

export function createNamespace(object: Stored): Stored {
  const given = (object.spec?.['finalizers'] ?? []) as readonly string[];
  const finalizers = given.includes(kubernetesFinalizer) ? given : [...given, kubernetesFinalizer];
  const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
  return {
    ...object,
    metadata: { ...object.metadata, labels },
    spec: { ...object.spec, finalizers },
    status: { phase: 'Active' },
  };
}

/** The finalizers of the spec change by the subresource `finalize` alone. */
export const updateNamespace = (next: Stored, current: Stored): Stored => ({
  ...next,
  spec: { ...next.spec, finalizers: current.spec?.['finalizers'] },
});

/** What `finalize` does: the finalizers of the spec and nothing else. */
export const finalizeNamespace = (next: Stored, current: Stored): Stored => ({
  ...current,
  spec: { ...current.spec, finalizers: next.spec?.['finalizers'] },
});

/** Whether anything keeps the namespace: then it is not removed. */
export const isFinalized = (object: Stored): boolean =>
  ((object.spec?.['finalizers'] ?? []) as readonly string[]).length === 0;
