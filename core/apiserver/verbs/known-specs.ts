/**
 * Pods that are sent one by one have specs of their own that say the same: a spec is known again by what it says, and what has
 * been found out about it need not be found out again. It is read once, token by token, against all that are known: they are
 * the branches of one tree, each beginning where it first says something else than the one it branches off. So a spec that is
 * known costs a walk of it and no text is made; a third of what `JSON.stringify` takes.
 */
import type { PodSpec } from '../../api/generated/types.ts';

/** What a spec says, in its order: names of fields, plain values, and where an object or a list begins and ends. */
type Tokens = readonly unknown[];

interface Known {
  readonly spec: PodSpec;
  readonly tokens: Tokens;
  /** Those that are like this one up to a place, by that place and by what they say there. */
  readonly branches: Map<number, Map<unknown, Known>>;
}

/** Tokens that no plain value is. */
const [object, list, end] = [Symbol('object'), Symbol('list'), Symbol('end')];

/** Of the latest specs, so that they take no more than some MiB: when there are more, all are forgotten. */
const mostSpecs = 512;
/** What says more is not kept: tokens, and UTF-16 units of its texts. */
const mostTokens = 1_024;
const mostUnits = 8_192;

let first: Known | undefined;
let count = 0;

/** The first spec that said the same in the same order, or this one, which is it from now on. */
export function firstLike(spec: PodSpec): PodSpec {
  if (count >= mostSpecs) forgetAll();
  reading = first;
  at = 0;
  said = first === undefined ? [] : undefined;
  read(spec);
  const known = reading;
  const tokens = said;
  reading = said = undefined;
  if (tokens === undefined) return known?.spec ?? spec;
  if (tokens.length <= mostTokens && unitsOf(tokens) <= mostUnits) remember(spec, tokens, known);
  return spec;
}

/** All of it is forgotten between two specs: nothing is kept here but the way through one. */
let reading: Known | undefined;
let at = 0;
/** What a spec that is not known has said so far. It left `reading` at the place `at`. */
let said: unknown[] | undefined;

function read(value: unknown): void {
  if (typeof value !== 'object' || value === null) return note(value);
  if (Array.isArray(value)) {
    note(list);
    for (let i = 0; i < value.length; i++) read(value[i] ?? null);
    return note(end);
  }
  note(object);
  const fields = value as Readonly<Record<string, unknown>>;
  for (const field in fields) {
    const part = fields[field];
    if (part === undefined) continue;
    note(field);
    read(part);
  }
  note(end);
}

function note(token: unknown): void {
  if (said !== undefined) said.push(token);
  else if (reading?.tokens[at] === token) at++;
  else turn(token);
}

/** Follows the branch that says this here, or begins to write down what is new. */
function turn(token: unknown): void {
  const branch = reading?.branches.get(at)?.get(token);
  if (branch === undefined) said = [...(reading?.tokens.slice(0, at) ?? []), token];
  else {
    reading = branch;
    at++;
  }
}

function remember(spec: PodSpec, tokens: Tokens, trunk: Known | undefined): void {
  const known: Known = { spec, tokens, branches: new Map() };
  count++;
  if (trunk === undefined) {
    first = known;
    return;
  }
  const there = trunk.branches.get(at) ?? new Map<unknown, Known>();
  trunk.branches.set(at, there.set(tokens[at], known));
}

function forgetAll(): void {
  first = undefined;
  count = 0;
}

function unitsOf(tokens: Tokens): number {
  let units = 0;
  for (const token of tokens) if (typeof token === 'string') units += token.length;
  return units;
}
