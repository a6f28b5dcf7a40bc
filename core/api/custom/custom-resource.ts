/**
 * What a CustomResourceDefinition makes of a kind: how its resources are pruned, defaulted, validated, scaled, selected
 * and printed. All of it is made of the definition, once for each; a definition that is written again is another one, but
 * what is compiled of a schema is kept as long as the schema is. A resource is created so:
 *
 *     prune -> withDefaults -> prepareForCreate -> validateCreate
 *
 * (kubernetes v1.34.1 apiextensions-apiserver/pkg/apiserver/customresource_handler.go, pkg/registry/customresource)
 */

import { invalidValue, type FieldError } from '../field-error.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion, Json } from '../generated/types.ts';
import type { ResourceInfo } from '../kinds.ts';
import { same } from '../merge-patch.ts';
import { checkMetadata, checkMetadataUpdate, type Metadata } from '../validation/metadata.ts';
import { subdomain } from '../validation/fields.ts';
import { columnsOf, type Column } from './columns.ts';
import { withDefaults } from './default.ts';
import { checkListTypes } from './list-types.ts';
import { prune, type Pruned } from './prune.ts';
import { checkRules, hasRules } from './rules.ts';
import { checkScale, scaleOf, withReplicas, type ScaleOf } from './scale.ts';
import { isFields, type Fields, type Schema } from './schema.ts';
import { validateSchema } from './validate.ts';

export interface Checked {
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
}

export interface CustomResource {
  readonly info: ResourceInfo;
  /** `example.com/v1`: what objects of this version say they are. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly listKind: string;
  /** False: requests for this version are answered 404. */
  readonly served: boolean;
  readonly hasStatus: boolean;
  readonly hasScale: boolean;
  /** What every answer for a deprecated version warns of. */
  readonly deprecationWarning: string | undefined;
  /** Drops fields the schema does not know, and names them: `unknown field "spec.foo"` is what strict decoding says of them. */
  readonly prune: (object: Fields) => Pruned;
  /** Given on every write, and on every read of what is stored. */
  readonly withDefaults: (object: Fields) => Fields;
  /** No status where it has its own subresource, and the first generation. */
  readonly prepareForCreate: (object: Fields) => Fields;
  /** The status stays, and the generation rises when anything but metadata changes. */
  readonly prepareForUpdate: (next: Fields, current: Fields) => Fields;
  /** Only the status is taken. */
  readonly prepareForStatusUpdate: (next: Fields, current: Fields) => Fields;
  readonly validateCreate: (object: Fields) => Checked;
  readonly validateUpdate: (next: Fields, current: Fields) => Checked;
  readonly validateStatusUpdate: (next: Fields, current: Fields) => Checked;
  /** What the scale subresource shows of an object, or the text of a 500; undefined without that subresource. */
  readonly scaleOf: (object: Fields) => ScaleOf | { readonly error: string } | undefined;
  readonly withReplicas: (object: Fields, replicas: number) => Fields;
  /** What it may be selected by besides its name and namespace: `spec.color`. */
  readonly selectableFields: readonly string[];
  /** The text of a selectable field; empty where it is not set. */
  readonly fieldText: (object: Fields, field: string) => string;
  /** The columns of its table after the name. */
  readonly columns: readonly Column[];
}

const made = new WeakMap<CustomResourceDefinition, Map<string, CustomResource | undefined>>();

/** A version of a custom kind; undefined where the definition has no such version. */
export function customResource(crd: CustomResourceDefinition, version: string): CustomResource | undefined {
  let versions = made.get(crd);
  if (versions === undefined) made.set(crd, (versions = new Map()));
  if (!versions.has(version)) {
    const declared = crd.spec.versions.find(({ name }) => name === version);
    versions.set(version, declared === undefined ? undefined : newCustomResource(crd, declared));
  }
  return versions.get(version);
}

/** The version objects are stored in. */
export const storageVersion = ({ spec }: CustomResourceDefinition): string =>
  spec.versions.find(({ storage }) => storage)?.name ?? '';

/** Conversion with strategy None, the only one here: the object says that it is of the other version. */
export const convertTo = (object: Fields, { apiVersion }: CustomResource): Fields =>
  object['apiVersion'] === apiVersion ? object : { ...object, apiVersion };

/** Where a custom kind lies in the registry. */
export function infoOf(crd: CustomResourceDefinition): ResourceInfo {
  const { group, names, scope, versions } = crd.spec;
  const storage = storageVersion(crd);
  return {
    resource: `${names.plural}.${group}`,
    plural: names.plural,
    kind: names.kind,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    group,
    version: storage,
    otherVersions: versions
      .filter(({ name, served }) => served && name !== storage)
      .map(({ name }) => ({ version: name, definition: `${names.plural}.${group}/${name}` })),
    namespaced: scope === 'Namespaced',
    registryPrefix: `/registry/${group}/${names.plural}/`,
    hasStatus: versions.some(({ subresources }) => subresources?.status !== undefined),
    definition: undefined,
    modelled: false,
    custom: crd,
  };
}

/** Anything goes where there is no schema. */
const anything: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

function newCustomResource(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
): CustomResource {
  const { group, names } = crd.spec;
  const schema = version.schema?.openAPIV3Schema ?? anything;
  const { scale } = version.subresources ?? {};
  const hasStatus = version.subresources?.status !== undefined;
  const apiVersion = `${group}/${version.name}`;
  const info = infoOf(crd);
  const kind = names.kind;
  const check = (object: Fields, current: Fields | undefined, only: 'all' | 'status'): Checked => {
    const wrongKind = checkKind(object, kind, apiVersion);
    const own: FieldError[] = [...wrongKind];
    if (wrongKind.length === 0) {
      checkMeta(own, object, current, info.namespaced);
      own.push(...validateSchema(object, schema, current));
      if (scale !== undefined) own.push(...checkScale(object, scale, only));
    }
    return withRules(own, object, current, schema);
  };
  return {
    info,
    apiVersion,
    kind,
    listKind: names.listKind ?? `${kind}List`,
    served: version.served,
    hasStatus,
    hasScale: scale !== undefined,
    deprecationWarning:
      version.deprecated === true
        ? (version.deprecationWarning ?? `${apiVersion} ${kind} is deprecated`)
        : undefined,
    prune: (object) => prune(object, schema),
    withDefaults: (object) => withDefaults(object, schema),
    prepareForCreate: (object) => withGeneration(hasStatus ? without(object, 'status') : object, 1),
    prepareForUpdate: (next, current) => prepareForUpdate(next, current, hasStatus),
    prepareForStatusUpdate: (next, current) => withStatus(current, next['status']),
    validateCreate: (object) => check(object, undefined, 'all'),
    validateUpdate: (next, current) => check(next, current, 'all'),
    validateStatusUpdate: (next, current) => check(next, current, 'status'),
    scaleOf: (object) => (scale === undefined ? undefined : scaleOf(object, scale)),
    withReplicas: (object, replicas) =>
      scale === undefined ? object : withReplicas(object, scale, replicas),
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    fieldText,
    columns: columnsOf(version.additionalPrinterColumns ?? []),
  };
}

function checkKind(object: Fields, kind: string, apiVersion: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (object['kind'] !== kind) errors.push(invalidValue('kind', object['kind'] ?? '', `must be ${kind}`));
  if (object['apiVersion'] !== apiVersion)
    errors.push(invalidValue('apiVersion', object['apiVersion'] ?? '', `must be ${apiVersion}`));
  return errors;
}

function checkMeta(
  errors: FieldError[],
  object: Fields,
  current: Fields | undefined,
  namespaced: boolean,
): void {
  if (current === undefined) checkMetadata(errors, metadataOf(object), namespaced, subdomain);
  else checkMetadataUpdate(errors, metadataOf(object), metadataOf(current));
}

/** Metadata is checked as that of any object; a definition's schema has no say in it. */
const metadataOf = (object: Fields): Metadata =>
  isFields(object['metadata']) ? (object['metadata'] as Metadata) : {};

/** Errors after which the rules, which trust the schema, are not evaluated. */
const blocking: ReadonlySet<string> = new Set([
  'Unsupported value',
  'Required value',
  'Too long',
  'Too many',
  'Invalid type',
]);

const notChecked =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

function withRules(
  own: readonly FieldError[],
  object: Fields,
  current: Fields | undefined,
  schema: Schema,
): Checked {
  const listsWereRight = current === undefined || checkListTypes(current, schema).length === 0;
  const errors = listsWereRight ? [...own, ...checkListTypes(object, schema)] : [...own];
  if (!hasAnyRule(schema)) return { errors, warnings: [] };
  if (errors.some(({ type }) => blocking.has(type)))
    return { errors: [...errors, invalidValue('<nil>', null, notChecked)], warnings: [] };
  const rules = checkRules(object, schema, current);
  return { errors: [...errors, ...rules.errors], warnings: rules.warnings };
}

const ruled = new WeakMap<Schema, boolean>();

function hasAnyRule(schema: Schema): boolean {
  let found = ruled.get(schema);
  if (found === undefined) ruled.set(schema, (found = hasRules(schema)));
  return found;
}

function without(object: Fields, field: string): Fields {
  if (!Object.hasOwn(object, field)) return object;
  const { [field]: _, ...rest } = object;
  return rest;
}

const withStatus = (object: Fields, status: Json | undefined): Fields =>
  status === undefined ? without(object, 'status') : { ...object, status };

function prepareForUpdate(next: Fields, current: Fields, hasStatus: boolean): Fields {
  const kept = hasStatus ? withStatus(next, current['status']) : next;
  const { metadata: _, ...content } = kept;
  const { metadata: before, ...was } = current;
  if (same(content, was)) return kept;
  const generation = isFields(before) && typeof before['generation'] === 'number' ? before['generation'] : 0;
  return withGeneration(kept, generation + 1);
}

const withGeneration = (object: Fields, generation: number): Fields => ({
  ...object,
  metadata: { ...(isFields(object['metadata']) ? object['metadata'] : {}), generation },
});

function fieldText(object: Fields, field: string): string {
  let value: Json | undefined = object;
  for (const step of field.split('.')) value = isFields(value) ? value[step] : undefined;
  return value === undefined || value === null
    ? ''
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
}
