/** What the plugins of a profile add to the scores of one attempt, and how it is come by. */
import type { Columns } from './columns.ts';
import type { Quest } from './find-feasible.ts';
import { maxNodeScore, scoreRowsBy, type Feasible, type Grouping, type ScorePlugin } from './framework.ts';
import type { PodInfo } from './pod-info.ts';

/** Of one plugin that takes part. It is one of three kinds. */
export interface Contribution {
  readonly plugin: ScorePlugin;
  readonly weight: number;
  readonly state: unknown;
  readonly kind: 'same' | 'shared' | 'relative';
  /** `same`: what every node gets. */
  readonly same: number;
  /** `relative`: its scores depend on one another; before normalising by row, where that is shared. */
  readonly scoreOfRow: Float64Array | undefined;
}

/** Of a plugin whose nodes have to be looked at together. Undefined: once it is prepared. */
const together = (plugin: ScorePlugin, weight: number): Contribution => ({
  plugin,
  weight,
  state: undefined,
  kind: 'relative',
  same: 0,
  scoreOfRow: undefined,
});

export const sameForAll = (plugin: ScorePlugin, weight: number, same: number): Contribution => ({
  plugin,
  weight,
  state: undefined,
  kind: 'same',
  same,
  scoreOfRow: undefined,
});

/** How the nodes are scored where most of it is shared. */
export interface Scoring {
  readonly contributions: readonly Contribution[];
  /** The one of them that goes by groups of nodes, if there is one, and the groups. */
  readonly grouped: Contribution | undefined;
  readonly grouping: Grouping | undefined;
  /** What every node gets in any case. */
  readonly same: number;
  readonly given: GivenScores;
}

/** Where some plugin scores by groups. */
export type GroupedScoring = Scoring & { readonly grouped: Contribution; readonly grouping: Grouping };

export const goesByGroups = (scoring: Scoring): scoring is GroupedScoring => scoring.grouping !== undefined;

/** Weighted, by plugin. */
export type Given = Readonly<Record<string, number>>;

/** More are seldom met with. */
const mostGiven = 1_000;

/** What plugins give to nodes: one object for the same, since few are told from one another. */
export class GivenScores {
  private readonly names: readonly string[];
  /** By their values, as digits of one number. */
  private readonly known = new Map<number, Given>();
  private readonly base: number;

  constructor(contributions: readonly Contribution[]) {
    this.names = contributions.map(({ plugin }) => plugin.name);
    this.base = 1 + contributions.reduce((sum, { weight }) => sum + weight * maxNodeScore, 0);
  }

  /** `values` in the order of the contributions. */
  of(values: readonly number[]): Given {
    let key = 0;
    for (const value of values)
      key = value < this.base && Number.isInteger(value) ? key * this.base + value : NaN;
    if (!Number.isSafeInteger(key)) return this.made(values);
    let given = this.known.get(key);
    if (given === undefined) {
      if (this.known.size >= mostGiven) this.known.clear();
      given = this.made(values);
      this.known.set(key, given);
    }
    return given;
  }

  private made(values: readonly number[]): Given {
    const given: Record<string, number> = {};
    this.names.forEach((name, i) => (given[name] = values[i] as number));
    return given;
  }
}

/** Undefined: the nodes have to be looked at. */
export function scoringOf(quest: Quest): Scoring | undefined {
  const { shared, search, columns, attempt } = quest;
  if (shared === undefined) return undefined;
  for (const { plugin } of search.running) if (plugin.byNode !== true) return undefined;
  const contributions = contributionsTo(quest);
  let grouped: Contribution | undefined;
  for (const contribution of contributions)
    if (contribution.kind === 'relative') {
      if (grouped !== undefined || contribution.scoreOfRow !== undefined) return undefined;
      grouped = contribution;
    }
  const grouping = grouped?.plugin.groups?.(attempt.pod, attempt.snapshot, columns);
  if (grouped !== undefined && grouping === undefined) return undefined;
  const given = new GivenScores(contributions);
  return { contributions, grouped, grouping, same: sameOf(contributions), given };
}

/** In the order of the profile. Plugins that are found to have nothing to say are left out. */
export function contributionsTo({ attempt, shared, columns }: Quest): readonly Contribution[] {
  const { pod, snapshot, profile } = attempt;
  const found: Contribution[] = [];
  for (let at = 0; at < profile.scores.length; at++) {
    const entry = profile.scores[at];
    if (entry === undefined) continue;
    const { plugin, weight } = entry;
    if (shared === undefined) found.push(together(plugin, weight));
    else if (plugin.byNode === true) {
      const contribution = shared.contribution(at);
      if (contribution !== undefined) found.push(contribution);
    } else {
      const alike = plugin.alike?.(pod, snapshot, columns);
      if (alike === undefined) found.push(together(plugin, weight));
      else if (alike !== 'nothing') found.push(sameForAll(plugin, weight, alike));
    }
  }
  return found;
}

/** What every node gets in any case. */
export function sameOf(contributions: readonly Contribution[]): number {
  let sum = 0;
  for (const { kind, weight, same } of contributions) if (kind === 'same') sum += weight * same;
  return sum;
}

const oneRow = new Int32Array(1);
const oneScore = new Float64Array(1);

/** What a plugin gives to one node by itself. */
export function scoreOfOne(
  { plugin, state }: Contribution,
  pod: PodInfo,
  columns: Columns,
  row: number,
): number {
  oneRow[0] = row;
  const feasible: Feasible = { columns, rows: oneRow, count: 1 };
  scoreRowsBy(plugin, pod, feasible, state, oneScore);
  return oneScore[0] as number;
}
