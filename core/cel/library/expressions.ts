/**
 * matches, find and findAll. Kubernetes has RE2, whose syntax JavaScript lacks in three places: flags at the start
 * (`(?i)`), `\z` and `\A`, and `(?P<name>…)`. What JavaScript has and RE2 has not (lookaround, back references) is refused.
 * (apiserver/pkg/cel/library/regex.go)
 */
import type { Environment } from '@marcbachmann/cel-js';
import { fail } from './failure.ts';

/** Adds matches (as `matchesRE2`), find and findAll; a pattern that is none of RE2's is an error of the evaluation. */
export function registerExpressions(environment: Environment): void {
  environment
    .registerFunction('string.matchesRE2(string): bool', (text: string, pattern: string) =>
      new RegExp(compiled(pattern)).test(text),
    )
    .registerFunction(
      'string.find(string): string',
      (text: string, pattern: string) => new RegExp(compiled(pattern)).exec(text)?.[0] ?? '',
    )
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) =>
      allOf(text, pattern, -1n),
    )
    .registerFunction('string.findAll(string, int): list<string>', allOf);
}

function allOf(text: string, pattern: string, most: bigint): readonly string[] {
  if (most === 0n) return [];
  const expression = compiled(pattern);
  const found = Array.from(
    text.matchAll(new RegExp(expression.source, `${expression.flags}g`)),
    ([all]) => all,
  );
  return most < 0n ? found : found.slice(0, Number(most));
}

const expressions = new Map<string, RegExp | string>();
/** Patterns are remembered up to here: an expression may make them of values. */
const bound = 1_000;

function compiled(pattern: string): RegExp {
  let found = expressions.get(pattern);
  if (found === undefined) {
    if (expressions.size >= bound) expressions.clear();
    found = compileRE2(pattern);
    expressions.set(pattern, found);
  }
  return typeof found === 'string' ? fail(found) : found;
}

/** The pattern as an expression of JavaScript, or why it is none of RE2's. */
export function compileRE2(pattern: string): RegExp | string {
  const refused = /\(\?(?:<?[=!])|\\[1-9]/.exec(pattern.replace(/\\\\/g, '  '));
  if (refused !== null)
    return refused[0].startsWith('\\')
      ? `error parsing regexp: invalid escape sequence: \`${refused[0]}\``
      : `error parsing regexp: invalid or unsupported Perl syntax: \`${refused[0]}\``;
  const [, flags = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
  const source = (flags === '' ? pattern : pattern.slice(flags.length + 3))
    .replace(/\(\?P</g, '(?<')
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$')
    .replace(/\[\[:(\w+):\]\]/g, (all, name: string) => posix[name] ?? all);
  for (const mode of ['u', '']) {
    try {
      return new RegExp(source, flags + mode);
    } catch {
      continue;
    }
  }
  return `error parsing regexp: \`${pattern}\``;
}

const posix: Readonly<Record<string, string>> = {
  alpha: '[A-Za-z]',
  digit: '[0-9]',
  alnum: '[0-9A-Za-z]',
  upper: '[A-Z]',
  lower: '[a-z]',
  space: '[\\t\\n\\v\\f\\r ]',
  xdigit: '[0-9A-Fa-f]',
};
