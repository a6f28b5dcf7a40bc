/** ValidatingAdmissionPolicies and their bindings. (kubernetes v1.34.1 pkg/apis/admissionregistration/validation/validation.go) */
import { celKeywords } from '../custom/cel-schema.ts';
import { compilePolicy, type CompiledPolicy } from '../compiled-policy.ts';
import { duplicate, invalidValue, required } from '../field-error.ts';
import type {
  MatchResources,
  ParamKind,
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from '../generated/types.ts';
import {
  byteLength,
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  qualifiedNameErrors,
} from '../../text/label-format.ts';
import { checkConditions, checkNamedRule } from './admission-rule.ts';
import {
  checkForm,
  checkLabelSelector,
  checkOneOf,
  checkRequiredOneOf,
  json,
  type Errors,
} from './fields.ts';

/** Everything that is wrong with a policy but its metadata; its expressions are compiled. */
export function checkAdmissionPolicy(errors: Errors, policy: ValidatingAdmissionPolicy): void {
  const { spec } = policy;
  checkRequiredOneOf(errors, 'spec.failurePolicy', spec.failurePolicy, ['Fail', 'Ignore']);
  if (spec.paramKind !== undefined) checkParamKind(errors, spec.paramKind);
  const match = spec.matchConstraints;
  if (match === undefined) errors.push(required('spec.matchConstraints'));
  else {
    checkMatchResources(errors, match, 'spec.matchConstraints');
    if ((match.resourceRules ?? []).length === 0)
      errors.push(required('spec.matchConstraints.resourceRules'));
  }
  const compiled = compilePolicy(policy);
  checkConditions(errors, 'spec.matchConditions', compiled);
  checkVariables(errors, compiled);
  checkValidations(errors, policy, compiled);
  checkAnnotations(errors, policy.metadata.name, compiled);
}

/** Everything that is wrong with a binding but its metadata. */
export function checkAdmissionPolicyBinding(
  errors: Errors,
  { spec }: ValidatingAdmissionPolicyBinding,
): void {
  const name = spec.policyName ?? '';
  if (name === '') errors.push(required('spec.policyName'));
  else checkForm(errors, 'spec.policyName', name, dns1123SubdomainErrors);
  if (spec.paramRef !== undefined) checkParamRef(errors, spec.paramRef);
  if (spec.matchResources !== undefined)
    checkMatchResources(errors, spec.matchResources, 'spec.matchResources');
  checkActions(errors, spec.validationActions ?? []);
}

function checkParamKind(errors: Errors, { apiVersion = '', kind = '' }: ParamKind): void {
  const [first = '', second] = apiVersion.split('/');
  const [group, version] = second === undefined ? ['', first] : [first, second];
  const where = 'spec.paramKind.apiVersion';
  if (apiVersion === '') errors.push(required(where));
  else if (apiVersion.split('/').length > 2)
    errors.push(invalidValue(where, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else {
    const wrongGroup = group === '' ? [] : dns1123SubdomainErrors(group);
    if (wrongGroup.length > 0) errors.push(invalidValue(where, group, wrongGroup.join(',')));
    const wrongVersion = dns1035LabelErrors(version);
    if (version === '') errors.push(invalidValue(where, apiVersion, 'version must be specified'));
    else if (wrongVersion.length > 0) errors.push(invalidValue(where, version, wrongVersion.join(',')));
  }
  const wrongKind = dns1035LabelErrors(kind.toLowerCase());
  if (kind === '') errors.push(required('spec.paramKind.kind'));
  else if (wrongKind.length > 0)
    errors.push(
      invalidValue(
        'spec.paramKind.kind',
        kind,
        `may have mixed case, but should otherwise match: ${wrongKind.join(',')}`,
      ),
    );
}

function checkMatchResources(errors: Errors, match: MatchResources, path: string): void {
  checkRequiredOneOf(errors, `${path}.matchPolicy`, match.matchPolicy, ['Equivalent', 'Exact']);
  for (const field of ['namespaceSelector', 'objectSelector'] as const)
    if (match[field] === undefined) errors.push(required(`${path}.${field}`));
    else checkLabelSelector(errors, `${path}.${field}`, match[field]);
  for (const field of ['resourceRules', 'excludeResourceRules'] as const)
    (match[field] ?? []).forEach((rule, i) => {
      checkNamedRule(errors, `${path}.${field}[${i}]`, rule);
    });
}

function checkVariables(errors: Errors, { variables }: CompiledPolicy): void {
  variables.forEach(({ variable: { name, expression }, program }, i) => {
    const path = `spec.variables[${i}]`;
    if (name.trim() === '') errors.push(required(`${path}.name`, 'name is not specified'));
    else if (!/^[A-Za-z_]\w*$/.test(name) || celKeywords.has(name))
      errors.push(invalidValue(`${path}.name`, name, 'name is not a valid CEL identifier'));
    if (expression.trim() === '') errors.push(required(`${path}.expression`, 'expression is not specified'));
    else if ('compileError' in program)
      errors.push(invalidValue(`${path}.expression`, expression, program.compileError));
  });
}

const noneGiven = 'validations or auditAnnotations must contain at least one item';

function checkValidations(
  errors: Errors,
  { spec }: ValidatingAdmissionPolicy,
  { validations }: CompiledPolicy,
): void {
  if (validations.length === 0 && (spec.auditAnnotations ?? []).length === 0)
    errors.push(required('spec.validations', noneGiven), required('spec.auditAnnotations', noneGiven));
  validations.forEach(({ validation, program, message }, i) => {
    const path = `spec.validations[${i}]`;
    if (validation.expression.trim() === '')
      errors.push(required(`${path}.expression`, 'expression is not specified'));
    else if ('compileError' in program)
      errors.push(invalidValue(`${path}.expression`, validation.expression, program.compileError));
    const { messageExpression = '' } = validation;
    if (messageExpression !== '' && messageExpression.trim() === '')
      errors.push(
        invalidValue(`${path}.messageExpression`, messageExpression, 'must be non-empty if specified'),
      );
    else if (message !== undefined && 'compileError' in message)
      errors.push(invalidValue(`${path}.messageExpression`, messageExpression, message.compileError));
    checkMessage(errors, validation, path);
  });
}

function checkMessage(errors: Errors, { message = '', reason }: Validation, path: string): void {
  if (message !== '' && message.trim() === '')
    errors.push(invalidValue(`${path}.message`, message, 'message must be non-empty if specified'));
  else if (/[\n\r]/.test(message.trim()))
    errors.push(invalidValue(`${path}.message`, message, 'message must not contain line breaks'));
  if (reason !== undefined)
    checkOneOf(errors, `${path}.reason`, reason, [
      'Forbidden',
      'Invalid',
      'RequestEntityTooLarge',
      'Unauthorized',
    ]);
}

/** An expression that makes a note is at most so long, in bytes. */
const longestNote = 5 * 1024;

function checkAnnotations(errors: Errors, name: string, { auditAnnotations }: CompiledPolicy): void {
  const seen = new Set<string>();
  if (auditAnnotations.length > 20)
    errors.push(
      invalidValue(
        'spec.auditAnnotations',
        auditAnnotations.map(({ annotation }) => json(annotation)),
        'must not have more than 20 auditAnnotations',
      ),
    );
  auditAnnotations.forEach(({ annotation: { key, valueExpression }, program }, i) => {
    const path = `spec.auditAnnotations[${i}]`;
    checkForm(errors, `${path}.key`, `${name}/${key}`, qualifiedNameErrors);
    if (valueExpression.trim() === '')
      errors.push(required(`${path}.valueExpression`, 'valueExpression is not specified'));
    else if (byteLength(valueExpression.trim()) > longestNote)
      errors.push(required(`${path}.valueExpression`, `must not exceed ${longestNote} bytes in length`));
    else if ('compileError' in program)
      errors.push(invalidValue(`${path}.valueExpression`, valueExpression, program.compileError));
    if (seen.has(key)) errors.push(duplicate(`${path}.key`, key));
    seen.add(key);
  });
}

function checkParamRef(errors: Errors, { name = '', selector, parameterNotFoundAction }: ParamRef): void {
  const path = 'spec.paramRef';
  if (name !== '' && selector !== undefined) {
    const why = 'name and selector are mutually exclusive';
    errors.push(
      { type: 'Forbidden', field: `${path}.name`, detail: why },
      { type: 'Forbidden', field: `${path}.selector`, detail: why },
    );
  }
  if (name === '' && selector === undefined) {
    const why = 'one of name or selector must be specified';
    errors.push(required(path, why));
  }
  if (selector !== undefined) checkLabelSelector(errors, `${path}.selector`, selector);
  checkRequiredOneOf(errors, `${path}.parameterNotFoundAction`, parameterNotFoundAction, ['Deny', 'Allow']);
}

const actions = ['Audit', 'Deny', 'Warn'];

function checkActions(errors: Errors, given: readonly string[]): void {
  const path = 'spec.validationActions';
  given.forEach((action, i) => {
    checkOneOf(errors, `${path}[${i}]`, action, actions);
    if (given.indexOf(action) < i) errors.push(duplicate(`${path}[${i}]`, action));
  });
  if (given.includes('Deny') && given.includes('Warn'))
    errors.push(
      invalidValue(
        path,
        given,
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    );
  if (given.length === 0) errors.push(required(path, 'at least one validation action is required'));
}
