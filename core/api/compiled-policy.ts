/**
 * The expressions of an admission policy, compiled once for each policy: what they may name, and of which type they must
 * be. (kubernetes v1.34.1 apiserver/pkg/admission/plugin/cel/compile.go, composition.go)
 */
import type {
  AuditAnnotation,
  MatchCondition,
  ValidatingAdmissionPolicy,
  Validation,
  Variable,
} from './generated/types.ts';
import { compile, type CompileError, type Program } from '../cel/compile.ts';
import { bool, dyn, listOf, mapOf, objectOf, shapeNamed, string, type Shape } from '../cel/shape.ts';

type Compiled = Program | CompileError;

/** Each expression of a policy beside what it compiled to: a program, or why it is none. Lists are in the policy's order. */
export interface CompiledPolicy {
  readonly matchConditions: readonly { readonly condition: MatchCondition; readonly program: Compiled }[];
  readonly variables: readonly { readonly variable: Variable; readonly program: Compiled }[];
  readonly validations: readonly {
    readonly validation: Validation;
    readonly program: Compiled;
    readonly message: Compiled | undefined;
  }[];
  readonly auditAnnotations: readonly { readonly annotation: AuditAnnotation; readonly program: Compiled }[];
}

/** What expressions stand in: the spec of a policy, or a webhook, which has conditions alone. */
type Expressions = Pick<
  ValidatingAdmissionPolicy['spec'],
  'paramKind' | 'variables' | 'matchConditions' | 'validations' | 'auditAnnotations'
>;

const compiled = new WeakMap<Expressions, CompiledPolicy>();

/** The programs of a policy. */
export function compilePolicy({ spec }: { readonly spec: Expressions }): CompiledPolicy {
  let found = compiled.get(spec);
  if (found === undefined) compiled.set(spec, (found = compileSpec(spec)));
  return found;
}

const kindShape = objectOf({ group: string, version: string, kind: string });
const resourceShape = objectOf({ group: string, version: string, resource: string });

const requestShape = objectOf({
  kind: kindShape,
  resource: resourceShape,
  subResource: string,
  requestKind: kindShape,
  requestResource: resourceShape,
  requestSubResource: string,
  name: string,
  namespace: string,
  operation: string,
  userInfo: objectOf({ username: string, uid: string, groups: listOf(string), extra: mapOf(listOf(string)) }),
  dryRun: bool,
  options: dyn,
});

const texts = mapOf(string);

/** Times stay unread: dyn. */
const namespaceShape = objectOf({
  metadata: objectOf({
    name: string,
    generateName: string,
    namespace: string,
    labels: texts,
    annotations: texts,
    UID: string,
    creationTimestamp: dyn,
    deletionGracePeriodSeconds: dyn,
    deletionTimestamp: dyn,
    generation: dyn,
    resourceVersion: string,
    finalizers: listOf(string),
  }),
  spec: objectOf({ finalizers: listOf(string) }),
  status: objectOf({ conditions: listOf(dyn), phase: string }),
});

function compileSpec(spec: Expressions): CompiledPolicy {
  const base = new Map<string, Shape>([
    ['object', dyn],
    ['oldObject', dyn],
    ['namespaceObject', namespaceShape],
    ['request', requestShape],
    ...(spec.paramKind === undefined ? [] : [['params', dyn] as const]),
  ]);
  // A variable knows those before it.
  const fields: Record<string, Shape> = {};
  const composed = (): ReadonlyMap<string, Shape> => new Map([...base, ['variables', objectOf(fields)]]);
  const variables = (spec.variables ?? []).map((variable) => {
    const program = returning(compile(variable.expression, composed()), undefined);
    fields[variable.name] = 'type' in program ? shapeNamed(program.type) : dyn;
    return { variable, program };
  });
  const scope = composed();
  return {
    variables,
    matchConditions: (spec.matchConditions ?? []).map((condition) => ({
      condition,
      program: returning(compile(condition.expression.trim(), base), ['bool']),
    })),
    validations: (spec.validations ?? []).map((validation) => ({
      validation,
      program: returning(compile(validation.expression, scope), ['bool']),
      message:
        (validation.messageExpression ?? '').trim() === ''
          ? undefined
          : returning(compile(validation.messageExpression ?? '', scope), ['string']),
    })),
    auditAnnotations: (spec.auditAnnotations ?? []).map((annotation) => ({
      annotation,
      program: returning(compile(annotation.valueExpression, scope), ['string', 'null']),
    })),
  };
}

/** An expression of another type does not compile; what is dyn may turn out to be right. */
function returning(program: Compiled, types: readonly string[] | undefined): Compiled {
  if ('compileError' in program) return { compileError: `compilation failed: ${program.compileError}` };
  if (types === undefined || program.type === 'dyn' || types.includes(program.type)) return program;
  const found = program.type.replaceAll('<', '(').replaceAll('>', ')');
  const [only = ''] = types;
  return {
    compileError:
      types.length === 1
        ? `must evaluate to ${only} but got ${found}`
        : `must evaluate to one of [${types.join(' ')}] but got ${found}`,
  };
}
