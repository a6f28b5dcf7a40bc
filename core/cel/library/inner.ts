/** The inside of the CEL library as far as macros and typing.ts need it: version 8.0.0, which package.json pins. */
import type { ASTNode } from '@marcbachmann/cel-js';

/** A type as the checker knows it: `name` is CEL's (`list<string>`), the others are of its elements. */
export interface Type {
  readonly kind: string;
  readonly name: string;
  readonly keyType?: Type;
  readonly valueType?: Type;
}

/** A node of a parsed expression; `setMeta` says how it is checked instead of as its operator is. */
export type Node = ASTNode & {
  readonly meta: { readonly check: Check };
  readonly setMeta: (key: 'check' | 'macro' | 'async', value: unknown) => Node;
};

/** Tells the type of a node, or throws what the checker's `createError` makes. */
export type Check = (checker: Checker, node: Node, context: Context) => Type;

/** What variables are, and have, while an expression is checked and evaluated. */
export interface Context {
  readonly forkWithVariable: (name: string, type: Type) => BoundContext;
}

/** A context with one more variable, which gets another value for each element. */
export interface BoundContext extends Context {
  readonly reuse: (parent: Context) => BoundContext;
  readonly setIterValue: (value: unknown, evaluator: Evaluator) => BoundContext;
}

/** Tells types before there are values. */
export interface Checker {
  readonly check: (node: Node, context: Context) => Type;
  readonly getType: (name: string) => Type;
  readonly createError: (code: string, message: string, node: Node) => Error;
}

/** Gives nodes their values. */
export interface Evaluator {
  readonly run: (node: Node, context: Context) => unknown;
  /** The value, or the error. */
  readonly tryEval: (node: Node, context: Context) => unknown;
}

/** A call that is to be expanded: the node, and its parts unevaluated. */
export interface MacroCall {
  readonly ast: Node;
  readonly args: readonly Node[];
  readonly receiver: Node;
}

/** What a macro does in place of a call: once to tell its type, and at every evaluation. */
export interface Macro {
  readonly async: false;
  readonly typeCheck: (checker: Checker, macro: Macro, context: Context) => Type;
  readonly evaluate: (evaluator: Evaluator, macro: Macro, context: Context) => unknown;
}
