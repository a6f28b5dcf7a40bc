/**
 * CustomResourceDefinitions as they are created, updated and deleted. (kubernetes v1.34.1
 * apiextensions-apiserver/pkg/registry/customresourcedefinition/strategy.go, etcd.go)
 */
import { newDefinitionStatus, statusAfterUpdate, withCondition } from '../../api/custom/definition-status.ts';
import type { CustomResourceDefinition } from '../../api/generated/types.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';
import { withMetadata, type Fields, type Stored } from './stored.ts';

/** What holds a definition until the last of its instances is gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

const definition = (object: Stored): CustomResourceDefinition =>
  object as unknown as CustomResourceDefinition;

const withStatus = (object: Stored, status: CustomResourceDefinition['status']): Stored => ({
  ...object,
  status: status as unknown as Fields,
});

export const createDefinition = (object: Stored): Stored =>
  withStatus(object, newDefinitionStatus(definition(object)));

/** The status stays; what is stored from now on is added to it. */
export const updateDefinition = (next: Stored, current: Stored): Stored =>
  withStatus(next, statusAfterUpdate(definition(next), definition(current).status));

/** The first request to delete a definition marks it; its instances go before it does. */
export function markDefinition(object: Stored, finalizers: readonly string[], now: VirtualTime): Stored {
  const crd = definition(object);
  const marked = withMetadata(object, {
    deletionTimestamp: timeText(now),
    finalizers: finalizers.includes(cleanupFinalizer) ? finalizers : [...finalizers, cleanupFinalizer],
  });
  const terminating = {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  return withStatus(marked, withCondition(crd.status, terminating, timeText(now)));
}
