/**
 * The status of a CustomResourceDefinition: which versions have been stored, whether its names are free, and whether it is
 * served. Two controllers inside the apiserver write it: one accepts names, one establishes.
 * (kubernetes v1.34.1 apiextensions-apiserver/pkg/registry/customresourcedefinition/strategy.go,
 * pkg/controller/status/naming_controller.go, pkg/controller/establish/establishing_controller.go)
 */
import { invalidValue, type FieldError } from '../field-error.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
} from '../generated/types.ts';
import { aggregate } from '../field-error.ts';
import { same } from '../merge-patch.ts';

type Definition = CustomResourceDefinition;
type Condition = CustomResourceDefinitionCondition;
type Status = Definition['status'];

const noNames: CustomResourceDefinitionNames = { plural: '', kind: '' };

/** The status of a new definition: what it will store. */
export const newDefinitionStatus = ({ spec }: Definition): Status => ({
  acceptedNames: noNames,
  conditions: [],
  storedVersions: spec.versions.filter(({ storage }) => storage).map(({ name }) => name),
});

/** The status of a definition whose spec was changed: another version may be stored from now on. */
export function statusAfterUpdate({ spec }: Definition, status: Status): Status {
  const stored = status.storedVersions ?? [];
  const added = spec.versions.filter(({ storage, name }) => storage && !stored.includes(name));
  return added.length === 0
    ? status
    : { ...status, storedVersions: [...stored, ...added.map(({ name }) => name)] };
}

/** What was stored once must stay among the versions. */
export function checkStoredVersions(errors: FieldError[], { spec, status }: Definition): void {
  const field = 'status.storedVersions';
  const stored = status.storedVersions ?? [];
  if (stored.length === 0) {
    errors.push(invalidValue(field, stored, 'must have at least one stored version'));
    return;
  }
  for (const { name, storage } of spec.versions)
    if (storage && !stored.includes(name))
      errors.push(invalidValue(field, stored, `must have the storage version ${name}`));
  stored.forEach((name, i) => {
    if (!spec.versions.some((version) => version.name === name))
      errors.push(
        invalidValue(
          `${field}[${i}]`,
          name,
          `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
        ),
      );
  });
}

export const conditionOf = ({ status }: Definition, type: string): Condition | undefined =>
  status.conditions?.find((condition) => condition.type === type);

/** Whether a condition of a definition is True: `isTrue(crd, 'Established')`. */
export const isTrue = (crd: Definition, type: string): boolean => conditionOf(crd, type)?.status === 'True';

/**
 * The status after the naming controller has looked at a definition and the others of its group; the same object where it
 * has nothing to say. A name that another has is refused, and the rest is accepted.
 */
export function withAcceptedNames(crd: Definition, others: Iterable<Definition>, now: string): Status {
  const { status, spec } = crd;
  const accepted = status.acceptedNames ?? noNames;
  if (same(spec.names, accepted)) return status;
  const taken = namesTaken(crd, others);
  const { names, conflict } = deconflict(spec.names, accepted, taken);
  const naming: Condition = {
    type: 'NamesAccepted',
    ...(conflict ?? { status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }),
  };
  if (same(accepted, names) && isSameCondition(conditionOf(crd, 'NamesAccepted'), naming)) return status;
  const established = conditionOf(crd, 'Established') ?? {
    type: 'Established',
    status: 'False',
    reason: 'NotAccepted',
    message: 'not all names are accepted',
  };
  const installing: Condition =
    established.status !== 'True' && naming.status === 'True'
      ? {
          type: 'Established',
          status: 'False',
          reason: 'Installing',
          message: 'the initial names have been accepted',
        }
      : established;
  const conditions = setCondition(setCondition(status.conditions ?? [], naming, now), installing, now);
  return { ...status, acceptedNames: names, conditions };
}

/** The status after the establishing controller; the same object where the names are not accepted, or it was there before. */
export function withEstablished(crd: Definition, now: string): Status {
  if (!isTrue(crd, 'NamesAccepted') || isTrue(crd, 'Established')) return crd.status;
  const established: Condition = {
    type: 'Established',
    status: 'True',
    reason: 'InitialNamesAccepted',
    message: 'the initial names have been accepted',
  };
  return { ...crd.status, conditions: setCondition(crd.status.conditions ?? [], established, now) };
}

const approvedKey = 'api-approved.kubernetes.io';
const approvalLink = 'see https://github.com/kubernetes/enhancements/pull/1111';

/**
 * The status after the controller that looks whether a group of Kubernetes' own was approved; the same object where it has
 * nothing to say. (kubernetes v1.34.1 pkg/controller/apiapproval/apiapproval_controller.go, pkg/apihelpers/helpers.go)
 */
export function withApproval(crd: Definition, now: string): Status {
  if (!isProtected(crd.spec.group)) return crd.status;
  const condition = approvalOf(crd.metadata.annotations?.[approvedKey] ?? '');
  if (isSameCondition(conditionOf(crd, condition.type), condition)) return crd.status;
  return withCondition(crd.status, condition, now);
}

/** Groups that only Kubernetes' own APIs should be in. */
export const isProtected = (group: string): boolean => /(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group);

function approvalOf(annotation: string): Condition {
  const type = 'KubernetesAPIApprovalPolicyConformant';
  const must = `protected groups must have approval annotation ${JSON.stringify(approvedKey)}`;
  if (annotation === '')
    return { type, status: 'False', reason: 'MissingAnnotation', message: `${must}, ${approvalLink}` };
  if (annotation.startsWith('unapproved'))
    return {
      type,
      status: 'False',
      reason: 'UnapprovedAnnotation',
      message: `not approved: ${JSON.stringify(annotation)}`,
    };
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/]+/i.test(annotation))
    return { type, status: 'True', reason: 'ApprovedAnnotation', message: `approved in ${annotation}` };
  const message = `${must} with either a URL or a reason starting with "unapproved", ${approvalLink}`;
  return { type, status: 'False', reason: 'InvalidAnnotation', message };
}

interface Taken {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

/** The names that are accepted in a group, this definition's own included. */
function namesTaken(crd: Definition, others: Iterable<Definition>): Taken {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { spec, status } of [crd, ...others]) {
    if (spec.group !== crd.spec.group) continue;
    const { plural, singular = '', shortNames = [], kind, listKind = '' } = status.acceptedNames ?? noNames;
    for (const name of [plural, singular, ...shortNames]) resources.add(name);
    for (const name of [kind, listKind]) kinds.add(name);
  }
  return { resources, kinds };
}

interface Conflict {
  readonly status: 'False';
  readonly reason: string;
  readonly message: string;
}

/** Names are looked at one after another, and the last conflict is the one that is told. */
function deconflict(
  asked: CustomResourceDefinitionNames,
  accepted: CustomResourceDefinitionNames,
  { resources, kinds }: Taken,
): { readonly names: CustomResourceDefinitionNames; readonly conflict: Conflict | undefined } {
  let conflict: Conflict | undefined;
  const refuse = (reason: string, message: string): void => {
    conflict = { status: 'False', reason, message };
  };
  const free = (name: string, own: string, taken: ReadonlySet<string>): boolean =>
    name === own || !taken.has(name);
  const settle = (name: string, own: string, taken: ReadonlySet<string>, reason: string): string => {
    if (free(name, own, taken)) return name;
    refuse(reason, inUse(name));
    return own;
  };
  const plural = settle(asked.plural, accepted.plural, resources, 'PluralConflict');
  const singular = settle(asked.singular ?? '', accepted.singular ?? '', resources, 'SingularConflict');
  const own = new Set([...(accepted.shortNames ?? []), accepted.plural, accepted.singular ?? '']);
  const refused = (asked.shortNames ?? []).filter((name) => !own.has(name) && resources.has(name));
  if (refused.length > 0) refuse('ShortNamesConflict', aggregate(refused.map(inUse)));
  const shortNames = refused.length > 0 ? accepted.shortNames : asked.shortNames;
  const kind = settle(asked.kind, accepted.kind, kinds, 'KindConflict');
  const listKind = settle(asked.listKind ?? '', accepted.listKind ?? '', kinds, 'ListKindConflict');
  const names: CustomResourceDefinitionNames = {
    plural,
    kind,
    ...(singular === '' ? {} : { singular }),
    ...(listKind === '' ? {} : { listKind }),
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(asked.categories === undefined ? {} : { categories: asked.categories }),
  };
  return { names, conflict };
}

const inUse = (name: string): string => `${JSON.stringify(name)} is already in use`;

const isSameCondition = (a: Condition | undefined, b: Condition): boolean =>
  a !== undefined && a.status === b.status && a.reason === b.reason && a.message === b.message;

/** The status with a condition set. */
export const withCondition = (status: Status, condition: Condition, now: string): Status => ({
  ...status,
  conditions: setCondition(status.conditions ?? [], condition, now),
});

/** A condition that changes its status changes its time. */
function setCondition(conditions: readonly Condition[], next: Condition, now: string): readonly Condition[] {
  const before = conditions.find(({ type }) => type === next.type);
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : now;
  const stamped = { ...next, lastTransitionTime };
  return before === undefined
    ? [...conditions, stamped]
    : conditions.map((condition) => (condition === before ? stamped : condition));
}
