/**
 * Server-side apply: core/api/patch/server-side-apply.ts, in sequences of applies and updates. Compared after each step are the object and,
 * for each manager in order, its name, operation, version, FieldsV1 and the list of its paths; for a refusal the message, and
 * the code and reason where they are recorded. Objects are decoded and completed between the steps as on a write; what Go
 * writes where nothing was said (structs held by value) is filled in before the comparison. Times are left out.
 */
import { withDefaults } from '../../../core/api/defaults.ts';
import { wireForm } from '../../../core/api/defaults/wire.ts';
import type { ManagedFieldsEntry } from '../../../core/api/generated/types.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { fromFieldsV1, pathsOf, pathText } from '../../../core/api/patch/field-set.ts';
import { objectSchemaOf, type ObjectSchema } from '../../../core/api/patch/object-schema.ts';
import { serverSideApply, trackUpdate } from '../../../core/api/patch/server-side-apply.ts';
import { fieldOf, isFields, thaw, type TreeFields } from '../../../core/api/patch/tree.ts';
import { firstDifference } from '../difference.ts';
import type { Family, RecordedCase } from '../family.ts';
import { infoOf } from './registry.ts';

interface Step {
  readonly op: 'apply' | 'update';
  readonly manager: string;
  readonly force?: boolean;
  readonly in: NewObject;
  readonly result?: {
    readonly object: unknown;
    readonly managedFields: readonly ManagedFieldsEntry[] | undefined;
  };
  readonly error?: Readonly<Record<string, unknown>>;
}

export const serverSideApplyFamily: Family = {
  name: 'server-side-apply',
  *answer(cases) {
    for (const asked of cases) yield { name: String(asked['name']), difference: differenceIn(asked) };
  },
};

function differenceIn(asked: RecordedCase): string | undefined {
  let live: NewObject | undefined;
  for (const [i, step] of (asked['steps'] as readonly Step[]).entries()) {
    const schema = objectSchemaOf(infoOf(step.in), step.in.apiVersion);
    if (schema === undefined) throw new Error(`${step.in.kind} has a schema`);
    const answer = taken(schema, live, step);
    const got =
      'failure' in answer ? refused(answer.failure, step) : { result: shown(schema, answer.object) };
    const { result, error } = step;
    const want = { ...(result === undefined ? {} : { result }), ...(error === undefined ? {} : { error }) };
    const difference = firstDifference(normal(want), got);
    if (difference !== undefined) return `step ${i + 1}, ${step.op} by ${step.manager}: ${difference}`;
    if ('object' in answer) live = answer.object;
  }
  return undefined;
}

type Answer = { readonly object: NewObject } | { readonly failure: object };

const now = '2026-01-15T12:00:00Z';

function taken(schema: ObjectSchema, live: NewObject | undefined, step: Step): Answer {
  const { manager, force = false } = step;
  if (step.op === 'update') return { object: trackUpdate(schema, live, complete(step.in), { manager, now }) };
  const applied = serverSideApply(schema, live, step.in, { manager, force, now });
  return 'failure' in applied ? applied : { object: complete(applied.object) };
}

/** Decoding and defaults, as Go would write it; managedFields are left as they are. */
function complete(object: NewObject): NewObject {
  const { managedFields, ...metadata } = object.metadata;
  const completed = wireForm(infoOf(object).definition ?? '', withDefaults({ ...object, metadata }));
  if (managedFields === undefined) return completed;
  return { ...completed, metadata: { ...completed.metadata, managedFields } };
}

/** The refusal with the fields that are recorded. */
function refused(failure: object, { error }: Step): object {
  const fields = Object.keys(error ?? { message: '' });
  return {
    error: Object.fromEntries(fields.map((field) => [field, Reflect.get(failure, field) as unknown])),
  };
}

function shown(schema: ObjectSchema, object: NewObject): object {
  const { managedFields, ...metadata } = object.metadata;
  const tree = filled(thaw({ ...object, metadata }) as TreeFields, schema.empty);
  return {
    object: tree,
    managedFields: managedFields?.map(({ manager, operation, apiVersion, fieldsV1 }) => ({
      manager,
      operation,
      apiVersion,
      paths: pathsOf(fromFieldsV1(fieldsV1) ?? fail()).map((path) => pathText(path)),
      fieldsV1,
    })),
  };
}

function fail(): never {
  throw new Error('what was written can be read');
}

/** Structs that Go holds by value; null stands for what is absent. */
function filled(tree: TreeFields, empty: TreeFields): TreeFields {
  for (const [field, zero] of Object.entries(empty)) {
    const value = fieldOf(tree, field);
    if (isFields(zero)) tree[field] = filled(isFields(value) ? value : {}, zero);
    else if (value === undefined && zero !== null) tree[field] = zero;
  }
  return tree;
}

/** Nobody's fields are recorded as null or as an empty list. */
function normal(want: { readonly result?: Step['result'] }): object {
  if (want.result === undefined) return want;
  const { managedFields } = want.result;
  const none =
    managedFields === undefined || (managedFields as unknown) === null || managedFields.length === 0;
  return { result: { ...want.result, managedFields: none ? undefined : managedFields } };
}
