/**
 * ValidatingAdmissionPolicy: expressions decide whether a request is denied, warned of, or only remarked upon. A policy
 * does nothing without a binding; each binding, and each object it gives the policy to go by, is judged by itself, and the
 * first denial is the answer. (kubernetes v1.34.1 apiserver/pkg/admission/plugin/policy/validating)
 */
import { EvaluationError } from '@marcbachmann/cel-js';
import { messageOf } from '../../api/custom/rules.ts';
import type {
  MatchCondition,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../api/generated/types.ts';
import { aggregate } from '../../api/field-error.ts';
import type { ApiObject } from '../../api/object.ts';
import type { Status } from '../../api/request.ts';
import type { CompileError, Program } from '../../cel/compile.ts';
import { compilePolicy, type CompiledPolicy } from '../../api/compiled-policy.ts';
import { celValue } from '../../cel/value.ts';
import { matchesResources } from './policy-match.ts';
import { collectParams, type ParamStore } from './policy-params.ts';
import { celNamespace, celRequest, type PolicyRequest } from './policy-request.ts';

/** A policy and what binds it, in the order of their names. */
export interface PolicyHook {
  readonly policy: ValidatingAdmissionPolicy;
  readonly bindings: readonly ValidatingAdmissionPolicyBinding[];
}

export interface PolicyVerdict {
  /** The refusal; undefined: the request may go on. */
  readonly status: Status | undefined;
  readonly warnings: readonly string[];
  /** What the audit log would note beside the request. */
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

const admitted: PolicyVerdict = { status: undefined, warnings: [], auditAnnotations: {} };

/** Policies with bindings. Make it once for the objects as they are: a policy without a binding is left out. */
export function policyHooks(
  policies: Iterable<ValidatingAdmissionPolicy>,
  bindings: Iterable<ValidatingAdmissionPolicyBinding>,
): readonly PolicyHook[] {
  const bound = new Map<string, ValidatingAdmissionPolicyBinding[]>();
  for (const binding of bindings) {
    const name = binding.spec.policyName ?? '';
    const others = bound.get(name);
    if (others === undefined) bound.set(name, [binding]);
    else others.push(binding);
  }
  return [...policies].flatMap((policy) => {
    const own = bound.get(policy.metadata.name);
    return own === undefined ? [] : [{ policy, bindings: own }];
  });
}

/** Policies have no say in what is said about policies, nor have webhooks. */
const exempt = new Set([
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
]);

export const isExemptFromAdmission = ({ info }: PolicyRequest): boolean =>
  info.group === 'admissionregistration.k8s.io' && exempt.has(info.resource);

/** Whether a request meets the conditions of a webhook; each is compiled once. */
export function meetsConditions(
  webhook: { readonly matchConditions?: readonly MatchCondition[] | undefined },
  request: PolicyRequest,
): boolean | { readonly error: string } {
  if ((webhook.matchConditions ?? []).length === 0) return true;
  const compiled = compilePolicy({ spec: webhook });
  return matchConditions(compiled, valuesFor(compiled, request, null));
}

/** Judges a request by every policy. `paramsOf` finds the objects of a kind, if there is such a kind. */
export function evaluatePolicies(
  hooks: readonly PolicyHook[],
  request: PolicyRequest,
  paramsOf: (apiVersion: string, kind: string) => ParamStore | undefined,
): PolicyVerdict {
  if (hooks.length === 0) return admitted;
  if (isExemptFromAdmission(request)) return admitted;
  const findings: Findings = { denials: [], warnings: [], annotations: new Map() };
  for (const hook of hooks) judge(findings, hook, request, paramsOf);
  const [first] = findings.denials;
  return {
    status: first === undefined ? undefined : denied(request, first),
    warnings: findings.warnings,
    auditAnnotations: Object.fromEntries(
      [...findings.annotations].map(([key, values]) => [key, values.join(', ')]),
    ),
  };
}

interface Denial {
  readonly policy: string;
  readonly binding: string | undefined;
  readonly message: string;
  readonly reason: string;
}

interface Findings {
  readonly denials: Denial[];
  readonly warnings: string[];
  readonly annotations: Map<string, string[]>;
}

function judge(
  findings: Findings,
  { policy, bindings }: PolicyHook,
  request: PolicyRequest,
  paramsOf: (apiVersion: string, kind: string) => ParamStore | undefined,
): void {
  const ignores = policy.spec.failurePolicy === 'Ignore';
  const misconfigured = (what: 'policy' | 'binding', error: string, binding?: string): void => {
    if (!ignores)
      findings.denials.push({
        policy: policy.metadata.name,
        binding,
        message: `failed to configure ${what}: ${error}`,
        reason: '',
      });
  };
  const matched = matchesResources(policy.spec.matchConstraints ?? {}, request);
  if (matched === false) return;
  if (matched !== true) {
    misconfigured('policy', matched.error);
    return;
  }
  const { paramKind } = policy.spec;
  const store = paramKind && paramsOf(paramKind.apiVersion ?? '', paramKind.kind ?? '');
  if (paramKind !== undefined && store === undefined) {
    const kind = `${paramKind.apiVersion ?? ''}, Kind=${paramKind.kind ?? ''}`;
    misconfigured('policy', `failed to find resource referenced by paramKind: '${kind}'`);
    return;
  }
  for (const binding of bindings) {
    const { name } = binding.metadata;
    const applies =
      binding.spec.matchResources === undefined || matchesResources(binding.spec.matchResources, request);
    if (applies === false) continue;
    const params = applies === true ? collectParams(policy, binding, store, request.namespace) : applies;
    if ('error' in params) misconfigured('binding', params.error, name);
    else for (const param of params) decide(findings, policy, binding, request, param);
  }
}

/** What one expression came to; `message` where it is not well. */
interface Decision {
  readonly message: string;
  readonly reason: string;
}

function decide(
  findings: Findings,
  policy: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  request: PolicyRequest,
  param: ApiObject | null,
): void {
  const compiled = compilePolicy(policy);
  const values = valuesFor(compiled, request, param);
  const ignores = policy.spec.failurePolicy === 'Ignore';
  const conditions = matchConditions(compiled, values);
  if (conditions === false || (conditions !== true && ignores)) return;
  const decisions =
    conditions === true
      ? validations(compiled, values, ignores)
      : [{ message: conditions.error, reason: '' }];
  decisions.forEach((decision, index) => {
    if (decision !== undefined) act(findings, policy, binding, decision, index);
  });
  if (conditions === true) annotate(findings, policy, binding, compiled, values, ignores);
}

function act(
  findings: Findings,
  policy: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  { message, reason }: Decision,
  expressionIndex: number,
): void {
  const names = { policy: policy.metadata.name, binding: binding.metadata.name };
  for (const action of binding.spec.validationActions ?? [])
    if (action === 'Deny') findings.denials.push({ ...names, message, reason });
    else if (action === 'Warn')
      findings.warnings.push(
        `Validation failed for ValidatingAdmissionPolicy '${names.policy}' with binding '${names.binding}': ${message}`,
      );
    else if (action === 'Audit')
      findings.annotations.set('validation.policy.admission.k8s.io/validation_failure', [
        JSON.stringify([
          { message, ...names, expressionIndex, validationActions: binding.spec.validationActions },
        ]),
      ]);
}

type Values = Readonly<Record<string, unknown>>;

function valuesFor(compiled: CompiledPolicy, request: PolicyRequest, param: ApiObject | null): Values {
  const values: Record<string, unknown> = {
    object: request.object === undefined ? null : celValue(request.object),
    oldObject: request.oldObject === undefined ? null : celValue(request.oldObject),
    params: param === null ? null : celValue(param),
    request: celRequest(request),
    namespaceObject: celNamespace(request),
  };
  values['variables'] = variablesOf(compiled, values);
  return values;
}

/** A variable is evaluated when it is first asked for, and not again. */
function variablesOf({ variables }: CompiledPolicy, values: Values): object {
  const lazy = {};
  for (const { variable, program } of variables) {
    let known: { readonly value: unknown } | undefined;
    Object.defineProperty(lazy, variable.name, {
      enumerable: true,
      get: () => (known ??= valueOfVariable(variable.name, program, values)).value,
    });
  }
  return lazy;
}

function valueOfVariable(
  name: string,
  program: Program | CompileError,
  values: Values,
): { readonly value: unknown } {
  const failed = (how: string, why: string): never => {
    const message = `composited variable ${JSON.stringify(name)} fails to ${how}: ${why}`;
    throw new EvaluationError({ code: 'function_error', message });
  };
  if ('compileError' in program) return failed('compile', program.compileError);
  const result = program.evaluate(values);
  return 'error' in result ? failed('evaluate', result.error) : result;
}

/** What an expression came to, or why it came to nothing, as the server reports it. */
function evaluate(
  expression: string,
  program: Program | CompileError,
  values: Values,
): { readonly value: unknown } | { readonly error: string } {
  if ('compileError' in program) return { error: `compilation error: ${program.compileError}` };
  const result = program.evaluate(values);
  return 'error' in result
    ? { error: `expression '${expression}' resulted in error: ${result.error}` }
    : result;
}

/** A condition that is false is the end of it, whatever errors the others had. */
function matchConditions(
  { matchConditions: all }: CompiledPolicy,
  values: Values,
): boolean | { readonly error: string } {
  const errors: string[] = [];
  for (const { condition, program } of all) {
    const result = evaluate(condition.expression.trim(), program, values);
    if ('error' in result) errors.push(result.error);
    else if (result.value === false) return false;
  }
  return errors.length === 0 ? true : { error: aggregate(errors) };
}

function validations(
  { validations: all }: CompiledPolicy,
  values: Values,
  ignores: boolean,
): readonly (Decision | undefined)[] {
  return all.map(({ validation, program, message }) => {
    const result = evaluate(validation.expression, program, values);
    if ('error' in result) return ignores ? undefined : { message: result.error, reason: '' };
    if (result.value === true) return undefined;
    const own = (validation.message ?? '').trim();
    const otherwise = own === '' ? `failed expression: ${validation.expression.trim()}` : own;
    return { message: messageOf(message, values) ?? otherwise, reason: validation.reason ?? '' };
  });
}

/** An annotation's value is at most so long. */
const longestAnnotation = 10 * 1024;

function annotate(
  findings: Findings,
  policy: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  { auditAnnotations }: CompiledPolicy,
  values: Values,
  ignores: boolean,
): void {
  for (const { annotation, program } of auditAnnotations) {
    const result = evaluate(annotation.valueExpression, program, values);
    if ('error' in result) {
      if (!ignores)
        findings.denials.push({
          policy: policy.metadata.name,
          binding: binding.metadata.name,
          message: result.error,
          reason: '',
        });
      continue;
    }
    const text = typeof result.value === 'string' ? result.value.trim().slice(0, longestAnnotation) : '';
    if (text === '') continue;
    const key = `${policy.metadata.name}/${annotation.key}`;
    const before = findings.annotations.get(key) ?? [];
    if (!before.includes(text)) findings.annotations.set(key, [...before, text]);
  }
}

/** (admission.go reasonToCode) */
const codes: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

function denied({ info, name, object }: PolicyRequest, { policy, binding, message, reason }: Denial): Status {
  const who = `ValidatingAdmissionPolicy '${policy}'${binding === undefined ? '' : ` with binding '${binding}'`}`;
  const why = `${who} denied request: ${message}`;
  const given = object?.metadata.name ?? '';
  const shown = given !== '' ? given : (object?.metadata.generateName ?? (name === '' ? 'Unknown' : name));
  const known = reason === '' ? 'Invalid' : reason;
  const resource = info.group === '' ? info.plural : `${info.plural}.${info.group}`;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `${resource} ${JSON.stringify(shown)} is forbidden: ${why}`,
    reason: known,
    details: {
      name: shown,
      ...(info.group === '' ? {} : { group: info.group }),
      kind: info.plural,
      causes: [{ message: why }],
    },
    code: codes[known] ?? 422,
  };
}
