/** DefaultStorageClass: a claim that names no class gets the default one: of several the newest, then the first by name. (kubernetes v1.34.1 plugin/pkg/admission/storage/storageclass/setdefault) */
import type { PersistentVolumeClaim, StorageClass } from '../../api/generated/types.ts';
import type { View } from '../../api/view.ts';
import { parseTimeText } from '../../time/time.ts';
import type { AdmissionPlugin } from './plugin.ts';

export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  resources: ['persistentvolumeclaims'],
  operations: ['CREATE'],
  admit: ({ subresource }, object, context) =>
    subresource === ''
      ? withDefaultClass(object as PersistentVolumeClaim, context.view('storageclasses'))
      : object,
};

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

function withDefaultClass(claim: PersistentVolumeClaim, classes: View): PersistentVolumeClaim {
  const named =
    claim.spec.storageClassName !== undefined ||
    claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined;
  if (named) return claim;
  let found: StorageClass | undefined;
  classes.objects.objects.scan(undefined, undefined, (_key, object) => {
    const candidate = object as unknown as StorageClass;
    const { annotations } = candidate.metadata;
    if (!defaultAnnotations.some((key) => annotations?.[key] === 'true')) return;
    if (found === undefined || createdAt(candidate) > createdAt(found)) found = candidate;
  });
  const storageClassName = (found as StorageClass | undefined)?.metadata.name;
  return storageClassName === undefined ? claim : { ...claim, spec: { ...claim.spec, storageClassName } };
}

const createdAt = (object: StorageClass): number => parseTimeText(object.metadata.creationTimestamp) ?? 0;
