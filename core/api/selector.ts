/**
 * Label selectors: the text of a query (`app=web,tier notin (db)`), the LabelSelector of a manifest, and whether labels
 * match. Parsed texts are remembered. (kubernetes v1.34.1 apimachinery/pkg/labels/selector.go)
 */
import { errorText, invalidValue, aggregate, type FieldError } from './field-error.ts';
import type { LabelSelector } from './generated/types.ts';
import { labelValueErrors, qualifiedNameErrors } from '../text/label-format.ts';
import { scanSelector, type Token, type TokenKind } from './selector-scan.ts';

export { matchesFields, parseFieldSelector, type FieldRequirement } from './field-selector.ts';

type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface Requirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

/** Why a selector cannot be understood, in the words of the apiserver. */
export interface SelectorError {
  readonly error: string;
}

export const isSelectorError = (value: object): value is SelectorError => 'error' in value;

export type Labels = Readonly<Record<string, string>>;

/** Whether labels meet every requirement. No requirement: everything matches. */
export function matchesLabels(requirements: readonly Requirement[], labels: Labels | undefined): boolean {
  for (let i = 0; i < requirements.length; i++) {
    const requirement = requirements[i] as Requirement;
    const found: unknown = labels === undefined ? undefined : labels[requirement.key];
    // A label's value is text; anything else is a property that every object inherits.
    if (!meets(requirement, typeof found === 'string' ? found : undefined)) return false;
  }
  return true;
}

function meets(requirement: Requirement, value: string | undefined): boolean {
  switch (requirement.operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && requirement.values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !requirement.values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      const left = value === undefined ? undefined : int64(value);
      const right = int64(requirement.values[0] ?? '');
      if (left === undefined || right === undefined) return false;
      return requirement.operator === 'gt' ? left > right : left < right;
    }
  }
}

const int64End = 1n << 63n;

/** The value of a text that Go's ParseInt reads as an int64. */
export function int64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= -int64End && value < int64End ? value : undefined;
}

/** The requirements no labels meet: what a missing selector selects. */
export const matchesNothing: readonly Requirement[] = [{ key: '', operator: 'in', values: [] }];

const ofSelector = new WeakMap<LabelSelector, readonly Requirement[]>();

const operatorOf: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/**
 * The requirements of a manifest's selector, sorted by key: none for the empty selector, which matches everything;
 * `matchesNothing` where there is no selector. An invalid selector, which validation refuses, matches nothing.
 */
export function requirementsOf(selector: LabelSelector | undefined): readonly Requirement[] {
  if (selector === undefined) return matchesNothing;
  let found = ofSelector.get(selector);
  if (found === undefined) {
    const built = labelSelectorRequirements(selector);
    found = isSelectorError(built) ? matchesNothing : built;
    ofSelector.set(selector, found);
  }
  return found;
}

/** The requirements of a manifest's selector, or what is wrong with it. */
export function labelSelectorRequirements(selector: LabelSelector): readonly Requirement[] | SelectorError {
  const requirements: Requirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {}).sort(byKey))
    requirements.push({ key, operator: '=', values: [value] });
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = operatorOf[operator];
    if (known === undefined) return { error: `"${operator}" is not a valid label selector operator` };
    requirements.push({ key, operator: known, values: values ?? [] });
  }
  for (const requirement of requirements) {
    const errors = requirementErrors(requirement, true);
    if (errors.length > 0) return { error: aggregate(errors.map(errorText)) };
  }
  return sortByKey(requirements);
}

const byKey = (a: readonly [string, string], b: readonly [string, string]): number => (a[0] < b[0] ? -1 : 1);

const ofMap = new WeakMap<Labels, readonly Requirement[]>();

/** The requirements of a plain map, as a Service's or a ReplicationController's selector is. */
export function requirementsOfMap(labels: Labels | undefined): readonly Requirement[] {
  if (labels === undefined) return [];
  let found = ofMap.get(labels);
  if (found === undefined) {
    found = Object.entries(labels)
      .sort(byKey)
      .map(([key, value]): Requirement => ({ key, operator: '=', values: [value] }));
    ofMap.set(labels, found);
  }
  return found;
}

const sortByKey = (requirements: readonly Requirement[]): readonly Requirement[] =>
  [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));

const parsed = new Map<string, readonly Requirement[] | SelectorError>();
const parsedBound = 10_000;

/** Reads the text of a `labelSelector` parameter. The answer is sorted by key. */
export function parseLabelSelector(text: string): readonly Requirement[] | SelectorError {
  let found = parsed.get(text);
  if (found === undefined) {
    found = parse(text);
    if (parsed.size >= parsedBound) parsed.clear();
    parsed.set(text, found);
  }
  return found;
}

function parse(text: string): readonly Requirement[] | SelectorError {
  const tokens = scanSelector(text);
  let position = 0;
  const peek = (): Token => tokens[position] ?? { kind: 'end', literal: '' };
  const take = (): Token => {
    const token = peek();
    position++;
    return token;
  };
  const requirements: Requirement[] = [];
  for (;;) {
    const token = peek();
    if (token.kind === 'end') return sortByKey(requirements);
    if (!isWord(token) && token.kind !== '!')
      return { error: `found '${token.literal}', expected: !, identifier, or 'end of string'` };
    const requirement = parseRequirement(take, peek);
    if ('error' in requirement) return { error: `unable to parse requirement: ${requirement.error}` };
    requirements.push(requirement);
    const after = take();
    if (after.kind === 'end') return sortByKey(requirements);
    if (after.kind !== ',') return { error: `found '${after.literal}', expected: ',' or 'end of string'` };
    if (!isWord(peek()) && peek().kind !== '!')
      return { error: `found '${peek().literal}', expected: identifier after ','` };
  }
}

/** `in` and `notin` are words too, where a key or a value may stand. */
const isWord = (token: Token): boolean =>
  token.kind === 'word' || token.kind === 'in' || token.kind === 'notin';

function parseRequirement(take: () => Token, peek: () => Token): Requirement | SelectorError {
  let token = take();
  const negated = token.kind === '!';
  if (negated) token = take();
  if (!isWord(token)) return { error: `found '${token.literal}', expected: identifier` };
  const key = token.literal;
  const keyErrors = qualifiedNameErrors(key);
  if (keyErrors.length > 0) return { error: errorText(invalidValue('<nil>', key, keyErrors.join('; '))) };
  if (negated) return { key, operator: '!', values: [] };
  if (peek().kind === 'end' || peek().kind === ',') return { key, operator: 'exists', values: [] };
  const operator = operatorOfToken(take());
  if (typeof operator !== 'string') return operator;
  const values =
    operator === 'in' || operator === 'notin' ? parseValues(take, peek) : parseExactValue(take, peek);
  if (isSelectorError(values)) return values;
  const requirement: Requirement = { key, operator, values: [...new Set(values)].sort() };
  const errors = requirementErrors(requirement, false);
  return errors.length > 0 ? { error: aggregate(errors.map(errorText)) } : requirement;
}

const binaryOperators: Readonly<Partial<Record<TokenKind, LabelOperator>>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
};

function operatorOfToken(token: Token): LabelOperator | SelectorError {
  const operator = binaryOperators[token.kind];
  return operator ?? { error: `found '${token.literal}', expected: in, notin, =, ==, !=, gt, lt` };
}

function parseValues(take: () => Token, peek: () => Token): readonly string[] | SelectorError {
  const open = take();
  if (open.kind !== '(') return { error: `found '${open.literal}' expected: '('` };
  if (peek().kind === ')') {
    take();
    return [''];
  }
  if (!isWord(peek()) && peek().kind !== ',')
    return { error: `found '${peek().literal}', expected: ',', ')' or identifier` };
  const values: string[] = [];
  for (;;) {
    const token = take();
    if (isWord(token)) {
      values.push(token.literal);
      if (peek().kind === ',') continue;
      if (peek().kind === ')') break;
      return { error: `found '${peek().literal}', expected: ',' or ')'` };
    }
    if (token.kind !== ',') return { error: `found '${token.literal}', expected: ',', or identifier` };
    if (values.length === 0) values.push('');
    if (peek().kind === ')') {
      values.push('');
      break;
    }
    if (peek().kind === ',') {
      take();
      values.push('');
    }
  }
  take();
  return values;
}

function parseExactValue(take: () => Token, peek: () => Token): readonly string[] | SelectorError {
  if (peek().kind === 'end' || peek().kind === ',') return [''];
  const token = take();
  return isWord(token) ? [token.literal] : { error: `found '${token.literal}', expected: identifier` };
}

/** What is wrong with a requirement at a place; its key too where it was not checked before. */
export function requirementErrors(
  requirement: Requirement,
  withKey: boolean,
  place?: string,
): readonly FieldError[] {
  const { key, operator, values } = requirement;
  const errors: FieldError[] = [];
  const keyErrors = withKey ? qualifiedNameErrors(key) : [];
  const at = place === undefined ? '' : `${place}.`;
  if (keyErrors.length > 0) errors.push(invalidValue(`${at}key`, key, keyErrors.join('; ')));
  const shown = values.length === 0 ? null : values;
  if ((operator === 'in' || operator === 'notin') && values.length === 0)
    errors.push(invalidValue(`${at}values`, shown, "for 'in', 'notin' operators, values set can't be empty"));
  if ((operator === 'exists' || operator === '!') && values.length > 0)
    errors.push(invalidValue(`${at}values`, shown, 'values set must be empty for exists and does not exist'));
  if ((operator === 'gt' || operator === 'lt') && values.length !== 1)
    errors.push(
      invalidValue(`${at}values`, shown, "for 'Gt', 'Lt' operators, exactly one value is required"),
    );
  values.forEach((value, i) => {
    if ((operator === 'gt' || operator === 'lt') && int64(value) === undefined)
      errors.push(
        invalidValue(`${at}values[${i}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"),
      );
  });
  values.forEach((value, i) => {
    const valueErrors = labelValueErrors(value);
    if (valueErrors.length > 0)
      errors.push(invalidValue(`${at}values[${i}][${key}]`, value, valueErrors.join('; ')));
  });
  return errors;
}

/** The text of requirements: `a in (1,2),!b`. */
export const selectorText = (requirements: readonly Requirement[]): string =>
  requirements.map(requirementText).join(',');

function requirementText({ key, operator, values }: Requirement): string {
  const list = [...values].sort().join(',');
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${list})`;
    case 'gt':
      return `${key}>${list}`;
    case 'lt':
      return `${key}<${list}`;
    case '=':
    case '==':
    case '!=':
      return `${key}${operator}${list}`;
  }
}
