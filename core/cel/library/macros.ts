/**
 * The macros of Kubernetes that the library lacks: optMap and optFlatMap, existsOne, and comprehensions over two
 * variables. (cel-go cel/library.go, ext/comprehensions.go)
 */
import { Optional, type Environment } from '@marcbachmann/cel-js';
import type { BoundContext, Checker, Context, Evaluator, Macro, MacroCall, Node, Type } from './inner.ts';

/** Adds them as functions of `ast` parameters, which the library hands over unevaluated. */
export function registerMacros(environment: Environment): void {
  environment
    .registerFunction('optional.optMap(ast, ast): optional<dyn>', (call: MacroCall) =>
      overOptional(call, false),
    )
    .registerFunction('optional.optFlatMap(ast, ast): optional<dyn>', (call: MacroCall) =>
      overOptional(call, true),
    )
    .registerFunction('OptionalNamespace.ofNonZeroValue(A): optional<A>', (_: unknown, value: unknown) =>
      isZero(value) ? Optional.none() : Optional.of(value),
    )
    .registerFunction('list.existsOne(ast, ast): bool', (call: MacroCall) => overItems(call, exactlyOne))
    .registerFunction('list.all(ast, ast, ast): bool', (call: MacroCall) => overEntries(call, every))
    .registerFunction('list.exists(ast, ast, ast): bool', (call: MacroCall) => overEntries(call, some))
    .registerFunction('list.existsOne(ast, ast, ast): bool', (call: MacroCall) =>
      overEntries(call, exactlyOne),
    )
    .registerFunction('list.exists_one(ast, ast, ast): bool', (call: MacroCall) =>
      overEntries(call, exactlyOne),
    )
    .registerFunction('list.transformList(ast, ast, ast): list<dyn>', (call: MacroCall) =>
      transform(call, 'list'),
    )
    .registerFunction('list.transformList(ast, ast, ast, ast): list<dyn>', (call: MacroCall) =>
      transform(call, 'list'),
    )
    .registerFunction('list.transformMap(ast, ast, ast): map<dyn, dyn>', (call: MacroCall) =>
      transform(call, 'map'),
    )
    .registerFunction('list.transformMap(ast, ast, ast, ast): map<dyn, dyn>', (call: MacroCall) =>
      transform(call, 'map'),
    );
}

function isZero(value: unknown): boolean {
  if (value === null || value === '' || value === 0 || value === 0n || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0 && !isOpaque(value);
}

const isOpaque = (value: object): boolean =>
  !Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype;

function overOptional({ args, receiver }: MacroCall, flat: boolean): Macro {
  const [variable, body] = pair(args);
  let bound: BoundContext | undefined;
  return {
    async: false,
    typeCheck: (checker, _, context) => {
      const type = checker.check(receiver, context);
      const valueType = type.valueType ?? checker.getType('dyn');
      bound = context.forkWithVariable(nameOf(checker, variable), valueType);
      const result = checker.check(body, bound);
      return flat ? result : checker.getType(`optional<${result.name}>`);
    },
    evaluate: (evaluator, _, context) => {
      const optional = evaluator.run(receiver, context);
      if (!(optional instanceof Optional) || !optional.hasValue() || bound === undefined)
        return Optional.none();
      const inside = bound.reuse(context).setIterValue(optional.value(), evaluator);
      const result = evaluator.run(body, inside);
      return flat ? result : Optional.of(result);
    },
  };
}

/** What becomes of the answers to a predicate; an answer may be an error. */
type Quantifier = (answers: Iterable<unknown>) => unknown;

/** False as soon as one is, whatever errors there were. */
function every(answers: Iterable<unknown>): unknown {
  let error: Error | undefined;
  for (const answer of answers)
    if (answer === false) return false;
    else if (answer instanceof Error) error ??= answer;
  return raised(error) ?? true;
}

function some(answers: Iterable<unknown>): unknown {
  let error: Error | undefined;
  for (const answer of answers)
    if (answer === true) return true;
    else if (answer instanceof Error) error ??= answer;
  return raised(error) ?? false;
}

function exactlyOne(answers: Iterable<unknown>): unknown {
  let count = 0;
  for (const answer of answers)
    if (answer instanceof Error) throw answer;
    else if (answer === true) count++;
  return count === 1;
}

function raised(error: Error | undefined): undefined {
  if (error !== undefined) throw error;
  return undefined;
}

function overItems({ args, receiver }: MacroCall, quantifier: Quantifier): Macro {
  const [variable, predicate] = pair(args);
  let bound: BoundContext | undefined;
  return {
    async: false,
    typeCheck: (checker, _, context) => {
      const { item } = entryTypes(checker, checker.check(receiver, context));
      bound = context.forkWithVariable(nameOf(checker, variable), item);
      checker.check(predicate, bound);
      return checker.getType('bool');
    },
    evaluate: (evaluator, _, context) => {
      const inside = bound?.reuse(context);
      const collection = evaluator.run(receiver, context);
      const items = Array.isArray(collection)
        ? (collection as readonly unknown[])
        : entriesOf(collection).map(([key]) => key);
      return quantifier(
        items.map((item) => inside && evaluator.tryEval(predicate, inside.setIterValue(item, evaluator))),
      );
    },
  };
}

interface Two {
  first: BoundContext | undefined;
  second: BoundContext | undefined;
}

function overEntries(call: MacroCall, quantifier: Quantifier): Macro {
  const { args, receiver } = call;
  const predicate = args[2];
  const two: Two = { first: undefined, second: undefined };
  return {
    async: false,
    typeCheck: (checker, _, context) => {
      const inside = bindTwo(two, checker, call, context);
      if (predicate !== undefined) checker.check(predicate, inside);
      return checker.getType('bool');
    },
    evaluate: (evaluator, _, context) =>
      quantifier(
        entriesOf(evaluator.run(receiver, context)).map((entry) => {
          const inside = enter(two, evaluator, context, entry);
          return predicate === undefined ? undefined : evaluator.tryEval(predicate, inside);
        }),
      ),
  };
}

/** `transformList(i, v, t)`, `transformList(i, v, filter, t)`, and the same making a map. */
function transform(call: MacroCall, into: 'list' | 'map'): Macro {
  const { args, receiver, ast } = call;
  const filter = args.length === 4 ? args[2] : undefined;
  const body = args[args.length - 1] ?? ast;
  const two: Two = { first: undefined, second: undefined };
  let keyType = 'dyn';
  return {
    async: false,
    typeCheck: (checker, _, context) => {
      const inside = bindTwo(two, checker, call, context);
      keyType = entryTypes(checker, checker.check(receiver, context)).key.name;
      if (filter !== undefined) checker.check(filter, inside);
      const result = checker.check(body, inside).name;
      return checker.getType(into === 'list' ? `list<${result}>` : `map<${keyType}, ${result}>`);
    },
    evaluate: (evaluator, _, context) => {
      const entries: (readonly [unknown, unknown])[] = [];
      for (const entry of entriesOf(evaluator.run(receiver, context))) {
        const inside = enter(two, evaluator, context, entry);
        if (filter !== undefined && evaluator.run(filter, inside) !== true) continue;
        entries.push([entry[0], evaluator.run(body, inside)]);
      }
      if (into === 'list') return entries.map(([, value]) => value);
      return entries.some(([key]) => typeof key !== 'string')
        ? new Map(entries)
        : Object.fromEntries(entries);
    },
  };
}

function bindTwo(
  two: Two,
  checker: Checker,
  { args, receiver, ast }: MacroCall,
  context: Context,
): BoundContext {
  const { key, value } = entryTypes(checker, checker.check(receiver, context));
  two.first = context.forkWithVariable(nameOf(checker, args[0] ?? ast), key);
  two.second = two.first.forkWithVariable(nameOf(checker, args[1] ?? ast), value);
  return two.second;
}

function enter(
  { first, second }: Two,
  evaluator: Evaluator,
  context: Context,
  [key, value]: readonly [unknown, unknown],
): BoundContext {
  if (first === undefined || second === undefined) throw new Error('a macro that was not checked');
  return second.reuse(first.reuse(context).setIterValue(key, evaluator)).setIterValue(value, evaluator);
}

interface EntryTypes {
  readonly key: Type;
  readonly value: Type;
  /** What a comprehension with one variable goes over. */
  readonly item: Type;
}

function entryTypes(checker: Checker, type: Type): EntryTypes {
  const dyn = checker.getType('dyn');
  const value = type.valueType ?? dyn;
  if (type.kind === 'list') return { key: checker.getType('int'), value, item: value };
  const key = type.kind === 'map' ? (type.keyType ?? dyn) : dyn;
  return { key, value: type.kind === 'map' ? value : dyn, item: key };
}

function entriesOf(collection: unknown): readonly (readonly [unknown, unknown])[] {
  if (Array.isArray(collection)) return collection.map((item: unknown, i) => [BigInt(i), item] as const);
  if (collection instanceof Map) return [...(collection as ReadonlyMap<unknown, unknown>)];
  return typeof collection === 'object' && collection !== null ? Object.entries(collection) : [];
}

function pair(args: readonly Node[]): readonly [Node, Node] {
  const [first, second] = args;
  if (first === undefined || second === undefined)
    throw new Error('the library gave a macro too few arguments');
  return [first, second];
}

function nameOf(checker: Checker, node: Node): string {
  if (node.op === 'id') return node.args;
  throw checker.createError('invalid_macro_argument', 'argument must be a simple name', node);
}
