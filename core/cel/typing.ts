/**
 * What the library's checker is not told: the fields of the variables an expression is about. The tree is walked once,
 * following selections and the variables of comprehensions. A field that is not declared is an error; one that is gets
 * its type, so that the library can refuse `self.replicas == "3"`. On the way, methods of the library that differ from
 * cel-go's are given the names ours are registered under, and has() is given more to work on than a chain of names.
 */
import { Optional, type ASTNode } from '@marcbachmann/cel-js';
import type { Check, Macro, Node } from './library/inner.ts';
import { replacedMethods } from './library/strings.ts';
import { dyn, int, listOf, string, typeName, type Shape } from './shape.ts';

/** A selection of a field that the variable does not have. */
export interface UndefinedField {
  readonly field: string;
  readonly node: ASTNode;
}

/** What the walk found: the first of each kind of thing that is wrong, if any is. */
export interface Typing {
  /** The declared variables that the expression reads. */
  readonly uses: ReadonlySet<string>;
  readonly undefinedField: UndefinedField | undefined;
  /** What cannot be done here, although Kubernetes could. */
  readonly unsupported: { readonly what: string; readonly node: ASTNode } | undefined;
}

interface Found {
  readonly uses: Set<string>;
  undefinedField: UndefinedField | undefined;
  unsupported: Typing['unsupported'];
}

/** What is known of a part of the expression; `optional`: it is an optional of that. */
interface Known {
  readonly shape: Shape;
  readonly optional: boolean;
}

type Scope = ReadonlyMap<string, { readonly shape: Shape; readonly declared: boolean }>;

const unknown: Known = { shape: dyn, optional: false };
const plain = (shape: Shape): Known => ({ shape, optional: false });

/** Walks the tree of an expression over these variables, and changes it: nodes are told how to be checked. */
export function giveTypes(ast: ASTNode, variables: ReadonlyMap<string, Shape>): Typing {
  const found: Found = { uses: new Set(), undefinedField: undefined, unsupported: undefined };
  const scope: Scope = new Map([...variables].map(([name, shape]) => [name, { shape, declared: true }]));
  walk(ast, scope, found);
  return found;
}

function walk(node: ASTNode, scope: Scope, found: Found): Known {
  switch (node.op) {
    case 'id': {
      const variable = scope.get(node.args);
      if (variable?.declared === true) found.uses.add(node.args);
      if (variable === undefined) return unknown;
      const { shape } = variable;
      return shape.is === 'optional' ? { shape: shape.of, optional: true } : plain(shape);
    }
    case '.':
    case '.?':
      return select(node, node.args[0], node.args[1], node.op === '.?', scope, found);
    case '[]':
    case '[?]': {
      const left = walk(node.args[0], scope, found);
      walk(node.args[1], scope, found);
      const { shape } = left;
      if (shape.is !== 'list' && shape.is !== 'map') return unknown;
      return { shape: shape.of, optional: left.optional || node.op === '[?]' };
    }
    case 'call':
      return call(node, node.args[0], node.args[1], scope, found);
    case 'rcall':
      return method(node, node.args[0], node.args[1], node.args[2], scope, found);
    case '?:': {
      walk(node.args[0], scope, found);
      const then = walk(node.args[1], scope, found);
      const otherwise = walk(node.args[2], scope, found);
      return then.shape === otherwise.shape && then.optional === otherwise.optional ? then : unknown;
    }
    default:
      for (const child of childrenOf(node.args)) walk(child, scope, found);
      return unknown;
  }
}

function select(
  node: ASTNode,
  from: ASTNode,
  field: string,
  optional: boolean,
  scope: Scope,
  found: Found,
): Known {
  const left = walk(from, scope, found);
  const shape = fieldOf(left.shape, field);
  if (shape === undefined) {
    found.undefinedField ??= { field, node };
    return unknown;
  }
  const known = {
    shape: shape.is === 'optional' ? shape.of : shape,
    optional: optional || left.optional || shape.is === 'optional',
  };
  declare(node, known);
  return known;
}

function fieldOf(shape: Shape, field: string): Shape | undefined {
  if (shape.is === 'object') return shape.fields.get(field);
  return shape.is === 'map' ? shape.of : dyn;
}

/** Lets the library's checker have its say, and then know better. */
function declare(node: ASTNode, { shape, optional }: Known): void {
  if (shape.is === 'dyn' || shape.is === 'object') return;
  const inner = node as Node;
  const check = inner.meta.check;
  const name = optional ? `optional<${typeName(shape)}>` : typeName(shape);
  const declared: Check = (checker, ast, context) => {
    check(checker, ast, context);
    return checker.getType(name);
  };
  inner.setMeta('check', declared);
}

function call(node: ASTNode, name: string, args: readonly ASTNode[], scope: Scope, found: Found): Known {
  for (const arg of args) walk(arg, scope, found);
  const [operand] = args;
  if (name === 'has' && operand !== undefined && (operand.op === '.' || operand.op === '.?'))
    (node as Node).setMeta('macro', presence(operand.args[0] as Node, operand.args[1]));
  return unknown;
}

/** has(a.b): whatever `a` is, it is evaluated, and asked whether it has the field. */
const presence = (of: Node, field: string): Macro => ({
  async: false,
  typeCheck: (checker, _, context) => {
    checker.check(of, context);
    return checker.getType('bool');
  },
  evaluate: (evaluator, _, context) => {
    const value = evaluator.run(of, context);
    const inside =
      value instanceof Optional ? (value.hasValue() ? (value.value() as unknown) : undefined) : value;
    if (inside instanceof Map) return inside.has(field);
    return (
      typeof inside === 'object' &&
      inside !== null &&
      Object.hasOwn(inside, field) &&
      (inside as Readonly<Record<string, unknown>>)[field] !== undefined
    );
  },
});

const comprehensions = new Set([
  'all',
  'exists',
  'exists_one',
  'existsOne',
  'map',
  'filter',
  'transformList',
  'transformMap',
]);

function method(
  node: ASTNode,
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
  scope: Scope,
  found: Found,
): Known {
  if (receiver.op === 'id' && receiver.args === 'cel' && name === 'bind') return bind(args, scope, found);
  const left = walk(receiver, scope, found);
  const variables = comprehensions.has(name) ? leadingNames(name, args) : [];
  if (variables.length > 0)
    return comprehension(name, left, variables, args.slice(variables.length), scope, found);
  if (name === 'optMap' || name === 'optFlatMap') {
    const [variable, body] = args;
    if (variable?.op !== 'id' || body === undefined) return unknown;
    const inside = walk(body, withVariable(scope, variable.args, left.shape), found);
    return { shape: inside.shape, optional: true };
  }
  for (const arg of args) walk(arg, scope, found);
  if (timeZoned.has(name) && args.length === 1)
    found.unsupported ??= { what: `${name}() in a time zone`, node };
  const replaced = Object.hasOwn(replacedMethods, name) ? replacedMethods[name] : undefined;
  if (replaced !== undefined) (node.args as unknown[])[0] = replaced;
  return (name === 'orValue' || name === 'value') && left.optional ? plain(left.shape) : unknown;
}

/** The library reads the machine's own time zone for these. */
const timeZoned = new Set([
  'getDate',
  'getDayOfMonth',
  'getDayOfWeek',
  'getDayOfYear',
  'getFullYear',
  'getHours',
  'getMilliseconds',
  'getMinutes',
  'getMonth',
  'getSeconds',
]);

function bind(args: readonly ASTNode[], scope: Scope, found: Found): Known {
  const [variable, value, body] = args;
  if (variable?.op !== 'id' || value === undefined || body === undefined) return unknown;
  const { shape } = walk(value, scope, found);
  return walk(body, withVariable(scope, variable.args, shape), found);
}

/** The one or two variables of a comprehension; `map` with three arguments has one, and a filter. */
function leadingNames(name: string, args: readonly ASTNode[]): readonly string[] {
  const most = name === 'map' || name === 'filter' || args.length === 2 ? 1 : 2;
  return args.slice(0, most).flatMap((arg) => (arg.op === 'id' ? [arg.args] : []));
}

function comprehension(
  name: string,
  over: Known,
  variables: readonly string[],
  bodies: readonly ASTNode[],
  scope: Scope,
  found: Found,
): Known {
  const { shape } = over;
  const values = shape.is === 'list' || shape.is === 'map' ? shape.of : dyn;
  const keys = shape.is === 'list' ? int : shape.is === 'map' ? string : dyn;
  const [first = '', second] = variables;
  let inside = withVariable(scope, first, second === undefined && shape.is === 'list' ? values : keys);
  if (second !== undefined) inside = withVariable(inside, second, values);
  let last = unknown;
  for (const body of bodies) last = walk(body, inside, found);
  if (name === 'filter') return shape.is === 'list' ? over : unknown;
  return name === 'map' || name === 'transformList' ? plain(listOf(last.shape)) : unknown;
}

const withVariable = (scope: Scope, name: string, shape: Shape): Scope =>
  new Map([...scope, [name, { shape, declared: false }]]);

/** The nodes among the arguments of a node, which are nodes, lists of them and plain values. */
export function childrenOf(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : [];
}
