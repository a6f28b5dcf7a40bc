/** Aim: claims and volumes are protected while they are in use. Method: a table. */
import { expect, test } from 'vitest';
import { storageObjectInUseProtection } from '../../../../core/apiserver/admission/storage-object-in-use-protection.ts';
import { admittedBy, thing } from './admitting.ts';

const claim = 'kubernetes.io/pvc-protection';
const volume = 'kubernetes.io/pv-protection';

test.each([
  ['a claim', 'persistentvolumeclaims', 'PersistentVolumeClaim', [], [claim]],
  ['a claim that has others', 'persistentvolumeclaims', 'PersistentVolumeClaim', ['x/y'], ['x/y', claim]],
  ['a claim that has it', 'persistentvolumeclaims', 'PersistentVolumeClaim', [claim], [claim]],
  ['a volume', 'persistentvolumes', 'PersistentVolume', [], [volume]],
])('%s', (_what, resource, kind, finalizers, want) => {
  const object = thing(kind, 'c', { metadata: { finalizers } });
  expect(admittedBy(storageObjectInUseProtection, { resource, object })).toMatchObject({
    metadata: { finalizers: want },
  });
});
