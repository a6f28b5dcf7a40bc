/**
 * What an attempt begins with, kept for the next Pod of the same spec: which filters have something to say, the results that
 * are shared, and how nodes are scored. Most Pods come in hundreds of one template, and all that is left to do for each of
 * them is the search. An index like the columns: dropping it changes nothing but time.
 */
import type { PodSpec } from '../api/generated/types.ts';
import type { Columns } from './columns.ts';
import type { Scoring } from './contributions.ts';
import type { FilterPlugin, Profile, ScorePlugin, Snapshot } from './framework.ts';
import type { PodShape } from './pod-info.ts';
import type { Attempt } from './schedule-one.ts';
import type { Search } from './search.ts';
import { isMetAgain, type Kind, type SharedResults } from './shared-results.ts';

export interface Routine {
  readonly search: Search;
  readonly kind: Kind;
  readonly shared: SharedResults;
  readonly scoring: Scoring;
}

/** A routine with all that it follows from. */
interface Kept extends Routine {
  readonly profile: Profile;
  readonly shape: PodShape;
  readonly imageNodes: Snapshot['imageNodes'];
  /** Of the shared results. */
  readonly version: number;
  readonly reasons: readonly Reason[];
}

/** A plugin that goes by something else than the spec, and what that was. */
interface Reason {
  readonly plugin: AnyPlugin;
  readonly value: unknown;
}

type AnyPlugin = FilterPlugin | ScorePlugin;

/** Those of one set of columns: a run goes on with its last, and a fork pays for preparing once. */
let keptWith: Columns | undefined;
let kept = new WeakMap<PodSpec, Kept>();

/** The routine of a Pod, with what it shares brought up to date; undefined: the attempt has to be prepared. */
export function routineFor(attempt: Attempt, columns: Columns): Routine | undefined {
  const { pod, snapshot, profile } = attempt;
  if (keptWith !== columns || !isOrdinary(attempt)) return undefined;
  const known = kept.get(pod.spec);
  if (known?.profile !== profile || known.shape !== pod.shape) return undefined;
  if (known.imageNodes !== snapshot.imageNodes) return undefined;
  for (const { plugin, value } of known.reasons)
    if (plugin.goesBy?.(pod, snapshot) !== value) return undefined;
  if (!isMetAgain(known.kind, columns) || known.kind.results !== known.shared) return undefined;
  if (known.shared.version !== known.version) return undefined;
  return known.scoring.grouping?.update() === false ? undefined : known;
}

/** Keeps what an attempt has prepared, where every plugin has it follow from the spec. */
export function keepRoutine(attempt: Attempt, columns: Columns, routine: Routine): void {
  const { pod, snapshot, profile } = attempt;
  if (!isOrdinary(attempt)) return;
  const plugins: AnyPlugin[] = [...profile.filters, ...profile.scores.map(({ plugin }) => plugin)];
  if (!plugins.every((plugin) => plugin.byNode === true || plugin.bySpec?.(pod.spec) === true)) return;
  const reasons = [...new Set(plugins)]
    .filter(({ goesBy }) => goesBy !== undefined)
    .map((plugin): Reason => ({ plugin, value: plugin.goesBy?.(pod, snapshot) }));
  if (keptWith !== columns) {
    keptWith = columns;
    kept = new WeakMap();
  }
  const { search, kind, shared, scoring } = routine;
  const { imageNodes } = snapshot;
  const { version } = shared;
  kept.set(pod.spec, {
    search,
    kind,
    shared,
    scoring,
    profile,
    shape: pod.shape,
    imageNodes,
    version,
    reasons,
  });
}

/** No other Pod has a say beyond being counted. */
const isOrdinary = ({ nominatedNodeName, snapshot: { nominated, affinityNodes } }: Attempt): boolean =>
  nominatedNodeName === '' && nominated.size === 0 && affinityNodes.size === 0;
