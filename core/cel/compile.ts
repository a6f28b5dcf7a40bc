/**
 * CEL as Kubernetes has it: the expressions of CustomResourceDefinitions and admission policies, compiled once and
 * evaluated often. The language is @marcbachmann/cel-js; library/ adds the functions Kubernetes adds to cel-go, typing.ts
 * the fields of the variables. What an expression costs is not counted. (kubernetes v1.34.1 apiserver/pkg/cel/environment)
 */
import { Environment, EvaluationError, ParseError, TypeError } from '@marcbachmann/cel-js';
import { registerAddresses } from './library/addresses.ts';
import { registerExpressions } from './library/expressions.ts';
import { registerFormats } from './library/formats.ts';
import { registerLists } from './library/lists.ts';
import { registerMacros } from './library/macros.ts';
import { registerQuantities } from './library/quantities.ts';
import { registerStrings } from './library/strings.ts';
import { registerTimes } from './library/times.ts';
import { registerUrls } from './library/urls.ts';
import { compilationMessage, evaluationMessage, located, placeOf } from './message.ts';
import { typeName, type Shape } from './shape.ts';
import { giveTypes } from './typing.ts';

/** What an evaluation came to. */
export type Evaluated = { readonly value: unknown } | { readonly error: string };

/** An expression that compiles, ready for values. */
export interface Program {
  readonly text: string;
  /** The type of its value as far as it is known before: `bool`, `list<string>`, `dyn`. */
  readonly type: string;
  /** The variables that it reads. */
  readonly uses: ReadonlySet<string>;
  readonly evaluate: (values: Readonly<Record<string, unknown>>) => Evaluated;
}

/** Why an expression is none: cel-go's message, with the line and a mark under the place. */
export interface CompileError {
  readonly compileError: string;
}

/** A new environment with every function of Kubernetes, for those who have functions of their own to add. */
export function newEnvironment(): Environment {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  registerStrings(environment);
  registerLists(environment);
  registerExpressions(environment);
  registerUrls(environment);
  registerQuantities(environment);
  registerAddresses(environment);
  registerFormats(environment);
  registerTimes(environment);
  registerMacros(environment);
  return environment;
}

/** Compiles an expression over variables. `compile('self.replicas > 0', new Map([['self', shape]]))`. */
export function compile(text: string, variables: ReadonlyMap<string, Shape>): Program | CompileError {
  const { environment, names } = environmentFor(variables);
  try {
    const parsed = environment.parse(text);
    const { uses, undefinedField, unsupported } = giveTypes(parsed.ast, variables);
    if (undefinedField !== undefined)
      return failed(text, placeOf(text, undefinedField.node), `undefined field '${undefinedField.field}'`);
    if (unsupported !== undefined)
      return failed(text, placeOf(text, unsupported.node), `unsupported here: ${unsupported.what}`);
    const { valid, type = 'dyn', error } = parsed.check();
    if (!valid && error !== undefined) return { compileError: compilationMessage(text, error, names) };
    return { text, type, uses, evaluate: (values) => evaluated(parsed, values) };
  } catch (error) {
    if (error instanceof ParseError || error instanceof TypeError || error instanceof EvaluationError)
      return { compileError: compilationMessage(text, error, names) };
    throw error;
  }
}

const failed = (text: string, at: number, message: string): CompileError => ({
  compileError: located(text, at, message),
});

function evaluated(
  evaluate: (values: Record<string, unknown>) => unknown,
  values: Readonly<Record<string, unknown>>,
): Evaluated {
  try {
    return { value: evaluate({ ...values }) };
  } catch (error) {
    if (error instanceof Error) return { error: evaluationMessage(error) };
    throw error;
  }
}

interface Named {
  readonly environment: Environment;
  /** Every function and method that exists. */
  readonly names: ReadonlySet<string>;
}

let base: Named | undefined;
/** An environment for each set of declared types; there are few. */
const environments = new Map<string, Named>();

function environmentFor(variables: ReadonlyMap<string, Shape>): Named {
  const declarations = [...variables].map(([name, shape]) => [name, typeName(shape)] as const);
  const key = declarations.map((declaration) => declaration.join(':')).join(' ');
  let found = environments.get(key);
  if (found === undefined) {
    base ??= withNames(newEnvironment());
    const environment = base.environment.clone();
    for (const [name, type] of declarations) environment.registerVariable(name, type);
    found = { environment, names: base.names };
    environments.set(key, found);
  }
  return found;
}

const withNames = (environment: Environment): Named => ({
  environment,
  names: new Set(environment.getDefinitions().functions.map(({ name }) => name)),
});
