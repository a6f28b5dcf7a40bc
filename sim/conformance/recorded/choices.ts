/**
 * Which Pods a ReplicaSet gave up when it became smaller. Among those that the real order takes for tied any choice is
 * right, so no choice is compared with another: each is looked at by itself, on both sides, and what should not have
 * been is told. The order is that of core/controllers/deletion-order.ts, with the times that a watch shows: a Pod's own
 * are whole seconds, and a controller's cache is a little behind, so what lies that close counts as tied.
 */
import type { Json } from '../../../core/api/generated/types.ts';
import type { Canon } from './canon.ts';
import type { Sighting } from './recording.ts';
import { turnAt, type Chapter, type Line, type Turns } from './transcript.ts';

/** A Pod as it was when its ReplicaSet became smaller. */
interface Candidate {
  readonly name: string;
  readonly set: string;
  readonly node: string;
  readonly phase: string;
  /** Since when it is ready, or is not. */
  readonly ready: boolean;
  readonly since: number;
  readonly bornAt: number;
  readonly cost: number;
  readonly restarts: number;
}

interface Reduction {
  readonly at: number;
  readonly set: string;
  readonly many: number;
  readonly candidates: readonly Candidate[];
  /** Nodes on which a Pod has just come or gone. */
  readonly restless: ReadonlySet<string>;
  readonly gone: Set<string>;
}

export function choicesChapter(sightings: readonly Sighting[], turns: Turns, canon: Canon): Chapter {
  const lines: Line[] = [];
  for (const reduction of reductionsOf(sightings)) {
    const { at, candidates, restless, gone } = reduction;
    const ranks = ranksOf(candidates, ownersOf(sightings), reduction.set);
    const own = candidates.filter(({ set }) => set === reduction.set);
    const circumstances = { ranks, restless, at, few: own.length <= insertedOneByOne };
    for (const given of own.filter(({ name }) => gone.has(name)))
      for (const kept of own.filter(({ name }) => !gone.has(name)))
        if (goesFirst(kept, given, circumstances)) {
          const text = canon.text(`${told(given, ranks)} went before ${told(kept, ranks)}`);
          lines.push({ turn: turnAt(turns, at), at, text });
        }
  }
  return { title: 'Pods given up that should have stayed', order: 'any', lines };
}

/** How late the deletions of a reduction may come, in milliseconds. */
const within = 2_000;

function reductionsOf(sightings: readonly Sighting[]): readonly Reduction[] {
  const alive = new Map<string, Candidate>();
  const sizes = new Map<string, number>();
  const open: Reduction[] = [];
  const changed = new Map<string, number>();
  for (const sighting of sightings) {
    const { kind, type, name, at, fields } = sighting;
    const { spec, deleting } = fields;
    if (kind === 'ReplicaSet' && typeof spec === 'number' && type !== 'DELETED') {
      const before = sizes.get(name) ?? spec;
      if (spec < before) {
        const restless = new Set([...changed].filter(([, then]) => at - then < behind).map(([node]) => node));
        const candidates = [...alive.values()];
        open.push({ at, set: name, many: before - spec, candidates, restless, gone: new Set() });
      }
      sizes.set(name, spec);
    }
    if (kind !== 'Pod') continue;
    if (type === 'DELETED' || typeof deleting === 'string') {
      const given = alive.get(name);
      if (given !== undefined) changed.set(given.node, at);
      alive.delete(name);
      const whose = open.find(
        (one) => one.set === given?.set && one.gone.size < one.many && at - one.at < within,
      );
      whose?.gone.add(name);
    } else {
      remember(alive, sighting);
      if (typeof fields['node'] === 'string') changed.set(fields['node'], at);
    }
  }
  return open;
}

function remember(alive: Map<string, Candidate>, { name, type, at, fields }: Sighting): void {
  const { owner, node, phase, conds, containers, annotations } = fields;
  const known =
    type === 'ADDED'
      ? {
          name,
          set: setOf(owner),
          node: '',
          phase: 'Pending',
          ready: false,
          since: at,
          bornAt: at,
          cost: 0,
          restarts: 0,
        }
      : alive.get(name);
  if (known === undefined) return;
  const ready = Array.isArray(conds) ? conds.includes('Ready=True') : known.ready;
  const ended = phase === 'Succeeded' || phase === 'Failed';
  if (ended) return void alive.delete(name);
  alive.set(name, {
    ...known,
    node: typeof node === 'string' ? node : known.node,
    phase: typeof phase === 'string' ? phase : known.phase,
    ready,
    since: ready === known.ready ? known.since : at,
    cost: annotations === undefined ? known.cost : costIn(annotations),
    restarts: containers === undefined ? known.restarts : restartsIn(containers),
  });
}

const setOf = (owner: Json | undefined): string =>
  typeof owner === 'string' ? owner.replace('ReplicaSet/', '') : '';

const costIn = (annotations: Json): number =>
  Number(
    (annotations as Readonly<Record<string, string>> | null)?.[
      'controller.kubernetes.io/pod-deletion-cost'
    ] ?? 0,
  );

const restartsIn = (containers: Json): number =>
  Math.max(
    0,
    ...[...JSON.stringify(containers).matchAll(/restarts=(\d+)/g)].map(([, count]) => Number(count)),
  );

/** The Deployment of each ReplicaSet that has one. */
const ownersOf = (sightings: readonly Sighting[]): ReadonlyMap<string, string> =>
  new Map(
    sightings.flatMap(({ kind, type, name, fields }) =>
      kind === 'ReplicaSet' && type === 'ADDED' && typeof fields['owner'] === 'string'
        ? [[name, fields['owner']] as const]
        : [],
    ),
  );

/** How many Pods of the same Deployment are on each node; a ReplicaSet of its own counts none. */
function ranksOf(
  candidates: readonly Candidate[],
  owners: ReadonlyMap<string, string>,
  set: string,
): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  const owner = owners.get(set);
  if (owner === undefined) return ranks;
  for (const { node, set: its } of candidates)
    if (owners.get(its) === owner) ranks.set(node, (ranks.get(node) ?? 0) + 1);
  return ranks;
}

/** How far a cache may be behind, in milliseconds. */
const behind = 300;

const phases = ['Pending', 'Unknown', 'Running'];

/** Go sorts so few by inserting one after another; of more, what the uid decides makes any order of ages possible. */
const insertedOneByOne = 12;

interface Circumstances {
  readonly ranks: ReadonlyMap<string, number>;
  readonly restless: ReadonlySet<string>;
  readonly at: number;
  readonly few: boolean;
}

/** Whether `a` is to go before `b`, beyond doubt. */
function goesFirst(a: Candidate, b: Candidate, { ranks, restless, at, few }: Circumstances): boolean {
  if ([a, b].some(({ since, bornAt }) => at - since < behind || at - bornAt < behind)) return false;
  const order =
    Number(a.node !== '') - Number(b.node !== '') ||
    phases.indexOf(a.phase) - phases.indexOf(b.phase) ||
    Number(a.ready) - Number(b.ready) ||
    a.cost - b.cost;
  if (order !== 0) return order < 0;
  if (restless.has(a.node) || restless.has(b.node)) return false;
  const rank = ({ node }: Candidate): number => ranks.get(node) ?? 0;
  if (rank(a) !== rank(b)) return rank(a) > rank(b);
  if (!few) return false;
  if (a.ready && !isSameSecond(a.since, b.since)) return isClearlyYounger(a.since, b.since, at);
  if (a.restarts !== b.restarts) return a.restarts > b.restarts;
  return !isSameSecond(a.bornAt, b.bornAt) && isClearlyYounger(a.bornAt, b.bornAt, at);
}

/** Of two times so close it cannot be told whether their seconds are the same: what follows decides, or the uid. */
const isSameSecond = (a: number, b: number): boolean => Math.abs(a - b) < 1_000;

/** Ages are compared by their magnitude in base 2, and each may be a second more than a watch shows. */
function isClearlyYounger(a: number, b: number, at: number): boolean {
  const magnitude = (age: number): number => Math.floor(Math.log2(Math.max(age, 1) * 1_000_000));
  return magnitude(at - a + 1_000) < magnitude(at - b - behind);
}

const told = (
  { name, phase, ready, node, since, restarts }: Candidate,
  ranks: ReadonlyMap<string, number>,
): string =>
  `${name} (${phase}, ${ready ? 'ready' : 'not ready'} since ${(since / 1_000).toFixed(1)}s, ` +
  `${ranks.get(node) ?? 0} on its node, restarts ${restarts})`;
