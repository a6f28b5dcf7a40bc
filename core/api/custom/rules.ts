/**
 * x-kubernetes-validations: the rules of a schema, compiled once for each schema, and what is wrong by them.
 * (kubernetes v1.34.1 apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go, compilation.go)
 */
import { Optional } from '@marcbachmann/cel-js';
import { compile, type CompileError, type Program } from '../../cel/compile.ts';
import type { Shape } from '../../cel/shape.ts';
import { duplicate, errorText, forbidden, invalidValue, required, type FieldError } from '../field-error.ts';
import type { Json, ValidationRule } from '../generated/types.ts';
import { byteLength } from '../../text/label-format.ts';
import { same } from '../merge-patch.ts';
import { asResource, celValueOf, shapeOf } from './cel-schema.ts';
import { byKeys, correlated } from './correlate.ts';
import { child, element, entry, pathText, type FieldPath } from './path.ts';
import { readFieldPath } from './rule-path.ts';
import { isFields, isList, itemsOf, partsOf, propertyOf, rulesOf, valuesOf, type Schema } from './schema.ts';

export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: Program | CompileError;
  readonly message: Program | CompileError | undefined;
  readonly usesOldSelf: boolean;
  /** Where its errors point, seen from the value it is of. */
  readonly at: string | undefined;
}

const compiledRules = new WeakMap<Schema, readonly CompiledRule[]>();

/** The rules of a schema itself. `schema` is as CEL is to see it: for the root of a resource `asResource` of it. */
export function compileRules(schema: Schema, seen: Schema = schema): readonly CompiledRule[] {
  let found = compiledRules.get(schema);
  if (found === undefined) {
    const shape = shapeOf(seen);
    found = shape === undefined ? [] : rulesOf(schema).map((rule) => compileRule(rule, schema, shape));
    compiledRules.set(schema, found);
  }
  return found;
}

function compileRule(rule: ValidationRule, schema: Schema, self: Shape): CompiledRule {
  const oldSelf: Shape = rule.optionalOldSelf === true ? { is: 'optional', of: self } : self;
  const variables = new Map([
    ['self', self],
    ['oldSelf', oldSelf],
  ]);
  const program = compile(rule.rule, variables);
  const { messageExpression = '' } = rule;
  const message = messageExpression.trim() === '' ? undefined : compile(messageExpression, variables);
  const path = rule.fieldPath === undefined ? undefined : readFieldPath(rule.fieldPath, schema);
  return {
    rule,
    program: ofType(program, 'bool', 'cel expression must evaluate to a bool'),
    message: message && ofType(message, 'string', 'messageExpression must evaluate to a string'),
    usesOldSelf: 'uses' in program && program.uses.has('oldSelf'),
    at: path === undefined || 'error' in path ? undefined : path.path,
  };
}

/** What is dyn may turn out to be of the type. */
function ofType(program: Program | CompileError, type: string, otherwise: string): Program | CompileError {
  if ('compileError' in program) return { compileError: `compilation failed: ${program.compileError}` };
  return program.type === type || program.type === 'dyn' ? program : { compileError: otherwise };
}

/** Whether a schema has rules anywhere. */
export function hasRules(schema: Schema): boolean {
  return rulesOf(schema).length > 0 || partsOf(schema, '').some(([part]) => hasRules(part));
}

export interface RuleErrors {
  readonly errors: readonly FieldError[];
  /** What would be an error, were it not the same as before. */
  readonly warnings: readonly string[];
}

interface Findings {
  readonly errors: FieldError[];
  readonly warnings: string[];
}

/** Evaluates every rule on a resource, and on what it replaces, if it does. */
export function checkRules(object: Json, schema: Schema, old?: Json): RuleErrors {
  const findings: Findings = { errors: [], warnings: [] };
  if (hasRules(schema))
    checkValue(findings, {
      value: object,
      schema,
      seen: asResource(schema),
      old,
      path: undefined,
      unchanged: false,
    });
  return findings;
}

interface Node {
  readonly value: Json;
  readonly schema: Schema;
  readonly seen: Schema;
  readonly old: Json | undefined;
  readonly path: FieldPath;
  /** It, or something it is part of, is as it was. */
  readonly unchanged: boolean;
}

function checkValue(findings: Findings, node: Node): void {
  const { value, schema, old } = node;
  if (value === null) return;
  checkOwn(findings, node);
  if (isList(value)) {
    const items = itemsOf(schema);
    if (items === undefined || !hasRules(items)) return;
    value.forEach((item, i) => {
      const was = correlated(schema, value, old, i);
      const before =
        schema['x-kubernetes-list-type'] === 'map' && isList(old) ? byKeys(schema, old, item) : undefined;
      const unchanged = node.unchanged || (was !== undefined && same(item, was));
      checkValue(findings, {
        value: item,
        schema: items,
        seen: items,
        old: before,
        path: element(node.path, i),
        unchanged,
      });
    });
  } else if (isFields(value)) {
    const before = isFields(old) && schema['x-kubernetes-map-type'] !== 'atomic' ? old : undefined;
    for (const [name, part] of Object.entries(value)) {
      const property = propertyOf(schema, name);
      const inside = property ?? valuesOf(schema);
      if (inside === undefined || !hasRules(inside)) continue;
      const path = property === undefined ? entry(node.path, name) : child(node.path, name);
      const was = before?.[name];
      const unchanged = node.unchanged || (was !== undefined && same(part, was));
      checkValue(findings, { value: part, schema: inside, seen: inside, old: was, path, unchanged });
    }
  }
}

function checkOwn(findings: Findings, { value, schema, seen, old, path, unchanged }: Node): void {
  const rules = compileRules(schema, seen);
  if (rules.length === 0) return;
  const self = celValueOf(value, seen);
  const was = old === undefined || old === null ? undefined : celValueOf(old, seen);
  for (const compiled of rules) {
    const { rule, program, usesOldSelf } = compiled;
    const optional = rule.optionalOldSelf === true;
    if (usesOldSelf && was === undefined && !optional) continue;
    const values = { self, oldSelf: optional ? optionalOf(was) : (was ?? null) };
    const bad = (detail: string): FieldError => invalidValue(pathText(path), schema.type ?? '', detail);
    if ('compileError' in program) {
      findings.errors.push(bad(`rule compile error: ${program.compileError}`));
      continue;
    }
    const result = program.evaluate(values);
    if ('error' in result) findings.errors.push(bad(evaluationDetail(result.error, rule)));
    else if (result.value !== true) {
      const error = failure(compiled, schema, path, values);
      if (!usesOldSelf && unchanged) findings.warnings.push(errorText(error));
      else findings.errors.push(error);
    }
  }
}

const optionalOf = (value: unknown): unknown => (value === undefined ? Optional.none() : Optional.of(value));

function evaluationDetail(error: string, rule: ValidationRule): string {
  return error.startsWith('no such overload')
    ? `'${error}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`
    : `${error} evaluating rule: ${ruleText(rule)}`;
}

const ruleText = ({ rule, message = '' }: ValidationRule): string => (message === '' ? rule : message).trim();

function failure(
  { rule, message, at }: CompiledRule,
  schema: Schema,
  path: FieldPath,
  values: Readonly<Record<string, unknown>>,
): FieldError {
  const field = pathText(
    at === undefined ? path : path === undefined ? at : `${path}${at.startsWith('[') ? '' : '.'}${at}`,
  );
  const detail = messageOf(message, values) ?? defaultMessage(rule);
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(field, detail);
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return duplicate(field, schema.type ?? '');
    default:
      return invalidValue(field, schema.type ?? '', detail);
  }
}

const defaultMessage = (rule: ValidationRule): string =>
  (rule.message ?? '') === '' ? `failed rule: ${ruleText(rule)}` : ruleText(rule);

/** The longest message an expression may make, in bytes. (apiserver/pkg/apis/cel/config.go) */
const longestMessage = 5 * 1024;

/** What messageExpression says, if it is one line of text that is not too long. */
export function messageOf(
  program: Program | CompileError | undefined,
  values: Readonly<Record<string, unknown>>,
): string | undefined {
  if (program === undefined || 'compileError' in program) return undefined;
  const result = program.evaluate(values);
  if (!('value' in result) || typeof result.value !== 'string') return undefined;
  const text = result.value.trim();
  return text === '' || text.includes('\n') || byteLength(text) > longestMessage ? undefined : text;
}
