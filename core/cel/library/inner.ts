/** The inside of the CEL library as far as macros and typing.ts need it: version 8.0.0, which package.json pins. */
import type { ASTNode } from '@marcbachmann/cel-js';

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

export type Check = (checker: Checker, node: Node, context: Context) => Type;

/** What variables are, and have, while an expression is checked and evaluated. */
export interface Context {
  readonly forkWithVariable: (name: string, type: Type) => BoundContext;
}

export interface BoundContext extends Context {
  readonly reuse: (parent: Context) => BoundContext;
  readonly setIterValue: (value: unknown, evaluator: Evaluator) => BoundContext;
}

export interface Checker {
  readonly check: (node: Node, context: Context) => Type;
  readonly getType: (name: string) => Type;
  readonly createError: (code: string, message: string, node: Node) => Error;
}

export interface Evaluator {
  readonly run: (node: Node, context: Context) => unknown;
  /** The value, or the error. */
  readonly tryEval: (node: Node, context: Context) => unknown;
}

export interface MacroCall {
  readonly ast: Node;
  readonly args: readonly Node[];
  readonly receiver: Node;
}

export interface Macro {
  readonly async: false;
  readonly typeCheck: (checker: Checker, macro: Macro, context: Context) => Type;
  readonly evaluate: (evaluator: Evaluator, macro: Macro, context: Context) => unknown;
}
