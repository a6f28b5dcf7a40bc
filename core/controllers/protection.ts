/**
 * What protects a claim or a volume from being gone while it is in use: a finalizer that admission gives it, and that one
 * made without admission is given here (kubernetes v1.34.1 pkg/controller/volume/protectionutil/utils.go).
 */
import type { ApiObject, Resource } from '../api/object.ts';
import { done, failed, type Ask, type Outcome, type Reply } from './controller.ts';
import { update } from './requests.ts';

/** It is to be deleted, and this finalizer keeps it. */
export const isDeletionCandidate = ({ metadata }: ApiObject, finalizer: string): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(finalizer) === true;

/** It is to stay, and was made without the finalizer. */
export const needsFinalizer = ({ metadata }: ApiObject, finalizer: string): boolean =>
  metadata.deletionTimestamp === undefined && metadata.finalizers?.includes(finalizer) !== true;

type Step = Generator<Ask<undefined>, Outcome<undefined>, Reply>;

/** Writes the object with the finalizer. */
export const protect = (resource: Resource, object: ApiObject, finalizer: string): Step =>
  withFinalizers(resource, object, [...(object.metadata.finalizers ?? []), finalizer]);

/** Writes the object without the finalizer; where it was the last, the object goes. */
export const unprotect = (resource: Resource, object: ApiObject, finalizer: string): Step =>
  withFinalizers(
    resource,
    object,
    (object.metadata.finalizers ?? []).filter((other) => other !== finalizer),
  );

function* withFinalizers(resource: Resource, object: ApiObject, finalizers: readonly string[]): Step {
  const left = finalizers.length === 0 ? undefined : finalizers;
  const written = { ...object, metadata: { ...object.metadata, finalizers: left } };
  const [answer] = (yield { requests: [update(resource, written)] }).answers;
  return answer?.ok === true ? done : failed;
}
