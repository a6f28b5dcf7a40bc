/**
 * What an admission policy and a webhook say alike: which requests they are for.
 * (kubernetes v1.34.1 pkg/apis/admissionregistration/validation/validation.go)
 */
import type { CompiledPolicy } from '../compiled-policy.ts';
import { duplicate, invalidValue, required, tooMany } from '../field-error.ts';
import type { NamedRuleWithOperations, RuleWithOperations } from '../generated/types.ts';
import { qualifiedNameErrors } from '../../text/label-format.ts';
import { checkForm, checkOneOf, type Errors } from './fields.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

/** A rule that may be for objects of certain names. */
export function checkNamedRule(errors: Errors, field: string, rule: NamedRuleWithOperations): void {
  const { resourceNames = [] } = rule;
  resourceNames.forEach((name, i) => {
    if (resourceNames.indexOf(name) < i) errors.push(duplicate(`${field}.resourceNames[${i}]`, name));
  });
  checkRule(errors, field, rule);
}

export function checkRule(errors: Errors, field: string, rule: RuleWithOperations): void {
  const { operations: asked = [], scope } = rule;
  checkNotMixed(errors, `${field}.operations`, asked, 'operations');
  asked.forEach((operation, i) => {
    checkOneOf(errors, `${field}.operations[${i}]`, operation, operations);
  });
  checkNotMixed(errors, `${field}.apiGroups`, rule.apiGroups ?? [], 'API groups');
  checkNotMixed(errors, `${field}.apiVersions`, rule.apiVersions ?? [], 'API versions');
  (rule.apiVersions ?? []).forEach((version, i) => {
    if (version === '') errors.push(required(`${field}.apiVersions[${i}]`));
  });
  checkResources(errors, `${field}.resources`, rule.resources ?? []);
  if (scope !== undefined) checkOneOf(errors, `${field}.scope`, scope, ['*', 'Cluster', 'Namespaced']);
}

function checkNotMixed(errors: Errors, field: string, values: readonly string[], what: string): void {
  if (values.length === 0) errors.push(required(field));
  else if (values.length > 1 && values.includes('*'))
    errors.push(invalidValue(field, values, `if '*' is present, must not specify other ${what}`));
}

/** `pods`, `pods/status`; a star for all of one side makes others of that side superfluous. */
function checkResources(errors: Errors, field: string, resources: readonly string[]): void {
  if (resources.length === 0) errors.push(required(field));
  const [allOf, allWith] = [new Set<string>(), new Set<string>()];
  let plain = false;
  resources.forEach((text, i) => {
    if (text === '') {
      errors.push(required(`${field}[${i}]`));
      return;
    }
    const slash = text.indexOf('/');
    if (slash < 0) {
      plain = text !== '*';
      return;
    }
    const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)];
    const superfluous = (all: string): void => {
      errors.push(invalidValue(`${field}[${i}]`, text, `if '${all}' is present, must not specify ${text}`));
    };
    if (allOf.has(resource)) superfluous(`${resource}/*`);
    if (allWith.has(subresource)) superfluous(`*/${subresource}`);
    if (subresource === '*') allOf.add(resource);
    if (resource === '*') allWith.add(subresource);
  });
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(invalidValue(field, resources, "if '*/*' is present, must not specify other resources"));
  if (plain && resources.includes('*'))
    errors.push(
      invalidValue(
        field,
        resources,
        "if '*' is present, must not specify other resources without subresources",
      ),
    );
}

const mostConditions = 64;

/** The conditions, compiled. */
export function checkConditions(
  errors: Errors,
  field: string,
  { matchConditions }: Pick<CompiledPolicy, 'matchConditions'>,
): void {
  const seen = new Set<string>();
  if (matchConditions.length > mostConditions)
    errors.push(tooMany(field, matchConditions.length, mostConditions));
  matchConditions.forEach(({ condition: { name, expression }, program }, i) => {
    const at = `${field}[${i}]`;
    if (expression.trim() === '') errors.push(required(`${at}.expression`));
    else if ('compileError' in program)
      errors.push(invalidValue(`${at}.expression`, expression.trim(), program.compileError));
    if (name === '') errors.push(required(`${at}.name`));
    else checkForm(errors, `${at}.name`, name, qualifiedNameErrors);
    if (name !== '' && seen.has(name)) errors.push(duplicate(`${at}.name`, name));
    seen.add(name);
  });
}
