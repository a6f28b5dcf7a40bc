/**
 * Aim: what a schema makes of an instance: what is dropped, what is added, what is wrong. Method: a schema of one field
 * under `spec`, a value for it, and what comes of it, a line each.
 */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { withDefaults } from '../../../../core/api/custom/default.ts';
import { checkListTypes } from '../../../../core/api/custom/list-types.ts';
import { prune } from '../../../../core/api/custom/prune.ts';
import { checkRules } from '../../../../core/api/custom/rules.ts';
import type { Fields, Schema } from '../../../../core/api/custom/schema.ts';
import { validateSchema } from '../../../../core/api/custom/validate.ts';
import { errorText } from '../../../../core/api/field-error.ts';

const schemaOf = (spec: string): Schema => ({ type: 'object', properties: { spec: parse(spec) as Schema } });
const objectOf = (spec: string): Fields => ({
  apiVersion: 'e/v1',
  kind: 'E',
  metadata: {},
  spec: parse(spec),
});
const specOf = ({ spec }: Fields): string => JSON.stringify(spec);

type Row = readonly [what: string, schema: string, spec: string, result: string];

describe('what is dropped', () => {
  test.each<Row>([
    [
      'a field nobody declared',
      '{type: object, properties: {a: {type: string}}}',
      '{a: x, b: y}',
      '{"a":"x"}',
    ],
    [
      'none where unknown fields are kept',
      '{type: object, x-kubernetes-preserve-unknown-fields: true}',
      '{b: y}',
      '{"b":"y"}',
    ],
    ['none of a map', '{type: object, additionalProperties: {type: string}}', '{b: y}', '{"b":"y"}'],
    [
      'a field of an item',
      '{type: array, items: {type: object, properties: {a: {type: string}}}}',
      '[{a: x, b: y}]',
      '[{"a":"x"}]',
    ],
    [
      'none of the metadata of an embedded resource',
      '{type: object, x-kubernetes-embedded-resource: true, properties: {spec: {type: object}}}',
      '{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {x: 1}, other: 1}',
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{}}',
    ],
  ])('%s', (_what, schema, spec, result) => {
    expect(specOf(prune(objectOf(spec), schemaOf(schema)).object)).toBe(result);
  });

  test('is named, in order', () => {
    const schema = schemaOf('{type: object, properties: {a: {type: array, items: {type: object}}}}');
    expect(prune(objectOf('{z: 1, a: [{b: 1}]}'), schema).unknown).toEqual(['spec.a[0].b', 'spec.z']);
  });
});

describe('what is added', () => {
  const number = '{type: object, properties: {a: {type: integer, default: 3}}}';
  test.each<Row>([
    ['a default', number, '{}', '{"a":3}'],
    ['nothing to what is there', number, '{a: 0}', '{"a":0}'],
    ['a default for a null where none is allowed', number, '{a: null}', '{"a":3}'],
    [
      'nothing for a null where it is allowed',
      '{type: object, properties: {a: {type: integer, nullable: true, default: 3}}}',
      '{a: null}',
      '{"a":null}',
    ],
    [
      'a default inside a default',
      '{type: object, properties: {b: {default: {}, ...}}}'.replace('...', number.slice(1, -1)),
      '{}',
      '{"b":{"a":3}}',
    ],
    ['a default of each item', `{type: array, items: ${number}}`, '[{}, {a: 1}]', '[{"a":3},{"a":1}]'],
    ['nothing where a null goes', '{type: object, properties: {a: {type: string}}}', '{a: null}', '{}'],
  ])('%s', (_what, schema, spec, result) => {
    expect(specOf(withDefaults(objectOf(spec), schemaOf(schema)))).toBe(result);
  });
});

describe('what is wrong', () => {
  test.each<Row>([
    [
      'another type',
      '{type: integer}',
      'x',
      'spec: Invalid value: "string": spec in body must be of type integer: "string"',
    ],
    [
      'too small',
      '{type: integer, minimum: 3}',
      '2',
      'spec: Invalid value: 2: spec in body should be greater than or equal to 3',
    ],
    [
      'not above',
      '{type: integer, minimum: 3, exclusiveMinimum: true}',
      '3',
      'spec: Invalid value: 3: spec in body should be greater than 3',
    ],
    [
      'no multiple',
      '{type: integer, multipleOf: 2}',
      '3',
      'spec: Invalid value: 3: spec in body should be a multiple of 2',
    ],
    [
      'too short',
      '{type: string, minLength: 2}',
      'a',
      'spec: Invalid value: "a": spec in body should be at least 2 chars long',
    ],
    [
      'another pattern',
      "{type: string, pattern: '^b'}",
      'a',
      'spec: Invalid value: "a": spec in body should match \'^b\'',
    ],
    [
      'no member of the enum',
      '{type: string, enum: [b, c]}',
      'a',
      'spec: Unsupported value: "a": supported values: "b", "c"',
    ],
    ['what is required', '{type: object, required: [a]}', '{}', 'spec.a: Required value'],
    [
      'too many items',
      '{type: array, maxItems: 1, items: {type: integer}}',
      '[1, 2]',
      'spec: Too many: 2: must have at most 1 items',
    ],
    ['nothing', '{x-kubernetes-int-or-string: true}', '50%', ''],
  ])('%s', (_what, schema, spec, result) => {
    expect(validateSchema(objectOf(spec), schemaOf(schema)).map(errorText).join('; ')).toBe(result);
  });

  test('what has not changed is not held against anybody', () => {
    const schema = schemaOf(
      '{type: object, properties: {a: {type: integer, minimum: 3}, b: {type: string}}}',
    );
    expect(validateSchema(objectOf('{a: 1, b: y}'), schema, objectOf('{a: 1, b: x}'))).toEqual([]);
    expect(validateSchema(objectOf('{a: 2, b: x}'), schema, objectOf('{a: 1, b: x}'))).toHaveLength(1);
  });

  test.each<Row>([
    [
      'twice in a set',
      '{type: array, x-kubernetes-list-type: set, items: {type: string}}',
      '[a, b, a]',
      'spec[2]: Duplicate value: "a"',
    ],
    [
      'twice under one key',
      '{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: object, properties: {k: {type: string}}}}',
      '[{k: a}, {k: a}]',
      'spec[1]: Duplicate value: {"k":"a"}',
    ],
  ])('%s', (_what, schema, spec, result) => {
    expect(checkListTypes(objectOf(spec), schemaOf(schema)).map(errorText).join('; ')).toBe(result);
  });
});

describe('rules', () => {
  const ruled = (rule: string): string =>
    `{type: object, properties: {a: {type: integer}, b: {type: integer}}, x-kubernetes-validations: [${rule}]}`;
  const told = (rule: string, spec: string, old?: string): string =>
    checkRules(objectOf(spec), schemaOf(ruled(rule)), old === undefined ? undefined : objectOf(old))
      .errors.map(errorText)
      .join('; ');

  test.each<Row>([
    ['holds', '{rule: self.a < self.b}', '{a: 1, b: 2}', ''],
    [
      'has no message',
      '{rule: self.a < self.b}',
      '{a: 2, b: 1}',
      'spec: Invalid value: "object": failed rule: self.a < self.b',
    ],
    [
      'has one',
      '{rule: self.a < self.b, message: a first}',
      '{a: 2, b: 1}',
      'spec: Invalid value: "object": a first',
    ],
    [
      'makes one',
      `{rule: self.a < self.b, messageExpression: "'%d is too many'.format([self.a])"}`,
      '{a: 2, b: 1}',
      'spec: Invalid value: "object": 2 is too many',
    ],
    [
      'points to a field',
      '{rule: self.a < self.b, message: m, fieldPath: .a}',
      '{a: 2, b: 1}',
      'spec.a: Invalid value: "object": m',
    ],
    [
      'has a reason',
      '{rule: self.a < self.b, message: m, reason: FieldValueForbidden}',
      '{a: 2, b: 1}',
      'spec: Forbidden: m',
    ],
  ])('%s', (_what, rule, spec, result) => {
    expect(told(rule, spec)).toBe(result);
  });

  test('of a transition are asked only where there was something before', () => {
    const rule = '{rule: self.a >= oldSelf.a, message: must grow}';
    expect(told(rule, '{a: 1}')).toBe('');
    expect(told(rule, '{a: 1}', '{a: 2}')).toBe('spec: Invalid value: "object": must grow');
    expect(
      told('{rule: oldSelf.orValue(self).a <= self.a, optionalOldSelf: true, message: m}', '{a: 1}'),
    ).toBe('');
  });
});
