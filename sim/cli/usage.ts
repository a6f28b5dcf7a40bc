/** Options of the command line as values; a wrong one is a usage error: one line, exit status 2. */
import { InvalidArgumentError } from 'commander';
import { nearest } from '../../core/api/nearest.ts';
import { parseDuration } from '../../core/time/duration.ts';
import type { Duration, VirtualTime } from '../../core/time/time.ts';
import { parseClock } from '../../reports/terminal.ts';

/** The command cannot do what it was asked to. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** `30s`, `20m`, `1h30m`. */
export function durationOption(text: string): Duration {
  const value = parseDuration(text);
  if (value === undefined) throw new InvalidArgumentError('Expected a duration such as 30s, 20m or 1h30m.');
  if (value <= 0) throw new InvalidArgumentError('It must be more than nothing.');
  return value;
}

/** A time of a run: `12.5s`, `5m`, or RFC 3339. */
export function timeOption(option: string, text: string): VirtualTime {
  const time = parseClock(text);
  if (time !== undefined) return time;
  throw new UsageError(`${option} ${text}: expected a time such as 12.5s, 5m or 2025-01-01T00:00:06Z`);
}

const mostNodes = 100_000;

export function nodesOption(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= mostNodes) return value;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${mostNodes}.`);
}

export const formats = ['text', 'json'] as const;
export type Format = (typeof formats)[number];

/** One of some words; else the nearest is suggested. */
export const wordOption =
  <const Word extends string>(words: readonly Word[]) =>
  (text: string): Word => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    const near = nearest(text, words);
    const hint = near === undefined ? `Expected ${words.join(' or ')}.` : `Did you mean ${near}?`;
    throw new InvalidArgumentError(hint);
  };
