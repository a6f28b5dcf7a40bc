/** Names, labels, annotations, owners and finalizers. (kubernetes v1.34.1 apimachinery/pkg/api/validation/objectmeta.go) */
import { forbidden, invalidValue, required } from '../field-error.ts';
import { internal, internalList } from '../go/internal.ts';
import type { ObjectMeta, OwnerReference } from '../generated/types.ts';
import { dns1123LabelErrors, qualifiedNameErrors } from '../../text/label-format.ts';
import { same } from '../merge-patch.ts';
import { withoutTrailingDash } from '../names/forms.ts';
import {
  checkAnnotations,
  checkForm,
  checkLabels,
  checkNotNegative,
  json,
  type Errors,
  type NameForm,
} from './fields.ts';

/** Metadata of an object to be written. Objects before creation may lack what the server gives. */
export type Metadata = Partial<ObjectMeta>;

export function checkMetadata(errors: Errors, metadata: Metadata, namespaced: boolean, form: NameForm): void {
  const { generateName, name, namespace } = metadata;
  // The suffix that will be appended ends the name, so a hyphen may end the prefix.
  if (generateName !== undefined && generateName !== '')
    for (const message of form(withoutTrailingDash(generateName)))
      errors.push(invalidValue('metadata.generateName', generateName, message));
  if (name === undefined || name === '')
    errors.push(required('metadata.name', 'name or generateName is required'));
  else checkForm(errors, 'metadata.name', name, form);
  if (namespaced) {
    if (namespace === undefined || namespace === '') errors.push(required('metadata.namespace'));
    else checkForm(errors, 'metadata.namespace', namespace, dns1123LabelErrors);
  } else if (namespace !== undefined && namespace !== '')
    errors.push(forbidden('metadata.namespace', 'not allowed on this type'));
  checkNotNegative(errors, 'metadata.generation', metadata.generation);
  checkLabels(errors, 'metadata.labels', metadata.labels);
  checkAnnotations(errors, 'metadata.annotations', metadata.annotations);
  if (metadata.ownerReferences !== undefined) checkOwners(errors, metadata.ownerReferences);
  (metadata.finalizers ?? []).forEach((finalizer, i) => {
    checkFinalizer(errors, `metadata.finalizers[${i}]`, finalizer);
  });
}

const ownersKey = 'metadata.ownerReferences';

function checkOwners(errors: Errors, owners: readonly OwnerReference[]): void {
  let controller: OwnerReference | undefined;
  for (const owner of owners) {
    for (const part of ['apiVersion', 'kind', 'name', 'uid'] as const)
      if (((owner[part] as string | undefined) ?? '') === '')
        errors.push(invalidValue(`${ownersKey}.${part}`, '', ownerPartMessage[part]));
    if (owner.apiVersion === 'v1' && owner.kind === 'Event')
      errors.push(
        invalidValue(
          ownersKey,
          internal('OwnerReference', owner),
          '/v1, Kind=Event is disallowed from being an owner',
        ),
      );
    if (owner.controller !== true) continue;
    if (controller === undefined) controller = owner;
    else
      errors.push(
        invalidValue(
          ownersKey,
          internalList('OwnerReference', owners),
          `Only one reference can have Controller set to true. Found "true" in references for ${controller.kind}/${controller.name} and ${owner.kind}/${owner.name}`,
        ),
      );
  }
}

const ownerPartMessage = {
  apiVersion: 'version must not be empty',
  kind: 'must not be empty',
  name: 'must not be empty',
  uid: 'must not be empty',
} as const;

const standardFinalizers = ['orphan', 'foregroundDeletion', 'kubernetes'];

export function checkFinalizer(errors: Errors, field: string, finalizer: string): void {
  checkForm(errors, field, finalizer, qualifiedNameErrors);
  if (!finalizer.includes('/') && !standardFinalizers.includes(finalizer))
    errors.push(
      invalidValue(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'),
    );
}

const immutable = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;
/** What the server copies from the old object when the new one leaves it out. */
const given: readonly string[] = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** What may not change in an update, whatever the kind. What both have identically is not looked at again. */
export function checkMetadataUpdate(errors: Errors, next: Metadata, before: Metadata): void {
  if (next === before) return;
  checkLabelsAndOwners(errors, next, before);
  if ((next.generation ?? 0) < (before.generation ?? 0))
    errors.push(invalidValue('metadata.generation', next.generation ?? 0, 'must not be decremented'));
  if (!isSameObject(next, before)) checkImmutable(errors, next, before);
  checkAddedFinalizers(errors, next, before);
}

/** Nothing that may not change did: nearly every update, so it is written out. */
const isSameObject = (next: Metadata, before: Metadata): boolean =>
  next.name === before.name &&
  next.namespace === before.namespace &&
  next.uid === before.uid &&
  next.creationTimestamp === before.creationTimestamp &&
  next.deletionTimestamp === before.deletionTimestamp &&
  next.deletionGracePeriodSeconds === before.deletionGracePeriodSeconds;

function checkImmutable(errors: Errors, next: Metadata, before: Metadata): void {
  for (const field of immutable) {
    const [now, was] = [next[field], before[field]];
    if (now === was || (now === undefined && given.includes(field))) continue;
    if (was !== undefined && field === 'deletionTimestamp') continue; // a deletion that has begun is not moved
    errors.push(invalidValue(`metadata.${field}`, json(now), 'field is immutable'));
  }
}

function checkAddedFinalizers(errors: Errors, next: Metadata, before: Metadata): void {
  if (before.deletionTimestamp === undefined || same(next.finalizers, before.finalizers)) return;
  const added = (next.finalizers ?? []).filter((finalizer) => !(before.finalizers ?? []).includes(finalizer));
  if (added.length > 0)
    errors.push(
      forbidden(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`,
      ),
    );
}

function checkLabelsAndOwners(errors: Errors, next: Metadata, before: Metadata): void {
  if (next.labels !== before.labels) checkLabels(errors, 'metadata.labels', next.labels);
  if (next.annotations !== before.annotations)
    checkAnnotations(errors, 'metadata.annotations', next.annotations);
  if (next.ownerReferences !== before.ownerReferences && next.ownerReferences !== undefined)
    checkOwners(errors, next.ownerReferences);
  if (next.finalizers !== before.finalizers)
    (next.finalizers ?? []).forEach((finalizer, i) => {
      checkFinalizer(errors, `metadata.finalizers[${i}]`, finalizer);
    });
}
