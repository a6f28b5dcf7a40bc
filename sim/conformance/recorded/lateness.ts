/**
 * How late the machine of a recording was. Its hollow kubelet tells of a Pod's containers as soon as the Pod is bound,
 * and its apiserver serves a request in a few milliseconds: what these took longer is the machine's own, and what follows
 * is late by a few times as much.
 */
import type { Recording } from './recording.ts';
import { turnAt, type Turns } from './transcript.ts';

/** Reactions that follow one another: bound, created, running, told of. */
const chain = 3;
/** What is usual. */
const atOnce = 250;
const served = 50;

/** By turn, in milliseconds. */
export function latenessOf({ sightings, services }: Recording, turns: Turns): readonly number[] {
  const latest = Array.from({ length: turns.length + 1 }, () => 0);
  const bound = new Map<string, number>();
  for (const { kind, name, type, at, fields } of sightings) {
    if (kind !== 'Pod') continue;
    if (type !== 'MODIFIED') bound.delete(name);
    if (typeof fields['node'] === 'string' && type === 'MODIFIED') bound.set(name, at);
    const since = bound.get(name);
    if (since === undefined || fields['containers'] === undefined) continue;
    bound.delete(name);
    const turn = turnAt(turns, at);
    latest[turn] = Math.max(latest[turn] ?? 0, at - since);
  }
  const slowest = Array.from({ length: turns.length + 1 }, () => 0);
  for (const { at, took } of services) {
    const turn = turnAt(turns, at);
    slowest[turn] = Math.max(slowest[turn] ?? 0, took);
  }
  return latest.map((late, turn) => {
    const slow = slowest[turn] ?? 0;
    return chain * Math.max(late > atOnce ? late : 0, slow > served ? slow : 0);
  });
}
