/** Options of the command line as values; a wrong one is a usage error: one line, exit status 2. */
import { InvalidArgumentError } from 'commander';
import { nearest } from '../../core/api/nearest.ts';
import { parseDuration } from '../../core/time/duration.ts';
import type { Duration } from '../../core/time/time.ts';

/** The command cannot do what it was asked to. */
export class UsageError extends Error {}

/** `30s`, `20m`, `1h30m`. */
export function durationOption(text: string): Duration {
  const value = parseDuration(text);
  if (value === undefined) throw new InvalidArgumentError('Expected a duration such as 30s, 20m or 1h30m.');
  if (value <= 0) throw new InvalidArgumentError('It must be more than nothing.');
  return value;
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
