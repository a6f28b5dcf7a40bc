/**
 * CustomResourceDefinitions: what is said of one that is wrong, and what its status comes to. Method: a definition that is
 * right, changed in one place; two definitions that want the same names, as a transcript of their statuses.
 */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  checkDefinition,
  checkDefinitionUpdate,
  definitionNameErrors,
  withDefinitionDefaults,
} from '../../../../core/api/custom/definition.ts';
import {
  newDefinitionStatus,
  statusAfterUpdate,
  withAcceptedNames,
  withEstablished,
} from '../../../../core/api/custom/definition-status.ts';
import { errorText, type FieldError } from '../../../../core/api/field-error.ts';
import type { CustomResourceDefinition } from '../../../../core/api/generated/types.ts';

type Definition = CustomResourceDefinition;

function definition(spec: string, version = '', schema = 'type: object'): Definition {
  const text = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: widgets, kind: Widget }
  versions:
    - name: v1
      served: true
      storage: true
${version.replace(/^/gm, '      ')}
      schema:
        openAPIV3Schema:
${schema.replace(/^/gm, '          ')}
`;
  const read = parse(text) as Definition;
  const changed = { ...read, spec: { ...read.spec, ...(parse(spec === '' ? '{}' : spec) as object) } };
  const whole = withDefinitionDefaults(changed);
  return { ...whole, status: newDefinitionStatus(whole) };
}

function errorsOf(crd: Definition, check = checkDefinition): readonly string[] {
  const errors: FieldError[] = [];
  check(errors, crd);
  return errors.map(errorText);
}

const ofSchema = (schema: string, version = ''): readonly string[] =>
  errorsOf(definition('', version, schema));

test('defaults: the names that follow from the kind, and conversion None', () => {
  const { spec } = definition('');
  expect(spec.names).toEqual({
    plural: 'widgets',
    kind: 'Widget',
    singular: 'widget',
    listKind: 'WidgetList',
  });
  expect(spec.conversion).toEqual({ strategy: 'None' });
});

test('a definition that is right', () => {
  expect(errorsOf(definition(''))).toEqual([]);
  expect(definitionNameErrors(definition(''))('widgets.example.com')).toEqual([]);
  expect(definitionNameErrors(definition(''))('widget.example.com')).toEqual([
    'must be spec.names.plural+"."+spec.group',
  ]);
});

describe('the spec', () => {
  const one = 'served: true, schema: { openAPIV3Schema: { type: object } }';
  test.each([
    [
      'scope: Everywhere',
      'spec.scope: Unsupported value: "Everywhere": supported values: "Cluster", "Namespaced"',
    ],
    ['group: example', 'spec.group: Invalid value: "example": should be a domain with at least one dot'],
    [
      'names: { plural: widgets, kind: Widget, listKind: Widget }',
      'spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same',
    ],
    [
      'conversion: { strategy: Webhook }',
      'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
    ],
    [
      'preserveUnknownFields: true',
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
    [
      `versions: [{ name: v1, storage: true, served: true }]`,
      'spec.versions[0].schema.openAPIV3Schema: Required value',
    ],
    [
      'group: widgets.k8s.io',
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
  ])('%s', (spec, message) => {
    expect(errorsOf(definition(spec))).toContain(message);
  });

  test('one version is stored, and names are unique', () => {
    const messages = errorsOf(
      definition(`versions: [{ name: v1, storage: true, ${one} }, { name: v1, storage: true, ${one} }]`),
    );
    expect(messages).toHaveLength(2);
    expect(messages[0]).toMatch(/^spec.versions: Invalid value: .*: must contain unique version names$/);
    expect(messages[1]).toMatch(
      /^spec.versions: Invalid value: .*: must have exactly one version marked as storage version$/,
    );
  });

  test('subresources, columns and selectable fields', () => {
    const version = `
subresources: { scale: { specReplicasPath: .replicas, statusReplicasPath: status.replicas } }
additionalPrinterColumns: [{ name: '', type: text, jsonPath: spec }]
selectableFields: [{ jsonPath: .spec }, { jsonPath: .color }, { jsonPath: .color }, { jsonPath: '.nope' }]`;
    const schema = 'type: object\nproperties: { spec: { type: object }, color: { type: string } }';
    expect(ofSchema(schema, version)).toEqual([
      'spec.subresources.scale.specReplicasPath: Invalid value: ".replicas": should be a json path under .spec',
      'spec.subresources.scale.statusReplicasPath: Invalid value: "status.replicas": must be a simple json path starting with .',
      'spec.additionalPrinterColumns[0].name: Required value',
      'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .',
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      'spec.selectableFields[2].jsonPath: Duplicate value: ".color"',
      'spec.selectableFields[3].jsonPath: Invalid value: ".nope": is an invalid path: does not refer to a valid field',
    ]);
  });
});

const root = 'spec.validation.openAPIV3Schema';

describe('the schema', () => {
  test.each([
    ['type: string', [`${root}.type: Invalid value: "string": must be object at the root`]],
    ['properties: { a: { type: object } }', [`${root}.type: Required value: must not be empty at the root`]],
    [
      'type: object\nproperties: { a: { description: x } }',
      [`${root}.properties[a].type: Required value: must not be empty for specified object fields`],
    ],
    [
      'type: object\nproperties: { a: { type: array } }',
      [`${root}.properties[a].items: Required value: must be specified`],
    ],
    [
      'type: object\nproperties: { a: { type: array, items: {} } }',
      [`${root}.properties[a].items.type: Required value: must not be empty for specified array items`],
    ],
    [
      'type: object\nproperties: { a: { x-kubernetes-int-or-string: true, anyOf: [{ type: integer }, { type: string }] } }',
      [],
    ],
    [
      'type: object\nproperties: { a: { type: object, anyOf: [{ type: object }] } }',
      [`${root}.properties[a].anyOf[0].type: Forbidden: must be empty to be structural`],
    ],
    [
      'type: object\nproperties: { a: { type: object, oneOf: [{ required: [b], properties: { b: { minimum: 1 } } }] } }',
      [
        `${root}.properties[a].properties[b]: Required value: because it is defined in ${root}.properties[a].oneOf[0].properties[b]`,
      ],
    ],
    [
      'type: object\nproperties: { metadata: { type: object, properties: { labels: { type: object } } } }',
      [
        `${root}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
      ],
    ],
    [
      'type: object\nproperties: { a: { type: integer, default: x } }',
      [`${root}.properties[a].default: Invalid value: "string":  in body must be of type integer: "string"`],
    ],
    [
      'type: object\nproperties: { a: { type: object, default: { b: 1 } } }',
      [`${root}.properties[a].default: Invalid value: {"b":1}: must not have unknown fields`],
    ],
    [
      'type: object\nproperties: { a: { type: array, uniqueItems: true, items: { type: string } } }',
      [
        `${root}.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
      ],
    ],
    [
      'type: object\nproperties: { a: { type: object, additionalProperties: { type: string }, properties: { b: { type: string } } } }',
      [
        `${root}.properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
      ],
    ],
    [
      'type: object\nproperties: { a: { type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: { type: object, properties: { k: { type: string } } } } }',
      [
        `${root}.properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
    ],
    [
      'type: object\nproperties: { a: { type: array, x-kubernetes-list-type: set, items: { type: object } } }',
      [
        `${root}.properties[a].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
      ],
    ],
    [
      'type: object\nproperties: { a: { type: string, x-kubernetes-preserve-unknown-fields: false } }',
      [
        `${root}.properties[a].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`,
      ],
    ],
    [
      'type: object\nproperties: { a: { type: object, $ref: "#/b" } }',
      [`${root}.properties[a].$ref: Forbidden: $ref is not supported`],
    ],
    [
      'type: object\nproperties: { a: { type: string, pattern: "(" } }',
      [
        `${root}.properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: \`(\``,
      ],
    ],
  ])('%s', (schema, messages) => {
    expect(ofSchema(schema)).toEqual(messages);
  });

  test('with a status subresource the root says little', () => {
    const [message = ''] = ofSchema(
      'type: object\nanyOf: [{ required: [spec] }]\nproperties: { spec: { type: object } }',
      'subresources: { status: {} }',
    );
    expect(message).toMatch(
      /only \[Description Type Format .* XValidations\] fields are allowed at the root of the schema if the status subresource is enabled$/,
    );
  });

  test('versions that differ are pointed at', () => {
    const crd = definition(`versions:
  - { name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }
  - { name: v2, served: true, storage: false, schema: { openAPIV3Schema: { type: object, properties: { a: {} } } } }`);
    expect(errorsOf(crd)).toEqual([
      'spec.versions[1].schema.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields',
    ]);
  });
});

describe('rules', () => {
  const rules = (text: string): readonly string[] =>
    ofSchema(`type: object
properties:
  spec:
    type: object
    x-kubernetes-validations: [${text}]
    properties:
      replicas: { type: integer }
      names: { type: array, items: { type: string, x-kubernetes-validations: [{ rule: 'self != ""' }] } }`);
  const at = `${root}.properties[spec].x-kubernetes-validations[0]`;

  test.each([
    ['{ rule: self.replicas > 0 }', []],
    ['{ rule: " " }', [`${at}.rule: Required value: rule is not specified`]],
    [
      '{ rule: self.replicas > 0, message: "a\\nb" }',
      [`${at}.message: Invalid value: "a\\nb": must not contain line breaks`],
    ],
    [
      '{ rule: self.replicas > 0, reason: Because }',
      [
        `${at}.reason: Unsupported value: "Because": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
      ],
    ],
    [
      '{ rule: self.replicas > 0, fieldPath: .nope }',
      [`${at}.fieldPath: Invalid value: ".nope": must be a valid path`],
    ],
    [
      '{ rule: self.replicas > 0, optionalOldSelf: true }',
      [`${at}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`],
    ],
    [
      '{ rule: self.replica > 0 }',
      [
        `${at}.rule: Invalid value: {"Rule":"self.replica \\u003e 0","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:5: undefined field 'replica'\n | self.replica > 0\n | ....^`,
      ],
    ],
    [
      '{ rule: \'self.replicas > "3"\' }',
      [
        `${at}.rule: Invalid value: {"Rule":"self.replicas \\u003e \\"3\\"","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:15: found no matching overload for '_>_' applied to '(int, string)'\n | self.replicas > "3"\n | ..............^`,
      ],
    ],
    [
      '{ rule: self.replicas }',
      [
        `${at}.rule: Invalid value: {"Rule":"self.replicas","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: cel expression must evaluate to a bool`,
      ],
    ],
  ])('%s', (text, messages) => {
    expect(rules(text)).toEqual(messages);
  });

  test('oldSelf needs a value that can be found again', () => {
    const schema = (list: string): string => `type: object
properties:
  a: { type: array, ${list}, items: { type: object, required: [k], properties: { k: { type: string } }, x-kubernetes-validations: [{ rule: self == oldSelf }] } }`;
    expect(ofSchema(schema('x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k]'))).toEqual([]);
    expect(ofSchema(schema('x-kubernetes-list-type: atomic'))).toEqual([
      `${root}.properties[a].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${root}.properties[a]`,
    ]);
  });
});

test('what may not change', () => {
  const before = definition('');
  const established = {
    ...before,
    status: { ...before.status, conditions: [{ type: 'Established', status: 'True' }] },
  };
  const next = definition('scope: Cluster\nnames: { plural: gadgets, kind: Widget }');
  const changes = (was: Definition): readonly string[] =>
    errorsOf(next, (errors, crd) => {
      checkDefinitionUpdate(errors, crd, was);
    });
  expect(changes(before)).toEqual(['spec.names.plural: Invalid value: "gadgets": field is immutable']);
  expect(changes(established)).toEqual([
    'spec.scope: Invalid value: "Cluster": field is immutable',
    'spec.names.plural: Invalid value: "gadgets": field is immutable',
  ]);
});

describe('the status', () => {
  const show = ({ acceptedNames, conditions }: Definition['status']): readonly string[] => [
    `accepted ${acceptedNames?.plural ?? ''}/${acceptedNames?.kind ?? ''}`,
    ...(conditions ?? []).map(
      (c) => `${c.type}=${c.status} ${c.reason ?? ''}: ${c.message ?? ''} (${c.lastTransitionTime ?? ''})`,
    ),
  ];

  test('names are accepted, then the definition is established', () => {
    const crd = definition('');
    expect(crd.status).toEqual({
      acceptedNames: { plural: '', kind: '' },
      conditions: [],
      storedVersions: ['v1'],
    });
    const accepted = { ...crd, status: withAcceptedNames(crd, [], 't1') };
    expect(show(accepted.status)).toEqual([
      'accepted widgets/Widget',
      'NamesAccepted=True NoConflicts: no conflicts found (t1)',
      'Established=False Installing: the initial names have been accepted (t1)',
    ]);
    expect(withAcceptedNames(accepted, [], 't2')).toBe(accepted.status);
    const established = { ...accepted, status: withEstablished(accepted, 't2') };
    expect(show(established.status).at(-1)).toBe(
      'Established=True InitialNamesAccepted: the initial names have been accepted (t2)',
    );
    expect(withEstablished(established, 't3')).toBe(established.status);
  });

  test('a name that another has is refused, and the others are taken', () => {
    const first = definition('');
    const taken = { ...first, status: withAcceptedNames(first, [], 't1') };
    const second = definition('names: { plural: gadgets, kind: Widget, shortNames: [widgets] }');
    expect(show(withAcceptedNames(second, [taken], 't2'))).toEqual([
      'accepted gadgets/',
      'NamesAccepted=False ListKindConflict: "WidgetList" is already in use (t2)',
      'Established=False NotAccepted: not all names are accepted (t2)',
    ]);
    const elsewhere = definition('group: example.org\nnames: { plural: widgets, kind: Widget }');
    expect(show(withAcceptedNames(elsewhere, [taken], 't2'))[1]).toMatch(/^NamesAccepted=True/);
  });

  test('versions that were stored are remembered, and may not go', () => {
    const before = definition('');
    const schema = 'schema: { openAPIV3Schema: { type: object } }';
    const two = definition(
      `versions: [{ name: v1, served: true, storage: false, ${schema} }, { name: v2, served: true, storage: true, ${schema} }]`,
    );
    const after = { ...two, status: statusAfterUpdate(two, before.status) };
    expect(after.status.storedVersions).toEqual(['v1', 'v2']);
    const one = {
      ...definition(`versions: [{ name: v2, served: true, storage: true, ${schema} }]`),
      status: after.status,
    };
    expect(errorsOf(one)).toEqual([
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    ]);
  });
});
