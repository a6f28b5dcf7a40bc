/** The order in which a StatefulSet's Pods come and go, one by one. Pods that are made in parallel have none. */
import type { Canon } from './canon.ts';
import type { Sighting } from './recording.ts';
import { turnAt, type Chapter, type Turns } from './transcript.ts';

export function orderChapters(
  sightings: readonly Sighting[],
  turns: Turns,
  canon: Canon,
): readonly Chapter[] {
  const owners = new Map<string, string>();
  for (const { kind, name, fields } of sightings) {
    const { owner } = fields;
    if (kind === 'Pod' && typeof owner === 'string' && owner.startsWith('StatefulSet/'))
      owners.set(name, owner);
  }
  return [...new Set(owners.values())].map((owner) => {
    const steps = sightings
      .filter(({ kind, name }) => kind === 'Pod' && owners.get(name) === owner)
      .flatMap(stepOf);
    return {
      title: `Order of ${canon.text(owner)}`,
      order: isOneByOne(steps) ? 'kept' : 'any',
      lines: steps.map(({ at, text }) => ({ turn: turnAt(turns, at), at, text })),
    };
  });
}

interface Move {
  readonly at: number;
  readonly text: string;
}

function stepOf({ type, name, at, fields }: Sighting): readonly Move[] {
  if (type === 'ADDED') return [{ at, text: `${name} appears` }];
  if (type === 'DELETED') return [{ at, text: `${name} is gone` }];
  const { conds, deleting } = fields;
  const told: Move[] = [];
  if (Array.isArray(conds) && conds.includes('Ready=True')) told.push({ at, text: `${name} is ready` });
  if (typeof deleting === 'string' && deleting !== 'grace=0') told.push({ at, text: `${name} is to go` });
  return told;
}

/** One after another: nothing appears while another that has appeared is not ready, gone or to go. */
function isOneByOne(steps: readonly Move[]): boolean {
  const waiting = new Set<string>();
  for (const { text } of steps) {
    const [pod = ''] = text.split(' ');
    if (text.endsWith('appears')) {
      if (waiting.size > 0) return false;
      waiting.add(pod);
    } else waiting.delete(pod);
  }
  return true;
}
