/**
 * The JSONPath of printer columns: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`,
 * `.metadata.annotations.example\.com/note`, `.spec.ports[0].port`, `.spec.ports[*].port`. (client-go/util/jsonpath)
 */
import type { Json } from '../generated/types.ts';
import { isFields, isList } from './schema.ts';

type Step =
  | { readonly is: 'field'; readonly name: string }
  | { readonly is: 'index'; readonly at: number }
  | { readonly is: 'slice'; readonly from: number; readonly to: number | undefined }
  | { readonly is: 'all' }
  | { readonly is: 'where'; readonly left: readonly Step[]; readonly operator: string; readonly right: Json };

export type JsonPath = readonly Step[];

const tokens: readonly (readonly [RegExp, (match: RegExpExecArray) => Step | undefined])[] = [
  [/^\.?\[\*\]|^\.\*/, () => ({ is: 'all' })],
  [/^\[(-?\d+)\]/, ([, at]) => ({ is: 'index', at: Number(at) })],
  [
    /^\[(-?\d*):(-?\d*)\]/,
    ([, from = '', to = '']) => ({ is: 'slice', from: Number(from), to: to === '' ? undefined : Number(to) }),
  ],
  [/^\[['"]([^'"]*)['"]\]/, ([, name = '']) => ({ is: 'field', name })],
  [/^\[\?\(\s*@((?:[^=!<>)]|\\.)*?)\s*(?:(==|!=|<=|>=|<|>)\s*([^)]*?)\s*)?\)\]/, condition],
  [/^\.((?:[^.[\]\\]|\\.)+)/, ([, name = '']) => ({ is: 'field', name: name.replace(/\\(.)/g, '$1') })],
];

/** Reads a path; undefined when it is none. */
export function parseJsonPath(text: string): JsonPath | undefined {
  const steps: Step[] = [];
  let rest = text === '.' ? '' : text;
  while (rest !== '') {
    const found = tokens
      .map(([token, make]) => ({ match: token.exec(rest), make }))
      .find(({ match }) => match !== null);
    const step = found?.match == null ? undefined : found.make(found.match);
    if (step === undefined || found?.match == null) return undefined;
    steps.push(step);
    rest = rest.slice(found.match[0].length);
  }
  return steps;
}

function condition([, path = '', operator = 'exists', literal = '']: RegExpExecArray): Step | undefined {
  const left = parseJsonPath(path);
  if (left === undefined) return undefined;
  const quoted = /^(['"])(.*)\1$/.exec(literal);
  if (quoted !== null) return { is: 'where', left, operator, right: quoted[2] ?? '' };
  if (literal === 'true' || literal === 'false')
    return { is: 'where', left, operator, right: literal === 'true' };
  const number = Number(literal);
  return Number.isNaN(number) ? undefined : { is: 'where', left, operator, right: number };
}

/** What a path finds; nothing where something on the way is missing. */
export function findAll(value: Json, path: JsonPath): readonly Json[] {
  let found: readonly Json[] = [value];
  for (const step of path) found = found.flatMap((each) => follow(each, step));
  return found;
}

function follow(value: Json, step: Step): readonly Json[] {
  switch (step.is) {
    case 'field': {
      const inside = isFields(value) && Object.hasOwn(value, step.name) ? value[step.name] : undefined;
      return inside === undefined ? [] : [inside];
    }
    case 'index': {
      const item = isList(value) ? value.at(step.at) : undefined;
      return item === undefined ? [] : [item];
    }
    case 'slice':
      return isList(value) ? value.slice(step.from, step.to) : [];
    case 'all':
      return isList(value) ? value : isFields(value) ? Object.values(value) : [];
    case 'where':
      return isList(value) ? value.filter((item) => holds(item, step)) : [];
  }
}

function holds(item: Json, { left, operator, right }: Extract<Step, { readonly is: 'where' }>): boolean {
  const [found] = findAll(item, left);
  if (found === undefined) return false;
  if (operator === 'exists') return true;
  if (operator === '==') return found === right;
  if (operator === '!=') return found !== right;
  if (typeof found !== typeof right || found === null || right === null) return false;
  switch (operator) {
    case '<':
      return found < right;
    case '<=':
      return found <= right;
    case '>':
      return found > right;
    default:
      return found >= right;
  }
}
