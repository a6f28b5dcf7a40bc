/**
 * Expectations in CEL, the expression language of Kubernetes. Every kind has two functions: `deployment('web')` (or
 * `'ns/web'`) is the object or null, `deployments()` (or `deployments('ns')`) the list; a Namespace is `ns('name')`,
 * because CEL keeps the word namespace for itself. Custom resources, and any other, are `object('widgets.example.com',
 * 'gear')` and `objects('widgets.example.com')`. The functions of Kubernetes (quantity(), ip(), …) are there too.
 */
import { EvaluationError, ParseError, TypeError, type ASTNode, type Environment } from '@marcbachmann/cel-js';
import { newEnvironment } from '../../core/cel/compile.ts';
import { childrenOf } from '../../core/cel/typing.ts';
import { celValue } from '../../core/cel/value.ts';
import { nearest } from '../../core/api/nearest.ts';
import { resources, type ResourceInfo } from '../../core/api/kinds.ts';
import type { ApiObject } from '../../core/api/object.ts';
import type { Registry } from '../engine/registry.ts';

export interface Expression {
  readonly text: string;
  readonly holds: (registry: Registry) => Verdict;
  /** What the parts of the expression are now: `deployment('web').status.readyReplicas is 2`. */
  readonly values: (registry: Registry) => readonly string[];
}

/** Whether it holds; where it could not be evaluated it does not, and `error` says why. */
interface Verdict {
  readonly holds: boolean;
  readonly error?: string;
}

/** Why an expression is none, and at which character of it. */
export interface ExpressionError {
  readonly message: string;
  readonly offset: number;
}

/** The registry that an evaluation reads: functions of CEL get no context, so it is set before each. */
let current: Registry | undefined;
let environment: Environment | undefined;

export function parseExpression(text: string): Expression | ExpressionError {
  environment ??= environmentOfKinds();
  try {
    const evaluate = environment.parse(text);
    const { valid, type, error } = evaluate.check();
    if (!valid) return describe(error, text);
    if (type !== 'bool' && type !== 'dyn')
      return { message: `must be true or false, but is of type ${type ?? 'unknown'}`, offset: 0 };
    const parts = operandsOf(evaluate.ast).map(({ start, end }) => text.slice(start, end));
    const holds = (registry: Registry): Verdict => evaluated(registry, evaluate);
    return {
      text,
      holds,
      values: (registry) => [...new Set(parts)].flatMap((part) => valueOf(registry, part)),
    };
  } catch (error) {
    return describe(error, text);
  }
}

function evaluated(registry: Registry, evaluate: () => unknown): Verdict {
  current = registry;
  try {
    return { holds: evaluate() === true };
  } catch (error) {
    if (error instanceof EvaluationError) return { holds: false, error: lowered(error.summary) };
    throw error;
  } finally {
    current = undefined;
  }
}

function valueOf(registry: Registry, part: string): readonly string[] {
  current = registry;
  try {
    const value: unknown = environment?.evaluate(part);
    if (value === null) return [`${part} does not exist`];
    if (Array.isArray(value)) return [`${part} has ${value.length} items`];
    return typeof value === 'object'
      ? []
      : [`${part} is ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`];
  } catch (error) {
    return error instanceof EvaluationError ? [`${part}: ${lowered(error.summary)}`] : [];
  } finally {
    current = undefined;
  }
}

const lowered = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1);

function describe(error: unknown, text: string): ExpressionError {
  if (!(error instanceof ParseError) && !(error instanceof TypeError) && !(error instanceof EvaluationError))
    throw error;
  const offset = Math.min(error.range?.start ?? 0, Math.max(0, text.length - 1));
  const called = /^found no matching overload for '(\w+)\((.*)\)'$/.exec(error.summary);
  const [, name = '', given = ''] = called ?? [];
  if (called === null || name === '')
    return { message: `not an expression: ${lowered(error.summary)}`, offset };
  if (functionNames.includes(name))
    return { message: `${name}(${given}): takes the text 'name' or 'namespace/name'`, offset };
  const near = nearest(name, functionNames);
  return {
    message: `unknown function "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    offset,
  };
}

const singular = (info: ResourceInfo): string => (info.kind === 'Namespace' ? 'ns' : info.singular);

const functionNames: readonly string[] = [
  ...resources.flatMap((info) => [singular(info), info.resource]),
  'object',
  'objects',
];

function environmentOfKinds(): Environment {
  const cel = newEnvironment();
  for (const info of resources) {
    cel.registerFunction(`${singular(info)}(string): dyn`, (name: string) => one(info, name));
    cel.registerFunction(`${info.resource}(): list<dyn>`, () => all(info, undefined));
    // The singular of endpoints is endpoints: with a text it is one object.
    if (singular(info) !== info.resource)
      cel.registerFunction(`${info.resource}(string): list<dyn>`, (namespace: string) =>
        all(info, namespace),
      );
  }
  cel.registerFunction('object(string, string): dyn', (resource: string, name: string) => {
    const info = current?.infoOf(resource);
    return info === undefined ? null : one(info, name);
  });
  cel.registerFunction('objects(string): list<dyn>', (resource: string) => {
    const info = current?.infoOf(resource);
    return info === undefined ? [] : all(info, undefined);
  });
  return cel;
}

function one(info: ResourceInfo, name: string): unknown {
  const key = info.namespaced && !name.includes('/') ? `default/${name}` : name;
  const object = current?.get(info.resource, key);
  return object === undefined ? null : celValue(object);
}

function all(info: ResourceInfo, namespace: string | undefined): readonly unknown[] {
  const objects: Iterable<ApiObject> = current?.list(info.resource, namespace) ?? [];
  return Array.from(objects, celValue);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

const looksUp = new Set(['.', '.?', '[]', '[?]', 'call', 'rcall']);

/** The widest parts of an expression that look something up: what one would ask about when it does not hold. */
function operandsOf(node: ASTNode): readonly Span[] {
  if (looksUp.has(node.op)) return [{ start: node.start, end: node.end }];
  return childrenOf(node.args).flatMap(operandsOf);
}
