/**
 * Two transcripts of one scenario, compared line by line. Times are compared where lines agree: within 1 s or 10 % of
 * what had passed since the turn began, so a delay that a controller's timer makes must be right, and milliseconds are
 * free.
 */
import type { Chapter, Line, Turns } from './transcript.ts';

/** A line of the recording beside one of the run. */
export interface Row {
  readonly turn: number;
  readonly recorded: string | undefined;
  readonly run: string | undefined;
  readonly agrees: boolean;
}

export interface ComparedChapter {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** When the recording ends, and its turns. */
export interface Frame {
  readonly turns: Turns;
  readonly end: number;
}

export function compared(
  recorded: readonly Chapter[],
  run: readonly Chapter[],
  frame: Frame,
): readonly ComparedChapter[] {
  const titles = [...new Set([...recorded, ...run].map(({ title }) => title))];
  return titles.map((title) => {
    const ours = recorded.find((chapter) => chapter.title === title);
    const theirs = run.find((chapter) => chapter.title === title);
    const left = ours?.lines ?? [];
    const right = theirs?.lines ?? [];
    const isOrdered = ours?.order === 'kept' || (ours === undefined && theirs?.order === 'kept');
    const rows = isOrdered ? inOrder(left, right, frame) : inAnyOrder(left, right, frame);
    return { title, rows };
  });
}

/** Each turn's lines as a multiset: equal texts are paired in the order of their times. */
function inAnyOrder(left: readonly Line[], right: readonly Line[], frame: Frame): readonly Row[] {
  const rows: Row[] = [];
  const groups = new Map<string, { readonly left: Line[]; readonly right: Line[] }>();
  const groupOf = ({ turn, text }: Line): { readonly left: Line[]; readonly right: Line[] } => {
    const key = `${`${turn}`.padStart(4, '0')} ${text}`;
    const group = groups.get(key) ?? { left: [], right: [] };
    groups.set(key, group);
    return group;
  };
  for (const line of left) groupOf(line).left.push(line);
  for (const line of right) groupOf(line).right.push(line);
  const sorted = [...groups].sort(([a], [b]) =>
    a.slice(0, 4) < b.slice(0, 4) ? -1 : a.slice(0, 4) > b.slice(0, 4) ? 1 : 0,
  );
  for (const [, group] of sorted) rows.push(...pairs(byTime(group.left), byTime(group.right), frame));
  return rows;
}

const byTime = (lines: readonly Line[]): readonly Line[] =>
  [...lines].sort((a, b) => (a.at ?? 0) - (b.at ?? 0));

function pairs(left: readonly Line[], right: readonly Line[], frame: Frame): readonly Row[] {
  const rows: Row[] = [];
  for (let i = 0; i < Math.max(left.length, right.length); i++) rows.push(...rowOf(left[i], right[i], frame));
  return rows;
}

/** A run is looked at a little longer: what came a little later than recorded is seen. */
const lastMoments = 1_000;

function rowOf(left: Line | undefined, right: Line | undefined, frame: Frame): readonly Row[] {
  const line = left ?? right;
  if (line === undefined) return [];
  if (left === undefined || right === undefined) {
    // The recorder had gone.
    if (left === undefined && line.at !== undefined && line.at > frame.end) return [];
    const { turn } = line;
    return [{ turn, recorded: shown(left), run: shown(right), agrees: false }];
  }
  if (isInTime(left, right, frame))
    return [{ turn: left.turn, recorded: left.text, run: right.text, agrees: true }];
  return [{ turn: left.turn, recorded: shown(left), run: shown(right), agrees: false }];
}

function isInTime(left: Line, right: Line, { turns }: Frame): boolean {
  if (left.at === undefined || right.at === undefined) return true;
  const began = left.turn === 0 ? 0 : (turns[left.turn - 1] ?? 0);
  const allowed = Math.max(1_000, (left.at - began) / 10);
  return Math.abs(left.at - right.at) <= allowed;
}

const shown = (line: Line | undefined): string | undefined =>
  line === undefined
    ? undefined
    : line.at === undefined
      ? line.text
      : `${(line.at / 1_000).toFixed(3)}s ${line.text}`;

/** Sequences beside each other, aligned where they say the same. */
function inOrder(left: readonly Line[], right: readonly Line[], frame: Frame): readonly Row[] {
  const same = (i: number, j: number): boolean =>
    left[i]?.text === right[j]?.text && left[i]?.turn === right[j]?.turn;
  // Of a suffix of each: how many lines they have in common, in order.
  const common: number[][] = Array.from({ length: left.length + 1 }, () =>
    new Array<number>(right.length + 1).fill(0),
  );
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = left.length - 1; i >= 0; i--)
    for (let j = right.length - 1; j >= 0; j--) {
      const row = common[i] as number[];
      row[j] = same(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const rows: Row[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && same(i, j)) rows.push(...rowOf(left[i++], right[j++], frame));
    else if (j >= right.length || (i < left.length && at(i + 1, j) >= at(i, j + 1)))
      rows.push(...rowOf(left[i++], undefined, frame));
    else rows.push(...rowOf(undefined, right[j++], frame));
  }
  return rows;
}

/** What of a run can be compared: not what comes long after the recording's end. */
export const untilEnd = <T extends { readonly at: number }>(seen: readonly T[], end: number): readonly T[] =>
  seen.filter(({ at }) => at <= end + lastMoments);
