/**
 * Expressions of Docker Swarm (the stand-alone one, `swarm manage`): `storage==ssd`, `region!=us*`, `node==/node-[12]/`,
 * softly with `~` behind the operator. A Pod has them as Swarm has them in labels, as JSON lists, in annotations of the
 * same names. (docker-archive/classicswarm scheduler/filter/expr.go, docs/scheduler/filter.md)
 */
import type { PodInfo } from './pod-info.ts';

export interface SwarmExpression {
  readonly text: string;
  readonly key: string;
  readonly equal: boolean;
  /** Left aside where no node meets it. */
  readonly soft: boolean;
  readonly pattern: RegExp;
}

/** The expressions of an annotation, or what is wrong with it. */
export type SwarmExpressions = readonly SwarmExpression[] | string;

const none: readonly SwarmExpression[] = [];
const parsed = new Map<string, SwarmExpressions>();
const mostParsed = 1_000;

export function swarmExpressions({ annotations }: PodInfo, name: string): SwarmExpressions {
  const text = annotations?.[name];
  if (text === undefined) return none;
  const found = parsed.get(text);
  if (found !== undefined) return found;
  if (parsed.size >= mostParsed) parsed.clear();
  const made = parse(text);
  parsed.set(text, made);
  return made;
}

/** A JSON list of texts in an annotation; undefined: it is something else. */
export function textList(annotation: string): readonly string[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(annotation);
  } catch {
    return undefined;
  }
  return Array.isArray(list) && list.every((entry) => typeof entry === 'string') ? list : undefined;
}

function parse(annotation: string): SwarmExpressions {
  const texts = textList(annotation);
  if (texts === undefined) return `${annotation} is not a JSON list of texts`;
  const expressions: SwarmExpression[] = [];
  for (const text of texts) {
    const expression = expressionOf(text);
    if (typeof expression === 'string') return expression;
    expressions.push(expression);
  }
  return expressions;
}

function expressionOf(text: string): SwarmExpression | string {
  const match = /^([A-Za-z_][A-Za-z0-9_./-]*)(==|!=)(~?)(.+)$/.exec(text);
  if (match === null) return `${text}: one of operator ==, != is expected`;
  const [, key = '', operator, tilde, value = ''] = match;
  const pattern = patternOf(value);
  if (pattern === undefined) return `${text}: ${value} is no regular expression`;
  return { text, key, equal: operator === '==', soft: tilde === '~', pattern };
}

/** `/…/` is a regular expression, anything else a glob. */
function patternOf(value: string): RegExp | undefined {
  const regular = value.length > 2 && value.startsWith('/') && value.endsWith('/');
  try {
    if (regular) return new RegExp(value.slice(1, -1));
    const literal = value.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(`^${literal}$`);
  } catch {
    return undefined;
  }
}

/** `==`: one of the values matches; `!=`: none does. */
export const meets = ({ equal, pattern }: SwarmExpression, values: readonly string[]): boolean =>
  values.some((value) => pattern.test(value)) === equal;
