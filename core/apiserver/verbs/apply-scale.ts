/**
 * Server-side apply to a Scale: who owns the replicas of the workload owns those of its Scale, and the other way round.
 * (kubernetes v1.34.1 apimachinery/pkg/util/managedfields/scalehandler.go)
 */
import type { ManagedFieldsEntry } from '../../api/generated/types.ts';
import { apiVersionOf } from '../../api/kinds.ts';
import { difference, fieldSetOf, intersection, isEmpty, noFields } from '../../api/patch/field-set.ts';
import {
  decodeManagers,
  encodeManagers,
  identifier,
  type Managed,
  type Managers,
} from '../../api/patch/managed-fields.ts';
import { mergeTypeOfDefinition } from '../../api/patch/merge-type-of-kind.ts';
import type { ObjectSchema } from '../../api/patch/object-schema.ts';
import { serverSideApply } from '../../api/patch/server-side-apply.ts';
import type { ApiObject } from '../../api/object.ts';
import type { PatchRequest } from '../../api/request.ts';
import type { Attempt, Decision } from '../decision.ts';
import { writerOf } from '../field-managers.ts';
import type { Metadata } from '../strategy/stored.ts';

type Owners = Metadata['managedFields'];

interface AppliedScale {
  readonly scale: ApiObject;
  /** The owners of the workload, when its replicas are those of the Scale. */
  readonly owners: Owners;
}

const scaleVersion = 'autoscaling/v1';
const replicas = fieldSetOf(['spec', 'replicas']);
const status = fieldSetOf(['status']);

const schema: ObjectSchema = {
  apiVersion: scaleVersion,
  kind: 'Scale',
  typeIn: (version) => (version === scaleVersion ? mergeTypeOfDefinition('Scale') : undefined),
  convert: (object) => object,
  empty: { metadata: {}, spec: {}, status: { replicas: 0 } },
  resets: () => status,
};

/** The Scale of a workload with a configuration applied, or why not. */
export function appliedToScale(
  attempt: Attempt,
  scale: ApiObject,
  owners: Owners,
  { patch, force }: PatchRequest,
): AppliedScale | Extract<Decision, { do: 'refuse' }> {
  const before: ApiObject = { ...scale, metadata: { ...scale.metadata, managedFields: ofScale(owners) } };
  const applier = { ...writerOf(attempt, 'scale'), force: force === true };
  const applied = serverSideApply(schema, before, patch as object, applier);
  if ('failure' in applied) return { do: 'refuse', status: applied.failure };
  const { managedFields } = applied.object.metadata;
  const version = apiVersionOf(attempt.info);
  return { scale: applied.object, owners: ofWorkload(version, owners, managedFields) };
}

const noManagers: Managers = new Map();
const managersIn = (owners: Owners): Managers => decodeManagers(owners) ?? noManagers;
const ownsReplicas = ({ set }: Managed): boolean => !isEmpty(intersection(set, replicas));

/** Those of a workload's owners that own its replicas. */
function ofScale(owners: Owners): readonly ManagedFieldsEntry[] | undefined {
  const owning = [...managersIn(owners).values()].filter(ownsReplicas);
  return encodeManagers(byIdentifier(owning.map((managed) => inVersion(managed, scaleVersion))));
}

/** The workload's owners: who owns the Scale's replicas no more has lost them, who is new has them. */
function ofWorkload(version: string, owners: Owners, scaleOwners: Owners): Owners {
  const owning = byIdentifier(
    [...managersIn(scaleOwners).values()].filter(ownsReplicas).map((managed) => inVersion(managed, version)),
  );
  const kept = [...managersIn(owners).values()].map((managed) =>
    owning.has(identifier(managed)) ? managed : { ...managed, set: difference(managed.set, replicas) },
  );
  const known = byIdentifier(kept);
  const added = [...owning.values()].filter(
    (managed) => !ownsReplicas(known.get(identifier(managed)) ?? nobody),
  );
  return encodeManagers(byIdentifier([...kept, ...added]));
}

const nobody: Managed = { manager: '', operation: 'Update', apiVersion: '', set: noFields };

const inVersion = (managed: Managed, apiVersion: string): Managed => ({
  ...managed,
  apiVersion,
  set: replicas,
});

const byIdentifier = (list: readonly Managed[]): Managers =>
  new Map(list.map((managed) => [identifier(managed), managed]));
