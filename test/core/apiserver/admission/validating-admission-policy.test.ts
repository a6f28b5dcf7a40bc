/**
 * Admission policies: what a request is told. Aim: matching, conditions, variables, params and messages are Kubernetes'.
 * Method: policies as people write them, in YAML, judged against one request each.
 */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type {
  Namespace,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../../core/api/generated/types.ts';
import { resourceNamed } from '../../../../core/api/kinds.ts';
import type { ApiObject } from '../../../../core/api/object.ts';
import type { ParamStore } from '../../../../core/apiserver/admission/policy-params.ts';
import type { PolicyRequest } from '../../../../core/apiserver/admission/policy-request.ts';
import {
  evaluatePolicies,
  policyHooks,
  type PolicyVerdict,
} from '../../../../core/apiserver/admission/validating-admission-policy.ts';
import { userNamed } from '../../../../core/apiserver/authentication/identities.ts';

const read = <T>(text: string): T => parse(text) as T;

/** A policy over Deployments; `rest` is the rest of its spec. */
const policy = (rest: string, name = 'limit'): ValidatingAdmissionPolicy =>
  read(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: ${name} }
spec:
  matchConstraints:
    resourceRules:
      - { apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments] }
${rest.replace(/^/gm, '  ')}
`);

const binding = (rest = '', actions = '[Deny]'): ValidatingAdmissionPolicyBinding =>
  read(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: limit-test }
spec:
  policyName: limit
  validationActions: ${actions}
${rest.replace(/^/gm, '  ')}
`);

const deployment = (replicas: number, labels: Record<string, string> = {}): ApiObject =>
  read(`
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, labels: ${JSON.stringify(labels)} }
spec: { replicas: ${replicas}, template: { spec: { containers: [{ name: c, image: nginx }] } } }
`);

const shop: Namespace = read(
  '{ apiVersion: v1, kind: Namespace, metadata: { name: shop, labels: { environment: test } }, spec: {}, status: {} }',
);

const deployments = resourceNamed('deployments');

function request(object: ApiObject, more: Partial<PolicyRequest> = {}): PolicyRequest {
  if (deployments === undefined) throw new Error('Deployments are known');
  return {
    operation: 'CREATE',
    info: deployments,
    version: 'v1',
    subresource: '',
    namespace: 'shop',
    name: '',
    object,
    oldObject: undefined,
    namespaceObject: shop,
    user: userNamed('jane', ['dev']),
    dryRun: false,
    ...more,
  };
}

const judge = (
  policies: readonly ValidatingAdmissionPolicy[],
  bindings: readonly ValidatingAdmissionPolicyBinding[],
  asked: PolicyRequest,
  params?: ParamStore,
): PolicyVerdict => evaluatePolicies(policyHooks(policies, bindings), asked, () => params);

const denial = (rest: string, object: ApiObject = deployment(7)): string | undefined =>
  judge([policy(rest)], [binding()], request(object)).status?.message;

const denied = (why: string): string =>
  `deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'limit' with binding 'limit-test' denied request: ${why}`;

describe('messages', () => {
  test.each([
    [
      'the expression, without a message',
      `validations: [{ expression: 'object.spec.replicas <= 5' }]`,
      'failed expression: object.spec.replicas <= 5',
    ],
    [
      'the message',
      `validations: [{ expression: 'object.spec.replicas <= 5', message: ' at most 5 ' }]`,
      'at most 5',
    ],
    [
      'messageExpression before message',
      `validations: [{ expression: 'object.spec.replicas <= 5', message: no, messageExpression: "'%d is too many'.format([object.spec.replicas])" }]`,
      '7 is too many',
    ],
    [
      'the message where messageExpression fails',
      `validations: [{ expression: 'object.spec.replicas <= 5', message: at most 5, messageExpression: 'object.spec.nothing' }]`,
      'at most 5',
    ],
    [
      'an evaluation that fails',
      `validations: [{ expression: 'object.spec.paused == false' }]`,
      "expression 'object.spec.paused == false' resulted in error: no such key: paused",
    ],
    [
      'an expression that is none',
      `validations: [{ expression: 'objekt.spec' }]`,
      "compilation error: compilation failed: ERROR: <input>:1:1: undeclared reference to 'objekt' (in container '')\n | objekt.spec\n | ^",
    ],
    [
      'an expression of another type',
      `validations: [{ expression: '1 + 1' }]`,
      'compilation error: must evaluate to bool but got int',
    ],
    [
      'a variable',
      `variables: [{ name: n, expression: object.spec.replicas }]\nvalidations: [{ expression: 'variables.n < 5', message: few }]`,
      'few',
    ],
    [
      'a variable that fails',
      `variables: [{ name: n, expression: object.spec.m }]\nvalidations: [{ expression: 'variables.n < 5' }]`,
      'expression \'variables.n < 5\' resulted in error: composited variable "n" fails to evaluate: no such key: m',
    ],
    [
      'a variable that is not there',
      `validations: [{ expression: 'variables.n < 5' }]`,
      "compilation error: compilation failed: ERROR: <input>:1:10: undefined field 'n'\n | variables.n < 5\n | .........^",
    ],
    [
      'the request',
      `validations: [{ expression: "request.userInfo.username == 'admin'", message: who? }]`,
      'who?',
    ],
    [
      'the namespace',
      `validations: [{ expression: "namespaceObject.metadata.labels.environment != 'test'", message: not here }]`,
      'not here',
    ],
  ])('%s', (_, rest, why) => {
    expect(denial(rest)).toBe(denied(why));
  });

  test('the Status', () => {
    const rest = `validations: [{ expression: 'false', message: no, reason: Forbidden }, { expression: 'false', message: second }]`;
    const { status } = judge([policy(rest)], [binding()], request(deployment(1)));
    expect(status).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      details: {
        name: 'web',
        group: 'apps',
        kind: 'deployments',
        causes: [
          { message: "ValidatingAdmissionPolicy 'limit' with binding 'limit-test' denied request: no" },
        ],
      },
    });
    const plain = judge(
      [policy(`validations: [{ expression: 'false' }]`)],
      [binding()],
      request(deployment(1)),
    );
    expect(plain.status).toMatchObject({ code: 422, reason: 'Invalid' });
  });

  test('what holds is admitted', () => {
    expect(denial(`validations: [{ expression: 'object.spec.replicas <= 7' }]`)).toBeUndefined();
  });
});

describe('what a policy is about', () => {
  const never = `validations: [{ expression: 'false', message: no }]`;
  const isDenied = (asked: PolicyRequest, rest = never, bound = binding()): boolean =>
    judge([policy(rest)], [bound], asked).status !== undefined;

  test('operations, resources and subresources', () => {
    expect(isDenied(request(deployment(1)))).toBe(true);
    expect(isDenied(request(deployment(1), { operation: 'DELETE' }))).toBe(false);
    expect(isDenied(request(deployment(1), { subresource: 'status' }))).toBe(false);
  });

  test('a policy without a binding does nothing', () => {
    expect(judge([policy(never)], [], request(deployment(1))).status).toBeUndefined();
  });

  test('a binding may be about less', () => {
    const inProduction = binding(
      'matchResources: { namespaceSelector: { matchLabels: { environment: production } } }',
    );
    expect(isDenied(request(deployment(1)), never, inProduction)).toBe(false);
    const inTest = binding('matchResources: { namespaceSelector: { matchLabels: { environment: test } } }');
    expect(isDenied(request(deployment(1)), never, inTest)).toBe(true);
  });

  test('an object selector looks at the object as it is and as it was', () => {
    const guarded = binding('matchResources: { objectSelector: { matchLabels: { guarded: "yes" } } }');
    expect(isDenied(request(deployment(1)), never, guarded)).toBe(false);
    const was = deployment(1, { guarded: 'yes' });
    expect(isDenied(request(deployment(1), { operation: 'UPDATE', oldObject: was }), never, guarded)).toBe(
      true,
    );
  });

  test('what is excluded is not looked at', () => {
    const excluded = binding(
      'matchResources: { excludeResourceRules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"], resourceNames: [web] }] }',
    );
    expect(isDenied(request(deployment(1), { name: 'web' }), never, excluded)).toBe(false);
    expect(isDenied(request(deployment(1), { name: 'api' }), never, excluded)).toBe(true);
  });

  test('a condition that is false ends it, and one that fails is a denial', () => {
    const conditions = (...texts: string[]): string =>
      `matchConditions: ${JSON.stringify(texts.map((expression, i) => ({ name: `c${i}`, expression })))}\n${never}`;
    expect(isDenied(request(deployment(1)), conditions('request.userInfo.username != "jane"'))).toBe(false);
    expect(isDenied(request(deployment(1)), conditions('object.nope', 'false'))).toBe(false);
    expect(denial(conditions('object.nope', 'true'))).toBe(
      denied("expression 'object.nope' resulted in error: no such key: nope"),
    );
    expect(isDenied(request(deployment(1)), `failurePolicy: Ignore\n${conditions('object.nope')}`)).toBe(
      false,
    );
  });
});

describe('failurePolicy Ignore', () => {
  test('forgives errors and not what is false', () => {
    expect(denial(`failurePolicy: Ignore\nvalidations: [{ expression: 'object.nope' }]`)).toBeUndefined();
    expect(denial(`failurePolicy: Ignore\nvalidations: [{ expression: 'false', message: no }]`)).toBe(
      denied('no'),
    );
  });
});

describe('actions', () => {
  const never = `validations: [{ expression: 'false', message: no }]\nauditAnnotations: [{ key: replicas, valueExpression: 'string(object.spec.replicas)' }]`;

  test('a warning is no denial', () => {
    expect(judge([policy(never)], [binding('', '[Warn]')], request(deployment(3)))).toEqual({
      status: undefined,
      warnings: ["Validation failed for ValidatingAdmissionPolicy 'limit' with binding 'limit-test': no"],
      auditAnnotations: { 'limit/replicas': '3' },
    });
  });

  test('an audit is a note', () => {
    const { status, auditAnnotations } = judge(
      [policy(never)],
      [binding('', '[Audit]')],
      request(deployment(3)),
    );
    expect(status).toBeUndefined();
    expect(
      JSON.parse(auditAnnotations['validation.policy.admission.k8s.io/validation_failure'] ?? ''),
    ).toEqual([
      {
        message: 'no',
        policy: 'limit',
        binding: 'limit-test',
        expressionIndex: 0,
        validationActions: ['Audit'],
      },
    ]);
  });
});

describe('params', () => {
  const limited = `paramKind: { apiVersion: v1, kind: ConfigMap }
validations: [{ expression: 'object.spec.replicas <= int(params.data.maxReplicas)', messageExpression: '"at most " + params.data.maxReplicas' }]`;
  const limit = (name: string, maxReplicas: string): ApiObject =>
    read(
      `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name}, namespace: shop, labels: { limits: "yes" } }, data: { maxReplicas: "${maxReplicas}" } }`,
    );
  const store = (...objects: ApiObject[]): ParamStore => ({
    namespaced: true,
    get: (namespace, name) =>
      objects.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    list: (namespace) => objects.filter(({ metadata }) => metadata.namespace === namespace),
  });
  const message = (
    ref: string,
    params: ParamStore | undefined,
    asked = request(deployment(4)),
  ): string | undefined => judge([policy(limited)], [binding(ref)], asked, params).status?.message;

  test('by name, and by label, each by itself', () => {
    const both = store(limit('a', '5'), limit('b', '3'));
    expect(message('paramRef: { name: a, parameterNotFoundAction: Deny }', both)).toBeUndefined();
    expect(
      message(
        'paramRef: { selector: { matchLabels: { limits: "yes" } }, parameterNotFoundAction: Deny }',
        both,
      ),
    ).toBe(denied('at most 3'));
  });

  test('missing ones are denied or allowed', () => {
    expect(message('paramRef: { name: c, parameterNotFoundAction: Deny }', store())).toBe(
      denied(
        'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
      ),
    );
    expect(message('paramRef: { name: c, parameterNotFoundAction: Allow }', store())).toBeUndefined();
  });

  test('a kind nobody knows', () => {
    expect(message('paramRef: { name: c }', undefined)).toBe(
      `deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'limit' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'v1, Kind=ConfigMap'`,
    );
  });
});

test('a variable is evaluated once, however often it is read', () => {
  const rest = `variables:
  - { name: big, expression: 'object.spec.replicas > 3' }
  - { name: both, expression: 'variables.big && variables.big' }
validations: [{ expression: '!variables.both', message: big }]`;
  expect(denial(rest)).toBe(denied('big'));
  expect(denial(rest, deployment(2))).toBeUndefined();
});
