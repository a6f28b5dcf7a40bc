/** Errors of the library in the words of cel-go, as the apiserver passes them on. */
import { EvaluationError, ParseError, type ASTNode, type TypeError } from '@marcbachmann/cel-js';
import { replacedMethods } from './library/strings.ts';

/** Why an evaluation failed: `no such key: replicas`. */
export function evaluationMessage(error: Error): string {
  if (!(error instanceof EvaluationError)) return error.message;
  const { code, summary } = error;
  switch (code) {
    case 'no_such_key':
      return `no such key: ${summary.replace(/^No such key: /, '')}`;
    case 'index_out_of_bounds':
      return `index out of bounds: ${/index (-?\d+)/.exec(summary)?.[1] ?? ''}`;
    case 'numeric_overflow':
      return 'integer overflow';
    case 'modulo_by_zero':
      return 'modulus by zero';
    case 'no_such_overload':
    case 'no_matching_overload':
    case 'invalid_logical_operand':
    case 'invalid_condition_type':
      return 'no such overload';
    case 'optional_value_missing':
      return 'optional.none() dereference';
    default:
      return code === 'function_error' ? summary : lowered(summary);
  }
}

/** Why an expression does not compile, with its place: `ERROR: <input>:1:5: undefined field 'x'` and the line. */
export function compilationMessage(
  text: string,
  error: ParseError | TypeError | EvaluationError,
  names: ReadonlySet<string>,
): string {
  const node = (error as { readonly node?: ASTNode }).node;
  const message =
    error instanceof ParseError ? syntaxMessage(error) : typeMessage(error.code, error.summary, names);
  const offset = node !== undefined && 'op' in node ? placeOf(text, node) : (error.range?.start ?? 0);
  return located(text, offset, message);
}

/** An error at a place of an expression, as cel-go prints it. */
export function located(text: string, offset: number, message: string): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - (before.lastIndexOf('\n') + 1);
  const source = text.split('\n')[line - 1] ?? '';
  return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${source}\n | ${'.'.repeat(column)}^`;
}

/** Where cel-go says a node is: a call at its parenthesis, a selection at its dot, an operator at itself. */
export function placeOf(text: string, node: ASTNode): number {
  switch (node.op) {
    case 'call':
    case 'rcall': {
      const after = node.op === 'call' ? node.start : node.args[1].end;
      const open = text.indexOf('(', after);
      return open < 0 ? node.start : open;
    }
    case '.':
    case '.?':
    case '[]':
    case '[?]':
      return Math.max(node.start, text.indexOf(node.op.charAt(0), node.args[0].end));
    case 'id':
    case 'value':
    case 'list':
    case 'map':
    case '!_':
    case '-_':
      return node.start;
    case '?:':
      return Math.max(node.start, text.indexOf('?', node.args[0].end));
    default: {
      const [left] = node.args;
      return 'end' in left ? Math.max(node.start, text.indexOf(node.op, left.end)) : node.start;
    }
  }
}

/** The library's syntax errors have their own words; what is missing in it is named. */
function syntaxMessage({ code, summary }: ParseError): string {
  if (code === 'unexpected_token' && summary.includes('QUESTION'))
    return 'unsupported here: optional entries of lists and maps ([?x], {?k: v})';
  if (code === 'unexpected_character' && summary.includes('`'))
    return 'unsupported here: quoted field names (`a-b`)';
  return `Syntax error: ${lowered(summary)}`;
}

/** Functions Kubernetes has and this environment has not. */
const absent = new Map([
  ['semver', 'semantic versions'],
  ['isSemver', 'semantic versions'],
  ['authorizer', 'the authorizer'],
]);

const ours = new Map(Object.entries(replacedMethods).map(([theirs, name]) => [name, theirs]));

function typeMessage(code: string, summary: string, names: ReadonlySet<string>): string {
  switch (code) {
    case 'unknown_variable':
      return undeclared(summary.replace('Unknown variable: ', ''));
    case 'no_matching_overload': {
      const [, receiver, method = '', args = ''] = /for '(?:(.+)\.)?(\w+)\((.*)\)'$/.exec(summary) ?? [];
      const name = ours.get(method) ?? method;
      if (!names.has(method)) return undeclared(name);
      return overload(name, receiver === undefined ? `(${args})` : `${receiver}.(${args})`);
    }
    case 'no_such_overload': {
      const [, left, operator = '', right] =
        /^no such overload: (.+) (==|!=|<=|>=|in|[-+*/%<>]) (.+)$/.exec(summary) ?? [];
      const [, unary = '', operand = ''] = /^no such overload: ([-!])(.+)$/.exec(summary) ?? [];
      return left === undefined || right === undefined
        ? overload(`${unary}_`, `(${operand})`)
        : overload(operator === 'in' ? '@in' : `_${operator}_`, `(${left}, ${right})`);
    }
    case 'invalid_logical_operand':
      return `expected type 'bool' but found '${/got '(.*)'/.exec(summary)?.[1] ?? ''}'`;
    case 'incompatible_ternary_branches':
      return overload(
        '_?_:_',
        `(bool, ${(/got '(.*)' and '(.*)'/.exec(summary) ?? []).slice(1).join(', ')})`,
      );
    default:
      return lowered(summary);
  }
}

const overload = (name: string, applied: string): string =>
  `found no matching overload for '${name}' applied to '${applied}'`;

function undeclared(name: string): string {
  const what = absent.get(name);
  return what === undefined
    ? `undeclared reference to '${name}' (in container '')`
    : `unsupported here: ${what} ('${name}')`;
}

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
