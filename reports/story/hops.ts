/** The events between two steps of a story: every message on the way, for those who want to see them all. */
import { kindAt, type TraceIndex } from '../trace/trace-index.ts';
import type { Step } from './step.ts';

/** A thread has no more hops between two commits than this, unless a timer chain is endless. */
const mostHops = 64;

/**
 * The events that led from what moved a step to the step itself, in order; and behind a write, its answer and its
 * arrival in the watch caches.
 */
export function hopsOf(index: TraceIndex, step: Step): readonly number[] {
  const before: number[] = [];
  const from = step.because?.event ?? 0;
  for (let id = step.event; id !== 0 && before.length < mostHops; id = index.cause[id] ?? 0) {
    before.unshift(id);
    if (id === from) break;
  }
  return step.revision === 0 ? before : [...before, ...after(index, step.event)];
}

/** Answers and watch events follow their commit closely: the next few thousand events have them, if any has. */
const farthest = 5_000;

function after(index: TraceIndex, commit: number): readonly number[] {
  const found: number[] = [];
  const of = new Set([commit]);
  const end = Math.min(index.events, commit + farthest);
  for (let id = commit + 1; id <= end && found.length < mostHops; id++) {
    if (!of.has(index.cause[id] ?? 0)) continue;
    const kind = kindAt(index, id);
    if (kind !== 'etcdAnswer' && kind !== 'etcdWatch' && kind !== 'answer' && kind !== 'watch') continue;
    found.push(id);
    if (kind === 'etcdAnswer' || kind === 'etcdWatch') of.add(id);
  }
  return found;
}
