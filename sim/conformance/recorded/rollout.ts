/**
 * The sizes of a Deployment's ReplicaSets. Until the first Pod of a turn is ready nothing is left to chance: each step
 * is told. From then on it depends on how many Pods were ready at one look, so a ReplicaSet's way is told by where each
 * run up or down ends; and the bounds of the whole: how many Pods were wanted at most, how many available at least.
 */
import type { Canon } from './canon.ts';
import type { Sighting } from './recording.ts';
import { turnAt, type Chapter, type Line, type Turns } from './transcript.ts';

interface Size {
  readonly at: number;
  readonly set: string;
  readonly from: number;
  readonly to: number;
}

export function rolloutChapters(
  sightings: readonly Sighting[],
  turns: Turns,
  canon: Canon,
): readonly Chapter[] {
  const owners = new Map<string, string>();
  for (const { kind, type, name, fields } of sightings)
    if (kind === 'ReplicaSet' && type === 'ADDED')
      owners.set(name, typeof fields['owner'] === 'string' ? fields['owner'] : `ReplicaSet/${name}`);
  return [...new Set(owners.values())].map((owner) => {
    const sets = new Set([...owners].filter(([, itsOwner]) => itsOwner === owner).map(([name]) => name));
    return {
      title: `Sizes of ${canon.text(owner)}`,
      order: 'kept',
      lines: linesOf(sightings, sets, turns, canon),
    };
  });
}

function linesOf(
  sightings: readonly Sighting[],
  sets: ReadonlySet<string>,
  turns: Turns,
  canon: Canon,
): readonly Line[] {
  const sizes = sizesOf(sightings, sets);
  const census = censusOf(sightings, sets);
  const lines: Line[] = [];
  for (let turn = 0; turn <= turns.length; turn++) {
    const own = sizes.filter(({ at }) => turnAt(turns, at) === turn);
    if (own.length === 0) continue;
    const firstReady = census.find(({ at, became }) => became && turnAt(turns, at) === turn)?.at ?? Infinity;
    const before = own.filter(({ at }) => at <= firstReady);
    for (const { at, set, from, to } of before)
      lines.push({ turn, at, text: canon.text(`${set}: ${from} -> ${to}`) });
    lines.push(...runsOf(own.slice(before.length), turn, canon));
    lines.push({ turn, text: `at most ${mostWanted(sizes, turns, turn)} wanted` });
    lines.push({ turn, text: `at least ${leastReady(census, turns, turn)} ready` });
  }
  return lines;
}

function sizesOf(sightings: readonly Sighting[], sets: ReadonlySet<string>): readonly Size[] {
  const held = new Map<string, number>();
  const sizes: Size[] = [];
  for (const { kind, type, name, at, fields } of sightings) {
    if (kind !== 'ReplicaSet' || !sets.has(name)) continue;
    const { spec } = fields;
    if (type === 'DELETED') held.delete(name);
    if (type === 'DELETED' || typeof spec !== 'number') continue;
    const from = held.get(name);
    // A ReplicaSet of no Pods is told too: it appears.
    if (from === undefined || from !== spec) sizes.push({ at, set: name, from: from ?? 0, to: spec });
    held.set(name, spec);
  }
  return sizes;
}

/** By ReplicaSet, in the order of their names: where each run in one direction ends. */
function runsOf(sizes: readonly Size[], turn: number, canon: Canon): readonly Line[] {
  const sets = [...new Set(sizes.map(({ set }) => set))].sort();
  return sets.flatMap((set) => {
    const own = sizes.filter((size) => size.set === set);
    return own.flatMap((size, i): readonly Line[] => {
      const next = own[i + 1];
      if (next !== undefined && next.to > next.from === size.to > size.from) return [];
      const way = size.to > size.from ? 'up' : 'down';
      return [{ turn, text: canon.text(`${set}: ${way} to ${size.to}`) }];
    });
  });
}

function mostWanted(sizes: readonly Size[], turns: Turns, turn: number): number {
  const held = new Map<string, number>();
  let most = 0;
  for (const { at, set, to } of sizes) {
    held.set(set, to);
    const total = [...held.values()].reduce((sum, size) => sum + size, 0);
    if (turnAt(turns, at) === turn) most = Math.max(most, total);
  }
  return most;
}

interface Count {
  readonly at: number;
  /** Pods of the ReplicaSets that are ready and not being deleted. */
  readonly ready: number;
  /** One more than before. */
  readonly became: boolean;
}

function censusOf(sightings: readonly Sighting[], sets: ReadonlySet<string>): readonly Count[] {
  const own = new Set<string>();
  const ready = new Set<string>();
  const counts: Count[] = [];
  for (const { kind, type, name, at, fields } of sightings) {
    if (kind !== 'Pod') continue;
    const { owner, conds, deleting } = fields;
    if (type === 'ADDED' && typeof owner === 'string' && sets.has(owner.replace('ReplicaSet/', '')))
      own.add(name);
    if (!own.has(name)) continue;
    const was = ready.has(name);
    if (Array.isArray(conds) && conds.includes('Ready=True')) ready.add(name);
    else if (Array.isArray(conds)) ready.delete(name);
    if (type === 'DELETED' || typeof deleting === 'string') ready.delete(name);
    if (ready.has(name) !== was) counts.push({ at, ready: ready.size, became: !was });
  }
  return counts;
}

function leastReady(census: readonly Count[], turns: Turns, turn: number): number {
  const before = census.filter(({ at }) => turnAt(turns, at) < turn).at(-1)?.ready ?? 0;
  return Math.min(before, ...census.filter(({ at }) => turnAt(turns, at) === turn).map(({ ready }) => ready));
}
