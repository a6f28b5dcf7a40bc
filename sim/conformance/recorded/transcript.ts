/**
 * A transcript is what of a scenario can be compared: chapters of lines, each in the turn it belongs to. A turn begins
 * with an action; actions that are less than half a second apart begin one together. What may be counted together, or
 * in another order, by another machine (README of the recordings: milliseconds, how many Pods one status write counts,
 * conflicts, retries) is not in a line, or the lines of its chapter are compared without their order.
 *
 * Left out, with the reason:
 * - generations of ReplicaSets and EndpointSlices, and the observed ones in their statuses: they count writes;
 * - counters of statuses while something is under way: they are compared when it rests, before each turn and at the end;
 * - steps of a rollout after the first new Pod is ready: how many are ready at one look decides them. Compared are the
 *   steps before, each direction with its ends, the most Pods wanted and the fewest available at any time;
 * - which of several Pods of a ReplicaSet is deleted (choices.ts looks whether it was one of those that may be);
 * - nodes that the scheduler chose; in which order a DaemonSet goes through its nodes (Go's maps have none);
 *   addresses, uids and times in texts; the minute in the names of CronJobs' Jobs;
 * - when an endpoint's change was triggered: the annotation counts writes;
 * - how often a Pod could not be scheduled: other scenarios of the same cluster caused more of that. What the run says
 *   of a Pod must be among what was said of it in that turn;
 * - whether a budget made in one turn with its Pods was looked at before there was one (NoPods): that is milliseconds;
 * - Events that a conflict caused (of Endpoints), since conflicts are free;
 * - that nodes were registered which were there before: the recorder's cluster had just begun;
 * - what an EndpointSlice says for less than a second, where one side alone has it: a slice that would be written from a
 *   stale cache is looked at again a second later, and by then the endpoint is another;
 * - what the run shows after the recording has ended.
 */
import type { Deed } from './deed.ts';
import { answersChapter, type Answered } from './answers.ts';
import { canonOf } from './canon.ts';
import { choicesChapter } from './choices.ts';
import { eventChapters } from './event-lines.ts';
import { historyChapters } from './history.ts';
import { atRest } from './at-rest.ts';
import { rolloutChapters } from './rollout.ts';
import { orderChapters } from './stateful-order.ts';
import type { Sighting } from './recording.ts';

export interface Line {
  readonly turn: number;
  readonly text: string;
  /** Milliseconds since the scenario began; undefined: it has no time of its own. */
  readonly at?: number | undefined;
  /** It was so for so short a time that it need not have been written. */
  readonly brief?: boolean;
}

export interface Chapter {
  readonly title: string;
  /** `any`: the lines of a turn are a multiset. `within`: each of the run's is among the recording's of its turn. */
  readonly order: 'kept' | 'any' | 'within';
  /** A retry after a conflict may make a line so much later, in milliseconds. */
  readonly retryAfter?: number;
  readonly lines: readonly Line[];
}

/** When the turns begin, in milliseconds; before the first is turn 0. */
export type Turns = readonly number[];

const together = 500;

export function turnsOf(deeds: readonly Deed[]): Turns {
  const times = deeds.map(({ at }) => at).sort((a, b) => a - b);
  return times.filter((at, i) => i === 0 || at - (times[i - 1] ?? 0) > together);
}

/** The turn in which something happens. */
export function turnAt(turns: Turns, at: number): number {
  let turn = 0;
  while (turn < turns.length && (turns[turn] ?? 0) <= at) turn++;
  return turn;
}

export interface Side {
  readonly sightings: readonly Sighting[];
  readonly answers: readonly Answered[];
}

export function transcriptOf(side: Side, deeds: readonly Deed[]): readonly Chapter[] {
  const turns = turnsOf(deeds);
  const restarts = deeds
    .filter((deed) => deed.do === 'rollout' && deed.verb === 'restart')
    .map(({ at }) => at);
  const canon = canonOf(side.sightings, restarts);
  const { sightings } = side;
  return [
    answersChapter(side.answers, canon),
    ...rolloutChapters(sightings, turns, canon),
    choicesChapter(sightings, turns, canon),
    ...historyChapters(sightings, turns, canon),
    ...orderChapters(sightings, turns, canon),
    ...eventChapters(sightings, turns, canon),
    { title: 'At rest', order: 'any', lines: atRest(sightings, turns, canon) },
  ];
}
