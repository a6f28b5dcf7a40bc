/** The rules of a definition's schema: their words, and whether they compile. */
import { invalidValue, required, unsupported, type FieldError } from '../field-error.ts';
import type { ValidationRule } from '../generated/types.ts';
import { internal } from '../go/internal.ts';
import { asResource } from './cel-schema.ts';
import { readFieldPath } from './rule-path.ts';
import { compileRules, type CompiledRule } from './rules.ts';
import { itemsOf, partsOf, type Schema } from './schema.ts';

type Errors = FieldError[];

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const hasNewline = (text: string): boolean => /[\n\r]/.test(text);

/** What is wrong with a rule without compiling it. */
export function checkRule(errors: Errors, rule: ValidationRule, schema: Schema, path: string): void {
  const { message = '', messageExpression = '', fieldPath = '', reason } = rule;
  if (rule.rule.trim() === '') errors.push(required(`${path}.rule`, 'rule is not specified'));
  else if (message !== '' && message.trim() === '')
    errors.push(invalidValue(`${path}.message`, message, 'must be non-empty if specified'));
  else if (hasNewline(message.trim()))
    errors.push(invalidValue(`${path}.message`, message, 'must not contain line breaks'));
  else if (hasNewline(rule.rule.trim()) && message.trim() === '')
    errors.push(required(`${path}.message`, 'message must be specified if rule contains line breaks'));
  if (messageExpression !== '' && messageExpression.trim() === '')
    errors.push(required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified'));
  if (reason !== undefined && !reasons.includes(reason))
    errors.push(unsupported(`${path}.reason`, reason, reasons));
  if (fieldPath === '') return;
  const where = `${path}.fieldPath`;
  if (fieldPath.trim() === '') errors.push(invalidValue(where, fieldPath, 'must be non-empty if specified'));
  if (hasNewline(fieldPath)) errors.push(invalidValue(where, fieldPath, 'must not contain line breaks'));
  if ('error' in readFieldPath(fieldPath, schema))
    errors.push(invalidValue(where, fieldPath, 'must be a valid path'));
}

/** Compiles every rule of a schema, and of what lies in it. */
export function checkCompiledRules(errors: Errors, schema: Schema, path: string): void {
  checkAllRules(errors, schema, path, undefined, true);
}

/** `uncorrelatable`: the schema above, inside which nobody knows which value is the successor of which. */
function checkAllRules(
  errors: Errors,
  schema: Schema,
  path: string,
  uncorrelatable: string | undefined,
  root: boolean,
): void {
  compileRules(schema, root ? asResource(schema) : schema).forEach((rule, i) => {
    checkCompiled(errors, rule, `${path}.x-kubernetes-validations[${i}]`, uncorrelatable);
  });
  const items = itemsOf(schema);
  for (const [part, at] of partsOf(schema, path)) {
    const loses =
      (part === items && schema['x-kubernetes-list-type'] !== 'map') ||
      (part !== items && schema['x-kubernetes-map-type'] === 'atomic');
    checkAllRules(errors, part, at, uncorrelatable ?? (loses ? path : undefined), false);
  }
}

function checkCompiled(
  errors: Errors,
  { rule, program, message, usesOldSelf }: CompiledRule,
  path: string,
  uncorrelatable: string | undefined,
): void {
  const failed = (where: string, why: string): void => {
    errors.push(invalidValue(`${path}.${where}`, internal('ValidationRule', rule), why));
  };
  if ('compileError' in program) failed('rule', program.compileError);
  if (message !== undefined && 'compileError' in message) failed('messageExpression', message.compileError);
  if (usesOldSelf && uncorrelatable !== undefined)
    errors.push(
      invalidValue(
        `${path}.rule`,
        rule.rule,
        `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`,
      ),
    );
  if (!usesOldSelf && rule.optionalOldSelf !== undefined)
    errors.push(
      invalidValue(
        `${path}.optionalOldSelf`,
        rule.optionalOldSelf,
        'may not be set if oldSelf is not used in rule',
      ),
    );
}
