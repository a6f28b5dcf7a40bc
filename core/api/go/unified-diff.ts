/**
 * What changed between two values, line by line of their JSON: a unified diff with three lines of context, as some messages
 * have it. The lines that stay are found as Python's difflib finds them. (kubernetes v1.34.1
 * apimachinery/pkg/util/diff/legacy_diff.go, which uses github.com/pmezard/go-difflib)
 */
import type { Json } from '../generated/types.ts';

/** `@@ -27,7 +27,7 @@` and lines with `-`, `+` or a space before them; empty for equal values. */
export function unifiedDiff(before: Json, after: Json): string {
  const [a, b] = [linesOf(before), linesOf(after)];
  return hunks(changes(matches(a, b)))
    .map((hunk) => hunkText(hunk, a, b))
    .join('');
}

const linesOf = (value: Json): readonly string[] =>
  JSON.stringify(value, null, 1)
    .split('\n')
    .map((line) => `${line}\n`);

/** `size` lines from `a` on that are those from `b` on. */
interface Match {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

function matches(a: readonly string[], b: readonly string[]): readonly Match[] {
  const places = placesOf(b);
  const found: Match[] = [];
  const look = (aLow: number, aHigh: number, bLow: number, bHigh: number): void => {
    const match = longest(a, b, places, [aLow, aHigh, bLow, bHigh]);
    if (match.size === 0) return;
    look(aLow, match.a, bLow, match.b);
    found.push(match);
    look(match.a + match.size, aHigh, match.b + match.size, bHigh);
  };
  look(0, a.length, 0, b.length);
  return [...joined(found), { a: a.length, b: b.length, size: 0 }];
}

/** Matches that lie side by side are one. */
function joined(found: readonly Match[]): readonly Match[] {
  const result: Match[] = [];
  for (const match of found) {
    const last = result.at(-1);
    if (last !== undefined && last.a + last.size === match.a && last.b + last.size === match.b)
      result[result.length - 1] = { ...last, size: last.size + match.size };
    else result.push(match);
  }
  return result;
}

/** From this many lines on, a line that makes up more than a hundredth of them starts no match. */
const manyLines = 200;

function placesOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [i, line] of lines.entries()) {
    const known = places.get(line);
    if (known === undefined) places.set(line, [i]);
    else known.push(i);
  }
  if (lines.length >= manyLines) {
    const most = Math.trunc(lines.length / 100) + 1;
    for (const [line, at] of [...places]) if (at.length > most) places.delete(line);
  }
  return places;
}

type Window = readonly [aLow: number, aHigh: number, bLow: number, bHigh: number];

/** The first of the longest matches; lines too common to begin one lengthen it on both sides. */
function longest(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aLow, aHigh, bLow, bHigh]: Window,
): Match {
  let best: Match = { a: aLow, b: bLow, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = aLow; i < aHigh; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i] ?? '') ?? []) {
      if (j < bLow || j >= bHigh) continue;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  let { a: i, b: j, size } = best;
  for (; i > aLow && j > bLow && a[i - 1] === b[j - 1]; size++) [i, j] = [i - 1, j - 1];
  while (i + size < aHigh && j + size < bHigh && a[i + size] === b[j + size]) size++;
  return { a: i, b: j, size };
}

/** Lines `a1` to `a2` became lines `b1` to `b2`. */
interface Change {
  readonly same: boolean;
  readonly a1: number;
  readonly a2: number;
  readonly b1: number;
  readonly b2: number;
}

function changes(found: readonly Match[]): readonly Change[] {
  const result: Change[] = [];
  let [i, j] = [0, 0];
  for (const { a, b, size } of found) {
    if (i < a || j < b) result.push({ same: false, a1: i, a2: a, b1: j, b2: b });
    [i, j] = [a + size, b + size];
    if (size > 0) result.push({ same: true, a1: a, a2: i, b1: b, b2: j });
  }
  return result;
}

const context = 3;

/** Changes that have no more than two contexts between them stand together. */
function hunks(all: readonly Change[]): readonly (readonly Change[])[] {
  const codes = all.map((change, i) => {
    if (!change.same) return change;
    if (i === 0) return { ...change, a1: lead(change.a1, change.a2), b1: lead(change.b1, change.b2) };
    if (i === all.length - 1)
      return { ...change, a2: trail(change.a1, change.a2), b2: trail(change.b1, change.b2) };
    return change;
  });
  const groups: Change[][] = [];
  let group: Change[] = [];
  for (const code of codes) {
    if (code.same && code.a2 - code.a1 > 2 * context) {
      group.push({ ...code, a2: trail(code.a1, code.a2), b2: trail(code.b1, code.b2) });
      groups.push(group);
      group = [];
      group.push({ ...code, a1: lead(code.a1, code.a2), b1: lead(code.b1, code.b2) });
    } else group.push(code);
  }
  groups.push(group);
  return groups.filter((some) => some.some(({ same }) => !same));
}

const lead = (from: number, to: number): number => Math.max(from, to - context);
const trail = (from: number, to: number): number => Math.min(to, from + context);

function hunkText(hunk: readonly Change[], a: readonly string[], b: readonly string[]): string {
  const [first, last] = [hunk[0], hunk.at(-1)];
  if (first === undefined || last === undefined) return '';
  const lines = hunk.flatMap(({ same, a1, a2, b1, b2 }) =>
    same
      ? a.slice(a1, a2).map((line) => ` ${line}`)
      : [...a.slice(a1, a2).map((line) => `-${line}`), ...b.slice(b1, b2).map((line) => `+${line}`)],
  );
  return `@@ -${range(first.a1, last.a2)} +${range(first.b1, last.b2)} @@\n${lines.join('')}`;
}

/** `27,7`: the first line, counted from 1, and how many; one line is told alone, and no lines after the one before them. */
function range(start: number, stop: number): string {
  const length = stop - start;
  if (length === 1) return `${start + 1}`;
  return `${length === 0 ? start : start + 1},${length}`;
}
