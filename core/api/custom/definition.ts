/**
 * CustomResourceDefinitions themselves: their defaults, and what is wrong with one. The server reads a definition whose
 * versions all say the same as if they said it once, above them, and its messages point there: `spec.validation`.
 * (kubernetes v1.34.1 apiextensions-apiserver/pkg/apis/apiextensions/v1/defaults.go, conversion.go, validation/validation.go)
 */
import {
  duplicate,
  forbidden,
  invalidValue,
  required,
  unsupported,
  type FieldError,
} from '../field-error.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  Json,
} from '../generated/types.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../text/label-format.ts';
import { same } from '../merge-patch.ts';
import { checkDefinitionSchema } from './definition-schema.ts';
import { checkStoredVersions, isProtected, isTrue } from './definition-status.ts';
import { readFieldPath } from './rule-path.ts';
import type { Schema } from './schema.ts';

type Errors = FieldError[];
type Definition = CustomResourceDefinition;

/** The definition with its defaults. */
export function withDefinitionDefaults(crd: Definition): Definition {
  const { names, conversion } = crd.spec;
  const kind = (names.kind as string | undefined) ?? '';
  const filled = {
    ...names,
    ...((names.singular ?? '') === '' && kind !== '' ? { singular: kind.toLowerCase() } : {}),
    ...((names.listKind ?? '') === '' && kind !== '' ? { listKind: `${kind}List` } : {}),
  };
  if (conversion !== undefined && same(filled, names)) return crd;
  return { ...crd, spec: { ...crd.spec, names: filled, conversion: conversion ?? { strategy: 'None' } } };
}

/** What a definition's name must be. */
export const definitionNameErrors =
  ({ spec }: Definition) =>
  (name: string): readonly string[] => [
    ...dns1123SubdomainErrors(name),
    ...(name === `${spec.names.plural}.${spec.group}` ? [] : ['must be spec.names.plural+"."+spec.group']),
  ];

/** Everything that is wrong with a definition but its metadata. */
export function checkDefinition(errors: Errors, crd: Definition): void {
  checkSpec(errors, crd);
  checkNames(errors, crd.status.acceptedNames, 'status.acceptedNames');
  checkStoredVersions(errors, crd);
  checkApproval(errors, crd);
}

/** What may not change; a definition whose names are established keeps them. */
export function checkDefinitionUpdate(errors: Errors, next: Definition, before: Definition): void {
  const immutable = (field: string, value: string, was: string): void => {
    if (value !== was) errors.push(invalidValue(field, value, 'field is immutable'));
  };
  if (isTrue(before, 'Established')) {
    immutable('spec.scope', next.spec.scope, before.spec.scope);
    immutable('spec.names.kind', next.spec.names.kind, before.spec.names.kind);
  }
  immutable('spec.group', next.spec.group, before.spec.group);
  immutable('spec.names.plural', next.spec.names.plural, before.spec.names.plural);
}

const scopes = ['Cluster', 'Namespaced'];

function checkSpec(errors: Errors, { spec }: Definition): void {
  checkGroup(errors, spec.group);
  if (spec.scope === '') errors.push(required('spec.scope'));
  else if (!scopes.includes(spec.scope)) errors.push(unsupported('spec.scope', spec.scope, scopes));
  const { versions } = spec;
  versions.forEach((version, i) => {
    if (version.schema?.openAPIV3Schema === undefined)
      errors.push(required(`spec.versions[${i}].schema.openAPIV3Schema`));
  });
  versions.forEach((version, i) => {
    const messages = dns1035LabelErrors(version.name);
    if (messages.length > 0)
      errors.push(invalidValue(`spec.versions[${i}].name`, version.name, messages.join(',')));
    checkDeprecation(errors, version, `spec.versions[${i}]`);
  });
  checkShared(errors, versions);
  const listed = versions as unknown as Json;
  if (new Set(versions.map(({ name }) => name)).size < versions.length)
    errors.push(invalidValue('spec.versions', listed, 'must contain unique version names'));
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.push(
      invalidValue('spec.versions', listed, 'must have exactly one version marked as storage version'),
    );
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const)
    if ((spec.names[name] ?? '') === '') errors.push(required(`spec.names.${name}`));
  checkNames(errors, spec.names, 'spec.names');
  checkConversion(errors, spec.conversion);
  if (spec.preserveUnknownFields === true)
    errors.push(
      invalidValue(
        'spec.preserveUnknownFields',
        true,
        'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    );
}

function checkGroup(errors: Errors, group: string): void {
  if (group === '') {
    errors.push(required('spec.group'));
    return;
  }
  const messages = dns1123SubdomainErrors(group);
  if (messages.length > 0) errors.push(invalidValue('spec.group', group, messages.join(',')));
  else if (!group.includes('.'))
    errors.push(invalidValue('spec.group', group, 'should be a domain with at least one dot'));
}

function checkDeprecation(
  errors: Errors,
  { deprecated, deprecationWarning }: CustomResourceDefinitionVersion,
  path: string,
): void {
  if (deprecationWarning === undefined) return;
  const wrong = (why: string): void => {
    errors.push(invalidValue(`${path}.deprecationWarning`, deprecationWarning, why));
  };
  if (deprecated !== true) wrong('can only be set for deprecated versions');
  else if (deprecationWarning === '') wrong('must not be an empty string');
  else if (deprecationWarning.length > 256) wrong('must be <= 256 characters long');
}

/** What every version says alike is said once, above them. */
function checkShared(errors: Errors, versions: readonly CustomResourceDefinitionVersion[]): void {
  const [first] = versions;
  const isShared = (of: (version: CustomResourceDefinitionVersion) => unknown): boolean =>
    first !== undefined &&
    of(first) !== undefined &&
    versions.every((version) => same(of(version), of(first)));
  const shared = {
    schema: isShared(({ schema }) => schema),
    subresources: isShared(({ subresources }) => subresources),
    columns: isShared(({ additionalPrinterColumns }) => additionalPrinterColumns),
    fields: isShared(({ selectableFields }) => selectableFields),
  };
  versions.forEach((version, i) => {
    const path = `spec.versions[${i}]`;
    const schema = version.schema?.openAPIV3Schema;
    const hasStatus = version.subresources?.status !== undefined;
    if (schema !== undefined && !(shared.schema && i > 0))
      errors.push(
        ...checkDefinitionSchema(
          schema,
          `${shared.schema ? 'spec.validation' : `${path}.schema`}.openAPIV3Schema`,
          hasStatus,
        ),
      );
    if (!(shared.subresources && i > 0))
      checkSubresources(
        errors,
        version.subresources,
        shared.subresources ? 'spec.subresources' : `${path}.subresources`,
      );
    if (!(shared.columns && i > 0))
      (version.additionalPrinterColumns ?? []).forEach((column, k) => {
        checkColumn(errors, column, `${shared.columns ? 'spec' : path}.additionalPrinterColumns[${k}]`);
      });
    if (schema !== undefined && !(shared.fields && i > 0))
      checkSelectableFields(errors, version, schema, `${shared.fields ? 'spec' : path}.selectableFields`);
  });
}

function checkNames(errors: Errors, names: CustomResourceDefinitionNames | undefined, path: string): void {
  if (names === undefined) return;
  const check = (field: string, value: string, mixedCase = false): void => {
    const messages = value === '' ? [] : dns1035LabelErrors(mixedCase ? value.toLowerCase() : value);
    const prefix = mixedCase ? 'may have mixed case, but should otherwise match: ' : '';
    if (messages.length > 0)
      errors.push(invalidValue(`${path}.${field}`, value, prefix + messages.join(',')));
  };
  check('plural', names.plural);
  check('singular', names.singular ?? '');
  check('kind', names.kind, true);
  check('listKind', names.listKind ?? '', true);
  (names.shortNames ?? []).forEach((name, i) => {
    check(`shortNames[${i}]`, name);
  });
  if (names.kind !== '' && names.kind === names.listKind)
    errors.push(invalidValue(`${path}.listKind`, names.listKind, 'kind and listKind may not be the same'));
  (names.categories ?? []).forEach((name, i) => {
    check(`categories[${i}]`, name);
  });
}

function checkSubresources(
  errors: Errors,
  subresources: CustomResourceSubresources | undefined,
  path: string,
): void {
  const scale = subresources?.scale;
  if (scale === undefined) return;
  const check = (field: string, value: string, roots: readonly string[], where: string): void => {
    const at = `${path}.scale.${field}`;
    if (value === '') errors.push(required(at));
    else if (!value.startsWith('.'))
      errors.push(invalidValue(at, value, 'must be a simple json path starting with .'));
    else if (!roots.some((root) => value.startsWith(root)))
      errors.push(invalidValue(at, value, `should be a json path under ${where}`));
  };
  check('specReplicasPath', scale.specReplicasPath, ['.spec.'], '.spec');
  check('statusReplicasPath', scale.statusReplicasPath, ['.status.'], '.status');
  if ((scale.labelSelectorPath ?? '') !== '')
    check(
      'labelSelectorPath',
      scale.labelSelectorPath ?? '',
      ['.spec.', '.status.'],
      'either .spec or .status',
    );
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function checkColumn(errors: Errors, column: CustomResourceColumnDefinition, path: string): void {
  const oneOf = `must be one of ${columnTypes.join(',')}`;
  if (column.name === '') errors.push(required(`${path}.name`));
  if (column.type === '') errors.push(required(`${path}.type`, oneOf));
  else if (!columnTypes.includes(column.type)) errors.push(invalidValue(`${path}.type`, column.type, oneOf));
  const format = column.format ?? '';
  if (format !== '' && !columnFormats.includes(format))
    errors.push(invalidValue(`${path}.format`, format, `must be one of ${columnFormats.join(',')}`));
  if (column.jsonPath === '') errors.push(required(`${path}.JSONPath`));
  else if (!column.jsonPath.startsWith('.'))
    errors.push(
      invalidValue(`${path}.JSONPath`, column.jsonPath, 'must be a simple json path starting with .'),
    );
}

/** A resource may be selected by no more fields of its own. */
const mostSelectable = 8;
const notSelectable =
  'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';

function checkSelectableFields(
  errors: Errors,
  { selectableFields = [] }: CustomResourceDefinitionVersion,
  schema: Schema,
  path: string,
): void {
  const seen = new Set<string>();
  selectableFields.forEach(({ jsonPath }, i) => {
    const at = `${path}[${i}].jsonPath`;
    if (jsonPath === '') {
      errors.push(required(at));
      return;
    }
    const found = jsonPath.includes('[')
      ? { error: 'array notation is not allowed' }
      : readFieldPath(jsonPath, schema);
    if ('error' in found) {
      errors.push(invalidValue(at, jsonPath, `is an invalid path: ${found.error}`));
      return;
    }
    if (found.steps[0] === 'metadata')
      errors.push(invalidValue(at, jsonPath, 'must not point to fields in metadata'));
    if (!['string', 'boolean', 'integer'].includes(found.schema.type ?? ''))
      errors.push(invalidValue(at, jsonPath, notSelectable));
    if (seen.has(found.path)) errors.push(duplicate(at, jsonPath));
    seen.add(found.path);
  });
  if (seen.size > mostSelectable)
    errors.push({
      type: 'Too many',
      field: path,
      badValue: seen.size,
      detail: `must have at most ${mostSelectable} items`,
    });
}

function checkConversion(errors: Errors, conversion: Definition['spec']['conversion']): void {
  if (conversion === undefined) return;
  const { strategy, webhook } = conversion;
  if (strategy === '') errors.push(required('spec.conversion.strategy'));
  else if (strategy !== 'None' && strategy !== 'Webhook')
    errors.push(unsupported('spec.conversion.strategy', strategy, ['None', 'Webhook']));
  const config = 'spec.conversion.webhookClientConfig';
  if (strategy !== 'Webhook') {
    if (webhook?.clientConfig !== undefined)
      errors.push(forbidden(config, 'should not be set when strategy is not set to Webhook'));
    return;
  }
  if (webhook?.clientConfig === undefined)
    errors.push(required(config, 'required when strategy is set to Webhook'));
  else if ((webhook.clientConfig.url === undefined) === (webhook.clientConfig.service === undefined))
    errors.push(required(config, 'exactly one of url or service is required'));
  if ((webhook?.conversionReviewVersions ?? []).length === 0)
    errors.push(required('spec.conversion.conversionReviewVersions'));
}

const approvedKey = 'api-approved.kubernetes.io';

/** Groups of the community are approved by it. (apiextensions-apiserver/pkg/apihelpers/helpers.go) */
function checkApproval(errors: Errors, { spec, metadata }: Definition): void {
  if (!isProtected(spec.group)) return;
  const approval = metadata.annotations?.[approvedKey] ?? '';
  const field = `metadata.annotations[${approvedKey}]`;
  if (approval === '')
    errors.push(
      required(
        field,
        'protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ),
    );
  else if (!approval.startsWith('unapproved') && !/^https?:\/\/[^/]+/.test(approval))
    errors.push(
      invalidValue(
        field,
        approval,
        'protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111',
      ),
    );
}
