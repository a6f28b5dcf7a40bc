/** The statuses as they are when nothing is under way: before each turn, and at the end. A line's time is the last change. */
import type { Json } from '../../../core/api/generated/types.ts';
import type { Canon } from './canon.ts';
import type { Sighting } from './recording.ts';
import type { Line, Turns } from './transcript.ts';

export function atRest(sightings: readonly Sighting[], turns: Turns, canon: Canon): readonly Line[] {
  const lines: Line[] = [];
  for (let turn = 1; turn <= turns.length; turn++) {
    const statuses = new Map<string, { readonly at: number; readonly status: Json }>();
    for (const { kind, name, type, at, fields } of sightings) {
      if (at >= (turns[turn] ?? Infinity)) continue;
      const title = `${kind}/${name}`;
      const { status } = fields;
      if (type === 'DELETED') statuses.delete(title);
      else if (status !== undefined) statuses.set(title, { at, status });
    }
    for (const [title, { at, status }] of statuses)
      lines.push({ turn, at, text: canon.text(`${title}: ${JSON.stringify(countersOf(title, status))}`) });
  }
  return lines;
}

/** In the order of their names; the generation that a ReplicaSet's status has observed counts writes. */
function countersOf(title: string, status: Json): Json {
  const fields = Object.entries((status ?? {}) as Readonly<Record<string, Json>>);
  const counted = fields.filter(
    ([name]) => name !== 'observedGeneration' || !title.startsWith('ReplicaSet/'),
  );
  return Object.fromEntries(counted.sort(([a], [b]) => (a < b ? -1 : 1)));
}
