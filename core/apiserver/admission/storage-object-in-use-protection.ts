/**
 * StorageObjectInUseProtection: a claim and a volume get the finalizer that keeps them while they are in use; the
 * controllers pvc-protection and pv-protection take it away. (kubernetes v1.34.1 plugin/pkg/admission/storage/storageobjectinuseprotection)
 */
import type { ApiObject } from '../../api/object.ts';
import type { AdmissionPlugin } from './plugin.ts';

const protection: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  resources: Object.keys(protection),
  operations: ['CREATE'],
  admit: ({ resource }, object) => {
    const finalizer = protection[resource];
    return finalizer === undefined ? object : protectedBy(finalizer, object);
  },
};

function protectedBy(finalizer: string, object: ApiObject): ApiObject {
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer)) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
}
