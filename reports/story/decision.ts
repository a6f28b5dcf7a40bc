/** What a scheduler wrote down of a decision, read from a trace's explain record. */
import type { Json } from '../../core/api/generated/types.ts';
import { field, listOf, textOf } from './change.ts';

interface NodeScore {
  readonly node: string;
  readonly total: number;
  /** By plugin, weighted. */
  readonly plugins: ReadonlyMap<string, number>;
}

export interface Decision {
  /** Empty: no node would do. */
  readonly node: string;
  /** The cluster's nodes, those of them that were filtered, and those that passed. */
  readonly nodes: number | undefined;
  readonly evaluated: number | undefined;
  readonly feasible: number | undefined;
  /** The best first. */
  readonly scores: readonly NodeScore[];
  /** Why nodes would not do, and how many each reason has. */
  readonly reasons: readonly (readonly [reason: string, nodes: number])[];
  /** What else was written down, under its own name. */
  readonly rest: readonly (readonly [name: string, text: string])[];
}

const known = ['attempt', 'nodes', 'evaluated', 'feasible', 'rejected', 'chosen', 'scores', 'plugins'];

/** Reads a decision; whatever is not in it is left empty. */
export function decisionOf(detail: Json): Decision {
  const entries =
    typeof detail === 'object' && detail !== null && !Array.isArray(detail)
      ? Object.entries(detail as Readonly<Record<string, Json>>)
      : [];
  return {
    node: textOf(field(detail, 'chosen')),
    nodes: numberOf(field(detail, 'nodes')),
    evaluated: numberOf(field(detail, 'evaluated')),
    feasible: numberOf(field(detail, 'feasible')),
    scores: listOf(field(detail, 'scores'))
      .map(scoreOf)
      .sort((a, b) => b.total - a.total),
    reasons: numbersOf(field(detail, 'rejected')),
    rest: entries
      .filter(([name]) => !known.includes(name))
      .map(([name, value]) => [name, textOf(value)] as const),
  };
}

const numberOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;

function scoreOf(score: Json): NodeScore {
  return {
    node: textOf(field(score, 'node')),
    total: numberOf(field(score, 'total')) ?? 0,
    plugins: new Map(numbersOf(field(score, 'plugins'))),
  };
}

function numbersOf(value: Json | undefined): readonly (readonly [string, number])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value as Readonly<Record<string, Json>>).map(
    ([name, count]) => [name, numberOf(count) ?? 0] as const,
  );
}

/** `filter: 3 of 5 nodes pass`; empty where it was not written down. */
export function filterText({ nodes, evaluated, feasible }: Decision): string {
  if (evaluated === undefined || feasible === undefined) return '';
  const searched = nodes === undefined || nodes === evaluated ? '' : ` (of ${nodes} in the cluster)`;
  return `filter: ${feasible} of ${evaluated} ${evaluated === 1 ? 'node' : 'nodes'}${searched} pass`;
}
